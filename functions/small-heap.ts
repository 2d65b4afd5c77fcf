import { setFlagsFromString } from 'node:v8';

// Imported before everything else. A function has a part of a core and little memory: threads that collect side by side cost more
// than they save, TurboFan’s code a tenth of the memory, and a large young generation more than that. The old generation grows by
// a fifth between collections, and not threefold. `--optimize-for-size` would take half the memory of an account with 5,000
// roles, and twice the CPU of its events.
for (const flag of [
  '--no-parallel-scavenge',
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=20',
  '--no-opt',
])
  setFlagsFromString(flag);
