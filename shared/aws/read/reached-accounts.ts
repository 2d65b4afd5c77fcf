import { type OrganizationsClient, paginateListTargetsForPolicy } from '@aws-sdk/client-organizations';
import { found, type Read } from '../../reader/read-result.ts';
import type { OrganizationReach } from '../../requests/audit-request.ts';
import { allPages, call } from './call.ts';
import { listMemberAccounts } from './organization-calls.ts';

/**
 * Whether a change in the organization reaches an account: those in or below the changed roots and units, and where changed
 * policies are attached. The management account and delegated administrators may ask.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html
 */
export const reachedAccounts = async (
  client: OrganizationsClient,
  reach: OrganizationReach,
): Promise<Read<(account: string) => boolean>> => {
  if (reach === 'all') return found(() => true);
  const targets: string[] = [];
  for (const id of reach) {
    const attached = id.startsWith('p-') ? await listTargets(client, id) : found([id]);
    if (!attached.ok) return attached;
    targets.push(...attached.value);
  }
  if (targets.some((target) => target.startsWith('r-'))) return found(() => true);
  const units = targets.filter((target) => target.startsWith('ou-'));
  const below = units.length === 0 ? found([]) : await listMemberAccounts(client, units);
  if (!below.ok) return below;
  const accounts = new Set([...targets, ...below.value.map(({ id }) => id)]);
  return found((account) => accounts.has(account));
};

/** The ids of the roots, units and accounts that a policy is attached to. */
export const listTargets = async (client: OrganizationsClient, PolicyId: string): Promise<Read<string[]>> => {
  const listed = await call('ListTargetsForPolicy', () =>
    allPages(paginateListTargetsForPolicy({ client }, { PolicyId }), ({ Targets }) => Targets),
  );
  return listed.ok ? found(listed.value.flatMap(({ TargetId }) => TargetId ?? [])) : listed;
};
