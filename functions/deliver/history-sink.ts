import { type HistoryQueue, sendRecords } from '../../shared/aws/keep/history-queue.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { deliveryError, failAll, type Sink } from '../../shared/findings/sink.ts';
import { changeRecord, type MadeBy } from '../../shared/history/make-records.ts';

/** The sink that keeps changes in the history. A change that comes again makes the same record. */
export const historySink = (name: string, queue: HistoryQueue, own: Scope, madeBy: MadeBy): Sink => ({
  name,
  deliver: async (changes) => {
    const records = changes.flatMap((change) => changeRecord(change, own, madeBy) ?? []);
    try {
      await sendRecords(queue, records);
    } catch (error) {
      const ids = changes.map(({ finding }) => finding.id);
      throw deliveryError(name, failAll(ids, error));
    }
  },
});
