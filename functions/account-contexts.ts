import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import { awsClients } from '../shared/aws/read/clients.ts';
import { liveReader } from '../shared/aws/read/live-reader.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { otherRegions } from '../shared/events/forwarded-regions.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import { keepingLatest } from '../shared/memo.ts';
import { type CachedReader, cachedReader, definitionCache } from '../shared/reader/cached-reader.ts';
import type { AccountAnswer, AccountContexts, AccountsConnected, KeepAccount } from './account-context.ts';

/** A container has this many accounts at hand. The one that was not asked for longest is let go first. */
const MOST_ACCOUNTS = 50;

/**
 * The contexts of the accounts that a deployment watches: its own account, and the members that the configuration names. A
 * context is made when it is first asked for. The own account is read by the function’s own role, and each other account by
 * the role that the member gives to the hub.
 */
export const accountContexts = (connected: AccountsConnected): AccountContexts => {
  const { scope: own, stored, clients, externalId, options = {} } = connected;
  const keep = keepAccount(connected);
  const ownAccount = (): (() => Promise<AccountAnswer>) => {
    const kept = keep(own, clients, options);
    return async () => {
      const config = await accountConfig(stored, kept.readers[0]);
      if (!config.ok) throw noConfig(own.account, config.unread);
      return { is: 'watched', context: { ...kept, config: config.value } };
    };
  };
  const member = (account: string): (() => Promise<AccountAnswer>) => {
    // A start without members loads nothing of this.
    const loaded = import('./member-account.ts');
    const made = loaded.then(({ memberAccount }) => memberAccount(account, connected, keep));
    return async () => (await made)();
  };
  const kept = keepingLatest(MOST_ACCOUNTS, (account) =>
    account === own.account ? ownAccount() : member(account),
  );
  return async (account) =>
    account === own.account || (externalId !== undefined && /^\d{12}$/.test(account))
      ? await kept(account)()
      : { is: 'unwatched', reason: `the deployment does not watch the account ${account.slice(0, 100)}` };
};

/** Answers are kept by each reader alone, so that a change in one account drops nothing of another. */
const keepAccount = ({
  stored,
  clients: { organizations },
  now,
  withReader = (reader) => reader,
}: AccountsConnected): KeepAccount => {
  const definitions = definitionCache({ now });
  return (scope, clients, options) => {
    const readerIn = (by: AwsClients, region: string): CachedReader =>
      cachedReader(withReader(liveReader({ ...by, scope: { ...scope, region } })), { now, definitions });
    // Buckets are asked for by the client of the home Region, which follows S3 to theirs. The organization is read by the hub.
    const others = otherRegions(scope.region, stored.organization?.regions).map((region) =>
      readerIn({ ...awsClients({ ...options, region }), s3: clients.s3, organizations }, region),
    );
    return { scope, clients, readers: [readerIn(clients, scope.region), ...others], known: new Map() };
  };
};

/** No verdict may rest on a guess. */
const noConfig = (account: string, { call, code, message }: Unread): Error =>
  new Error(`there is no configuration for the account ${account}: ${call}: ${code}: ${message}`);
