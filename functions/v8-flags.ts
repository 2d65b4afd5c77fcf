import { setFlagsFromString } from 'node:v8';

// Imported before everything else. A function has a part of a core and little memory: threads that collect and mark side by side cost more
// than they save, a tenth of a cold event. TurboFan’s code takes a tenth of the memory, and a large young generation more than
// that. The old generation doubles between collections: where it grows by half, an event takes a tenth more CPU and the process a tenth less
// memory. Where it may treble, if only for the first events, ten looks of one batch in a large account take 264 MiB in place of 183.
// Marking all at once would save CPU too, but half as much memory again is taken before it begins.
for (const flag of [
  '--no-parallel-scavenge',
  '--no-concurrent-marking',
  '--no-concurrent-sweeping',
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=100',
  '--no-opt',
  '--no-maglev',
])
  setFlagsFromString(flag);

/** In milliseconds of CPU. Until then compiling costs more than it saves: a tenth of a cold event, and a quarter of the few after it. */
const COMPILE_AFTER_MS = 1500;

const watch = setInterval(() => {
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1000 < COMPILE_AFTER_MS) return;
  setFlagsFromString('--maglev');
  clearInterval(watch);
}, 100).unref();
