import {
  DescribeOrganizationCommand,
  ListRootsCommand,
  type OrganizationsClient,
  paginateListDelegatedAdministrators,
} from '@aws-sdk/client-organizations';
import { type OrganizationPlace, STACKSETS_PRINCIPAL } from '../../config/member-targets.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { allPages, call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import {
  listMemberAccounts,
  type MemberAccount,
  makeOrganizationsClient,
  readUnitNames,
} from '../read/organization-calls.ts';

/** What AWS Organizations tells of the members of a hub. */
export type FoundMembers = {
  place: OrganizationPlace;
  all: MemberAccount[];
  inUnits: MemberAccount[];
  /** The names of these units, as far as they can be read. */
  unitNames: ReadonlyMap<string, string>;
  /** Whether the account may make StackSets for the organization. */
  isAdministrator: boolean;
};

/**
 * The organization of an account, its accounts, and those in organizational units. Only the management account and delegated
 * administrators may ask.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListRoots.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html
 */
export const readMembers = async (
  options: ClientOptions,
  account: string,
  units: readonly string[],
): Promise<Read<FoundMembers>> => {
  const client = makeOrganizationsClient(clientConfig(options));
  try {
    const described = await call('DescribeOrganization', () =>
      client.send(new DescribeOrganizationCommand({})),
    );
    if (!described.ok) return described;
    const { Id: id, MasterAccountId: managementAccount } = described.value.Organization ?? {};
    const roots = await call('ListRoots', () => client.send(new ListRootsCommand({})));
    if (!roots.ok) return roots;
    const root = roots.value.Roots?.[0]?.Id;
    if (id === undefined || managementAccount === undefined || root === undefined)
      return notRead('ListRoots', INCOMPLETE, 'the answers hold no id of the organization or of its root');
    const administrators =
      account === managementAccount ? found([account]) : await listAdministrators(client);
    if (!administrators.ok) return administrators;
    const all = await listMemberAccounts(client);
    if (!all.ok) return all;
    const inUnits = units.length === 0 ? found([]) : await listMemberAccounts(client, units);
    if (!inUnits.ok) return inUnits;
    return found({
      place: { id, managementAccount, root },
      all: all.value,
      inUnits: inUnits.value,
      unitNames: await readUnitNames(client, units),
      isAdministrator: administrators.value.includes(account),
    });
  } finally {
    client.destroy();
  }
};

const listAdministrators = async (client: OrganizationsClient): Promise<Read<string[]>> => {
  const listed = await call('ListDelegatedAdministrators', () =>
    allPages(
      paginateListDelegatedAdministrators({ client }, { ServicePrincipal: STACKSETS_PRINCIPAL }),
      (page) => page.DelegatedAdministrators,
    ),
  );
  return listed.ok ? found(listed.value.flatMap(({ Id }) => Id ?? [])) : listed;
};
