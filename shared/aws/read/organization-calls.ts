import {
  type Account,
  DescribeAccountCommand,
  type Organization as Described,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  OrganizationsClient,
  type OrganizationsClientConfig,
  type PolicySummary,
  paginateListAccounts,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
  paginateListPoliciesForTarget,
} from '@aws-sdk/client-organizations';
import type { Json } from '../../json/json.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { accountPath, NO_ORGANIZATION } from '../../reader/answers/organization.ts';
import { policyDocument } from '../../reader/answers/policy-document.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { OrganizationLevel, OrganizationPolicies, OwnOrganization } from '../../reader/reader.ts';
import { allPages, call } from './call.ts';
import { namingActions } from './naming-actions.ts';

export const makeOrganizationsClient = (config: OrganizationsClientConfig): OrganizationsClient =>
  namingActions('organizations', new OrganizationsClient(config));

/** AWS allows organizational units five deep. */
const MAX_LEVELS = 16;

type PolicyType = 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY';

/** Documents by policy id, as most levels have the same policies. */
type Documents = Map<string, Json>;

/**
 * The policies of the account and of all levels above it. Only the management account and a delegated administrator may
 * read them. For any other account the gap names the call that AWS refused.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html
 */
export const readOrganization = async (
  client: OrganizationsClient,
  account: string,
): Promise<Read<OrganizationPolicies>> => {
  const described = await describe(client);
  if (!described.ok) return described;
  if (!described.value) return found({ ...NO_ORGANIZATION, own: null });
  const targets = await targetsOf(client, account, await pathOf(client, account, described.value.Id));
  if (!targets.ok) return targets;
  const documents: Documents = new Map();
  const scps = await levelsOf(client, targets.value, 'SERVICE_CONTROL_POLICY', documents);
  if (!scps.ok) return scps;
  const rcps = await levelsOf(client, targets.value, 'RESOURCE_CONTROL_POLICY', documents);
  if (!rcps.ok) return rcps;
  const { Id, MasterAccountId: managementAccount } = described.value;
  return found({
    scps: scps.value,
    rcps: rcps.value,
    ...(managementAccount !== undefined && { managementAccount }),
    ...(Id !== undefined && { own: { id: Id } }),
  });
};

/** An account of the organization, and whether it is in use: a suspended or closed one cannot be read. */
export type MemberAccount = { id: string; name?: string; isActive: boolean };

/**
 * The accounts of the organization, or of organizational units and all below them, which the management account and delegated
 * administrators may list.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 */
export const listMemberAccounts = async (
  client: OrganizationsClient,
  units: readonly string[] = [],
): Promise<Read<MemberAccount[]>> => {
  if (units.length === 0)
    return membersIn(
      await call('ListAccounts', () =>
        allPages(paginateListAccounts({ client }, {}), ({ Accounts }) => Accounts),
      ),
    );
  const members = new Map<string, MemberAccount>();
  const waiting = [...units];
  const seen = new Set<string>();
  for (let ParentId = waiting.pop(); ParentId !== undefined; ParentId = waiting.pop()) {
    const asked = { ParentId };
    if (seen.has(ParentId)) continue;
    seen.add(ParentId);
    const listed = membersIn(
      await call('ListAccountsForParent', () =>
        allPages(paginateListAccountsForParent({ client }, asked), ({ Accounts }) => Accounts),
      ),
    );
    if (!listed.ok) return listed;
    for (const member of listed.value) members.set(member.id, member);
    const below = await call('ListOrganizationalUnitsForParent', () =>
      allPages(
        paginateListOrganizationalUnitsForParent({ client }, asked),
        ({ OrganizationalUnits }) => OrganizationalUnits,
      ),
    );
    if (!below.ok) return below;
    waiting.push(...below.value.flatMap(({ Id }) => Id ?? []));
  }
  return found([...members.values()]);
};

const membersIn = (listed: Read<Account[]>): Read<MemberAccount[]> =>
  listed.ok
    ? found(
        listed.value.flatMap(({ Id, Name, State, Status }) =>
          Id === undefined
            ? []
            : [{ id: Id, ...(Name && { name: Name }), isActive: (State ?? Status) === 'ACTIVE' }],
        ),
      )
    : listed;

/**
 * The organization of the account whose credentials the client has; null where it is in none.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
 */
export const readOwnOrganization = async (
  client: OrganizationsClient,
  account: string,
): Promise<Read<OwnOrganization | null>> => {
  const described = await describe(client);
  if (!described.ok) return described;
  if (!described.value) return found(null);
  const { Id } = described.value;
  if (Id === undefined)
    return notRead('DescribeOrganization', INCOMPLETE, 'the answer holds no id of the organization');
  const path = await pathOf(client, account, Id);
  return found({ id: Id, ...(path !== undefined && { path }) });
};

const describe = async (client: OrganizationsClient): Promise<Read<Described | null>> => {
  const described = await call('DescribeOrganization', () =>
    client.send(new DescribeOrganizationCommand({})),
  );
  if (described.ok) return found(described.value.Organization ?? {});
  return described.unread.code === 'AWSOrganizationsNotInUseException' ? found(null) : described;
};

/**
 * The account’s path; undefined where AWS does not tell it. Only the management account and a delegated administrator may
 * ask, and not everywhere the answer has a path.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html
 */
const pathOf = async (
  client: OrganizationsClient,
  account: string,
  organization: string | undefined,
): Promise<string | undefined> => {
  if (organization === undefined) return undefined;
  const described = await call('DescribeAccount', () =>
    client.send(new DescribeAccountCommand({ AccountId: account })),
  );
  return described.ok ? accountPath(described.value.Account?.Paths, organization, account) : undefined;
};

/** The ids of the account and of all that contains it, root first: from its path, else one by one. */
const targetsOf = async (
  client: OrganizationsClient,
  account: string,
  path: string | undefined,
): Promise<Read<string[]>> => {
  if (path !== undefined) return found([...path.split('/').slice(1, -1), account]);
  const targets = [account];
  while (targets.length < MAX_LEVELS) {
    const [child = account] = targets;
    const output = await call('ListParents', () => client.send(new ListParentsCommand({ ChildId: child })));
    if (!output.ok) return output;
    const parent = output.value.Parents?.[0];
    if (parent?.Id === undefined) break;
    targets.unshift(parent.Id);
    if (parent.Type === 'ROOT') return found(targets);
  }
  return notRead('ListParents', INCOMPLETE, `the answers lead from ${account} to no root`);
};

/**
 * The levels with their policies of one type. Where no level has any, the type is not enabled and limits nothing: once
 * it is enabled, AWS requires at least one policy on every level.
 */
const levelsOf = async (
  client: OrganizationsClient,
  targets: readonly string[],
  type: PolicyType,
  documents: Documents,
): Promise<Read<OrganizationLevel[]>> => {
  const levels: OrganizationLevel[] = [];
  for (const target of targets) {
    const level = await levelOf(client, target, type, documents);
    if (!level.ok) return level;
    levels.push(level.value);
  }
  return found(levels.some(({ policies }) => policies.length > 0) ? levels : []);
};

const levelOf = async (
  client: OrganizationsClient,
  target: string,
  type: PolicyType,
  documents: Documents,
): Promise<Read<OrganizationLevel>> => {
  const summaries = await listPolicies(client, target, type);
  if (!summaries.ok) return summaries;
  const policies: { name: string; document: Json }[] = [];
  for (const { Id = '', Name } of summaries.value) {
    const known = documents.get(Id);
    const document = known === undefined ? await readDocument(client, Id) : found(known);
    if (!document.ok) return document;
    documents.set(Id, document.value);
    policies.push({ name: Name ?? Id, document: document.value });
  }
  return found({ target, policies });
};

const listPolicies = async (
  client: OrganizationsClient,
  target: string,
  type: PolicyType,
): Promise<Read<PolicySummary[]>> => {
  const listed = await call('ListPoliciesForTarget', () =>
    allPages(
      paginateListPoliciesForTarget({ client }, { TargetId: target, Filter: type }),
      ({ Policies }) => Policies,
    ),
  );
  return !listed.ok && listed.unread.code === 'PolicyTypeNotEnabledException' ? found([]) : listed;
};

const readDocument = async (client: OrganizationsClient, id: string): Promise<Read<Json>> => {
  const name = 'DescribePolicy';
  const output = await call(name, () => client.send(new DescribePolicyCommand({ PolicyId: id })));
  if (!output.ok) return output;
  const document = policyDocument(output.value.Policy?.Content);
  return document === undefined
    ? notRead(name, INCOMPLETE, `the answer holds no content of the policy ${id}`)
    : found(document);
};
