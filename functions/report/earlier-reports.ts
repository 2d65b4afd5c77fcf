import type { Logger } from '@aws-lambda-powertools/logger';
import { parseJson } from '../../shared/json/json-text.ts';
import { type Earlier, parseTrendPoint, type TrendPoint } from '../../shared/outputs/report/trend-point.ts';

/** The bucket of reports, as far as the trend needs it. */
export type ReportBucket = {
  /** The first keys that begin like that, in their order. */
  list: (prefix: string, most: number) => Promise<string[]>;
  /** The text of an object; undefined where there is none, or it has more bytes than that. */
  read: (key: string, maxBytes: number) => Promise<string | undefined>;
};

/** With the new report, as many as can be told apart at a glance. */
const MOST_EARLIER = 29;
/** A point of the trend has a few hundred. */
const MAX_BYTES = 10_000;

/** The largest time of a Date. */
const END_OF_TIME = 8.64e15;

/** Where what a report counted is kept, for the trend of later ones: the newest comes first in a listing. */
export const historyKey = (cadence: string, at: string): string =>
  `${historyPrefix(cadence)}${String(END_OF_TIME - Date.parse(at)).padStart(16, '0')}-${at}.json`;

const historyPrefix = (cadence: string): string => `reports/history/${cadence}/`;

/** What the reports before have counted, oldest first. One that cannot be read is named, and takes nothing from the others. */
export const readEarlier = async (
  cadence: string,
  { list, read }: ReportBucket,
  logger: Pick<Logger, 'error'>,
): Promise<Earlier> => {
  const unread: string[] = [];
  const failed = (what: string, error?: unknown): [] => {
    logger.error('an earlier report could not be read', { key: what, error: error as Error });
    unread.push(what);
    return [];
  };
  const prefix = historyPrefix(cadence);
  const keys = await list(prefix, MOST_EARLIER).catch((error: unknown) => failed(prefix, error));
  const points = await Promise.all(
    keys.map(async (key) => {
      try {
        return pointIn(await read(key, MAX_BYTES)) ?? failed(key);
      } catch (error) {
        return failed(key, error);
      }
    }),
  );
  return { points: points.flat().toReversed(), unread };
};

const pointIn = (text: string | undefined): TrendPoint | undefined => {
  const parsed = parseJson(text ?? '');
  return parsed.ok ? parseTrendPoint(parsed.value) : undefined;
};
