import { exceptionInScp, exceptionOfRole } from '../concerns/exception-remedies.ts';
import { isLimited, readsOfOrganization, readsOfRole } from '../concerns/network-reads.ts';
import { type WeakGuards, weakGuardsOf } from '../concerns/tag-guards.ts';
import { withOtherUses } from '../concerns/tag-uses.ts';
import type { Config } from '../config/schema.ts';
import type { Verdict } from '../domain/finding.ts';
import type { ExceptionSubject } from '../facts/facts.ts';
import { hasSuppression } from '../findings/suppression.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { scpStatements } from '../judging/satisfying-statements.ts';
import { unknownNeeds, unknownUse } from '../judging/unread-use-verdicts.ts';
import { isPartial } from '../needs/need.ts';
import { jsonGetReads } from '../needs/roster.ts';
import { before } from '../text/trim.ts';

export const control = defineControl({
  id: 'scp-json-get-exception',
  system: 'Service control policies',
  title: 'SCPs that keep S3 to networks except the roles whose pipelines use JsonGet',
  severity: 'HIGH',
  on: ['role', 'organization'],
  requires: ['exceptionSubject'],
  satisfiedBy: ({ exceptionSubject }) =>
    exceptionSubject ? scpStatements(exceptionSubject.organization.layers.scps, ['s3:GetObject']) : [],
  evaluate: ({ exceptionSubject: subject }, config, shared) => {
    const verdict =
      subject.of === 'role' ? judgeRole(subject, config, shared) : judgeOrganization(subject, config, shared);
    const known = 'evidence' in verdict ? verdict : (unknownReads(subject) ?? verdict);
    return withGuards(known, subject, config);
  },
});

/** Where SCPs keep S3 to networks, the verdict while it is not known what pipelines read. */
const unknownReads = (subject: ExceptionSubject): Verdict | undefined => {
  if (!isLimited(subject.organization)) return undefined;
  return subject.of === 'role'
    ? unknownUse(subject.unread, ['execution role'])
    : unknownNeeds(subject.roster.unread);
};

type ExceptionSubjectOf<T extends ExceptionSubject['of']> = Extract<ExceptionSubject, { of: T }>;

const judgeRole = (subject: ExceptionSubjectOf<'role'>, config: Config, shared: SharedWork): Verdict => {
  const { principal, needs, organization } = subject;
  if (needs.length === 0) return { status: 'NOT_APPLICABLE', because: 'no pipeline under it uses JsonGet' };
  const { concerns, tag, isUpToOrganization } = readsOfRole(subject, config, shared);
  if (isUpToOrganization)
    return {
      status: 'NOT_APPLICABLE',
      because: 'no tag would let it through, which is told of the organization',
    };
  const isOpen = needs.some(({ need }) => isPartial(need));
  return verdictOn(concerns, {
    otherwise: `write an exception into the SCP${isOpen ? ', or give the parameters that the file hangs on a default' : ''}`,
    breach: (evidence) => ({
      status: 'FAILED',
      evidence: withOtherUses(evidence, 20, organization, tag),
      remediation: exceptionOfRole(principal, tag, config),
    }),
  });
};

const judgeOrganization = (
  subject: ExceptionSubjectOf<'organization'>,
  config: Config,
  shared: SharedWork,
): Verdict => {
  const { organization, roster } = subject;
  if ([...roster.roles.values()].every((uses) => jsonGetReads(uses).length === 0))
    return { status: 'NOT_APPLICABLE', because: 'no pipeline uses JsonGet' };
  const { concerns, tag } = readsOfOrganization(subject, config, shared);
  return verdictOn(concerns, {
    otherwise: 'write an exception by a tag',
    breach: (evidence) => ({
      status: 'FAILED',
      evidence: withOtherUses(evidence, 50, organization, tag),
      remediation: exceptionInScp(before(evidence[0].at, '/Statement'), organization, tag),
    }),
  });
};

/**
 * A guard that lets the tag pass is one cause with a role's want of the tag, so that the finding on the role tells it. Without
 * such a finding, it is told of the first role that reads for JsonGet or, if there is none, of the organization. That role stays
 * the same when it gets the tag, so that the guard is always told, and told once.
 */
const withGuards = (verdict: Verdict, subject: ExceptionSubject, config: Config): Verdict[] => {
  const guards = weakGuardsOf(subject.organization, config);
  if (!guards || (subject.of === 'role' && subject.needs.length === 0)) return [verdict];
  const own = subject.of === 'role' ? subject.principal.identity.principal.arn : undefined;
  if (own !== undefined && verdict.status === 'FAILED') return [toldWith(verdict, guards)];
  const teller = subject.readers.find((arn) => !hasSuppression(config.suppressions, control.id, arn));
  const about = { subject: 'guard of the tag' };
  return own === teller
    ? [
        verdict,
        {
          ...about,
          status: 'WARNING',
          severity: 'MEDIUM',
          evidence: guards.evidence,
          remediation: { text: `Close the guard of the tag: ${guards.closing}` },
        },
      ]
    : [
        verdict,
        {
          ...about,
          status: 'NOT_APPLICABLE',
          because: `told with the finding on ${teller ?? 'the organization'}`,
        },
      ];
};

const toldWith = (verdict: Extract<Verdict, { evidence: unknown }>, guards: WeakGuards): Verdict => {
  const { evidence, remediation } = verdict;
  const text = `Close the guard of the tag first: ${guards.closing} ${remediation.text}`;
  return { ...verdict, evidence: [...evidence, ...guards.evidence], remediation: { ...remediation, text } };
};
