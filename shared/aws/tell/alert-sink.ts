import { heldUntil } from '../../alerts/alert-hours.ts';
import {
  type Alert,
  type AlertMemory,
  alertOf,
  endStatus,
  isOpening,
  type LastTold,
  type MessageAddress,
  refusedOf,
  tellingOf,
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

/**
 * Sends one message about some alerts, and notes at once that it has arrived, so that after a crash few are sent twice. Rejects as
 * `send` does, which returns where the message is.
 */
export type Attempt = (
  alerts: readonly Alert[],
  send: () => Promise<MessageAddress | undefined>,
) => Promise<void>;

export type Channel = {
  /** Sends all alerts, each message by one `attempt`. */
  tell: (alerts: readonly Alert[], attempt: Attempt) => Promise<Untold>;
  /** Whether the receiver certainly has not taken the message. */
  isRefusal: (error: unknown) => boolean;
  /** Whether an alert disturbs nobody, and so never waits. */
  isSilent?: (alert: Alert) => boolean;
};

/**
 * A sink that tells people. Alerts that quiet hours or a digest window hold back count as undelivered: they stay in the
 * findings table, and `deliver` rejects with a `DeferredDelivery`. Where something has failed as well, it rejects with
 * a `DeliveryError`, so that the next attempt comes sooner.
 */
export const alertSink = (
  { name, memory, wants, noteOf = () => undefined, hours, now }: AlertOptions,
  { tell, isRefusal, isSilent = ({ status }) => status === 'CHANGED' }: Channel,
): Sink => ({
  name,
  deliver: async (changes) => {
    const remember = async (alerts: readonly Alert[], what: (alert: Alert) => LastTold): Promise<void> => {
      if (alerts.length === 0) return;
      await memory.remember(name, new Map(alerts.map((alert) => [alert.finding.id, what(alert)])));
    };
    const attempt: Attempt = async (about, send) => {
      const openings = about.filter(isOpening);
      // Whoever is killed now leaves word that the channel may know of these.
      await remember(openings, tellingOf);
      const place = await send().catch(async (error: unknown) => {
        if (isRefusal(error)) await remember(openings, refusedOf);
        throw error;
      });
      await remember(about, (alert) => toldBy(alert, place));
    };
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
    const { failures, retryAt } = due.length === 0 ? { failures: [] } : await tell(due, attempt);
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
