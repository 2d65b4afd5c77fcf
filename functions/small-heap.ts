import { setFlagsFromString } from 'node:v8';

// Imported before everything else. Functions wait for AWS far more than they compute: optimised code and a large young
// generation would double the memory (75 to 160 MiB after 600 events) and make no event faster. A report of 5,000
// findings takes an eighth longer, with 87 MiB instead of 136.
for (const flag of [
  '--max-semi-space-size=1',
  '--semi-space-growth-factor=1',
  '--optimize-for-size',
  '--no-maglev',
  '--no-opt',
]) {
  setFlagsFromString(flag);
}
