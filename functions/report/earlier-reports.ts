import type { Logger } from '@aws-lambda-powertools/logger';
import { parseJson } from '../../shared/json/json-text.ts';
import { type Earlier, parseTrendPoint, type TrendPoint } from '../../shared/outputs/report/trend-point.ts';

/** The parts of the bucket of reports that the trend needs. */
export type ReportBucket = {
  /** The first keys with a prefix, in their order. */
  list: (prefix: string, most: number) => Promise<string[]>;
  /** The text of an object; undefined where there is none or where it is larger than `maxBytes`. */
  read: (key: string, maxBytes: number) => Promise<string | undefined>;
};

/** With the new report, as many points as a person can tell apart. */
const MOST_EARLIER = 29;
/** The largest stored point, in bytes. Real points have a few hundred bytes. */
const MAX_BYTES = 10_000;

/** The largest time of a Date. */
const END_OF_TIME = 8.64e15;

/**
 * The key under which a report’s counts are stored for the trend. Keys count backwards, so that a listing has the
 * newest first.
 */
export const historyKey = (cadence: string, at: string): string =>
  `${historyPrefix(cadence)}${String(END_OF_TIME - Date.parse(at)).padStart(16, '0')}-${at}.json`;

const historyPrefix = (cadence: string): string => `reports/history/${cadence}/`;

/** The counts of earlier reports, oldest first. One that cannot be read is named, and does not affect the others. */
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
