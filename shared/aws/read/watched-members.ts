import type { FileConfig } from '../../config/schema.ts';
import type { Gap, Unread } from '../../domain/gap.ts';
import type { AwsClients } from './aws-clients.ts';
import { listMemberAccounts } from './organization-calls.ts';

/** The accounts that a deployment watches, and which of these cannot be swept, or could not be listed. */
export type WatchedMembers = {
  /** The deployment’s own account first. */
  accounts: readonly string[];
  /** Suspended and closed accounts, with the reason. */
  inactive: readonly { account: string; unread: Unread }[];
  gaps: readonly Gap[];
};

/**
 * The accounts that the configuration names: its own list, and the active accounts in or below its organizational units. Where
 * these cannot be listed, the named accounts are still told.
 */
export const listWatched = async (
  organizations: AwsClients['organizations'],
  { accounts = [], organizationalUnits = [], exclude = [] }: NonNullable<FileConfig['organization']>,
  own: string,
): Promise<WatchedMembers> => {
  const members =
    organizationalUnits.length === 0
      ? { ok: true as const, value: [] }
      : await listMemberAccounts(await organizations(), organizationalUnits);
  const listed = members.ok ? members.value : [];
  const isOut = new Set([...exclude, own]);
  const inactive = listed.filter(({ id, isActive }) => !isActive && !isOut.has(id)).map(({ id }) => id);
  const isInactive = new Set(inactive);
  const active = listed.filter(({ isActive }) => isActive).map(({ id }) => id);
  const chosen = [...new Set([...accounts, ...active])].filter((id) => !isOut.has(id) && !isInactive.has(id));
  return {
    accounts: [own, ...chosen.toSorted()],
    inactive: inactive.map((account) => ({ account, unread: INACTIVE })),
    gaps: members.ok ? [] : [{ ...members.unread, subject: 'the accounts of the organization' }],
  };
};

const INACTIVE: Unread = {
  call: 'ListAccountsForParent',
  code: 'NotActive',
  message:
    'the account is suspended or closed: take it out with organization.exclude, or have it opened again',
};
