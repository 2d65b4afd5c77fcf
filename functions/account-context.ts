import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import type { ClientOptions } from '../shared/aws/read/clients.ts';
import type { Config, FileConfig } from '../shared/config/schema.ts';
import type { Unread } from '../shared/domain/gap.ts';
import type { Scope } from '../shared/domain/scope.ts';
import type { KnownUses } from '../shared/facts/account-evidence.ts';
import type { CachedReader } from '../shared/reader/cached-reader.ts';
import type { ListingBound } from '../shared/reader/listing-bound.ts';
import type { OrganizationSource } from '../shared/reader/organization-source.ts';
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
  /** What was read of each pipeline, until the pipeline changes, or several other accounts are listed. */
  known: () => KnownUses;
};

/**
 * What may be read of an account. `unwatched`: the configuration does not name the account. `unread`: the configuration names
 * it, and nothing of it can be read.
 */
export type AccountAnswer<T = AccountContext> =
  | { is: 'watched'; context: T }
  | { is: 'unwatched'; reason: string }
  /** `regions`: those in which the account is watched. */
  | { is: 'unread'; scope: Scope; regions: readonly string[]; unread: Unread };

/**
 * What may be read of an account. `drop` gets its readers first, to drop kept answers: on its place in the organization may hang whether it is
 * watched, and its configuration.
 * @throws {Error} where nothing tells yet: AWS may still answer, or the configuration of the deployment’s own account is not known.
 */
export type AccountContexts = (
  account: string,
  drop?: (kept: Pick<CachedReader, 'forget' | 'forgetBefore'>) => void,
) => Promise<AccountAnswer>;

/** An account at hand: its readers, and what may be read of it now. */
export type OpenAccount = { readers: KeptAccount['readers']; answer: () => Promise<AccountAnswer> };

/** What the contexts of all accounts are made from. */
export type AccountsConnected = {
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
  /** The most that is listed of one account; the pipelines are those of all its Regions. */
  bound?: ListingBound | undefined;
  /** The policies of the organization that the deployment was given, in place of asking for them. */
  uploaded?: OrganizationSource | undefined;
  /** The external id of the members’ roles. Missing where the deployment watches its own account only. */
  externalId?: string | undefined;
  /** With what the members’ roles begin, from their path on; missing where they have none of their own. */
  memberRolesBegin?: string | undefined;
};

/** What is kept of an account for all its batches. */
export type KeptAccount = Omit<AccountContext, 'config'>;

/** Makes what is kept of an account, from its scope, the clients of the home Region, and how those of other Regions are made. */
export type KeepAccount = (scope: Scope, clients: AwsClients, options: ClientOptions) => KeptAccount;
