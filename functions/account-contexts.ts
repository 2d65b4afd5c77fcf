import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import { awsClients } from '../shared/aws/read/clients.ts';
import { liveReader } from '../shared/aws/read/live-reader.ts';
import { organizationOf } from '../shared/aws/read/organization-of.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { sinceWhen } from '../shared/domain/trigger.ts';
import { otherRegions } from '../shared/events/forwarded-regions.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import type { KnownUses } from '../shared/facts/account-evidence.ts';
import { keepingLatest, once } from '../shared/memo.ts';
import {
  type CachedReader,
  cachedReader,
  definitionCache,
  identityCache,
} from '../shared/reader/cached-reader.ts';
import {
  firstAnswering,
  loadedLater,
  type OrganizationSource,
  sourceOf,
  withOrganization,
} from '../shared/reader/organization-source.ts';
import type {
  AccountAnswer,
  AccountContexts,
  AccountsConnected,
  KeepAccount,
  OpenAccount,
} from './account-context.ts';

/** A container has this many accounts at hand. The one that was not asked for longest is let go first. */
const MOST_ACCOUNTS = 50;

/**
 * Of so many accounts a container keeps what it has listed; that of three of the largest that looks list, beside a fourth, took 285 MB.
 * While an account has an index, nothing of it is listed.
 */
const MOST_LISTED = 1;

/**
 * The contexts of the accounts that a deployment watches: its own account, and the members that the configuration names. A
 * context is made when it is first asked for. The own account is read by the function’s own role, and each other account by
 * the role that the member gives to the hub.
 */
export const accountContexts = (given: AccountsConnected): AccountContexts => {
  const { scope: own, stored, clients, externalId } = given;
  // An account whose turn comes again finds the connections to AWS of the others open.
  const options = { ...given.options, requestHandler: clients.sagemaker.config.requestHandler };
  const connected = { ...given, options };
  const keep = keepAccount(connected);
  const ownAccount = (): OpenAccount => {
    const kept = keep(own, clients, options);
    const answer = async (): Promise<AccountAnswer> => {
      const config = await accountConfig(stored, kept.readers[0]);
      if (!config.ok) throw noConfig(own.account, config.unread);
      return { is: 'watched', context: { ...kept, config: config.value } };
    };
    return { readers: kept.readers, answer };
  };
  // A start without members loads nothing of this.
  const members = once(async () => {
    const { memberAccounts } = await import('./member-account.ts');
    return memberAccounts(connected, keep);
  });
  const kept = keepingLatest(
    MOST_ACCOUNTS,
    async (account): Promise<OpenAccount> =>
      account === own.account ? ownAccount() : (await members())(account),
  );
  return async (account, drop) => {
    if (account !== own.account && (externalId === undefined || !/^\d{12}$/.test(account)))
      return {
        is: 'unwatched',
        reason: `the deployment does not watch the account ${account.slice(0, 100)}`,
      };
    const { readers, answer } = await kept(account);
    if (drop) for (const reader of readers) drop(reader);
    return answer();
  };
};

/**
 * Answers are kept by each reader alone, so that a change in one account drops nothing of another; but for what is told of the
 * organization, which all accounts share.
 */
const keepAccount = (connected: AccountsConnected): KeepAccount => {
  const { scope: own, stored, now, withReader = (reader) => reader } = connected;
  const definitions = definitionCache({ now });
  const identities = identityCache({ now, maxEntries: MOST_LISTED });
  const knownOf = keepingLatest(MOST_LISTED, (): KnownUses => new Map());
  const { uploaded, bound } = connected;
  const shared = uploaded ?? organizationOfHub(connected);
  return (scope, clients, options) => {
    const otherNames = otherRegions(scope.region, stored.organization?.regions);
    const boundOfRegion = bound && {
      ...bound,
      pipelines: Math.floor(bound.pipelines / (1 + otherNames.length)),
    };
    const readerIn = (by: AwsClients, region: string): CachedReader => {
      const live = liveReader({ ...by, scope: { ...scope, region }, bound: boundOfRegion });
      const isTold = uploaded !== undefined || scope.account === own.account;
      const organization = isTold ? shared : firstAnswering(shared, sourceOf(live));
      const kept = cachedReader(withReader(withOrganization(live, organization)), {
        now,
        definitions,
        identities,
      });
      return {
        ...kept,
        forget: (resource) => {
          kept.forget(resource);
          // Each account hears of the same change: what was asked for since then is not asked for again for each of them.
          if (resource.type === 'organization' && resource.changed.length > 0)
            shared.forgetBefore(sinceWhen(resource.trigger, now()));
        },
        forgetBefore: (time) => {
          kept.forgetBefore(time);
          shared.forgetBefore(time);
        },
      };
    };
    // Buckets are asked for by the client of the home Region, which follows S3 to theirs.
    const others = otherNames.map((region) =>
      readerIn({ ...awsClients({ ...options, region }), s3: clients.s3 }, region),
    );
    const readers = [readerIn(clients, scope.region), ...others] as const;
    return { scope, clients, readers, known: () => knownOf(scope.account) };
  };
};

/**
 * What the hub itself may ask of Organizations, for all accounts; else what the management account may, if the hub watches it.
 */
const organizationOfHub = (connected: AccountsConnected): OrganizationSource => {
  const { scope: own, clients, now, externalId } = connected;
  const hub = organizationOf(clients.organizations, { caller: own.account, now });
  if (externalId === undefined) return hub;
  const management = loadedLater(async () => {
    const { managementOrganization } = await import('./member-account.ts');
    return managementOrganization({ ...connected, externalId });
  });
  return firstAnswering(hub, management);
};

/** No verdict may rest on a guess. */
const noConfig = (account: string, { call, code, message }: Unread): Error =>
  new Error(`there is no configuration for the account ${account}: ${call}: ${code}: ${message}`);
