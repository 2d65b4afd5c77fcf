import type { Config } from '../config/schema.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import { type Example, exampleOf } from '../iam/sets/answers.ts';
import { networkLimitsOf, outsideNetworks } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { askersText } from '../judging/needs-verdict.ts';
import { changeCommand } from '../judging/role-change.ts';
import { unknownNeeds, withUnreadUses } from '../judging/unread-uses.ts';
import type { RoleNeed, Roster } from '../needs/roster.ts';
import { withException } from '../policies/scp-exception.ts';
import { before } from '../text/trim.ts';

export const control = defineControl({
  id: 'scp-json-get-exception',
  system: 'Service control policies',
  title: 'SCPs that keep S3 to networks except the roles whose pipelines use JsonGet',
  severity: 'HIGH',
  on: ['role', 'organization'],
  requires: ['exceptionSubject'],
  evaluate: ({ exceptionSubject }, config) => {
    const { organization } = exceptionSubject;
    if (exceptionSubject.of === 'role') {
      const { principal, needs, unread } = exceptionSubject;
      const verdicts = judgeRole(principal, needs, organization, config);
      return isLimited(organization) ? withUnreadUses(verdicts, unread, ['execution role']) : verdicts;
    }
    const { roster, account } = exceptionSubject;
    const unknown = isLimited(organization) ? unknownNeeds(roster.unread) : undefined;
    const verdicts = judgeOrganization(organization, roster, account, config);
    return verdicts.map((verdict) => ('evidence' in verdict ? verdict : (unknown ?? verdict)));
  },
});

/** Whether any SCP keeps requests to networks; where none does, it makes no difference what pipelines read. */
const isLimited = ({ layers }: OrganizationFact): boolean =>
  networkLimitsOf(layers.scps).some(
    ({ statements, unreadable }) => statements.length + unreadable.length > 0,
  );

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

const decideRead = ({ layers }: OrganizationFact, principal: Principal, resource: string): Example => {
  const policies = {
    identity: ANYTHING,
    scps: networkLimitsOf(layers.scps),
    ...(layers.managementAccount !== undefined && { managementAccount: layers.managementAccount }),
  };
  const request = { principal, action: 's3:GetObject', resource, context: OUTSIDE };
  return exampleOf(policies, request);
};

const witnessOf = (pattern: string): string =>
  pattern.replaceAll(/\$\{([*?$])\}|[*?]/g, (_, escaped) => escaped ?? 'any');

const withTag = (principal: Principal, { key, value }: Tag): Principal => ({
  ...principal,
  tags: new Map([...(principal.tags ?? []), [key.toLowerCase(), value]]),
});

const judgeRole = (
  principal: PrincipalFact,
  needs: readonly RoleNeed[],
  organization: OrganizationFact,
  config: Config,
): Verdict[] => {
  if (needs.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'no pipeline under it uses JsonGet' }];
  const who = principal.identity.principal;
  const answers = needs.map((asked) => {
    return { asked, read: decideRead(organization, who, witnessOf(asked.need.resource)) };
  });
  const denied = answers.filter(({ read }) => read.decision.endsWith('Deny'));
  const tag = exceptionTags(organization, config).find((each) =>
    denied.every(
      ({ read }) => !decideRead(organization, withTag(who, each), read.resource).decision.endsWith('Deny'),
    ),
  );
  const isToldOfScp = denied.some(({ read }) => isScpAtFault(organization, who, read.resource, config));
  if (isToldOfScp && !tag)
    return [
      { status: 'NOT_APPLICABLE', because: 'no tag would let it through, which is told of the organization' },
    ];
  const open = denied.length > 0 ? denied : answers.filter(({ read }) => read.decision === 'Unknown');
  const [first, ...others] = open.slice(0, 20).map(
    ({ asked, read }): Evidence => ({
      ...why(read.explanation, 's3:GetObject', read.resource),
      expected: `excepted by ${tag ? `the tag ${tag.key}=${tag.value}` : 'its tags'}, for the JsonGet of ${askersText(asked.askers, asked.count)}`,
    }),
  );
  if (!first) return [{ status: 'PASSED' }];
  if (!tag)
    return [
      {
        status: denied.length > 0 ? 'FAILED' : 'NOT_AVAILABLE',
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
  organization: OrganizationFact,
  { roles }: Roster,
  account: string,
  config: Config,
): Verdict[] => {
  const reading = [...roles.values()].flatMap(({ roleArn, needs }) => {
    const asked = needs.filter(({ kind }) => kind === 'json-get');
    return asked.length > 0 ? [{ roleArn, asked }] : [];
  });
  if (reading.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'no pipeline uses JsonGet' }];
  const tags = exceptionTags(organization, config);
  const evidence = reading.flatMap(({ roleArn, asked }): Evidence[] => {
    const known = principalOf(roleArn) ?? { kind: 'role' as const, arn: roleArn, account };
    const untagged = { ...known, tags: new Map<string, string>() };
    const role = config.scpException && tags[0] ? withTag(untagged, tags[0]) : untagged;
    const denied = asked.find(({ need }) =>
      isScpAtFault(organization, role, witnessOf(need.resource), config),
    );
    if (!denied) return [];
    const resource = witnessOf(denied.need.resource);
    return [
      {
        ...why(decideRead(organization, role, resource).explanation, 's3:GetObject', resource),
        expected: `an exception by aws:PrincipalTag${tags[0] ? `/${tags[0].key}` : ''} for ${roleArn}, for the JsonGet of ${askersText(denied.askers, denied.count)}`,
      },
    ];
  });
  const [first, ...others] = evidence.slice(0, 50);
  if (!first) return [{ status: 'PASSED' }];
  const patch = patchOf(organization, tags[0]);
  return [
    {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: {
        text: `Write the exception for ${tags[0] ? `${tags[0].key}=${tags[0].value}` : 'a tag of the execution roles'} into the SCP ${before(first.at, '/Statement')}, and put the tag onto the roles; set scpException in pipewarden.yaml.`,
        ...(patch === undefined ? {} : { patch }),
      },
    },
  ];
};

/** Whether not even the tag lets a role through: the configured one, or any that the SCPs except. */
const isScpAtFault = (
  organization: OrganizationFact,
  role: Principal,
  resource: string,
  config: Config,
): boolean => {
  const tags = exceptionTags(organization, config);
  const tried = config.scpException ? tags : [undefined, ...tags];
  return tried.every((tag) =>
    decideRead(
      organization,
      tag ? withTag({ ...role, tags: new Map() }, tag) : { ...role, tags: new Map() },
      resource,
    ).decision.endsWith('Deny'),
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
