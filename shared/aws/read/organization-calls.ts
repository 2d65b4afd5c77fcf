import {
  type Account,
  DescribeOrganizationalUnitCommand,
  OrganizationsClient,
  type OrganizationsClientConfig,
  paginateListAccounts,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from '@aws-sdk/client-organizations';
import pLimit from 'p-limit';
import { found, type Read } from '../../reader/read-result.ts';
import { allPages, call } from './call.ts';
import { namingActions } from './naming-actions.ts';

export const makeOrganizationsClient = (config: OrganizationsClientConfig): OrganizationsClient =>
  namingActions('organizations', new OrganizationsClient(config));

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

/** How many units are asked for at once. */
const CONCURRENCY = 4;

/**
 * The names of organizational units, by their ids, as far as the caller may ask for them: the management account and delegated
 * administrators may. Roots (`r-…`) have none that tells anything.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganizationalUnit.html
 */
export const readUnitNames = async (
  client: OrganizationsClient,
  units: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const asked = [...new Set(units)].filter((id) => id.startsWith('ou-'));
  const named = await pLimit(CONCURRENCY).map(asked, async (id) => {
    const read = await call('DescribeOrganizationalUnit', () =>
      client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id })),
    );
    const name = read.ok ? read.value.OrganizationalUnit?.Name : undefined;
    return name ? [[id, name] as const] : [];
  });
  return new Map(named.flat());
};
