export type Edge = { from: string; to: string };

/**
 * The layer of each node: 0, or one more than the deepest node before it. Edges that close a circle are ignored, as a
 * hostile definition can contain circles.
 */
export const layersOf = (nodes: readonly string[], edges: readonly Edge[]): Map<string, number> => {
  const { order, forward } = topological(nodes, edges);
  const layers = new Map(nodes.map((node) => [node, 0]));
  for (const node of order)
    for (const to of forward.get(node) ?? [])
      layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(node) ?? 0) + 1));
  return layers;
};

/** Depth-first order, with a stack of its own. Edges back to a node that is still being visited are left out. */
const topological = (
  nodes: readonly string[],
  edges: readonly Edge[],
): { order: string[]; forward: Map<string, string[]> } => {
  const next = new Map<string, string[]>(nodes.map((node) => [node, []]));
  for (const { from, to } of edges) if (next.has(to)) next.get(from)?.push(to);
  const forward = new Map<string, string[]>(nodes.map((node) => [node, []]));
  const state = new Map<string, 'open' | 'done'>();
  const finished: string[] = [];
  for (const start of nodes) {
    if (state.has(start)) continue;
    const stack = [{ node: start, at: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const to = next.get(top.node)?.[top.at++];
      if (to === undefined) {
        state.set(top.node, 'done');
        finished.push(top.node);
        stack.pop();
      } else if (state.get(to) !== 'open') {
        forward.get(top.node)?.push(to);
        if (!state.has(to)) {
          state.set(to, 'open');
          stack.push({ node: to, at: 0 });
        }
      }
    }
  }
  return { order: finished.toReversed(), forward };
};

const SWEEPS = 8;

/**
 * The nodes of each layer in an order with few crossings. Layers are sorted downwards and upwards in turn by the middle
 * of each node’s neighbours (barycentre), and the order with the fewest crossings is kept. Edges lead to the next
 * layer.
 */
export const ordered = (layers: readonly (readonly string[])[], edges: readonly Edge[]): string[][] => {
  const before = neighbours(edges, ({ from, to }) => [to, from]);
  const after = neighbours(edges, ({ from, to }) => [from, to]);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(best, after);
  let current = best;
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    current = swept(isDown ? current : current.toReversed(), isDown ? before : after);
    if (!isDown) current = current.toReversed();
    const count = crossings(current, after);
    if (count < fewest) {
      best = current;
      fewest = count;
    }
  }
  return best;
};

type Neighbours = ReadonlyMap<string, readonly string[]>;

const neighbours = (edges: readonly Edge[], ends: (edge: Edge) => [string, string]): Neighbours => {
  const found = new Map<string, string[]>();
  for (const edge of edges) {
    const [of, neighbour] = ends(edge);
    found.set(of, [...(found.get(of) ?? []), neighbour]);
  }
  return found;
};

/**
 * Each layer sorted by the middle of each node’s neighbours in the layer before. Nodes without neighbours stay in
 * place.
 */
const swept = (layers: readonly (readonly string[])[], towards: Neighbours): string[][] => {
  let places = new Map<string, number>();
  return layers.map((layer) => {
    const sorted = layer
      .map((node, index) => {
        const at = (towards.get(node) ?? []).flatMap((neighbour) => places.get(neighbour) ?? []);
        return { node, key: at.length > 0 ? at.reduce((sum, each) => sum + each, 0) / at.length : index };
      })
      .toSorted((one, other) => one.key - other.key)
      .map(({ node }) => node);
    places = new Map(sorted.map((node, index) => [node, index]));
    return sorted;
  });
};

/** With more edges between two layers crossings are not counted, as counting takes longer than it helps. */
const MOST_COUNTED = 600;

const crossings = (layers: readonly (readonly string[])[], after: Neighbours): number => {
  let count = 0;
  for (const [index, layer] of layers.entries()) {
    const places = new Map(layers[index + 1]?.map((node, place) => [node, place]));
    const ends = layer.flatMap((node) =>
      (after.get(node) ?? []).flatMap((to) => places.get(to) ?? []).toSorted((one, other) => one - other),
    );
    if (ends.length > MOST_COUNTED) continue;
    for (const [at, end] of ends.entries())
      for (let later = at + 1; later < ends.length; later++) if ((ends[later] ?? 0) < end) count++;
  }
  return count;
};
