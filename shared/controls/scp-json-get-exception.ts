import { isLimited, readsOfOrganization, readsOfRole } from '../concerns/network-reads.ts';
import { guardsInOneSpelling } from '../concerns/tag-guards.ts';
import { withOtherUses } from '../concerns/tag-uses.ts';
import type { Config } from '../config/schema.ts';
import type { TriedRemediation, Verdict } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { ExceptionSubject } from '../facts/facts.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { remedyBy } from '../judging/role-change.ts';
import { unknownNeeds, withUnreadUses } from '../judging/unread-use-verdicts.ts';
import { advised, doesNotApply } from '../judging/verdicts.ts';
import { isPartial } from '../needs/need.ts';
import { jsonGetReads } from '../needs/roster.ts';
import { type ExceptionTag, exceptedScp } from '../policies/scp-exception.ts';
import { before } from '../text/trim.ts';

export const control = defineControl({
  id: 'scp-json-get-exception',
  system: 'Service control policies',
  title: 'SCPs that keep S3 to networks except the roles whose pipelines use JsonGet',
  severity: 'HIGH',
  on: ['role', 'organization'],
  requires: ['exceptionSubject'],
  evaluate: ({ exceptionSubject }, config, shared) => {
    const hangsOnPipelines = isLimited(exceptionSubject.organization);
    if (exceptionSubject.of === 'role') {
      const verdicts = judgeRole(exceptionSubject, config, shared);
      return hangsOnPipelines
        ? withUnreadUses(verdicts, exceptionSubject.unread, ['execution role'])
        : verdicts;
    }
    const unknown = hangsOnPipelines ? unknownNeeds(exceptionSubject.roster.unread) : undefined;
    const verdicts = judgeOrganization(exceptionSubject, config, shared);
    return [
      ...verdicts.map((verdict) => ('evidence' in verdict ? verdict : (unknown ?? verdict))),
      ...judgeGuards(exceptionSubject.organization, config),
    ];
  },
});

type ExceptionSubjectOf<T extends ExceptionSubject['of']> = Extract<ExceptionSubject, { of: T }>;

const judgeRole = (subject: ExceptionSubjectOf<'role'>, config: Config, shared: SharedWork): Verdict[] => {
  const { principal, needs, organization } = subject;
  if (needs.length === 0) return doesNotApply('no pipeline under it uses JsonGet');
  const { concerns, tag, isUpToOrganization } = readsOfRole(subject, config, shared);
  if (isUpToOrganization)
    return doesNotApply('no tag would let it through, which is told of the organization');
  const { arn } = principal.identity.principal;
  const isOpen = needs.some(({ need }) => isPartial(need));
  const verdict = verdictOn(concerns, {
    otherwise: `write an exception into the SCP${isOpen ? ', or give the parameters that the file hangs on a default' : ''}`,
    breach: (evidence) => ({
      status: 'FAILED',
      evidence: withOtherUses(evidence, 20, organization, tag),
      remediation: tag
        ? remedyBy(
            principal,
            { type: 'tag', ...tag },
            `Put the tag ${tag.key}=${tag.value} onto ${arn}, so that the SCP excepts it.`,
          )
        : {
            text: `Write an exception for ${arn} into the SCP (pipewarden generate scp-exception), or try what it hangs on with pipewarden simulate and --scp.`,
          },
    }),
  });
  return [verdict];
};

const judgeOrganization = (
  subject: ExceptionSubjectOf<'organization'>,
  config: Config,
  shared: SharedWork,
): Verdict[] => {
  const { organization, roster } = subject;
  if ([...roster.roles.values()].every((uses) => jsonGetReads(uses).length === 0))
    return doesNotApply('no pipeline uses JsonGet');
  const { concerns, tag } = readsOfOrganization(subject, config, shared);
  const verdict = verdictOn(concerns, {
    otherwise: 'write an exception by a tag',
    breach: (evidence) => ({
      status: 'FAILED',
      evidence: withOtherUses(evidence, 50, organization, tag),
      remediation: remedyOfScp(before(evidence[0].at, '/Statement'), organization, tag),
    }),
  });
  return [verdict];
};

const remedyOfScp = (
  scp: string,
  { policies: { scps } }: OrganizationFact,
  tag: ExceptionTag | undefined,
): TriedRemediation => {
  const whom = tag ? `${tag.key}=${tag.value}` : 'a tag of the execution roles';
  const rest = 'and put the tag onto the roles; set scpException in pipewarden.yaml.';
  if (isOfControlTower(scp))
    return {
      text: `Control Tower owns the SCP ${scp}, and repairs what others change in it: give its control an exception for ${whom} there, ${rest}`,
    };
  return advised(
    `Write the exception for ${whom} into the SCP ${scp}, ${rest}`,
    tag && exceptedScp(scps, tag),
  );
};

/** Control Tower gives its SCPs such names. https://docs.aws.amazon.com/controltower/latest/userguide/getting-started-guidance.html */
const isOfControlTower = (scp: string): boolean => scp.startsWith('aws-guardrails-');

const judgeGuards = ({ layers }: OrganizationFact, { scpException }: Config): Verdict[] => {
  if (!scpException) return [];
  const [first, ...others] = guardsInOneSpelling(layers.scps, scpException.tagKey);
  if (!first) return [];
  return [
    {
      status: 'WARNING',
      severity: 'MEDIUM',
      subject: 'guard of the tag',
      evidence: [first, ...others],
      remediation: {
        text: `Write ForAnyValue:StringEqualsIgnoreCase in place of StringEquals there, so that nobody gives a role the exception by the tag ${scpException.tagKey} in other letters.`,
      },
    },
  ];
};
