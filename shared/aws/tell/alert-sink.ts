import { heldUntil } from '../../alerts/alert-hours.ts';
import { type Alert, type AlertMemory, alertOf, type MessageAddress, toldBy } from '../../alerts/alerting.ts';
import type { Alerts } from '../../config/schema.ts';
import type { Finding } from '../../domain/finding.ts';
import {
  type DeliveryFailure,
  deferredDelivery,
  deliveryError,
  failAll,
  type Sink,
} from '../../findings/sink.ts';
import { isClosing } from '../../findings/state.ts';

/** What every channel to people needs beside its own: who is told of what and when, and what they were told. */
export type AlertOptions = {
  name: string;
  memory: AlertMemory;
  wants: (finding: Finding) => boolean;
  hours?: Pick<Alerts, 'digest' | 'quietHours'>;
  now: () => Date;
};

/** What did not arrive; `retryAt` where the receiver said when it will listen again. */
export type Untold = { failures: DeliveryFailure[]; retryAt?: Date };

/** Tells the alerts, and reports those that have arrived as soon as they have: a crash then repeats the fewest. */
export type Tell = (
  alerts: readonly Alert[],
  arrived: (alerts: readonly Alert[], place?: MessageAddress) => Promise<void>,
) => Promise<Untold>;

/**
 * A sink that tells people. What quiet hours or a digest window hold back counts as not delivered, so that it stays
 * in the findings table and comes again: `deliver` then rejects with a `DeferredDelivery`, unless something has failed
 * as well, which is to come again sooner. `isSilent` says of what no one is disturbed, which is never held back.
 */
export const alertSink = (
  { name, memory, wants, hours, now }: AlertOptions,
  tell: Tell,
  isSilent: (alert: Alert) => boolean = ({ status }) => status === 'CHANGED',
): Sink => ({
  name,
  deliver: async (changes) => {
    const newest = new Map(changes.map((change) => [change.finding.id, change]));
    const ids = [...newest.keys()];
    const known = await memory.recall(name, ids).catch((error: unknown) => {
      throw deliveryError(name, failAll(ids, error));
    });
    const alerts = [...newest].flatMap(([id, change]) => alertOf(change, known.get(id), wants) ?? []);
    const held = new Map(
      alerts.flatMap((alert) => {
        const until = isSilent(alert) ? undefined : heldUntil(occasion(alert), now(), hours);
        return until ? [[alert, until] as const] : [];
      }),
    );
    const due = alerts.filter((alert) => !held.has(alert));
    const { failures, retryAt } =
      due.length === 0
        ? { failures: [] }
        : await tell(due, (arrived, place) =>
            memory.remember(name, new Map(arrived.map((alert) => [alert.finding.id, toldBy(alert, place)]))),
          );
    const waiting = [...held].map(([{ finding }, until]) => ({
      id: finding.id,
      code: 'Held',
      message: `until ${until.toISOString()}`,
    }));
    const all = [...failures, ...waiting];
    if (all.length === 0) return;
    if (failures.length > 0 && !retryAt) throw deliveryError(name, all);
    const times = [...held.values(), ...(retryAt ? [retryAt] : [])].map((time) => time.valueOf());
    throw deferredDelivery(name, all, new Date(Math.min(...times)));
  },
});

const occasion = ({ kind, finding }: Alert) => ({
  severity: finding.severity,
  since: isClosing({ kind }) ? finding.lastObservedAt : finding.firstObservedAt,
});
