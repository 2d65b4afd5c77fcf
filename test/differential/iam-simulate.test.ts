import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { casesFolder } from '../support/builders/cases.ts';
import { CLASSES } from './classes.ts';
import { caseOf } from './generate.ts';
import { casePolicies, managedPolicies } from './real-policies.ts';
import { ours, theirs } from './sides.ts';

/** So many requests are generated; about a quarter is refused by iam-simulate's validation and counts for nothing. */
const GENERATED = 32_000;
const WANTED = 20_000;

const folder = casesFolder('policies');
const managed = managedPolicies();
const policies = [...(folder ? casePolicies(folder) : []), ...managed];

/**
 * The class of a disagreement: both sides agree once the cause of this class is removed from the case. If they agree
 * only without the causes of all classes, the class is “Several of these at once”.
 */
const classOf = async (seed: number): Promise<string | undefined> => {
  const one = caseOf(seed, policies);
  for (const [name, without] of Object.entries(CLASSES)) {
    const changed = without(one);
    if ((await theirs(changed)) === ours(changed)) return name;
  }
  const bare = Object.values(CLASSES).reduce((changed, without) => without(changed), one);
  return (await theirs(bare)) === ours(bare) ? 'Several of these at once' : undefined;
};

test('the engine decides as iam-simulate does, except for the classes that the documentation explains', async () => {
  const counts = new Map<string, number>();
  const unexplained: { seed: number; ours: string; theirs: string }[] = [];
  let compared = 0;
  for (let seed = 0; seed < GENERATED; seed++) {
    const one = caseOf(seed, policies);
    const other = await theirs(one);
    if (other === undefined) continue;
    compared++;
    const own = ours(one);
    if (own === other) continue;
    const name = await classOf(seed);
    if (name === undefined) unexplained.push({ seed, ours: own, theirs: other });
    else counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  process.stderr.write(`${compared} requests compared, ${policies.length} published policies among them\n`);
  for (const [name, count] of counts) process.stderr.write(`  ${count} differ: ${name}\n`);
  expect(unexplained).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(WANTED);
  // The requests that a seed gives depend on the published policies that are present.
  const isWhole = folder !== undefined && managed.length > 0;
  expect(Object.keys(CLASSES).filter((name) => isWhole && !counts.has(name))).toEqual([]);
});

test.each(Object.keys(CLASSES))('the documentation explains: %s', (name) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/iam-differences.md'), 'utf8');
  expect(page).toContain(`## ${name}\n`);
});
