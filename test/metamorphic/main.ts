import { accountSources } from './accounts.ts';
import { allSubjects, type Found, runCases, shownFound } from './run.ts';

/**
 * `npm run metamorphic`: CASES=20000 SEED=1, or CASE=number SEED=1 for one of them again; FROM=number to go on where
 * another run ended. The exit status is 1 where a relation does not hold.
 */

const wholeNumber = (name: string, otherwise: number): number => {
  const text = process.env[name] ?? String(otherwise);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`${name}=${text}: give a whole number of 9 digits at most`);
  process.exit(2);
};

/** No look at one principal may take longer, in milliseconds of CPU. */
const SLOW_MS = 3_000;

const seed = wholeNumber('SEED', 1);
const one = process.env.CASE === undefined ? undefined : wholeNumber('CASE', 0);
const from = one ?? wholeNumber('FROM', 0);
const count = one === undefined ? wholeNumber('CASES', 20_000) : 1;

const subjects = await allSubjects(accountSources());
process.stderr.write(`${subjects.length} principals, seed ${seed}\n`);
const kinds = new Map<string, number>();
const tell = (found: Found): void => {
  const known = kinds.get(found.kind) ?? 0;
  kinds.set(found.kind, known + 1);
  if (known === 0 && found.isShrunk) console.log(`${shownFound(found, seed)}\n`);
};
const numbers = Array.from({ length: count }, (_, index) => from + index);
const onCase = (number: number, ms: number): void => {
  if (ms > SLOW_MS) process.stderr.write(`CASE=${number} took ${ms} ms\n`);
  if ((number - from) % 500 === 499) process.stderr.write(`${number - from + 1} cases\n`);
};
const outcome = await runCases(subjects, seed, numbers, { onFound: tell, onCase });
for (const [kind, times] of [...kinds].toSorted((a, b) => b[1] - a[1]))
  console.log(`${String(times).padStart(6)}  ${kind}`);
const { passed, lost, byControl } = outcome.quiet;
console.log(
  `quietness: ${lost} of ${passed} verdicts of PASSED became NOT_AVAILABLE by at most 12 statements (${((100 * lost) / Math.max(passed, 1)).toFixed(2)} %): ${[...byControl].map(([control, times]) => `${control} ${times}`).join(', ')}`,
);
console.log(`slowest: ${outcome.slowest.map(({ number, ms }) => `CASE=${number} ${ms} ms`).join(', ')}`);
const { user, system } = process.cpuUsage();
console.log(
  `${outcome.cases} cases, ${outcome.found.length} violations of ${kinds.size} kinds, ${Math.round((user + system) / 1e6)} CPU seconds`,
);
process.exitCode = outcome.found.length === 0 ? 0 : 1;
