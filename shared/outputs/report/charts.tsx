import { scaleLinear } from 'd3-scale';
import { SEVERITIES, type Severity } from '../../domain/finding.ts';
import { capitalised } from './text.tsx';

/** A part of a bar. The class decides its colour. */
export type Part = { className: string; label: string; count: number };

/** The parts side by side. The whole width stands for `most`. The title says the same in words. */
export const Bar = ({
  parts,
  most,
  title,
  height = 14,
}: {
  parts: readonly Part[];
  most: number;
  title: string;
  height?: number;
}) => {
  const x = scaleLinear([0, Math.max(1, most)], [0, 100]);
  const percent = (value: number) => `${Number(x(value).toFixed(2))}%`;
  let before = 0;
  return (
    <svg class="bar" width="100%" height={height} role="img" aria-label={title}>
      <title>{title}</title>
      <rect width="100%" height={height} class="track" />
      {parts.map(({ className, count, label }) => {
        const start = before;
        before += count;
        return count === 0 ? null : (
          <rect key={label} x={percent(start)} width={percent(count)} height={height} class={className} />
        );
      })}
    </svg>
  );
};

/** The parts in words: `2 high, 1 low`. */
export const partsText = (parts: readonly Part[]): string =>
  parts
    .filter(({ count }) => count > 0)
    .map(({ count, label }) => `${count} ${label}`)
    .join(', ') || 'none';

/** Counts by severity as parts of a bar, the worst first. */
export const severityParts = (counts: Readonly<Record<Severity, number>>, notAvailable = 0): Part[] => [
  ...SEVERITIES.toReversed().map((severity) => ({
    className: severity.toLowerCase(),
    label: severity.toLowerCase(),
    count: counts[severity],
  })),
  { className: 'not_available', label: 'not available', count: notAvailable },
];

/** The headings of a table’s columns with counts by severity. */
export const SeverityHeads = ({ shown }: { shown: readonly Severity[] }) => (
  <>
    {shown.map((severity) => (
      <th key={severity} scope="col">
        {capitalised(severity)}
      </th>
    ))}
    <th scope="col">Not available</th>
  </>
);

/** The counts below these headings. */
export const SeverityCells = ({
  shown,
  open,
  notAvailable,
}: {
  shown: readonly Severity[];
  open: Readonly<Record<Severity, number>>;
  notAvailable: number;
}) => (
  <>
    {shown.map((severity) => (
      <td key={severity}>{open[severity]}</td>
    ))}
    <td>{notAvailable}</td>
  </>
);
