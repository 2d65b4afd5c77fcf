import type { Counts } from './cost-counts.ts';
import { HOURS_A_MONTH } from './cost-counts.ts';
import { gigabyteSecondsOf, KB_A_GB, q, type Size, workOf } from './cost-lines.ts';
import { cost } from './cost-prices.ts';

/** What a history and an evidence pack each month cost in a month by what they do, in dollars, besides what is in the templates. */
export const keptWork = (counts: Counts, size: Size): number => {
  const { events, swept, batches, changes, accountSweeps } = workOf(counts, size);
  const looks = events + swept;
  const gigabyteSeconds = gigabyteSecondsOf(counts);
  // Many batches come in the time for which Lambda gathers, and few more often than that.
  const windows = Math.min((HOURS_A_MONTH * 3600) / q('gatheredSeconds'), batches + accountSweeps);
  const files =
    Math.min(events, windows * size.accounts) +
    accountSweeps * q('filesASweep') +
    2 * changes +
    counts.starts;
  const history = [
    // Sent one by one; received and deleted in tens.
    cost('standardRequest', 1.2 * (batches + changes + accountSweeps)),
    cost('invocation', windows),
    cost('gigabyteSecond', gigabyteSeconds('History', windows * q('secondsAFileBatch'))),
    cost('objectPut', files),
    cost('objectStored', (looks * q('fileKb') * q('keptMonths')) / KB_A_GB),
  ];
  const evidence = [
    cost('objectGet', files),
    cost('gigabyteSecond', gigabyteSeconds('Evidence', looks * q('packSecondsALook'))),
    cost('objectPut', (looks * q('packKb')) / 1024 / q('partMb')),
    cost('objectStored', (looks * q('packKb') * q('keptMonths')) / KB_A_GB),
  ];
  return [...history, ...evidence].reduce((one, other) => one + other, 0);
};
