import { heldUntil } from '../../alerts/alert-hours.ts';
import {
  type Alert,
  type AlertMemory,
  alertOf,
  endStatus,
  type MessageAddress,
  toldBy,
} from '../../alerts/alerting.ts';
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

/** What every channel for people needs: which findings it wants, when it may write, and what it was told before. */
export type AlertOptions = {
  name: string;
  memory: AlertMemory;
  wants: (finding: Finding) => boolean;
  /** Why it is told what may be for another channel. */
  noteOf?: (finding: Finding) => string | undefined;
  hours?: Pick<Alerts, 'digest' | 'quietHours'>;
  now: () => Date;
};

/** The findings that did not arrive. `retryAt` is set where the receiver said when it will accept them. */
export type Untold = { failures: DeliveryFailure[]; retryAt?: Date };

/** Sends the alerts and reports each as soon as it has arrived, so that after a crash few are sent twice. */
export type Tell = (
  alerts: readonly Alert[],
  arrived: (alerts: readonly Alert[], place?: MessageAddress) => Promise<void>,
) => Promise<Untold>;

/**
 * A sink that tells people. Alerts that quiet hours or a digest window hold back count as undelivered: they stay in the
 * findings table, and `deliver` rejects with a `DeferredDelivery`. Where something has failed as well, it rejects with
 * a `DeliveryError`, so that the next attempt comes sooner. Alerts that `isSilent` accepts disturb nobody and never
 * wait.
 */
export const alertSink = (
  { name, memory, wants, noteOf = () => undefined, hours, now }: AlertOptions,
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
    const alerts = [...newest].flatMap(([id, change]): Alert[] => {
      const alert = alertOf(change, known.get(id), wants);
      const note = alert && endStatus(alert) === undefined ? noteOf(alert.finding) : undefined;
      return alert ? [{ ...alert, ...(note !== undefined && { note }) }] : [];
    });
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
