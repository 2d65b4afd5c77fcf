import { evidenceOf, type Grant, grantsOf } from '../concerns/sharing.ts';
import type { OpenStatus, Severity } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { shareEntries } from '../judging/satisfying-entries.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'pipeline-shared',
  system: 'Execution roles',
  title: 'Pipelines are shared by AWS RAM only with those whom the configuration names',
  severity: 'HIGH',
  on: ['pipeline'],
  requires: ['pipeline', 'shares'],
  satisfiedBy: shareEntries,
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

const advice = (told: readonly Grant[]): string => {
  const idsOf = (of: readonly Grant[]): string =>
    listed([...new Set(of.map(({ principal }) => principal.id))], 3);
  const unnamed = idsOf(told.filter(({ isNamed }) => !isNamed));
  const shares = listed([...new Set(told.map(({ share }) => share.name))], 3);
  return [
    ...(told.some(({ access }) => access === 'unknown')
      ? ['See what the permission allows (GetPermission).']
      : []),
    unnamed === '' ? 'Ask' : `Name ${unnamed} in sharedWith if they are meant. Otherwise ask`,
    `who uses the pipeline there, and take them out of the share ${shares} (DisassociateResourceShare)${told.every(({ access }) => access === 'read') ? '' : ' or let it only read'}.`,
    'No command is given, because it would cut off whoever uses it.',
  ].join(' ');
};
