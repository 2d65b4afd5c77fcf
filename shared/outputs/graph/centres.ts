import type { Edge } from './layers.ts';

const GAP = 28;
const ROUNDS = 12;

/**
 * The x coordinate of each node’s middle: near the middle of its neighbours, in the order of its row, without overlaps.
 */
export const centresOf = (
  rows: readonly (readonly string[])[],
  edges: readonly Edge[],
  widthOf: (id: string) => number,
): Map<string, number> => {
  const near = new Map<string, string[]>();
  for (const { from, to } of edges) {
    near.set(from, [...(near.get(from) ?? []), to]);
    near.set(to, [...(near.get(to) ?? []), from]);
  }
  const centres = new Map<string, number>();
  for (const row of rows) packed(row, () => 0, widthOf, centres);
  for (let round = 0; round < ROUNDS; round++)
    for (const row of round % 2 === 0 ? rows : rows.toReversed())
      packed(
        row,
        (id) => mean((near.get(id) ?? []).map((other) => centres.get(other) ?? 0)),
        widthOf,
        centres,
      );
  let left = Number.POSITIVE_INFINITY;
  for (const [id, centre] of centres) left = Math.min(left, centre - widthOf(id) / 2);
  for (const [id, centre] of centres) centres.set(id, centre - left);
  return centres;
};

const mean = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Nodes of a row without overlaps: pushed apart once from left to right and once from right to left, then averaged. */
const packed = (
  row: readonly string[],
  wanted: (id: string) => number | undefined,
  widthOf: (id: string) => number,
  centres: Map<string, number>,
): void => {
  const goals = row.map((id) => wanted(id) ?? centres.get(id) ?? 0);
  const distance = (one: string, other: string) => (widthOf(one) + widthOf(other)) / 2 + GAP;
  const rightwards = [...goals];
  const leftwards = [...goals];
  for (let at = 1; at < row.length; at++)
    rightwards[at] = Math.max(
      goals[at] ?? 0,
      (rightwards[at - 1] ?? 0) + distance(row[at - 1] ?? '', row[at] ?? ''),
    );
  for (let at = row.length - 2; at >= 0; at--)
    leftwards[at] = Math.min(
      goals[at] ?? 0,
      (leftwards[at + 1] ?? 0) - distance(row[at] ?? '', row[at + 1] ?? ''),
    );
  for (const [at, id] of row.entries()) centres.set(id, ((rightwards[at] ?? 0) + (leftwards[at] ?? 0)) / 2);
};
