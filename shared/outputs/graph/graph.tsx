import { renderToString } from 'preact-render-to-string';
import type { Severity, Status } from '../../findings/finding.ts';
import { displayWidth, resourceName, visibleText } from '../table.ts';
import { type Box, layOut, type Place, type Point } from './layout.ts';
import type { Picture, PictureFinding, PictureNode, Trait } from './picture.ts';
import { describePicture } from './picture-text.ts';
import { GRAPH_COLOURS, GRAPH_STYLE } from './style.ts';

const NODE = { width: 252, head: 44, line: 17, foot: 8 };
const MARGIN = 16;
const MOST_TRAITS = 6;
const MOST_FINDINGS = 4;
/** In columns of the monospace lines, and of the names. */
const LINE_COLUMNS = 34;
const NAME_COLUMNS = 29;

type Options = {
  /** Where a finding stands in the page that holds the picture; without it nothing is a link. */
  hrefOf?: (finding: PictureFinding) => string | undefined;
  /** Begins the ids of the picture, which a page may hold several of. */
  idPrefix?: string;
};

/** The picture as a file of its own, light or dark as its reader prefers. */
export const toSvg = (picture: Picture): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${renderToString(<Graph picture={picture} isFile />)}\n`;

/** A pipeline's steps from top to bottom, each with its role, prefix, data and findings. */
export const Graph = ({
  picture,
  hrefOf,
  idPrefix = 'graph',
  isFile = false,
}: Options & { picture: Picture; isFile?: boolean }) => {
  const nodes = allNodes(picture.nodes);
  const layout = layOut(picture.nodes.map(boxOf), picture.edges);
  const kinds = new Map(picture.edges.map(({ from, to, kind }) => [JSON.stringify([from, to]), kind]));
  const lines = headLines(picture);
  const head = { width: Math.max(layout.width, NODE.width * 1.5), height: 46 + lines.length * NODE.line };
  const width = Math.ceil(head.width) + 2 * MARGIN;
  const top = MARGIN + head.height + 24;
  const height = Math.ceil(top + layout.height) + MARGIN;
  const left = MARGIN + (head.width - layout.width) / 2;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      class="graph"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role={hrefOf ? 'group' : 'img'}
      aria-labelledby={`${idPrefix}-title ${idPrefix}-desc`}
    >
      <title id={`${idPrefix}-title`}>{`Steps of pipeline ${shown(picture.name)}`}</title>
      <desc id={`${idPrefix}-desc`}>{describePicture(picture)}</desc>
      {isFile && (
        <>
          <style>{GRAPH_COLOURS + GRAPH_STYLE}</style>
          <rect class="paper" width={width} height={height} />
        </>
      )}
      <defs>
        <marker
          id={`${idPrefix}-tip`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto"
        >
          <path class="tip" d="M0 0L8 4L0 8Z" />
        </marker>
      </defs>
      <g transform={`translate(${MARGIN} ${MARGIN})`}>
        <text class="title" y="16">
          {clipped(picture.name, Math.floor(head.width / 9))}
        </text>
        {lines.map((line, index) => (
          <Line
            key={index}
            {...line}
            hrefOf={hrefOf}
            y={38 + index * NODE.line}
            columns={Math.floor(head.width / 7)}
          />
        ))}
      </g>
      <g transform={`translate(${round(left)} ${round(top)})`}>
        {nodes
          .filter(({ lanes }) => lanes.length > 0)
          .map((node) => (
            <NodeBox key={node.id} node={node} place={layout.places.get(node.id)} />
          ))}
        {layout.lanes.map(({ label, owner, ...place }) => (
          <g key={`${owner} ${label}`}>
            <rect class="lane" {...rounded(place)} rx="6" />
            <text class="quiet" x={round(place.x + 10)} y={round(place.y + 16)}>
              {label}
            </text>
          </g>
        ))}
        {layout.links.map(({ edge, points }, index) => (
          <path
            key={index}
            class={`link ${kinds.get(JSON.stringify([edge.from, edge.to])) ?? ''}`}
            d={curve(points)}
            marker-end={`url(#${idPrefix}-tip)`}
          />
        ))}
        {nodes.map((node) => {
          const place = layout.places.get(node.id);
          return (
            place && (
              <g key={node.id}>
                {node.lanes.length === 0 && <NodeBox node={node} place={place} />}
                <NodeText node={node} place={place} hrefOf={hrefOf} />
              </g>
            )
          );
        })}
      </g>
    </svg>
  );
};

const allNodes = (nodes: readonly PictureNode[]): PictureNode[] =>
  nodes.flatMap((node) => [node, ...node.lanes.flatMap(({ nodes: inner }) => allNodes(inner))]);

const boxOf = (node: PictureNode): Box => ({
  id: node.id,
  width: NODE.width,
  height: NODE.head + linesOf(node).length * NODE.line + NODE.foot,
  lanes: node.lanes.map(({ label, nodes }) => ({ label, boxes: nodes.map(boxOf) })),
});

type TextLine = { text: string; whole?: string | undefined; finding?: PictureFinding | undefined };

const LABELS: Record<Trait['kind'], string> = {
  role: 'role',
  prefix: 'prefix',
  reads: 'reads',
  writes: 'writes',
};

const linesOf = ({ traits, findings }: Pick<PictureNode, 'traits' | 'findings'>): TextLine[] => {
  const left = traits.length - MOST_TRAITS;
  return [
    ...traits.slice(0, MOST_TRAITS).map(({ kind, text }) => ({
      text: `${LABELS[kind].padEnd(7)}${kind === 'role' ? resourceName(text) : text}`,
      whole: `${LABELS[kind]} ${text}`,
    })),
    ...(left > 0 ? [{ text: `and ${left} more` }] : []),
    ...findingLines(findings),
  ];
};

const findingLines = (findings: readonly PictureFinding[]): TextLine[] => {
  const left = findings.length - MOST_FINDINGS;
  return [
    ...findings.slice(0, MOST_FINDINGS).map((finding) => ({
      text: `${MARKS[finding.status]} ${finding.control}`,
      whole: `${finding.severity} ${finding.status}: ${finding.title}`,
      finding,
    })),
    ...(left > 0 ? [{ text: `and ${left} more findings` }] : []),
  ];
};

const headLines = ({ roleArn, findings, left }: Picture): TextLine[] => [
  ...(roleArn === undefined ? [] : [{ text: `role ${resourceName(roleArn)}`, whole: roleArn }]),
  ...findingLines(findings),
  ...(left > 0 ? [{ text: `${left} more steps are not drawn` }] : []),
];

const MARKS: Record<Status, string> = {
  FAILED: '✗',
  WARNING: '!',
  NOT_AVAILABLE: '?',
  PASSED: '✓',
  NOT_APPLICABLE: '-',
};

/** What could not be read has the colour of its status: its severity says only how much would hang on it. */
const colourOf = ({ severity, status }: PictureFinding): string =>
  (status === 'NOT_AVAILABLE' ? status : (severity satisfies Severity)).toLowerCase();

const NodeBox = ({ node, place }: { node: PictureNode; place: Place | undefined }) => {
  const [worst] = node.findings;
  return place ? (
    <rect class={`node ${worst ? `hit ${colourOf(worst)}` : ''}`} {...rounded(place)} rx="8" />
  ) : null;
};

const NodeText = ({
  node,
  place,
  hrefOf,
}: {
  node: PictureNode;
  place: Place;
  hrefOf: Options['hrefOf'];
}) => (
  <g transform={`translate(${round(place.x + 12)} ${round(place.y)})`}>
    <text class="name" y="20">
      <title>{shown(node.name)}</title>
      {clipped(node.name, NAME_COLUMNS)}
    </text>
    <text class="quiet" y="36">
      {clipped(node.type, NAME_COLUMNS)}
    </text>
    {linesOf(node).map((line, index) => (
      <Line
        key={index}
        {...line}
        hrefOf={hrefOf}
        y={NODE.head + 12 + index * NODE.line}
        columns={LINE_COLUMNS}
      />
    ))}
  </g>
);

const Line = ({
  text,
  whole = text,
  finding,
  hrefOf,
  y,
  columns,
}: TextLine & { hrefOf: Options['hrefOf']; y: number; columns: number }) => {
  const href = finding && hrefOf?.(finding);
  const line = (
    <text class={finding ? `line found ${colourOf(finding)}` : 'line'} y={y}>
      <title>{shown(whole)}</title>
      {clipped(text, columns)}
    </text>
  );
  return href === undefined ? line : <a href={href}>{line}</a>;
};

const LONGEST_SHOWN = 300;

const shown = (text: string): string =>
  text.length > LONGEST_SHOWN ? `${visibleText(text.slice(0, LONGEST_SHOWN))}…` : visibleText(text);

/** What fits into the columns: SVG breaks no lines. */
const clipped = (text: string, columns: number): string => {
  const characters = [...shown(text)];
  let [width, end] = [0, 0];
  for (; end < characters.length && width <= columns; end++) width += displayWidth(characters[end] ?? '');
  return width <= columns ? characters.join('') : `${characters.slice(0, end - 2).join('')}…`;
};

const round = (number: number): number => Math.round(number * 10) / 10;

const rounded = ({ x, y, width, height }: Place) => ({
  x: round(x),
  y: round(y),
  width: round(width),
  height: round(height),
});

/** From point to point, leaving and arriving upright. */
const curve = (points: readonly Point[]): string =>
  points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (!before) return `M${round(x)} ${round(y)}`;
      const middle = round((before.y + y) / 2);
      return `C${round(before.x)} ${middle} ${round(x)} ${middle} ${round(x)} ${round(y)}`;
    })
    .join('');
