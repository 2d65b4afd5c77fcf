import type { Config } from '../config/schema.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { ExceptionSubject } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import { networkLimitsOf, outsideNetworks } from '../iam/sets/network-limits.ts';
import { allowedForAll } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, doubtEvidence, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { askersText, type NeedOutcome, outcomeOf } from '../judging/needs-verdict.ts';
import { changeCommand } from '../judging/role-change.ts';
import { unknownNeeds, withUnreadUses } from '../judging/unread-use-verdicts.ts';
import type { Need } from '../needs/need.ts';
import type { RoleNeed } from '../needs/roster.ts';
import { withException } from '../policies/scp-exception.ts';
import { before } from '../text/trim.ts';

export const control = defineControl({
  id: 'scp-json-get-exception',
  system: 'Service control policies',
  title: 'SCPs that keep S3 to networks except the roles whose pipelines use JsonGet',
  severity: 'HIGH',
  on: ['role', 'organization'],
  requires: ['exceptionSubject'],
  evaluate: ({ exceptionSubject }, config, shared) => {
    const { organization } = exceptionSubject;
    if (exceptionSubject.of === 'role') {
      const verdicts = judgeRole(exceptionSubject, config, shared);
      return isLimited(organization)
        ? withUnreadUses(verdicts, exceptionSubject.unread, ['execution role'])
        : verdicts;
    }
    const unknown = isLimited(organization) ? unknownNeeds(exceptionSubject.roster.unread) : undefined;
    const verdicts = judgeOrganization(exceptionSubject, config, shared);
    return verdicts.map((verdict) => ('evidence' in verdict ? verdict : (unknown ?? verdict)));
  },
});

/** Whether any SCP keeps requests to networks; where none does, it makes no difference what pipelines read. */
const isLimited = ({ layers }: OrganizationFact): boolean =>
  networkLimitsOf(layers.scps).some(
    ({ statements, unreadable }) => statements.length + unreadable.length > 0,
  );

const ACTION = 's3:GetObject';

type Tag = { key: string; value: string };

/** The tag of the configuration; without one, the tags that the statements themselves except. */
const exceptionTags = ({ layers }: OrganizationFact, { scpException }: Config): Tag[] => {
  if (scpException) return [{ key: scpException.tagKey, value: scpException.tagValue }];
  return networkLimitsOf(layers.scps).flatMap(({ statements }) =>
    statements.flatMap(({ statement: { conditions } }) =>
      conditions.flatMap(({ key, keyName, texts }) =>
        keyName.startsWith('aws:principaltag/')
          ? texts.map((value) => ({ key: key.slice('aws:PrincipalTag/'.length), value }))
          : [],
      ),
    ),
  );
};

const ANYTHING = indexPolicies([FULL_AWS_ACCESS]);

const OUTSIDE = contextOf({ ...outsideNetworks(), 'aws:SecureTransport': 'true' });

/** Whether the SCPs that keep S3 to networks let a principal read from outside all that a need means. */
const readOutcome = (
  { layers }: OrganizationFact,
  principal: Principal,
  need: Need,
  shared: SharedWork,
): NeedOutcome => {
  const policies = {
    identity: ANYTHING,
    scps: networkLimitsOf(layers.scps),
    ...(layers.managementAccount !== undefined && { managementAccount: layers.managementAccount }),
  };
  const request = { principal, action: ACTION, context: OUTSIDE };
  return outcomeOf(
    allowedForAll({ policies, request, universe: meantBy(need.resource, ACTION) }, shared),
    need,
  );
};

const withTag = (principal: Principal, { key, value }: Tag): Principal => ({
  ...principal,
  tags: new Map([...(principal.tags ?? []), [key.toLowerCase(), value]]),
});

type ExceptionSubjectOf<T extends ExceptionSubject['of']> = Extract<ExceptionSubject, { of: T }>;

const judgeRole = (
  { principal, needs, organization }: ExceptionSubjectOf<'role'>,
  config: Config,
  shared: SharedWork,
): Verdict[] => {
  if (needs.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'no pipeline under it uses JsonGet' }];
  const who = principal.identity.principal;
  const answers = needs.map((asked) => ({ asked, read: readOutcome(organization, who, asked.need, shared) }));
  const denied = answers.flatMap(({ asked, read }) => (read.answer === 'unmet' ? { asked, read } : []));
  const tag = exceptionTags(organization, config).find((each) =>
    denied.every(
      ({ asked }) => readOutcome(organization, withTag(who, each), asked.need, shared).answer !== 'unmet',
    ),
  );
  const expected = ({ askers, count }: RoleNeed): string =>
    `excepted by ${tag ? `the tag ${tag.key}=${tag.value}` : 'its tags'}, for the JsonGet of ${askersText(askers, count)}`;
  if (denied.length === 0) {
    const open = answers.flatMap(({ asked, read }) =>
      read.answer === 'unknown' ? { asked, ...read } : [],
    )[0];
    if (!open) return [{ status: 'PASSED' }];
    const { doubt, asked } = open;
    const evidence = {
      ...doubtEvidence(doubt, ACTION, () => asked.need.resource),
      expected: expected(asked),
    };
    return [openVerdict({ is: 'open', evidence, doubt }, 'write an exception into the SCP')];
  }
  const isToldOfScp = denied.some(
    ({ asked }) => exceptedOutcome(organization, who, asked.need, config, shared).answer === 'unmet',
  );
  if (isToldOfScp && !tag)
    return [
      { status: 'NOT_APPLICABLE', because: 'no tag would let it through, which is told of the organization' },
    ];
  const [first, ...others] = denied.slice(0, 20).map(
    ({ asked, read: { example } }): Evidence => ({
      ...why(example.explanation, ACTION, example.resource),
      expected: expected(asked),
    }),
  );
  if (!first) return [{ status: 'PASSED' }];
  if (!tag)
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: {
          text: `Write an exception for ${who.arn} into the SCP (pipewarden generate scp-exception), or try what it hangs on with pipewarden simulate and --scp.`,
        },
      },
    ];
  const change = { type: 'tag', ...tag } as const;
  return [
    {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: {
        text: `Put the tag ${tag.key}=${tag.value} onto ${who.arn}, so that the SCP excepts it.`,
        patch: changeCommand(principal, change),
        change,
      },
    },
  ];
};

const judgeOrganization = (
  { organization, roster: { roles }, account }: ExceptionSubjectOf<'organization'>,
  config: Config,
  shared: SharedWork,
): Verdict[] => {
  const reading = [...roles.values()].flatMap(({ roleArn, needs }) => {
    const asked = needs.filter(({ kind }) => kind === 'json-get');
    return asked.length > 0 ? [{ roleArn, asked }] : [];
  });
  if (reading.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'no pipeline uses JsonGet' }];
  const [tag] = exceptionTags(organization, config);
  const concerns = reading.flatMap(({ roleArn, asked }): Concern[] => {
    const known = principalOf(roleArn) ?? { kind: 'role' as const, arn: roleArn, account };
    const untagged = { ...known, tags: new Map<string, string>() };
    const role = config.scpException && tag ? withTag(untagged, tag) : untagged;
    const told = asked.flatMap((need): Concern[] => {
      const expected = `an exception by aws:PrincipalTag${tag ? `/${tag.key}` : ''} for ${roleArn}, for the JsonGet of ${askersText(need.askers, need.count)}`;
      return concernsAbout(
        exceptedOutcome(organization, role, need.need, config, shared),
        need.need,
        expected,
      );
    });
    const worst = told.find(({ is }) => is === 'shown') ?? told[0];
    return worst ? [worst] : [];
  });
  const { shown, open } = sorted(concerns);
  const [first, ...others] = shown.slice(0, 50);
  if (!first) return open ? [openVerdict(open, 'write an exception by a tag')] : [{ status: 'PASSED' }];
  const patch = patchOf(organization, tag);
  return [
    {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: {
        text: `Write the exception for ${tag ? `${tag.key}=${tag.value}` : 'a tag of the execution roles'} into the SCP ${before(first.at, '/Statement')}, and put the tag onto the roles; set scpException in pipewarden.yaml.`,
        ...(patch === undefined ? {} : { patch }),
      },
    },
  ];
};

const concernsAbout = (outcome: NeedOutcome, { resource }: Need, expected: string): Concern[] => {
  switch (outcome.answer) {
    case 'met':
      return [];
    case 'unmet': {
      const { explanation, resource: denied } = outcome.example;
      return [{ is: 'shown', evidence: { ...why(explanation, ACTION, denied), expected } }];
    }
    case 'unknown': {
      const { doubt } = outcome;
      return [{ is: 'open', evidence: { ...doubtEvidence(doubt, ACTION, () => resource), expected }, doubt }];
    }
  }
};

/**
 * What becomes of a need with the tag that lets a role through: the configured one, or the best of those that the SCPs
 * except.
 */
const exceptedOutcome = (
  organization: OrganizationFact,
  role: Principal,
  need: Need,
  config: Config,
  shared: SharedWork,
): NeedOutcome => {
  const untagged = { ...role, tags: new Map() };
  const tagged = exceptionTags(organization, config).map((tag) => withTag(untagged, tag));
  const tried = config.scpException ? tagged : [untagged, ...tagged];
  const outcomes = tried.map((each) => readOutcome(organization, each, need, shared));
  return (
    outcomes.find(({ answer }) => answer === 'met') ??
    outcomes.find(({ answer }) => answer === 'unknown') ??
    readOutcome(organization, role, need, shared)
  );
};

/** The content of the SCP with the exception, where there is one SCP to change. */
const patchOf = ({ policies }: OrganizationFact, tag: Tag | undefined): string | undefined => {
  if (!tag) return undefined;
  const changed = policies.scps.flatMap((level) =>
    level.policies.flatMap(({ document }) => {
      const excepted = withException(document, tag);
      return excepted.ok ? [excepted.document] : [];
    }),
  );
  return changed.length === 1 ? JSON.stringify(changed[0]) : undefined;
};
