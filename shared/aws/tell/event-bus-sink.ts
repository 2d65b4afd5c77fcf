import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Scope } from '../../domain/scope.ts';
import { type DeliveryFailure, deliveryError, failAll, type Sink } from '../../findings/sink.ts';
import { type BusEvent, busBatches, toBusEvent } from '../../outputs/messages/bus-event.ts';
import { clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

type Options = {
  client: EventBridgeClient;
  busName: string;
  scope: Scope;
  sleep?: (milliseconds: number) => Promise<void>;
};

export const connectEventBus = (options: Omit<Options, 'client'>): Sink =>
  eventBusSink({ ...options, client: namingActions('events', new EventBridgeClient(clientConfig())) });

const RETRIES = 2;
const BACKOFF_MS = 200;

/**
 * An EventBridge bus as a sink, for other programs: one event for each change
 * (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html). Events that the bus refuses are
 * sent again. `deliver` rejects with a `DeliveryError` that names those that the bus still refuses.
 */
export const eventBusSink = ({ client, busName, scope, sleep = pause }: Options): Sink => ({
  name: 'EventBridge',
  deliver: async (changes) => {
    const failures: DeliveryFailure[] = [];
    const entries = changes.map((change) => ({ ...toBusEvent(change, scope), id: change.finding.id }));
    for (const batch of busBatches(entries)) {
      let left: readonly BusEntry[] = batch;
      try {
        let refused = await putEvents(client, busName, left);
        for (let attempt = 1; attempt <= RETRIES && refused.size > 0; attempt++) {
          await sleep(BACKOFF_MS * 2 ** attempt);
          left = [...refused.keys()];
          refused = await putEvents(client, busName, left);
        }
        failures.push(...refused.values());
      } catch (error) {
        const ids = left.map(({ id }) => id);
        failures.push(...failAll(ids, error));
      }
    }
    if (failures.length > 0) throw deliveryError('EventBridge', failures);
  },
});

type BusEntry = BusEvent & { id: string };

/** The entries that the bus refused, and why. */
const putEvents = async (
  client: EventBridgeClient,
  EventBusName: string,
  entries: readonly BusEntry[],
): Promise<Map<BusEntry, DeliveryFailure>> => {
  const { Entries = [] } = await client.send(
    new PutEventsCommand({ Entries: entries.map(({ id: _, ...event }) => ({ ...event, EventBusName })) }),
  );
  const refused = new Map<BusEntry, DeliveryFailure>();
  for (const [index, entry] of entries.entries()) {
    const { EventId, ErrorCode, ErrorMessage } = Entries[index] ?? {};
    if (EventId) continue;
    const message = ErrorMessage ?? 'the answer does not say why';
    refused.set(entry, { id: entry.id, code: ErrorCode ?? 'Unaccounted', message });
  }
  return refused;
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
