import {
  type Account,
  type OrganizationsClient,
  type PolicySummary,
  paginateListAccounts,
  paginateListPolicies,
} from '@aws-sdk/client-organizations';
import type { Json } from '../../json/json.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { accountPath } from '../../reader/answers/organization.ts';
import type { OrganizationFile } from '../../reader/answers/organization-file.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { allPages, call } from './call.ts';
import { describeOrganization, pathByParents, readDocument } from './live-organization.ts';
import { listTargets } from './reached-accounts.ts';

const TYPES = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'] as const;

/**
 * The SCPs and RCPs of all accounts of the organization, each read once, as the file has them. The management account and delegated
 * administrators may ask. What cannot be read in part is not read at all.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html
 */
export const readWholeOrganization = async (
  client: OrganizationsClient,
  now: () => Date,
): Promise<Read<OrganizationFile>> => {
  const asOf = now().toISOString();
  const described = await describeOrganization(client);
  if (!described.ok) return described;
  const { Id: id, MasterAccountId: managementAccount } = described.value ?? {};
  if (id === undefined || managementAccount === undefined)
    return notRead(
      'DescribeOrganization',
      INCOMPLETE,
      'the account is in no organization, or it is not told',
    );
  const accounts = await readPaths(client, id);
  if (!accounts.ok) return accounts;
  const levels = Object.entries(accounts.value).flatMap(([account, path]) => [
    account,
    ...path.split('/').slice(1, -1),
  ]);
  const targets: OrganizationFile['targets'] = Object.fromEntries(levels.map((target) => [target, []]));
  const policies: OrganizationFile['policies'] = {};
  for (const type of TYPES) {
    const listed = await listPolicies(client, type);
    if (!listed.ok) return listed;
    for (const { Id = '', Name } of listed.value) {
      const attached = await listTargets(client, Id);
      if (!attached.ok) return attached;
      if (attached.value.length === 0) continue;
      const document = await readDocument(client, Id);
      if (!document.ok) return document;
      policies[Id] = { name: Name ?? Id, type, content: contentOf(document.value) };
      for (const target of attached.value) targets[target] = [...(targets[target] ?? []), Id];
    }
  }
  return found({ version: 1, asOf, id, managementAccount, policies, targets, accounts: accounts.value });
};

/** A document that is no JSON stays a text. */
const contentOf = (document: Json): OrganizationFile['policies'][string]['content'] =>
  typeof document === 'string' ? document : (document as Record<string, unknown>);

/** The path of each account; from its parents, where AWS does not tell it. */
const readPaths = async (
  client: OrganizationsClient,
  organization: string,
): Promise<Read<Record<string, string>>> => {
  const listed = await call('ListAccounts', () =>
    allPages(paginateListAccounts({ client }, {}), ({ Accounts }) => Accounts),
  );
  if (!listed.ok) return listed;
  const byParents = pathByParents(client, organization);
  const paths: [string, string][] = [];
  for (const { Id, Paths } of listed.value as Pick<Account, 'Id' | 'Paths'>[]) {
    if (Id === undefined) continue;
    const path = accountPath(Paths, organization, Id);
    const read = path === undefined ? await byParents(Id) : found(path);
    if (!read.ok) return read;
    paths.push([Id, read.value]);
  }
  return found(Object.fromEntries(paths));
};

const listPolicies = async (
  client: OrganizationsClient,
  Filter: (typeof TYPES)[number],
): Promise<Read<PolicySummary[]>> => {
  const listed = await call('ListPolicies', () =>
    allPages(paginateListPolicies({ client }, { Filter }), ({ Policies }) => Policies),
  );
  return !listed.ok && listed.unread.code === 'PolicyTypeNotEnabledException' ? found([]) : listed;
};
