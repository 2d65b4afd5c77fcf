import type { Fill } from '../declared.ts';
import type { Trace, World } from './world.ts';

/** How many ways to fill the holes are remembered for each key: most ways change a few holes, and then change them back. */
const MOST = 4;

/** What was made in a world, on which holes it hangs, and beside what else it was made. */
type Kept<T> = { value: T; trace: Trace; beside: readonly unknown[] };

/**
 * What was made for a key in a former world, if the holes on which it hangs have the same values in this one and `beside` is the same; else what is
 * made now.
 */
export const keptAsHoles = <T>(): ((
  key: string,
  world: World,
  fill: Fill,
  beside: readonly unknown[],
  make: () => T,
) => T) => {
  const kept = new Map<string, Kept<T>[]>();
  return (key, world, fill, beside, make) => {
    const known = kept.get(key) ?? [];
    const same = known.find((each) => isSameList(each.beside, beside) && isFilledAlike(each.trace, fill));
    if (same) {
      world.repeat(same.trace);
      return same.value;
    }
    const { value, trace } = world.traced(make);
    if (!trace.isCut) kept.set(key, [{ value, trace, beside }, ...known].slice(0, MOST));
    return value;
  };
};

/** Whether two lists hold the same values, and not only equal ones. */
export const isSameList = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index]);

const isFilledAlike = ({ holes }: Trace, fill: Fill): boolean => {
  for (const { hole, value } of holes.values()) if (fill(hole) !== value) return false;
  return true;
};
