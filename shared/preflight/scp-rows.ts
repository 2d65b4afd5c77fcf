import { parseArn } from '../domain/arn.ts';
import { unreadText } from '../domain/gap.ts';
import { organizationOf } from '../facts/account-evidence.ts';
import { assume } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { type Request, serviceOf } from '../iam/decide/request.ts';
import { type Explanation, explain } from '../iam/explain/explain.ts';
import { why } from '../iam/explain/why.ts';
import type { Condition } from '../iam/policy/policy.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { isNetworkLimit } from '../iam/sets/network-limits.ts';
import type { Read } from '../reader/read-result.ts';
import type { OrganizationPolicies } from '../reader/reader.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import { type CallNetwork, type PlannedCall, plannedCalls } from './planned-calls.ts';
import type { PlannedStack } from './planned-stacks.ts';
import { isOwnService, ok, type PreflightRow, type PreflightStatus } from './preflight-row.ts';

const PLACE = { about: 'Service control policies' };

/**
 * Whether the account’s SCPs let a deployment and its roles make their calls: the first call for each resource, and each action
 * that a role is allowed, on one resource that it means.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
export const scpRows = (
  stacks: readonly PlannedStack[],
  read: Read<OrganizationPolicies>,
  account: string,
  network?: CallNetwork,
): PreflightRow[] => {
  if (!read.ok)
    return [
      {
        ...PLACE,
        status: 'NOT_TOLD',
        found: unreadText(read.unread),
        todo: `The account may not read the SCPs above it, as most. Somebody in the management account can run pipewarden snapshot --organization, and deploy takes the file with --organization-policies; or pipewarden generate delegation-policy --account ${account} writes what lets this account read them.`,
      },
    ];
  const { scps, managementAccount } = organizationOf(read.value, account);
  if (managementAccount === account) return [ok(PLACE, 'SCPs do not limit the management account')];
  if (scps === undefined || scps.length === 0) return [ok(PLACE, 'no SCP is in force for the account')];
  const policies: Policies = {
    identity: indexPolicies([FULL_AWS_ACCESS]),
    resource: OPEN,
    scps,
    ...(managementAccount !== undefined && { managementAccount }),
  };
  const keys = tagKeysIn(scps);
  const calls = plannedCalls(stacks, network);
  const unasked = unaskedRows(stacks);
  const decided = calls.map((call) => ({ call, explanation: explain(policies, withAbsentTags(call, keys)) }));
  const refused = decided.filter(({ explanation }) => explanation.decision !== 'Allow');
  if (refused.length === 0 && unasked.length === 0)
    return [ok(PLACE, `they allow all of ${counted(calls.length, 'call')} of the deployment and its roles`)];
  const groups = new Map<string, Refused[]>();
  for (const each of refused) {
    const { call, explanation } = each;
    const { at } = why(explanation, call.request.action, call.request.resource);
    const isOfNetwork = statementsOf(explanation, policies).some(isNetworkLimit);
    const key = JSON.stringify([statusOf(each), explanation.decision, at, call.by, isOfNetwork && call.code]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...[...groups.values()].map((group) => rowOf(group, policies)), ...unasked];
};

/**
 * A row where it is not known under which role CloudFormation makes the resources of a stack, or which: no call can be asked about then.
 * Without a role of their own, CloudFormation takes that of an earlier deployment, or a session of who deploys.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html
 */
const unaskedRows = (stacks: readonly PlannedStack[]): PreflightRow[] => {
  const unasked = stacks.filter(
    ({ executionRoleArn, resources }) => executionRoleArn === undefined || resources.length === 0,
  );
  if (stacks.length > 0 && unasked.length === 0) return [];
  return [
    {
      ...PLACE,
      status: 'NOT_TOLD',
      found:
        stacks.length === 0
          ? 'the CDK has written no stack whose calls could be asked about'
          : `the CDK has written no resources of ${listed(unasked.map(({ name }) => name))}, or no role under which CloudFormation makes them`,
      todo: 'Deploy with the roles of the CDK’s bootstrap, as infra/app.ts does, or ask whoever manages the SCPs of the organization whether they deny anything that the stacks need.',
    },
  ];
};

const REQUEST_TAG = 'aws:requesttag/';

/** The keys of conditions on the tags that a call gives. */
const tagKeysIn = (scps: readonly PolicyIndex[]): string[] => [
  ...new Set(
    scps.flatMap(({ statements }) =>
      statements.flatMap(({ statement }) =>
        statement.conditions.flatMap(({ keyName }) => (keyName.startsWith(REQUEST_TAG) ? keyName : [])),
      ),
    ),
  ),
];

/** The request, which is known not to give a tag that the template lacks. */
const withAbsentTags = ({ request, tags }: PlannedCall, keys: readonly string[]): Request => {
  if (!tags) return request;
  const absent = keys.filter((key) => !tags.has(key.slice(REQUEST_TAG.length)));
  return {
    ...request,
    context: assume(request.context, Object.fromEntries(absent.map((key) => [key, null]))),
  };
};

/** Policies of keys and other resources as if they let everybody in: the question is what the SCPs deny. */
const OPEN = indexPolicies([
  readPolicy(
    { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } },
    { name: 'policy of the resource', kind: 'resource' },
  ),
]);

type Refused = { call: PlannedCall; explanation: Explanation };

const statusOf = ({ call, explanation }: Refused): PreflightStatus => {
  if (explanation.decision === 'Unknown') return 'NOT_TOLD';
  return call.by === 'deployment' || isOwnService(serviceOf(call.request.action))
    ? 'WILL_FAIL'
    : 'WILL_BE_MISSING';
};

const rowOf = (group: readonly Refused[], policies: Policies): PreflightRow => {
  const [first] = group as readonly [Refused, ...Refused[]];
  const { call, explanation } = first;
  const status = statusOf(first);
  const conditions = decidingConditions(explanation, policies);
  const actions = [...new Set(group.map((each) => each.call.request.action))];
  const regions = [...new Set(group.map((each) => each.call.region))];
  const callers = [...new Set(group.map((each) => each.call.caller))];
  const boundaries = conditions.flatMap(({ keyName, texts }) =>
    keyName === 'iam:permissionsboundary' ? texts : [],
  );
  const isOfBoundary = boundaries.length > 0 && call.request.action === 'iam:CreateRole';
  const { at } = why(explanation, call.request.action, call.request.resource);
  const verb =
    status === 'NOT_TOLD'
      ? 'may deny'
      : explanation.decision === 'ExplicitDeny'
        ? 'denies'
        : 'does not allow';
  const unknown =
    status === 'NOT_TOLD'
      ? ` (that hangs on ${listed([...explanation.missingContext, ...explanation.doubts]) || 'what is not known'})`
      : '';
  return {
    about: isOfBoundary ? 'Permissions boundary' : PLACE.about,
    status,
    found: `${at} ${verb} ${listed(actions, 4)} in ${listed(regions)} to ${listed(callers, 3)}${unknown}`,
    todo: isOfBoundary
      ? `Roles must have a boundary such as ${listed(boundaries)}: give pipewarden deploy its name: --permissions-boundary NAME.`
      : todoOf(first, conditions, policies),
  };
};

/** All roles of the deployment of a role, whose names have `Pipewarden` after what they begin with. */
const rolesLike = (arn: string): string => {
  const [begin = ''] = (parseArn(arn)?.resource ?? '').split('Pipewarden');
  return `arn:*:iam::*:${begin}Pipewarden*`;
};

const todoOf = (
  { call, explanation }: Refused,
  conditions: readonly Condition[],
  policies: Policies,
): string => {
  const whom =
    call.by === 'deployment'
      ? `the role ${call.request.principal.arn}`
      : `the roles of the stacks (${rolesLike(call.request.principal.arn)})`;
  const isOfNetwork = statementsOf(explanation, policies).some(isNetworkLimit);
  if (explanation.decision === 'Unknown' && isOfNetwork && call.code === 'in-vpc')
    return `The calls come from the VPC of the functions: see that this statement admits it or its endpoints (aws:SourceVpc, aws:SourceVpce, aws:VpcSourceIp, the addresses of NAT gateways), or ask to except ${whom} from it.`;
  if (explanation.decision === 'Unknown' && isOfNetwork)
    return `The calls come from outside of every VPC, from addresses of AWS: if this statement denies that to ${whom}, ask whoever manages the SCPs of the organization to except them from it.`;
  if (explanation.decision === 'Unknown')
    return `Ask whoever manages the SCPs of the organization whether this statement denies it to ${whom}.`;
  const tags = conditions.flatMap(({ key, keyName }) =>
    keyName.startsWith(REQUEST_TAG) ? key.slice(REQUEST_TAG.length) : [],
  );
  if (tags.length > 0)
    return `Give what is made the tags that the statement demands (${listed(tags)}): pipewarden deploy … -- -c tags=KEY=VALUE,…`;
  if (isOfNetwork)
    return call.code === 'in-vpc'
      ? `The calls come from the VPC of the functions, which this statement does not admit: ask whoever manages the SCPs of the organization to admit it, or to except ${whom}.`
      : call.code === undefined
        ? `These calls come from outside of every VPC, wherever the functions run: ask whoever manages the SCPs of the organization to except ${whom} from this statement, by aws:PrincipalArn or a tag.`
        : `The functions run outside of every VPC: give --subnets and --security-groups of a VPC that the statement admits, or ask whoever manages the SCPs of the organization to except ${whom} from it, by aws:PrincipalArn or a tag.`;
  if (conditions.some(({ keyName }) => keyName === 'aws:requestedregion'))
    return `Ask whoever manages the SCPs of the organization to admit ${call.region} for ${whom}; AWS sends the events of IAM to one Region of a partition alone. If only they are heard there, pipewarden deploy --no-iam-events does without them.`;
  return `Ask whoever manages the SCPs of the organization to except ${whom} from this statement.`;
};

const decidingConditions = (explanation: Explanation, policies: Policies): Condition[] =>
  statementsOf(explanation, policies).flatMap(({ conditions }) => conditions);

const statementsOf = ({ decidedBy }: Explanation, { scps = [] }: Policies) =>
  decidedBy.flatMap(({ policy, pointer }) =>
    scps.flatMap(({ statements }) =>
      statements.flatMap((compiled) =>
        compiled.policy.name === policy && compiled.statement.pointer === pointer ? compiled.statement : [],
      ),
    ),
  );
