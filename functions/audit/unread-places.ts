import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { unconnectedObservation } from '../../shared/audit/observe.ts';
import {
  hasNoAnswer,
  isAwsAccessError,
  isRefusedByRegion,
  refusingRegion,
} from '../../shared/aws/read/access-error.ts';
import { regionRefused } from '../../shared/aws/read/refusing-region.ts';
import { DEFAULT_CONFIG } from '../../shared/config/schema.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import { type Unread, unreadText } from '../../shared/domain/gap.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { Store } from '../../shared/findings/store.ts';
import { found } from '../../shared/reader/read-result.ts';
import type { AccountReaders } from '../../shared/reader/reader.ts';
import type { AccountAnswer } from '../account-context.ts';
import { type LookAt, type LookDependencies, type Reporting, report } from './look.ts';

/** What it takes to tell that an account, or a Region of it, cannot be read. */
export type UnreadDependencies = Reporting & {
  /** The account of the deployment. Requests that name no account, and records that nobody understands, are its own. */
  own: string;
  controls: LookDependencies['controls'];
  now: () => Date;
  /** Notes that nothing of an account can be read in these Regions; missing where there is no hub. */
  noteUnread?: (account: string, regions: readonly string[], unread: Unread) => Promise<void>;
};

/** Tells that an account cannot be read. The messages that ask for it come again, and are put aside with the reason in the end. */
export const refuse = async (
  { scope, regions, unread }: Extract<AccountAnswer, { is: 'unread' }>,
  connected: UnreadDependencies,
): Promise<never> => {
  await tellUnread({ scope, regions, isWholeAccount: true }, unread, connected, connected.store);
  throw Object.assign(new Error(`the account ${scope.account} cannot be read: ${unreadText(unread)}`), {
    name: 'AccountUnread',
  });
};

/** An account, as a whole or in one Region, of which nothing can be read. */
type UnreadPlace = { scope: Scope; regions: readonly string[]; isWholeAccount: boolean };

const tellUnread = async (
  { scope, regions, isWholeAccount }: UnreadPlace,
  unread: Unread,
  connected: UnreadDependencies,
  store: Store,
): Promise<void> => {
  const { metrics, logger, now, noteUnread } = connected;
  metrics.addMetric('AccountsUnread', MetricUnit.Count, 1);
  const context = {
    reader: { scope },
    config: DEFAULT_CONFIG,
    controls: await connected.controls('account'),
    now,
    tellsHistory: connected.tellHistory !== undefined,
  };
  const { account } = scope;
  const coverage = noteUnread && found({ scopes: regions.map((region) => ({ account, region, unread })) });
  const observation = unconnectedObservation(scope, isWholeAccount, unread, context, coverage);
  await report(observation, { ...connected, store }, undefined);
  try {
    await noteUnread?.(account, regions, unread);
  } catch (error) {
    // The finding tells it, and the next sweep notes it.
    logger.warn('the coverage of an account is not noted', { account, error: error as Error });
  }
};

const REGION_REFUSED = 'RegionRefused';

/** Whether a look could not be made because a watched Region does not take the account’s credentials, which findings tell. */
export const isRegionRefused = (error: unknown): boolean =>
  error instanceof Error && error.name === REGION_REFUSED;

/**
 * The look, which tells where nothing of an account can be read in a Region, such as one that is off there. The network says nothing
 * of an account; nor do the credentials of the deployment itself, where its home Region does not take them. A Region that is not
 * watched, such as that in which IAM answers, cannot be off while the account is read: then nothing of the account can be judged.
 */
export const tellingOfRegion =
  (look: LookAt, readers: AccountReaders, store: Store, connected: UnreadDependencies): LookAt =>
  async (request) => {
    try {
      return await look(request);
    } catch (error) {
      if (!isAwsAccessError(error) || hasNoAnswer(error)) throw error;
      const [{ scope }] = readers;
      const watched = readers.map((reader) => reader.scope.region);
      const isRefused = isRefusedByRegion(error);
      const region =
        (isRefused && refusingRegion(error)) || parseArn(request.resource.arn)?.region || scope.region;
      const isOfRegion = watched.includes(region);
      if (scope.account === connected.own && (region === scope.region || !isRefused || !isOfRegion))
        throw error;
      const place = { ...scope, region };
      const unread = !isRefused
        ? { call: 'AWS', code: 'NoAccess', message: error.message }
        : isOfRegion
          ? regionRefused('AWS', error, place)
          : {
              call: 'AWS',
              code: 'NoAccess',
              message: `${error.message}. The Region ${region} refused the call`,
            };
      const unreadPlace = isOfRegion
        ? { scope: place, regions: [region], isWholeAccount: false }
        : { scope, regions: watched, isWholeAccount: true };
      await tellUnread(unreadPlace, unread, connected, store);
      if (!isRefused || !isOfRegion) throw error;
      throw Object.assign(new Error(unread.message, { cause: error }), { name: REGION_REFUSED });
    }
  };
