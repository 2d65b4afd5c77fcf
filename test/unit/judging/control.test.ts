import { expect, test } from '@jest/globals';
import type { Verdict } from '../../../shared/domain/finding.ts';
import { RESOURCE_TYPES } from '../../../shared/domain/resource.ts';
import { FACTS_OF, type FactName } from '../../../shared/facts/facts.ts';
import type { GatheredFacts } from '../../../shared/facts/gathered.ts';
import { defineControl } from '../../../shared/judging/control.ts';
import { evaluate } from '../../../shared/judging/evaluate.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';

const about = {
  id: 'said',
  system: 'The audit itself',
  title: 'So it is',
  severity: 'LOW',
  satisfiedBy: () => [],
} as const;
const nothing = (): Verdict[] => [];

test('a control can require only facts that are gathered of every type it judges, or it does not compile', () => {
  const controls = [
    defineControl({ ...about, on: ['role', 'user'], requires: ['principal', 'uses'], evaluate: nothing }),
    defineControl({ ...about, on: ['role'], requires: ['trust'], evaluate: nothing }),
    defineControl({ ...about, on: ['configuration'], requires: [], evaluate: nothing }),
    // @ts-expect-error nobody asks who may assume a user
    defineControl({ ...about, on: ['role', 'user'], requires: ['trust'], evaluate: nothing }),
    // @ts-expect-error of a bucket no definition is gathered
    defineControl({ ...about, on: ['bucket'], requires: ['definition'], evaluate: nothing }),
    // @ts-expect-error there is no such fact
    defineControl({ ...about, on: ['bucket'], requires: ['colour'], evaluate: nothing }),
    // @ts-expect-error of a managed policy nothing is gathered
    defineControl({ ...about, on: ['policy'], requires: ['gaps'], evaluate: nothing }),
    defineControl({
      ...about,
      on: ['bucket'],
      requires: ['gaps'],
      // @ts-expect-error the fact is gathered, and the control does not require it
      evaluate: ({ imageBucket }) => [imageBucket],
    }),
  ];
  expect(controls).toHaveLength(8);
});

test('a gatherer must state every fact of a resource, or it does not compile', () => {
  // @ts-expect-error nothing is said of its gaps
  const account: GatheredFacts<'account'> = { trails: notRead('DescribeTrails', 'AccessDenied', 'no') };
  // @ts-expect-error an event has no trails
  const event: GatheredFacts<'event'> = { gaps: found([]), trails: account.trails };
  const organization: GatheredFacts<'organization'> = {
    exceptionSubject: notRead('ListPoliciesForTarget', 'AccessDenied', 'no'),
    gaps: found([]),
  };
  expect([event, organization]).toHaveLength(2);
});

test('a required fact that was not gathered makes the control NOT_AVAILABLE, naming the fact', () => {
  for (const type of RESOURCE_TYPES)
    for (const name of FACTS_OF[type] as readonly FactName[]) {
      const control = {
        ...about,
        on: [type],
        requires: [name],
        lint: false,
        needs: [],
        hangsOn: [],
        evaluate: nothing,
      };
      expect(evaluate([control], type, {}, { version: 1 })).toMatchObject([
        { verdict: { status: 'NOT_AVAILABLE', evidence: [{ at: name }] } },
      ]);
    }
});
