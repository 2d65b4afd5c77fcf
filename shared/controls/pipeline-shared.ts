import { type Grant, grantsOf } from '../concerns/sharing.ts';
import type { Evidence, OpenStatus, Severity } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'pipeline-shared',
  system: 'Execution roles',
  title: 'Pipelines are shared by AWS RAM only with those whom the configuration names',
  severity: 'HIGH',
  on: ['pipeline'],
  requires: ['pipeline', 'shares'],
  evaluate: ({ pipeline: { name = '', arn = '' }, shares }, config) => {
    const grants = grantsOf({ name, arn }, shares, config);
    const [worst] = WORST_FIRST.filter(({ is }) => grants.some(is));
    if (!worst) return [{ status: 'PASSED' }];
    const told = WORST_FIRST.flatMap(({ is }) => grants.filter(is));
    const [first, ...others] = told.map(evidenceOf);
    const { status, severity } = worst;
    return first
      ? [{ status, severity, evidence: [first, ...others], remediation: { text: advice(told) } }]
      : [];
  },
});

type Rank = { status: OpenStatus; severity: Severity; is: (grant: Grant) => boolean };

/** Whoever is named may read, start, stop and retry. What members of the organization may read is told, as a risk. */
const WORST_FIRST: readonly Rank[] = [
  {
    status: 'FAILED',
    severity: 'HIGH',
    is: ({ access, isNamed }) => access === 'more' || (access === 'run' && !isNamed),
  },
  {
    status: 'FAILED',
    severity: 'MEDIUM',
    is: ({ access, isNamed, principal }) => access === 'read' && !isNamed && principal.isExternal,
  },
  { status: 'NOT_AVAILABLE', severity: 'MEDIUM', is: ({ access }) => access === 'unknown' },
  {
    status: 'WARNING',
    severity: 'LOW',
    is: ({ access, isNamed, principal }) => access === 'read' && !isNamed && !principal.isExternal,
  },
];

const MAY: Record<Grant['access'], string> = {
  more: 'may do more with it than read, start, stop and retry it',
  run: 'may start, stop and retry it',
  unknown: 'may do what is not known',
  read: 'may read it and its executions',
};

const evidenceOf = ({ share, principal: { id, isExternal }, access, by, isNamed }: Grant): Evidence => ({
  at: share.arn,
  found: `${id}${isExternal ? ' (outside of the organization)' : ''} ${MAY[access]}, by ${by}`,
  expected: isNamed ? 'no more than to read, start, stop and retry it' : 'one of those whom sharedWith names',
});

const advice = (told: readonly Grant[]): string => {
  const who = listed([...new Set(told.map(({ principal }) => principal.id))]);
  const shares = listed([...new Set(told.map(({ share }) => share.name))]);
  return `Name ${who} in sharedWith if they are meant. Otherwise take them out of the share ${shares} (DisassociateResourceShare), or let it only read (AWSRAMDefaultPermissionSageMakerPipeline). No command is given, because it would take access from whoever uses it there: ask them first.`;
};
