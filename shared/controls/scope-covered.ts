import type { Evidence } from '../domain/finding.ts';
import { unreadText } from '../domain/gap.ts';
import type { CoveredScope } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: 'scope-covered',
  system: 'The audit itself',
  title: 'An account and Region that the configuration names is watched',
  severity: 'HIGH',
  on: ['account'],
  requires: ['coverage'],
  satisfiedBy: ({ coverage: { scopes } = { scopes: [] } }) =>
    scopes.length === 0
      ? [{ at: 'the account', found: 'no Region of it is unread, and no sweep is overdue' }]
      : scopes.map(({ account, region }) => ({
          at: `account ${account}, Region ${region}`,
          found: 'its role lets the hub read it, and no sweep is overdue',
        })),
  evaluate: ({ coverage: { scopes } }) => {
    const [first, ...others] = scopes.flatMap(evidenceOf);
    if (!first) return [{ status: 'PASSED' }];
    const isUnread = scopes.some(({ unread }) => unread);
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: { text: isUnread ? ROLE_ADVICE : SWEEP_ADVICE },
      },
    ];
  },
});

const ROLE_ADVICE =
  'Let the hub read the account: see that the stack sets of the hub have a current instance in it (`pipewarden members` tells), that nothing denies the hub’s functions to assume its role, that the Region is on there, and that no SCP denies the role to list its pipelines. Or take the account out of the configuration (organization.exclude).';
const SWEEP_ADVICE =
  'See why the sweeps of the account end: the executions of the sweep’s state machine tell it, and so do other findings on the account. Then start a sweep.';

const evidenceOf = ({ account, region, unread, overdueSince }: CoveredScope): Evidence[] => {
  const at = `account ${account}, Region ${region}`;
  if (unread)
    return [{ at, found: unreadText(unread), expected: 'the role of the account lets the hub read it' }];
  return overdueSince === undefined
    ? []
    : [{ at, found: `no sweep has been complete since ${overdueSince}`, expected: 'sweeps on schedule' }];
};
