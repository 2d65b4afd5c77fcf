import type { Heartbeat } from '../../shared/aws/keep/heartbeats.ts';
import { type HistoryQueue, sendRecords } from '../../shared/aws/keep/history-queue.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { Observation } from '../../shared/findings/state.ts';
import { lookRecord, type MadeBy, watchRecord } from '../../shared/history/make-records.ts';

/** What the audit function tells the history. */
export type AuditHistory = {
  /** Keeps what a look tells until it is sent. */
  tellHistory: (observation: Observation) => void;
  /**
   * Sends what was added. Rejects where the queue has not taken all of it since the last time: the messages whose looks these were must
   * come again, and nothing is kept for them.
   */
  send: () => Promise<void>;
  tellHeartbeats: (heartbeats: readonly Heartbeat[]) => Promise<void>;
  /** Tells since when the configuration is in force, and what was found when it came into force. */
  tellInForce: (at: Date, looks: readonly Observation[]) => Promise<void>;
};

/** So many looks wait at most. A batch can lead to hundreds, whose evidence would fill the memory. */
const MOST_WAITING = 40;

export const auditHistory = (queue: HistoryQueue, own: Scope, madeBy: MadeBy): AuditHistory => {
  let waiting: Observation[] = [];
  let sending: Promise<void>[] = [];
  const recordsOf = (observations: readonly Observation[]) =>
    observations.flatMap((observation) => lookRecord(observation, madeBy) ?? []);
  const begin = (): void => {
    const sent = sendRecords(queue, recordsOf(waiting));
    waiting = [];
    // A failure waits until it is asked for.
    sent.catch(() => {});
    sending.push(sent);
  };
  return {
    tellHistory: (observation) => {
      if (observation.told) waiting.push(observation);
      if (waiting.length >= MOST_WAITING) begin();
    },
    send: async () => {
      if (waiting.length > 0) begin();
      const all = sending;
      sending = [];
      await Promise.all(all);
    },
    tellHeartbeats: (heartbeats) =>
      sendRecords(
        queue,
        heartbeats.map(({ rule, at }) => watchRecord('heartbeat', { at, scope: own, because: rule }, madeBy)),
      ),
    tellInForce: (at, looks) =>
      sendRecords(queue, [
        ...recordsOf(looks),
        watchRecord('configuration-in-force', { at, scope: own }, madeBy),
      ]),
  };
};
