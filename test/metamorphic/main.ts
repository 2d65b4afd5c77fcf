import { accountSources } from './accounts.ts';
import { allSubjects, type Found, runCases, shownFound } from './run.ts';
import { QUESTIONS, runSets } from './sets.ts';

/**
 * `npm run metamorphic`: CASES=20000 SEED=1, or CASE=number SEED=1 for one of them again; FROM=number to go on where
 * another run ended. `npm run metamorphic sets` holds verdicts on sets of requests against each request of a small set:
 * so many cases for each question. The exit status is 1 where a relation does not hold, or a breach is passed over.
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

const numbers = Array.from({ length: count }, (_, index) => from + index);

const runRelations = async (): Promise<boolean> => {
  const subjects = await allSubjects(accountSources());
  process.stderr.write(`${subjects.length} principals, seed ${seed}\n`);
  const kinds = new Map<string, number>();
  const tell = (found: Found): void => {
    const known = kinds.get(found.kind) ?? 0;
    kinds.set(found.kind, known + 1);
    if (known === 0 && found.isShrunk) console.log(`${shownFound(found, seed)}\n`);
  };
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
  console.log(`${outcome.cases} cases, ${outcome.found.length} violations of ${kinds.size} kinds`);
  return outcome.found.every(({ relation }) => relation === 'alarm');
};

const runQuestions = async (): Promise<boolean> => {
  let isFine = true;
  for (const question of QUESTIONS) {
    const { counts, examples } = await runSets(question, seed, numbers);
    for (const example of examples.values()) console.log(example);
    console.log(question.control);
    for (const [key, times] of [...counts].toSorted()) console.log(`${String(times).padStart(8)}  ${key}`);
    isFine &&= [...counts.keys()].every((key) => !key.startsWith('hidden'));
  }
  return isFine;
};

const isFine = await (process.argv[2] === 'sets' ? runQuestions() : runRelations());
const { user, system } = process.cpuUsage();
console.log(`${Math.round((user + system) / 1e6)} CPU seconds`);
process.exitCode = isFine ? 0 : 1;
