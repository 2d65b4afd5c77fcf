import type { Definition } from './parse.ts';
import { type StepEdge, stepGraph } from './step-graph.ts';

/**
 * The circles of a definition: for each group of steps that wait for each other, one way round (`['A', 'B']`: B waits for A,
 * and A for B). Steps are taken by their names; those of doubled names are left out, as nobody knows which of them is meant. That
 * a step waits for itself is no circle here.
 */
export const stepCircles = (definition: Definition): string[][] => {
  const counts = new Map<string, number>();
  for (const { name } of definition.steps) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isPlain = (name: string) => counts.get(name) === 1;
  const next = new Map<string, Set<string>>();
  const add = ({ from, to }: Pick<StepEdge, 'from' | 'to'>) => {
    if (!isPlain(from) || !isPlain(to)) return;
    const targets = next.get(from) ?? new Set();
    next.set(from, targets.add(to));
  };
  for (const edge of stepGraph(definition).edges) add(edge);
  return groupsOf([...counts.keys()], next)
    .filter(({ length }) => length > 1)
    .map((group) => wayRound(group, next));
};

type Next = ReadonlyMap<string, ReadonlySet<string>>;

/** Tarjan's strongly connected components, with a stack of its own: a chain may have thousands of steps. */
const groupsOf = (names: readonly string[], next: Next): string[][] => {
  const groups: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  for (const root of names) {
    if (index.has(root)) continue;
    const calls = [{ name: root, targets: begin(root) }];
    for (let call = calls.at(-1); call; call = calls.at(-1)) {
      const { name, targets } = call;
      const { value: target, done } = targets.next();
      if (!done) {
        if (!index.has(target)) calls.push({ name: target, targets: begin(target) });
        else if (isOpen.has(target)) lower(name, index.get(target) ?? 0);
        continue;
      }
      calls.pop();
      const above = calls.at(-1);
      if (above) lower(above.name, low.get(name) ?? 0);
      if (low.get(name) === index.get(name)) groups.push(close(name));
    }
  }
  return groups;

  function begin(name: string): Iterator<string, undefined> {
    index.set(name, index.size);
    low.set(name, index.size - 1);
    open.push(name);
    isOpen.add(name);
    return (next.get(name) ?? new Set<string>()).values() as Iterator<string, undefined>;
  }
  function lower(name: string, to: number): void {
    low.set(name, Math.min(low.get(name) ?? to, to));
  }
  function close(name: string): string[] {
    const group = open.splice(open.lastIndexOf(name));
    for (const each of group) isOpen.delete(each);
    return group;
  }
};

/** The shortest way from the first step of a group back to it. */
const wayRound = ([first = '', ...others]: readonly string[], next: Next): string[] => {
  const within = new Set([first, ...others]);
  const cameFrom = new Map<string, string>();
  const queue = [first];
  for (const name of queue) {
    for (const target of next.get(name) ?? []) {
      if (target === first) return wayTo(name, first, cameFrom);
      if (!within.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, name);
      queue.push(target);
    }
  }
  return [first];
};

const wayTo = (last: string, first: string, cameFrom: ReadonlyMap<string, string>): string[] => {
  const way = [last];
  for (let at = last; at !== first; ) {
    at = cameFrom.get(at) ?? first;
    way.unshift(at);
  }
  return way;
};
