import type { Severity } from '../../domain/finding.ts';
import type { Layout, Rectangle } from './layout.ts';
import { LINE_COLUMNS, linesOf, shortened, shown, type TextLine } from './lines.ts';
import type { PictureFinding, PictureNode } from './picture.ts';

export const NODE = { width: 252, head: 44, line: 17, foot: 8 };
/** The width of a character in a name; few characters are wider. */
const NAME_COLUMN = 8.75;
const SIDE = 12;

/** The link to a finding in the page with the picture; undefined for a finding without a link. */
export type HrefOf = (finding: PictureFinding) => string | undefined;

/** NOT_AVAILABLE has a colour of its own: its severity only says how much depends on what could not be read. */
const colourOf = ({ severity, status }: PictureFinding): string =>
  (status === 'NOT_AVAILABLE' ? status : (severity satisfies Severity)).toLowerCase();

export const NodeBox = ({ node, place }: { node: PictureNode; place: Rectangle | undefined }) => {
  const [worst] = node.findings;
  return place ? (
    <rect class={`node ${worst ? `hit ${colourOf(worst)}` : ''}`} {...rounded(place)} rx="8" />
  ) : null;
};

export const LaneBox = ({ label, ...place }: Layout['lanes'][number]) => (
  <>
    <rect class="lane" {...rounded(place)} rx="6" />
    <text class="quiet" x={round(place.x + 10)} y={round(place.y + 16)}>
      {label}
    </text>
  </>
);

export const NodeText = ({
  node,
  place,
  hrefOf,
}: {
  node: PictureNode;
  place: Rectangle;
  hrefOf: HrefOf | undefined;
}) => {
  // A box that contains others has room for its whole name.
  const columns = Math.floor((place.width - 2 * SIDE) / NAME_COLUMN);
  return (
    <g transform={`translate(${round(place.x + SIDE)} ${round(place.y)})`}>
      <text class="name" y="20">
        <title>{shown(node.name)}</title>
        {shortened(node.name, columns)}
      </text>
      <text class="quiet" y="36">
        {shortened(node.type, columns)}
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
};

export const Line = ({
  text,
  whole = text,
  finding,
  hrefOf,
  y,
  columns,
}: TextLine & { hrefOf: HrefOf | undefined; y: number; columns: number }) => {
  const href = finding && hrefOf?.(finding);
  const line = (
    <text class={finding ? `line found ${colourOf(finding)}` : 'line'} y={y}>
      <title>{shown(whole)}</title>
      {shortened(text, columns)}
    </text>
  );
  return href === undefined ? line : <a href={href}>{line}</a>;
};

export const round = (number: number): number => Math.round(number * 10) / 10;

const rounded = ({ x, y, width, height }: Rectangle) => ({
  x: round(x),
  y: round(y),
  width: round(width),
  height: round(height),
});
