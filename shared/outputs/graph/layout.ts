import { groupBy } from '../../group-by.ts';
import { centresOf } from './centres.ts';
import { type Edge, layersOf, ordered } from './layers.ts';

/** A box to be placed. Its lanes contain other boxes, side by side below its own content. */
export type Box = { id: string; width: number; height: number; lanes?: readonly Lane[] };

/** A part of a box with a label of its own, such as the branch of a condition. */
export type Lane = { label: string; boxes: readonly Box[] };

export type Rectangle = { x: number; y: number; width: number; height: number };

/** The place of everything. A link is a line through its points, from the bottom of one box to the top of another. */
export type Layout = {
  width: number;
  height: number;
  places: ReadonlyMap<string, Rectangle>;
  lanes: readonly (Rectangle & { label: string; owner: string })[];
  links: readonly { edge: Edge; points: readonly Point[] }[];
};

export type Point = { x: number; y: number };

const ROW_GAP = 44;
const LANE = { padding: 14, label: 22, gap: 14 };
const BEND_WIDTH = 8;
/** With more bends, edges are drawn straight, as bends would take too long. */
const MOST_BENDS = 4000;

/**
 * Boxes in layers from top to bottom, by the longest path. A box with lanes is laid out from the inside. An edge into
 * or out of a lane counts, on the outer level, as an edge of the box with that lane.
 */
export const layOut = (boxes: readonly Box[], edges: readonly Edge[]): Layout => {
  const level = arranged(boxes, edges);
  const places = new Map<string, Rectangle>();
  const lanes: Layout['lanes'][number][] = [];
  const bends = new Map<string, Point[]>();
  put(level, { x: 0, y: 0 }, { places, lanes, bends });
  const links = edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    if (!from || !to) return [];
    const start = { x: from.x + from.width / 2, y: from.y + from.height };
    const end = { x: to.x + to.width / 2, y: to.y };
    return [{ edge, points: [start, ...(bends.get(edgeKey(edge)) ?? []), end] }];
  });
  return { width: level.width, height: level.height, places, lanes, links };
};

type Sized = { box: Box; width: number; height: number; lanes: { label: string; level: Level }[] };
/** The boxes of one level, placed within it. `bends` are the points that edges between them pass through. */
type Level = {
  width: number;
  height: number;
  placed: (Point & { sized: Sized })[];
  bends: { key: string; point: Point }[];
};

const edgeKey = ({ from, to }: Edge): string => JSON.stringify([from, to]);

const arranged = (boxes: readonly Box[], edges: readonly Edge[]): Level => {
  const sized = new Map(boxes.map((box) => [box.id, sizeOf(box, edges)]));
  const owners = ownersOf(boxes);
  const between = new Map<string, { edge: Edge; lifted: Edge }>();
  // A box that an edge from outside the level leads to stands in the first row, where the edge passes no other box.
  const entered = new Set<string>();
  for (const edge of edges) {
    const [from, to] = [owners.get(edge.from), owners.get(edge.to)];
    if (from === undefined && to !== undefined) entered.add(to);
    if (from === undefined || to === undefined || from === to) continue;
    between.set(edgeKey(edge), { edge, lifted: { from, to } });
  }
  const ids = boxes.map(({ id }) => id);
  const linked = new Set([
    ...entered,
    ...[...between.values()].flatMap(({ lifted }) => [lifted.from, lifted.to]),
  ]);
  const { layers, short, chains } = withBends(
    ids.filter((id) => linked.has(id)),
    [...between.values()],
  );
  const widthOf = (id: string) => sized.get(id)?.width ?? BEND_WIDTH;
  const lone = ids.filter((id) => !linked.has(id));
  const perRow = Math.max(LEAST_PER_ROW, ...layers.map(({ length }) => length));
  const rows = [...ordered(layers, short), ...chunked(lone, perRow)];
  const centres = centresOf(rows, short, widthOf);
  const width = Math.max(0, ...[...centres].map(([id, centre]) => centre + widthOf(id) / 2));
  const placed: Level['placed'] = [];
  const points = new Map<string, Point[]>();
  let y = 0;
  for (const row of rows) {
    const height = Math.max(0, ...row.map((id) => sized.get(id)?.height ?? 0));
    for (const id of row) {
      const box = sized.get(id);
      const centre = centres.get(id) ?? 0;
      if (box) placed.push({ sized: box, x: centre - box.width / 2, y });
      else
        points.set(
          id,
          [y, y + height].map((at) => ({ x: centre, y: at })),
        );
    }
    y += height + ROW_GAP;
  }
  const bends = [...chains].flatMap(([key, chain]) =>
    chain.flatMap((id) => (points.get(id) ?? []).map((point) => ({ key, point }))),
  );
  return { width, height: Math.max(0, y - ROW_GAP), placed, bends };
};

/** Boxes without edges stand below the others, in rows that are no wider. */
const LEAST_PER_ROW = 4;

const chunked = (ids: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, row) => ids.slice(row * size, (row + 1) * size));

const sizeOf = (box: Box, edges: readonly Edge[]): Sized => {
  const lanes = (box.lanes ?? []).map(({ label, boxes }) => ({ label, level: arranged(boxes, edges) }));
  if (lanes.length === 0) return { box, width: box.width, height: box.height, lanes };
  const widths = lanes.map(({ level }) => level.width + 2 * LANE.padding);
  const inner = widths.reduce((sum, width) => sum + width, 0) + LANE.gap * (lanes.length + 1);
  const tallest = Math.max(...lanes.map(({ level }) => level.height));
  return {
    box,
    width: Math.max(box.width, inner),
    height: box.height + LANE.label + tallest + 2 * LANE.padding + LANE.gap,
    lanes,
  };
};

/** The box of this level in which each id is, at any depth. */
const ownersOf = (boxes: readonly Box[]): Map<string, string> => {
  const owners = new Map<string, string>();
  const own = (box: Box, owner: string): void => {
    owners.set(box.id, owner);
    for (const { boxes: inner } of box.lanes ?? []) for (const each of inner) own(each, owner);
  };
  for (const box of boxes) own(box, box.id);
  return owners;
};

/** An edge over several layers becomes a chain of bends, so that it passes between boxes instead of through them. */
const withBends = (ids: readonly string[], between: readonly { edge: Edge; lifted: Edge }[]) => {
  const layerOf = layersOf(
    ids,
    between.map(({ lifted }) => lifted),
  );
  const nodes = ids.map((id) => ({ id, layer: layerOf.get(id) ?? 0 }));
  const short: Edge[] = [];
  const chains = new Map<string, string[]>();
  for (const { edge, lifted } of between) {
    const [first, last] = [layerOf.get(lifted.from) ?? 0, layerOf.get(lifted.to) ?? 0];
    const chain: string[] = [];
    for (let layer = first + 1; layer < last && nodes.length < MOST_BENDS; layer++) {
      const id = `${edgeKey(edge)} ${layer}`;
      nodes.push({ id, layer });
      chain.push(id);
    }
    if (first < last) {
      const stops = [lifted.from, ...chain, lifted.to];
      for (const [index, to] of stops.slice(1).entries()) short.push({ from: stops[index] ?? to, to });
      chains.set(edgeKey(edge), chain);
    }
  }
  const byLayer = groupBy(nodes, ({ layer }) => String(layer));
  const count = Math.max(0, ...nodes.map(({ layer }) => layer + 1));
  const layers = Array.from({ length: count }, (_, layer) =>
    (byLayer.get(String(layer)) ?? []).map(({ id }) => id),
  );
  return { layers, short, chains };
};

type Drawn = {
  places: Map<string, Rectangle>;
  lanes: Layout['lanes'][number][];
  bends: Map<string, Point[]>;
};

const put = (level: Level, origin: Point, drawn: Drawn): void => {
  for (const { key, point } of level.bends)
    drawn.bends.set(key, [...(drawn.bends.get(key) ?? []), { x: origin.x + point.x, y: origin.y + point.y }]);
  for (const { sized, x, y } of level.placed) {
    const { box, width, height } = sized;
    const at = { x: origin.x + x, y: origin.y + y };
    drawn.places.set(box.id, { ...at, width, height });
    let left = at.x + LANE.gap + (width - lanesWidth(sized)) / 2;
    for (const { label, level: inner } of sized.lanes) {
      const lane = { x: left, y: at.y + box.height, width: inner.width + 2 * LANE.padding };
      drawn.lanes.push({ ...lane, height: height - box.height - LANE.gap, label, owner: box.id });
      put(inner, { x: left + LANE.padding, y: lane.y + LANE.label + LANE.padding }, drawn);
      left += lane.width + LANE.gap;
    }
  }
};

const lanesWidth = ({ lanes }: Sized): number =>
  lanes.reduce((sum, { level }) => sum + level.width + 2 * LANE.padding, 0) + LANE.gap * (lanes.length + 1);
