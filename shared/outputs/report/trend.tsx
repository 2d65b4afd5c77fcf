import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, stack } from 'd3-shape';
import { SEVERITIES, type Severity } from '../../domain/finding.ts';
import { readableDay, readableTime } from './text.tsx';
import { newlyAccepted, type TrendPoint } from './trend-point.ts';

/** The height of a layer that holds its name, so that nobody needs its colour to know it. */
const LEAST_LABELLED = 14;
const SIZE = { width: 720, height: 200, left: 44, right: 12, top: 10, bottom: 26 };

/** Open findings over time, stacked by severity, with the numbers in a table below. */
export const Trend = ({ points }: { points: readonly TrendPoint[] }) => {
  const keys = SEVERITIES.toReversed().filter((severity) => points.some(({ open }) => open[severity] > 0));
  const times = points.map(({ at }) => Date.parse(at));
  const totals = points.map(({ open }) => keys.reduce((sum, key) => sum + open[key], 0));
  const x = scaleUtc([Math.min(...times), Math.max(...times)], [SIZE.left, SIZE.width - SIZE.right]);
  const y = scaleLinear([0, Math.max(1, ...totals)], [SIZE.height - SIZE.bottom, SIZE.top]).nice();
  const heightOf = (count: number) => Number(y(count).toFixed(1));
  const layers = stack<TrendPoint, Severity>()
    .keys(keys.toReversed())
    .value(({ open }, key) => open[key])([...points]);
  const shape = area<(typeof layers)[number][number]>()
    .x(({ data }) => x(Date.parse(data.at)))
    .y0(([low]) => y(low))
    .y1(([, high]) => y(high))
    .digits(1);
  const ticks = y.ticks(4).filter(Number.isInteger);
  const [first, last] = [totals[0] ?? 0, totals.at(-1) ?? 0];
  const title = `Open findings over ${points.length} times: from ${first} to ${last}`;
  return (
    <figure>
      <svg class="trend" viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={title}>
        <title>{title}</title>
        {ticks.map((tick) => (
          <g key={tick}>
            <path class="grid" d={`M${SIZE.left} ${heightOf(tick)}H${SIZE.width - SIZE.right}`} />
            <text x={SIZE.left - 8} y={heightOf(tick) + 4} class="end">
              {tick}
            </text>
          </g>
        ))}
        {layers.map((layer) => (
          <path key={layer.key} class={`layer ${layer.key.toLowerCase()}`} d={shape(layer) ?? ''} />
        ))}
        {layers.flatMap((layer) => {
          const [low, high] = layer.at(-1) ?? [0, 0];
          const count = high - low;
          return y(low) - y(high) < LEAST_LABELLED
            ? []
            : [
                <text
                  key={layer.key}
                  x={SIZE.width - SIZE.right - 8}
                  y={heightOf((low + high) / 2) + 4}
                  class="inside"
                >
                  {`${count} ${layer.key.toLowerCase()}`}
                </text>,
              ];
        })}
        {points.map(({ at }, index) => (
          <circle
            key={index}
            cx={Number(x(times[index] ?? 0).toFixed(1))}
            cy={heightOf(totals[index] ?? 0)}
            r="3"
          >
            <title>{`${readableTime(at)}: ${totals[index]} open`}</title>
          </circle>
        ))}
        <text x={SIZE.left} y={SIZE.height - 6}>
          {readableDay(points[0]?.at ?? '')}
        </text>
        <text x={SIZE.width - SIZE.right} y={SIZE.height - 6} class="end">
          {readableDay(points.at(-1)?.at ?? '')}
        </text>
      </svg>
      <p class="key">
        {keys.map((severity) => (
          <span key={severity} class={severity.toLowerCase()}>
            {severity.toLowerCase()}
          </span>
        ))}
      </p>
      <Breaks points={points} />
      <details>
        <summary>The numbers</summary>
        <table>
          <caption>Open findings by severity at the time of each run</caption>
          <thead>
            <tr>
              <th scope="col">Run</th>
              {keys.map((severity) => (
                <th key={severity} scope="col">
                  {severity.toLowerCase()}
                </th>
              ))}
              <th scope="col">not available</th>
              <th scope="col">suppressed</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ at, open, notAvailable, suppressed }, index) => (
              <tr key={index}>
                <td>{readableTime(at)}</td>
                {keys.map((severity) => (
                  <td key={severity}>{open[severity]}</td>
                ))}
                <td>{notAvailable}</td>
                <td>
                  {suppressed ? SEVERITIES.reduce((sum, each) => sum + suppressed[each], 0) : 'not told'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
};

const MOST_BREAKS = 5;

/** The points at which fewer findings prove no mend: a control stopped judging, or a run looked at less. */
const Breaks = ({ points }: { points: readonly TrendPoint[] }) => {
  const breaks = points.slice(1).flatMap((point, index) => breaksAt(point, points[index]));
  return breaks.length === 0 ? null : (
    <ul class="breaks">
      {breaks.slice(-MOST_BREAKS).map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
};

const breaksAt = (point: TrendPoint, before: TrendPoint | undefined): string[] => {
  if (!before) return [];
  const { at, off, isPartial } = point;
  const accepted = SEVERITIES.toReversed().flatMap((severity) => {
    const more = newlyAccepted(severity, point, before) ?? 0;
    return more > 0 ? [`${more} ${severity.toLowerCase()}`] : [];
  });
  const stopped = before.off && off ? off.filter((control) => !before.off?.includes(control)) : [];
  return [
    ...(stopped.length > 0
      ? [
          `From ${readableTime(at)} on these controls judge nothing: ${stopped.join(', ')}. A fall there does not mean that anything was mended.`,
        ]
      : []),
    ...(isPartial
      ? [
          `The run of ${readableTime(at)} looked at a part only. What it left out counts as in the last run that looked at everything. A fall there does not mean that anything was mended.`,
        ]
      : []),
    ...(accepted.length > 0
      ? [
          `From ${readableTime(at)} on more is suppressed: ${accepted.join(', ')}. A fall there does not mean that anything was mended.`,
        ]
      : []),
  ];
};
