import pLimit from 'p-limit';
import { allCoverage, noteCoverage } from '../../shared/aws/keep/coverage.ts';
import type { WatchedMembers } from '../../shared/aws/read/watched-members.ts';
import type { Gap, Unread } from '../../shared/domain/gap.ts';
import type { Departure } from '../../shared/domain/judgement.ts';
import { NOT_WATCHED } from '../../shared/facts/coverage.ts';
import { gapOf } from '../../shared/sweep/gap-of.ts';
import type { OpenResource } from '../../shared/sweep/open-state.ts';
import type { SweepConnection } from './connection.ts';

/** Why nothing of an account is judged any more; undefined for an account that is watched, and for the deployment’s own. */
export type DepartureOf = (account: string | undefined) => Departure | undefined;

/** The accounts that are not among those which the configuration names. If these cannot be listed, no account has left. */
export const departures = ({ accounts, inactive, gaps }: WatchedMembers): DepartureOf => {
  const watched = new Set(accounts);
  return (account) => {
    if (account === undefined || gaps.length > 0 || watched.has(account)) return undefined;
    return inactive.some((each) => each.account === account)
      ? { why: 'account-closed', because: `the account ${account} is suspended or closed` }
      : unwatched(account);
  };
};

const unwatched = (account: string): Departure => ({
  why: 'account-unwatched',
  because: `the configuration does not name the account ${account} any more, or it has left its organizational unit`,
});

type Table = Pick<SweepConnection, 'dynamodb' | 'table'>;

/** The accounts that a deployment has watched, which from now on watches its own alone. Each is told in one sweep. */
export const formerMembers = async (connection: Table, own: string): Promise<DepartureOf> => {
  const noted = await coverageIn(connection);
  const former = new Set(
    noted.flatMap(({ account, unread }) => (account === own || isNoted(unread) ? [] : account)),
  );
  return (account) => (account !== undefined && former.has(account) ? unwatched(account) : undefined);
};

const coverageIn = ({ dynamodb: client, table }: Table) => allCoverage({ client, table });

const isNoted = (unread: Unread | undefined): boolean => unread?.code === NOT_WATCHED.code;

/** How many states are written at once. */
const CONCURRENCY = 8;

/**
 * Ends what is open of accounts that have left, and notes in the coverage that they are not watched. What cannot be written is
 * returned, and tried again by the next sweep.
 */
export const endDeparted = async (
  open: readonly OpenResource[],
  departureOf: DepartureOf,
  connection: Pick<SweepConnection, 'store' | 'dynamodb' | 'table' | 'now' | 'logger'>,
): Promise<Gap[]> => {
  const { store, now, logger, dynamodb: client, table } = connection;
  const ended = await pLimit(CONCURRENCY).map(open, async ({ key, account }): Promise<Gap[]> => {
    const departure = departureOf(account);
    if (!departure) return [];
    try {
      await store.depart(key, departure, now().toISOString());
      logger.info('an account is not watched any more', { resource: key, reason: departure.because });
      return [];
    } catch (error) {
      logger.error('what is open could not be ended', { resource: key, error: error as Error });
      return [{ ...gapOf('PutItem', error), subject: `the findings of the account ${account}` }];
    }
  });
  const gaps = ended.flat();
  if (gaps.length > 0) return gaps;
  for (const { account, region, unread } of await coverageIn(connection))
    if (departureOf(account)?.why === 'account-unwatched' && !isNoted(unread))
      await noteCoverage({ client, table }, { account, region }, { at: now(), unread: NOT_WATCHED });
  return [];
};
