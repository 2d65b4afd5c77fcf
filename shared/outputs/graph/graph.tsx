import { renderToString } from 'preact-render-to-string';
import { groupBy } from '../../group-by.ts';
import { type Box, layOut, type Point } from './layout.ts';
import { headLines, linesOf, shortened, shown } from './lines.ts';
import { type HrefOf, LaneBox, Line, NODE, NodeBox, NodeText, round } from './node.tsx';
import type { Picture, PictureNode } from './picture.ts';
import { describePicture } from './picture-text.ts';
import { GRAPH_COLOURS, GRAPH_STYLE } from './style.ts';

const MARGIN = 16;

type Options = {
  /** The link of a finding; without this function nothing is a link. */
  hrefOf?: HrefOf;
  /** A prefix for ids in the picture, as a page may contain several pictures. */
  idPrefix?: string;
};

/** The picture as a file of its own, light or dark as its reader prefers. */
export const toSvg = (picture: Picture): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${renderToString(<Graph picture={picture} isFile />)}\n`;

/** The steps of a pipeline from top to bottom, each with its role, prefix, data and findings. */
export const Graph = ({
  picture,
  hrefOf,
  idPrefix = 'graph',
  isFile = false,
}: Options & { picture: Picture; isFile?: boolean }) => {
  const nodes = allNodes(picture.nodes);
  const layout = layOut(picture.nodes.map(boxOf), picture.edges);
  const kinds = new Map(picture.edges.map(({ from, to, kind }) => [JSON.stringify([from, to]), kind]));
  const lanes = groupBy(layout.lanes, ({ owner }) => owner);
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
      <title id={`${idPrefix}-title`}>
        {picture.of ? shown(picture.of.title) : `Steps of pipeline ${shown(picture.name)}`}
      </title>
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
          {shortened(picture.name, Math.floor(head.width / 11))}
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
            <g key={node.id}>
              <NodeBox node={node} place={layout.places.get(node.id)} />
              {(lanes.get(node.id) ?? []).map((lane) => (
                <LaneBox key={lane.label} {...lane} />
              ))}
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

/** A curve through the points, vertical at each of them. */
const curve = (points: readonly Point[]): string =>
  points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (!before) return `M${round(x)} ${round(y)}`;
      const middle = round((before.y + y) / 2);
      return `C${round(before.x)} ${middle} ${round(x)} ${middle} ${round(x)} ${round(y)}`;
    })
    .join('');
