import { setTimeout as pause } from 'node:timers/promises';
import {
  type AlertChannel,
  alertChannels,
  type DefaultTargets,
  type FindingPlaces,
} from '../../alerts/alert-routes.ts';
import type { AlertMemory } from '../../alerts/alerting.ts';
import type { Alerts } from '../../config/schema.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Scope } from '../../domain/scope.ts';
import { batchingSink } from '../../findings/batching-sink.ts';
import type { Sink } from '../../findings/sink.ts';
import { once } from '../../memo.ts';
import type { ClientOptions } from '../read/clients.ts';

type Options = {
  alerts: Alerts | undefined;
  defaults: DefaultTargets;
  /** For routes by account, organizational unit and team. */
  places?: FindingPlaces;
  scope: Scope;
  memory: AlertMemory;
  now: () => Date;
  clientOptions?: ClientOptions;
  /** Replaces routes and hours, for a test of every channel. */
  wants?: (finding: Finding) => boolean;
};

/** How long a sink waits for more changes before it makes one message of them. */
const BATCH_PAUSE_MS = 200;

/** A sink for each alert channel. Its code is loaded with its first alert. */
export const alertSinks = (options: Options): Sink[] =>
  alertChannels(options.alerts, options.defaults, options.places).map((channel) => {
    const connected = once(() => connect(channel, options));
    const sink: Sink = {
      name: channel.name,
      deliver: async (changes) => (await connected()).deliver(changes),
    };
    return batchingSink(sink, () => pause(BATCH_PAUSE_MS));
  });

const connect = async (
  { kind, arn, name, wants: routed, noteOf }: AlertChannel,
  { alerts, scope, memory, now, clientOptions = {}, wants }: Options,
): Promise<Sink> => {
  const shared = {
    name,
    scope,
    memory,
    now,
    clientOptions,
    wants: wants ?? routed,
    ...(wants ? {} : { noteOf, ...(alerts && { hours: alerts }) }),
  };
  switch (kind) {
    case 'slack': {
      const { connectSlack } = await import('./slack-sink.ts');
      return connectSlack({ ...shared, secretArn: arn });
    }
    case 'sns': {
      const { connectSns } = await import('./sns-sink.ts');
      return connectSns({ ...shared, topicArn: arn });
    }
    case 'amazon-q': {
      const { connectAmazonQ } = await import('./sns-sink.ts');
      return connectAmazonQ({ ...shared, topicArn: arn });
    }
  }
};
