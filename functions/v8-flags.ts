import { setFlagsFromString } from 'node:v8';

// Imported before everything else. A function has a part of a core and little memory: threads that collect and mark side by side cost more
// than they save, a tenth of a cold event. TurboFan’s code takes a tenth of the memory, and a large young generation more than
// that. The old generation doubles between collections: where it grows by half, an event takes a tenth more CPU and the process a tenth less
// memory. The first events fill it, so that it may treble for them, which spares them a twentieth to a tenth; later a process would take a
// tenth more memory so. Marking all at once would save CPU too, but half as much memory again is taken before it begins.
for (const flag of [
  '--no-parallel-scavenge',
  '--no-concurrent-marking',
  '--no-concurrent-sweeping',
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=200',
  '--no-opt',
  '--no-maglev',
])
  setFlagsFromString(flag);

/** The end of the first events, in milliseconds of CPU. Compiling costs them more than it saves: a tenth of a cold event, and a quarter of the few after it. */
const STARTED_AFTER_MS = 1500;

const watch = setInterval(() => {
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1000 < STARTED_AFTER_MS) return;
  setFlagsFromString('--maglev');
  setFlagsFromString('--heap-growing-percent=100');
  clearInterval(watch);
}, 100).unref();
