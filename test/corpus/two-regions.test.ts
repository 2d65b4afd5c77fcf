import { expect, test } from '@jest/globals';
import { BASE } from './base.ts';
import { cleanAccount } from './clean-account.ts';
import { inTwoRegions, lostElsewhere } from './elsewhere.ts';
import { judge } from './judge.ts';
import { type Mutation, mutations } from './mutations.ts';
import { pasted } from './paste.ts';

/** The controls whose commands take something from somebody. */
const TAKING: readonly string[] = [
  'execution-role-administrator',
  'execution-role-protected',
  'execution-role-trust',
  'pass-role-scoped',
  'pipeline-access-scoped',
  'prefix-policy-enforced',
  'scp-exception-protected',
  'scp-exception-unique',
  'step-isolation',
  'version-floor-enforced',
];

const base = cleanAccount(BASE);
const taking = mutations(base).filter(
  ({ expects, files }) => !files && expects.some((control) => TAKING.includes(control)),
);

test('a clean account whose pipelines run in another Region as well has no findings', async () => {
  expect(await judge(inTwoRegions(base))).toEqual([]);
});

test.each(taking.map((mutation): [string, Mutation] => [mutation.name, mutation]))(
  'no command takes anything from the pipelines of another Region that the policies name: %s',
  async (_, { change }) => {
    const account = structuredClone(base);
    change(account);
    const both = inTwoRegions(account);
    const lost = (await judge(both))
      .filter(({ control, remediation }) => TAKING.includes(control) && remediation.patch !== undefined)
      .flatMap((finding) => lostElsewhere(account, pasted(both, finding)));
    expect(lost).toEqual([]);
  },
);
