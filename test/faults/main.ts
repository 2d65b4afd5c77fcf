import { ensureDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { prepareBundles } from '../support/jest/prepare.ts';
import { ensurePythonEnv } from '../support/python/python-env.ts';
import { runSuite } from './suite.ts';
import { problemsOf, tableOf, totalsOf } from './table.ts';

/**
 * `npm run faults` prints the table; the exit status is 1 if anything was missed, extra or lost. FAULTS=messages,
 * FAULTS_SEED=number.
 */

const SHOWN = 30;

const wholeNumber = (name: string, least: number, otherwise: number): number => {
  const text = process.env[name] ?? String(otherwise);
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  console.error(`${name}=${text}: give a whole number from ${least} on, of 9 digits at most`);
  process.exit(2);
};

/** Fewer messages would not fill the phases. */
const LEAST_MESSAGES = 100;

const messages = wholeNumber('FAULTS', LEAST_MESSAGES, 10_000);
const seed = wholeNumber('FAULTS_SEED', 0, Math.floor(Math.random() * 1e9));

prepareBundles();
await Promise.all([ensurePythonEnv('moto'), ensureDynamodbLocal()]);
process.stderr.write(`seed ${seed}\n`);
const outcome = await runSuite({ messages, seed, burst: { events: 1_000, seconds: 10 } }, (text) =>
  process.stderr.write(text),
);
const problems = problemsOf(outcome);
console.log(tableOf(outcome));
for (const problem of problems.slice(0, SHOWN)) console.log(problem.slice(0, 1_000));
if (problems.length > SHOWN) console.log(`and ${problems.length - SHOWN} more`);
console.log(totalsOf(outcome, seed));
process.exitCode = problems.length === 0 && outcome.burst?.undelivered === 0 ? 0 : 1;
