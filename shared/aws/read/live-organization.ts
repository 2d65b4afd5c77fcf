import {
  type Account,
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListParentsCommand,
  type Organization,
  type OrganizationsClient,
  type Parent,
  type PolicySummary,
  paginateListPoliciesForTarget,
} from '@aws-sdk/client-organizations';
import type { Json } from '../../json/json.ts';
import { oncePer } from '../../memo.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { accountPath, NO_ORGANIZATION } from '../../reader/answers/organization.ts';
import { policyDocument } from '../../reader/answers/policy-document.ts';
import type { OrganizationSource } from '../../reader/organization-source.ts';
import { type ReadCache, readCache } from '../../reader/read-cache.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { OrganizationLevel, OrganizationPolicies, OwnOrganization } from '../../reader/reader.ts';
import { allPages, call } from './call.ts';

/** AWS allows organizational units five deep. */
const MAX_LEVELS = 16;

type PolicyType = 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY';

/** The calls of AWS Organizations, each answer with the time for which it holds. */
type Calls = {
  /** Null where the account of the credentials is in no organization. */
  organization: () => Promise<Read<Organization | null>>;
  account: (id: string) => Promise<Read<Account>>;
  parents: (child: string) => Promise<Read<Parent[]>>;
  policies: (target: string, type: PolicyType) => Promise<Read<PolicySummary[]>>;
  document: (policy: string) => Promise<Read<Json>>;
};

/** How long answers are kept, in seconds. The same as those that a cached reader keeps of an organization. */
const KEPT_SECONDS = 300;
const MAX_ENTRIES = 20_000;

/**
 * What AWS Organizations tells with the credentials of a client. Only the management account and delegated administrators may
 * read policies and ask for other accounts; `caller` is the account of the credentials, which may always ask for its own
 * organization. All accounts share the answers: each level and each policy is read once.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html
 */
export const liveOrganization = (
  client: OrganizationsClient,
  { caller, now = () => new Date() }: { caller: string; now?: () => Date },
): OrganizationSource => {
  const { calls, forgetBefore } = keptCalls(client, now);
  return {
    policiesOf: dated(calls, (asked, account) => readPolicies(asked, account, caller)),
    ownOf: dated(calls, (asked, account) => readOwn(asked, account, caller)),
    forgetBefore,
  };
};

/** The management account of the organization, which each of its accounts may ask for; undefined where there is none. */
export const readManagementAccount = async (
  client: OrganizationsClient,
): Promise<Read<string | undefined>> => {
  const described = await describeOrganization(client);
  return described.ok ? found(described.value?.MasterAccountId) : described;
};

/** Asks, and dates the answer by the oldest of the answers that it was made from. */
const dated =
  <T>(calls: Calls, ask: (calls: Calls, account: string) => Promise<Read<T>>) =>
  async (account: string): Promise<Read<T>> => {
    let oldest = Number.POSITIVE_INFINITY;
    const noting =
      <A extends unknown[], R>(method: (...args: A) => Promise<Read<R>>) =>
      async (...args: A): Promise<Read<R>> => {
        const read = await method(...args);
        if (read.ok) oldest = Math.min(oldest, read.asOf ?? oldest);
        return read;
      };
    const read = await ask(
      {
        organization: noting(calls.organization),
        account: noting(calls.account),
        parents: noting(calls.parents),
        policies: noting(calls.policies),
        document: noting(calls.document),
      },
      account,
    );
    return read.ok && Number.isFinite(oldest) ? found(read.value, oldest) : read;
  };

const keptCalls = (
  client: OrganizationsClient,
  now: () => Date,
): { calls: Calls; forgetBefore: (time: number) => void } => {
  const options = { now, seconds: KEPT_SECONDS, maxEntries: MAX_ENTRIES };
  const all: Pick<ReadCache<unknown>, 'forgetBefore'>[] = [];
  const kept = <T>(): ReadCache<T> => {
    const cache = readCache<T>(options);
    all.push(cache);
    return cache;
  };
  const organizations = kept<Organization | null>();
  const accounts = kept<Account>();
  const parents = kept<Parent[]>();
  const policies = kept<PolicySummary[]>();
  const documents = kept<Json>();
  return {
    calls: {
      organization: () => organizations.read('', () => describeOrganization(client)),
      account: (id) => accounts.read(id, () => describeAccount(client, id)),
      parents: (child) => parents.read(child, () => listParents(client, child)),
      policies: (target, type) =>
        policies.read(`${type} ${target}`, () => listPolicies(client, target, type)),
      document: (policy) => documents.read(policy, () => readDocument(client, policy)),
    },
    forgetBefore: (time) => {
      for (const cache of all) cache.forgetBefore(time);
    },
  };
};

const readPolicies = async (
  calls: Calls,
  account: string,
  caller: string,
): Promise<Read<OrganizationPolicies>> => {
  const described = await organizationOf(calls, account, caller);
  if (!described.ok) return described;
  if (!described.value) return found({ ...NO_ORGANIZATION, own: null });
  const place = await placeOf(calls, account, described.value.Id);
  if (!place.ok) return place;
  const { targets, path } = place.value;
  const scps = await levelsOf(calls, targets, 'SERVICE_CONTROL_POLICY');
  if (!scps.ok) return scps;
  const rcps = await levelsOf(calls, targets, 'RESOURCE_CONTROL_POLICY');
  if (!rcps.ok) return rcps;
  const { Id, MasterAccountId: managementAccount } = described.value;
  return found({
    scps: scps.value,
    rcps: rcps.value,
    ...(managementAccount !== undefined && { managementAccount }),
    ...(Id !== undefined && { own: { id: Id, ...(path !== undefined && { path }) } }),
  });
};

/** Another account than the caller is in the caller’s organization only if AWS tells its place there. */
const readOwn = async (
  calls: Calls,
  account: string,
  caller: string,
): Promise<Read<OwnOrganization | null>> => {
  const described = await organizationOf(calls, account, caller);
  if (!described.ok) return described;
  if (!described.value) return found(null);
  const { Id } = described.value;
  if (Id === undefined)
    return notRead('DescribeOrganization', INCOMPLETE, 'the answer holds no id of the organization');
  const place = await placeOf(calls, account, Id);
  if (!place.ok) return account === caller && !place.unread.isTransient ? found({ id: Id }) : place;
  const { path } = place.value;
  return found({ id: Id, ...(path !== undefined && { path }) });
};

/** That the caller is in no organization says nothing of another account. */
const organizationOf = async (
  calls: Calls,
  account: string,
  caller: string,
): Promise<Read<Organization | null>> => {
  const described = await calls.organization();
  return described.ok && !described.value && account !== caller
    ? notRead(
        'DescribeOrganization',
        NOT_IN_USE,
        `the account ${caller} is in no organization and cannot tell that of ${account}`,
      )
    : described;
};

/** The ids of an account and of all that contains it, root first, and the account’s path in its organization. */
type AccountPlace = { targets: readonly string[]; path?: string };

/**
 * From the account’s path, else from its parents, one by one: not everywhere AWS tells a path.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html
 */
const placeOf = async (
  calls: Calls,
  account: string,
  organization: string | undefined,
): Promise<Read<AccountPlace>> => {
  const described = organization === undefined ? undefined : await calls.account(account);
  const path =
    organization !== undefined && described?.ok
      ? accountPath(described.value.Paths, organization, account)
      : undefined;
  if (path !== undefined) return found({ targets: [...path.split('/').slice(1, -1), account], path });
  const targets = await containersOf(calls, account);
  return targets.ok
    ? found({
        targets: targets.value,
        ...(organization !== undefined && { path: pathThrough(organization, targets.value) }),
      })
    : targets;
};

const pathThrough = (organization: string, targets: readonly string[]): string =>
  `${[organization, ...targets.slice(0, -1)].join('/')}/`;

/** The path of each account that is asked for, from its parents. What contains several accounts is asked for once. */
export const pathByParents = (
  client: OrganizationsClient,
  organization: string,
): ((account: string) => Promise<Read<string>>) => {
  const parents = oncePer((child) => listParents(client, child));
  return async (account) => {
    const targets = await containersOf({ parents }, account);
    return targets.ok ? found(pathThrough(organization, targets.value)) : targets;
  };
};

const containersOf = async (calls: Pick<Calls, 'parents'>, account: string): Promise<Read<string[]>> => {
  const targets = [account];
  while (targets.length < MAX_LEVELS) {
    const [child = account] = targets;
    const parents = await calls.parents(child);
    if (!parents.ok) return parents;
    const [parent] = parents.value;
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
  calls: Calls,
  targets: readonly string[],
  type: PolicyType,
): Promise<Read<OrganizationLevel[]>> => {
  const levels: OrganizationLevel[] = [];
  for (const target of targets) {
    const level = await levelOf(calls, target, type);
    if (!level.ok) return level;
    levels.push(level.value);
  }
  return found(levels.some(({ policies }) => policies.length > 0) ? levels : []);
};

const levelOf = async (calls: Calls, target: string, type: PolicyType): Promise<Read<OrganizationLevel>> => {
  const summaries = await calls.policies(target, type);
  if (!summaries.ok) return summaries;
  const policies: { name: string; document: Json }[] = [];
  for (const { Id = '', Name } of summaries.value) {
    const document = await calls.document(Id);
    if (!document.ok) return document;
    policies.push({ name: Name ?? Id, document: document.value });
  }
  return found({ target, policies });
};

const NOT_IN_USE = 'AWSOrganizationsNotInUseException';

/** The organization of the account of the credentials; null where it is in none. */
export const describeOrganization = async (
  client: OrganizationsClient,
): Promise<Read<Organization | null>> => {
  const described = await call('DescribeOrganization', () =>
    client.send(new DescribeOrganizationCommand({})),
  );
  if (described.ok) return found(described.value.Organization ?? {});
  return described.unread.code === NOT_IN_USE ? found(null) : described;
};

const describeAccount = async (client: OrganizationsClient, id: string): Promise<Read<Account>> => {
  const described = await call('DescribeAccount', () =>
    client.send(new DescribeAccountCommand({ AccountId: id })),
  );
  return described.ok ? found(described.value.Account ?? {}) : described;
};

const listParents = async (client: OrganizationsClient, child: string): Promise<Read<Parent[]>> => {
  const listed = await call('ListParents', () => client.send(new ListParentsCommand({ ChildId: child })));
  return listed.ok ? found(listed.value.Parents ?? []) : listed;
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

/** The content of a policy. */
export const readDocument = async (client: OrganizationsClient, id: string): Promise<Read<Json>> => {
  const name = 'DescribePolicy';
  const output = await call(name, () => client.send(new DescribePolicyCommand({ PolicyId: id })));
  if (!output.ok) return output;
  const document = policyDocument(output.value.Policy?.Content);
  return document === undefined
    ? notRead(name, INCOMPLETE, `the answer holds no content of the policy ${id}`)
    : found(document);
};
