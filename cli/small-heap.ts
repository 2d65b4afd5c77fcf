import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Where the young generation stays, in bytes. */
const YOUNG_BYTES = 16 * 2 ** 20;

// What an audit of thousands of pipelines reads is let go at once. A young generation that goes on growing takes a third
// more memory and makes it no faster; one that stays as small as it begins takes a quarter longer. How large it is at
// the start cannot be set from here, so that its growth is ended when it is large enough.
const watch = setInterval(() => {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if (young && young.space_size < YOUNG_BYTES) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  clearInterval(watch);
}, 10).unref();
