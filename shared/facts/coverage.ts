import { overdueHours } from '../config/sweep-schedule.ts';
import type { Unread } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';

/** What a hub knows of an account in a Region that it watches. Times are ISO 8601. */
export type ScopeCoverage = Pick<Scope, 'account' | 'region'> & {
  /** Since when the hub has tried to read it. */
  firstAt: string;
  /** When the hub last tried; missing where that is not noted. */
  triedAt?: string;
  /** Why nothing could be read then; missing where the role of the account works. */
  unread?: Unread;
  /** Up to when a complete sweep has looked; missing where none is complete yet. */
  lastSweep?: string;
  lastEvent?: string;
  /** The account’s place in its organization (`o-…/r-…/ou-…/`), where a sweep could read it. */
  path?: string;
  /** The names of the organizational units in the path, by their ids, as far as a sweep could read them. */
  unitNames?: Readonly<Record<string, string>>;
};

/** What the coverage says of an account that the configuration does not name any more. */
export const NOT_WATCHED: Unread = {
  call: 'Configuration',
  code: 'NotWatched',
  message: 'it does not name the account any more, so that what was open of it has ended',
};

/** The same where, besides, the account did not let the hub archive what is open of it in its Security Hub. */
export const LEFT_ACTIVE: Unread = {
  call: 'BatchImportFindings',
  code: NOT_WATCHED.code,
  message:
    'the account is not named any more and refuses the hub, so that its Security Hub still shows findings of the hub as active',
};

const HOUR_MS = 60 * 60 * 1000;

/** Since when no sweep of the scope has been complete, if that is too long ago; undefined where it is not. */
export const overdueSince = (
  { firstAt, lastSweep }: Pick<ScopeCoverage, 'firstAt' | 'lastSweep'>,
  schedule: string,
  now: Date,
): string | undefined => {
  const since = lastSweep ?? firstAt;
  return Date.parse(since) + overdueHours(schedule) * HOUR_MS < now.valueOf() ? since : undefined;
};
