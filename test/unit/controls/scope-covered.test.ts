import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/scope-covered.ts';
import type { CoveredScope } from '../../../shared/facts/facts.ts';
import { controlCases } from '../../support/builders/control-cases.ts';

const HERE = { account: '444455556666', region: 'eu-west-1' };
const THERE = { ...HERE, region: 'us-east-1' };
const unread = { call: 'AssumeRole', code: 'AccessDenied', message: 'no statement allows it' };
const at = ({ account, region }: CoveredScope): string => `account ${account}, Region ${region}`;

describe(control.id, () => {
  controlCases<{ scopes: CoveredScope[] }>(control, {
    given: ({ scopes }) => ({ facts: { coverage: { scopes } } }),
    passes: {
      'an account that is read and swept': { scopes: [HERE] },
      'an account as a whole, which is read': { scopes: [] },
    },
    fails: {
      'an account whose role cannot be assumed, in all its Regions': {
        scopes: [
          { ...HERE, unread },
          { ...THERE, unread },
        ],
        told: {
          evidence: [
            [at(HERE), 'AssumeRole: AccessDenied: no statement allows it'],
            [at(THERE), 'no statement allows it'],
          ],
          expected: 'lets the hub read it',
          remedy: 'stack sets',
          isMended: false,
        },
      },
      'an account whose sweep is overdue': {
        scopes: [{ ...HERE, overdueSince: '2026-11-20T00:00:00.000Z' }],
        told: {
          evidence: [[at(HERE), 'no sweep has been complete since 2026-11-20T00:00:00.000Z']],
          expected: 'sweeps on schedule',
          remedy: 'start a sweep',
          isMended: false,
        },
      },
    },
  });
});
