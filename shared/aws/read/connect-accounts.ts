import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import pLimit from 'p-limit';
import type { Unread } from '../../domain/gap.ts';
import type { Scope } from '../../domain/scope.ts';
import { isAwsAccessError } from './access-error.ts';
import { assumedRole } from './assumed-role.ts';
import { call } from './call.ts';
import { clientConfig } from './clients.ts';
import type { ConnectedAccount } from './live-account.ts';
import { namingActions } from './naming-actions.ts';

/** The accounts and Regions to read, and the role that is assumed in each account but the one of the credentials. */
export type AccountsChoice = {
  accounts: readonly string[];
  regions: readonly [string, ...string[]];
  /** The ARN of the role of an account. */
  roleOf: (account: string) => string;
  /** Asked for by the role’s trust policy, where whoever made the role wanted it. */
  externalId?: string;
};

/** One account and Region: connected, or why it cannot be read. */
export type Connection = { scope: Scope } & (
  | { ok: true; connected: ConnectedAccount }
  | { ok: false; unread: Unread }
);

/** How many accounts are asked at the same time. */
const CONCURRENCY = 8;

/**
 * Connects to each account in each Region. The account of the credentials is read with them; in any other a role is assumed,
 * by the STS endpoint of the Region. A role that cannot be assumed, or a Region that is off, stops nothing else.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const connectAccounts = (
  own: ConnectedAccount,
  { accounts, regions, roleOf, externalId }: AccountsChoice,
): Promise<Connection[][]> =>
  pLimit(CONCURRENCY).map([...accounts], async (account) => {
    const role = roleOf(account);
    const [first] = regions;
    const credentials =
      account === own.scope.account
        ? own.options.credentials
        : assumedRole({ role, region: first, externalId, by: own.options.credentials });
    const options = { ...own.options, ...(credentials && { credentials }) };
    const connections: Connection[] = [];
    for (const region of regions)
      connections.push(
        await connect({ ...own.scope, account, region }, { ...options, region }, { own, role }),
      );
    return connections;
  });

const connect = async (
  scope: Scope,
  options: ConnectedAccount['options'],
  { own, role }: { own: ConnectedAccount; role: string },
): Promise<Connection> => {
  const isOwn = scope.account === own.scope.account;
  const asked = isOwn ? 'GetCallerIdentity' : 'AssumeRole';
  const sts = namingActions('sts', new STSClient(clientConfig(options)));
  try {
    const read = await call(asked, () => sts.send(new GetCallerIdentityCommand({})));
    if (!read.ok)
      return { scope, ok: false, unread: withAdvice(read.unread, scope, isOwn ? undefined : { role, own }) };
    const { UserId = '', Account = '', Arn = '' } = read.value;
    if (Account !== scope.account) {
      const message = `${role} is a role of account ${Account}, and not of ${scope.account}: name a role of each account, with the account’s own number in its ARN`;
      return { scope, ok: false, unread: { call: asked, code: 'OtherAccount', message } };
    }
    return { scope, ok: true, connected: { options, scope, identity: { UserId, Account, Arn } } };
  } catch (error) {
    if (!isAwsAccessError(error)) throw error;
    const unread = { call: asked, code: 'NoAccess', message: error.message };
    return { scope, ok: false, unread: withAdvice(unread, scope, isOwn ? undefined : { role, own }) };
  } finally {
    sts.destroy();
  }
};

const withAdvice = (
  { message, ...unread }: Unread,
  { region }: Scope,
  assumed: { role: string; own: ConnectedAccount } | undefined,
): Unread => ({
  ...unread,
  message: assumed
    ? `${message}. Let the trust policy of ${assumed.role} name ${assumed.own.identity.Arn} (with its external id, if it asks for one), let that principal call sts:AssumeRole, and see that the Region ${region} is on in the account`
    : `${message}. See that the Region ${region} is on in the account`,
});
