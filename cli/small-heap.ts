import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const MIB = 2 ** 20;

/**
 * What an audit of thousands of pipelines reads is let go at once. A young generation that goes on growing takes a third
 * more memory and makes it no faster; one that stays as small as it begins takes a quarter longer. An old generation
 * that is large already may grow by a half of what lives before it is collected, and not to three times that. What is
 * too large at the start cannot be set from here, so that each growth is ended when it is large enough.
 */
const LIMITS = [
  { space: 'new_space', bytes: 32 * MIB, flag: '--semi-space-growth-factor=1' },
  { space: 'old_space', bytes: 96 * MIB, flag: '--heap-growing-percent=50' },
] as const;

const left = new Set(LIMITS);
const watch = setInterval(() => {
  const sizes = new Map(getHeapSpaceStatistics().map((space) => [space.space_name, space.space_size]));
  for (const limit of left) {
    if ((sizes.get(limit.space) ?? 0) < limit.bytes) continue;
    setFlagsFromString(limit.flag);
    left.delete(limit);
  }
  if (left.size === 0) clearInterval(watch);
}, 10).unref();
