import {
  exceptionTags,
  isLimited,
  readConcerns,
  readFromOutside,
  readWithException,
  withTag,
} from '../concerns/network-reads.ts';
import { guardsInOneSpelling } from '../concerns/tag-guards.ts';
import { otherUsesOfTag } from '../concerns/tag-uses.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { ExceptionSubject } from '../facts/facts.ts';
import { principalOf } from '../iam/policy/principal.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { verdictOn, worstOf } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { askersText } from '../judging/needs-verdict.ts';
import { remedyBy } from '../judging/role-change.ts';
import { unknownNeeds, withUnreadUses } from '../judging/unread-use-verdicts.ts';
import { advised, doesNotApply } from '../judging/verdicts.ts';
import { isPartial } from '../needs/need.ts';
import { jsonGetReads, type RoleNeed } from '../needs/roster.ts';
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
      ...judgeGuards(exceptionSubject, config),
    ];
  },
});

type ExceptionSubjectOf<T extends ExceptionSubject['of']> = Extract<ExceptionSubject, { of: T }>;

const judgeRole = (
  { principal, needs, organization }: ExceptionSubjectOf<'role'>,
  config: Config,
  shared: SharedWork,
): Verdict[] => {
  if (needs.length === 0) return doesNotApply('no pipeline under it uses JsonGet');
  const who = principal.identity.principal;
  const reads = needs.map((asked) => ({
    asked,
    outcome: readFromOutside(organization, who, asked.need, shared),
  }));
  const denied = reads.filter(({ outcome }) => outcome.answer === 'unmet').map(({ asked }) => asked);
  const tag = exceptionTags(organization, config).find((each) =>
    denied.every(
      ({ need }) => readFromOutside(organization, withTag(who, each), need, shared).answer !== 'unmet',
    ),
  );
  const isToldOfScp = denied.some(
    ({ need }) => readWithException(organization, who, need, config, shared).answer === 'unmet',
  );
  if (isToldOfScp && !tag)
    return doesNotApply('no tag would let it through, which is told of the organization');

  const expected = ({ askers, count }: RoleNeed): string =>
    `excepted by ${tag ? `the tag ${tag.key}=${tag.value}` : 'its tags'}, for the JsonGet of ${askersText(askers, count)}`;
  const concerns = reads.flatMap(({ asked, outcome }) => readConcerns(outcome, asked.need, expected(asked)));
  const verdict = verdictOn(concerns, {
    otherwise: `write an exception into the SCP${reads.some(({ asked: { need } }) => isPartial(need)) ? ', or give the parameters that the file hangs on a default' : ''}`,
    breach: (evidence) => ({
      status: 'FAILED',
      evidence: withOtherUses(evidence, 20, organization, tag),
      remediation: tag
        ? remedyBy(
            principal,
            { type: 'tag', ...tag },
            `Put the tag ${tag.key}=${tag.value} onto ${who.arn}, so that the SCP excepts it.`,
          )
        : {
            text: `Write an exception for ${who.arn} into the SCP (pipewarden generate scp-exception), or try what it hangs on with pipewarden simulate and --scp.`,
          },
    }),
  });
  return [verdict];
};

const judgeOrganization = (
  { organization, roster: { roles }, account }: ExceptionSubjectOf<'organization'>,
  config: Config,
  shared: SharedWork,
): Verdict[] => {
  const reading = [...roles.values()].flatMap((uses) => {
    const asked = jsonGetReads(uses);
    return asked.length > 0 ? [{ roleArn: uses.roleArn, asked }] : [];
  });
  if (reading.length === 0) return doesNotApply('no pipeline uses JsonGet');
  const [tag] = exceptionTags(organization, config);
  const concerns = reading.flatMap(({ roleArn, asked }) => {
    const known = principalOf(roleArn) ?? { kind: 'role' as const, arn: roleArn, account };
    const untagged = { ...known, tags: new Map<string, string>() };
    const role = config.scpException && tag ? withTag(untagged, tag) : untagged;
    const exception = `an exception by aws:PrincipalTag${tag ? `/${tag.key}` : ''} for ${roleArn}`;
    return worstOf(
      asked.flatMap(({ need, askers, count }) =>
        readConcerns(
          readWithException(organization, role, need, config, shared),
          need,
          `${exception}, for the JsonGet of ${askersText(askers, count)}`,
        ),
      ),
    );
  });
  const verdict = verdictOn(concerns, {
    otherwise: 'write an exception by a tag',
    breach: (evidence) => {
      const [first] = evidence;
      const scp = before(first.at, '/Statement');
      const whom = tag ? `${tag.key}=${tag.value}` : 'a tag of the execution roles';
      const rest = 'and put the tag onto the roles; set scpException in pipewarden.yaml.';
      return {
        status: 'FAILED',
        evidence: withOtherUses(evidence, 50, organization, tag),
        remediation: isOfControlTower(scp)
          ? {
              text: `Control Tower owns the SCP ${scp}, and repairs what others change in it: give its control an exception for ${whom} there, ${rest}`,
            }
          : advised(
              `Write the exception for ${whom} into the SCP ${scp}, ${rest}`,
              tag && exceptedScp(organization.policies.scps, tag),
            ),
      };
    },
  });
  return [verdict];
};

/** The first pieces of evidence, and what else the tag changes that would let the roles through. */
const withOtherUses = (
  [first, ...others]: [Evidence, ...Evidence[]],
  most: number,
  organization: OrganizationFact,
  tag: ExceptionTag | undefined,
): [Evidence, ...Evidence[]] => [
  first,
  ...others.slice(0, most - 1),
  ...(tag ? otherUsesOfTag(organization, tag).slice(0, most) : []),
];

const judgeGuards = (
  { organization }: ExceptionSubjectOf<'organization'>,
  { scpException }: Config,
): Verdict[] => {
  if (!scpException) return [];
  const [first, ...others] = guardsInOneSpelling(organization.layers.scps, scpException.tagKey);
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

/** Control Tower gives its SCPs such names. https://docs.aws.amazon.com/controltower/latest/userguide/getting-started-guidance.html */
const isOfControlTower = (scp: string): boolean => scp.startsWith('aws-guardrails-');
