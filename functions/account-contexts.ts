import { isAwsAccessError } from '../shared/aws/read/access-error.ts';
import type { assumedRole } from '../shared/aws/read/assumed-role.ts';
import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import { call } from '../shared/aws/read/call.ts';
import { awsClients, type ClientOptions } from '../shared/aws/read/clients.ts';
import { liveReader } from '../shared/aws/read/live-reader.ts';
import type { Config, FileConfig } from '../shared/config/schema.ts';
import { isWatched } from '../shared/config/watched-accounts.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { hubSuffix, memberRoleArn } from '../shared/domain/member-roles.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { otherRegions } from '../shared/events/forwarded-regions.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import type { KnownUses } from '../shared/facts/account-evidence.ts';
import { keepingLatest, once } from '../shared/memo.ts';
import { type CachedReader, cachedReader, definitionCache } from '../shared/reader/cached-reader.ts';
import { notReadYet } from '../shared/reader/insistent-reader.ts';
import { found, type Read } from '../shared/reader/read-result.ts';
import type { Reader } from '../shared/reader/reader.ts';

/** Everything that belongs to one account, and that its looks and its sweeps share. */
export type AccountContext = {
  /** The account, in the home Region of the deployment. */
  scope: Scope;
  /** The reader of the home Region first, then one for each other Region that the configuration names. */
  readers: readonly [CachedReader, ...CachedReader[]];
  /** The clients of the first reader. */
  clients: AwsClients;
  config: Config;
  /** What was read of each pipeline, until the pipeline changes. */
  known: KnownUses;
};

/**
 * What may be read of an account. `unwatched`: the configuration does not name the account. `unread`: the configuration names
 * it, and nothing of it can be read.
 */
export type AccountAnswer<T = AccountContext> =
  | { is: 'watched'; context: T }
  | { is: 'unwatched'; reason: string }
  | { is: 'unread'; scope: Scope; unread: Unread };

/**
 * What may be read of an account.
 * @throws {Error} where nothing tells yet: AWS may still answer, or the configuration of the deployment’s own account is not known.
 */
export type AccountContexts = (account: string) => Promise<AccountAnswer>;

type Options = {
  /** The account and home Region of the deployment. */
  scope: Scope;
  stored: FileConfig;
  /** The clients of the function’s own role and Region. */
  clients: AwsClients;
  /** How all other clients are made. */
  options?: ClientOptions;
  now: () => Date;
  /** What is done with each reader before its answers are kept. */
  withReader?: (reader: Reader) => Reader;
  /** The external id of the members’ roles. Missing where the deployment watches its own account only. */
  externalId?: string | undefined;
};

/** A container has this many accounts at hand. The one that was not asked for longest is let go first. */
export const MOST_ACCOUNTS = 50;

/**
 * The contexts of the accounts that a deployment watches: its own account, and the members that the configuration names. A
 * context is made when it is first asked for. The own account is read by the function’s own role, and each other account by
 * the role that the member gives to the hub.
 */
export const accountContexts = (connected: Options): AccountContexts => {
  const { scope: own, stored, clients, options = {}, now, withReader = (reader) => reader } = connected;
  const definitions = definitionCache({ now });

  /** Answers are kept by each reader alone, so that a change in one account drops nothing of another. */
  const readersOf = (scope: Scope, first: AwsClients, more: ClientOptions): AccountContext['readers'] => {
    const readerIn = (by: AwsClients, region: string): CachedReader =>
      cachedReader(withReader(liveReader({ ...by, scope: { ...scope, region } })), { now, definitions });
    return [
      readerIn(first, scope.region),
      // Buckets are asked for by the client of the home Region, which follows S3 to theirs. The organization is read by whoever
      // may read it for all accounts.
      ...otherRegions(scope.region, stored.organization?.regions).map((region) =>
        readerIn(
          {
            ...awsClients({ ...options, ...more, region }),
            s3: first.s3,
            organizations: clients.organizations,
          },
          region,
        ),
      ),
    ];
  };

  const ownAccount = (): (() => Promise<AccountAnswer>) => {
    const kept = { scope: own, readers: readersOf(own, clients, {}), clients, known: new Map() };
    return async () => {
      const config = await accountConfig(stored, kept.readers[0]);
      if (!config.ok) throw noConfig(own.account, config.unread);
      return { is: 'watched', context: { ...kept, config: config.value } };
    };
  };

  const member = (account: string): (() => Promise<AccountAnswer>) => {
    const scope = { ...own, account };
    const role = memberRoleArn('reader', scope, hubSuffix(own));
    const credentials = memberCredentials(role, connected);
    const first = {
      ...awsClients({ ...options, credentials, region: own.region }),
      organizations: clients.organizations,
    };
    const kept = {
      scope,
      readers: readersOf(scope, first, { credentials }),
      clients: first,
      known: new Map(),
    };
    return async () => {
      const [reader] = kept.readers;
      const watched = await isMember(stored, reader, own.account);
      if (!watched.ok) return unread(scope, watched.unread);
      if (!watched.value) return unwatched(account);
      const assumed = await assume(credentials, role);
      if (!assumed.ok) return unread(scope, assumed.unread);
      const config = await accountConfig(stored, reader);
      if (!config.ok) return unread(scope, config.unread);
      return { is: 'watched', context: { ...kept, config: config.value } };
    };
  };

  const kept = keepingLatest(MOST_ACCOUNTS, (account) =>
    account === own.account ? ownAccount() : member(account),
  );
  return async (account) =>
    account === own.account || isPossible(account, connected) ? await kept(account)() : unwatched(account);
};

/** Whether an account may be a member. What the configuration’s lists exclude by themselves makes no context. */
const isPossible = (account: string, { stored, scope, externalId }: Options): boolean =>
  externalId !== undefined && isWatched(stored, { account }, scope.account) !== false;

/** What AWS may still answer is no reason: whoever asked tries again. */
const unread = (scope: Scope, because: Unread): AccountAnswer => {
  if (because.isTransient) throw notReadYet(because);
  return { is: 'unread', scope, unread: because };
};

const unwatched = (account: string): AccountAnswer => ({
  is: 'unwatched',
  reason: `the configuration does not watch the account ${account}`,
});

/** Whether the configuration names an account, whose organizational units are read only where this hangs on them. */
const isMember = async (stored: FileConfig, reader: Reader, own: string): Promise<Read<boolean>> => {
  const { account } = reader.scope;
  const named = isWatched(stored, { account }, own);
  if (named !== undefined) return found(named);
  const organization = await reader.readOwnOrganization();
  if (!organization.ok) return organization;
  const path = organization.value === null ? null : organization.value.path;
  const isBelow = isWatched(stored, { account, path }, own);
  return isBelow === undefined ? { ok: false, unread: UNITS_UNKNOWN } : found(isBelow);
};

const UNITS_UNKNOWN: Unread = {
  call: 'DescribeAccount',
  code: 'OrganizationalUnitUnknown',
  message:
    'AWS does not tell the organizational units of the account, on which organization.organizationalUnits hangs: register the account of the deployment as a delegated administrator, or name the account in organization.accounts',
};

type Credentials = ReturnType<typeof assumedRole>;

/** The code that assumes roles is loaded with the first member, so that a start without members loads nothing of it. */
const memberCredentials = (role: string, { scope: { region }, externalId }: Options): Credentials => {
  const made = once(async () => {
    const assuming = await import('../shared/aws/read/assumed-role.ts');
    return assuming.assumedRole({ role, region, externalId });
  });
  return async (...args) => (await made())(...args);
};

/** Whether the role can be assumed. Credentials that are still valid are not asked for again. */
const assume = async (credentials: Credentials, role: string): Promise<Read<true>> => {
  try {
    const read = await call('AssumeRole', () => credentials());
    return read.ok ? found(true) : { ok: false, unread: withAdvice(read.unread, role) };
  } catch (error) {
    if (!isAwsAccessError(error)) throw error;
    const { name, message, code } = error.cause as Error & { code?: unknown };
    // A network that fails says nothing of the role.
    if (code !== undefined) throw notReadYet({ call: 'AssumeRole', code: String(code), message });
    return { ok: false, unread: withAdvice({ call: 'AssumeRole', code: name, message }, role) };
  }
};

const withAdvice = ({ message, ...unread }: Unread, role: string): Unread => ({
  ...unread,
  message: `${message}. The hub reads the account by the role ${role}: see that the stack set PipewardenMemberRoles has a current instance in the account`,
});

/** No verdict may rest on a guess. */
const noConfig = (account: string, { call: asked, code, message }: Unread): Error =>
  new Error(`there is no configuration for the account ${account}: ${asked}: ${code}: ${message}`);
