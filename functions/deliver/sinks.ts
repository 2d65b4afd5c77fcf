import { hangsOnUnits } from '../../shared/alerts/alert-routes.ts';
import type { AlertMemory } from '../../shared/alerts/alerting.ts';
import type { HistoryQueue } from '../../shared/aws/keep/history-queue.ts';
import { alertSinks } from '../../shared/aws/tell/alert-sinks.ts';
import type { OnLeft } from '../../shared/aws/tell/member-security-hubs.ts';
import type { FileConfig } from '../../shared/config/schema.ts';
import { describedControl } from '../../shared/controls/texts.ts';
import { accountOfFinding } from '../../shared/domain/finding.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { wholeDigest } from '../../shared/findings/configuration-digest.ts';
import type { Sink } from '../../shared/findings/sink.ts';
import { onceDone } from '../../shared/memo.ts';
import { VERSION } from '../../shared/version.ts';
import type { AccountPaths } from './account-paths.ts';

type SinkContext = {
  scope: Scope;
  config: FileConfig;
  memory: AlertMemory;
  /** Asked only where routes hang on organizational units. */
  paths: AccountPaths;
  onLeft: OnLeft;
  now: () => Date;
  /** The queue of the history, where one is kept. */
  history?: HistoryQueue;
};

/**
 * The sinks of this deployment. The client of each is loaded with its first change. Names must stay the same: changes
 * remember by name which sinks have taken them, and a sink with a new name gets all pending changes again.
 */
export const connectSinks = (
  env: NodeJS.ProcessEnv,
  { scope, config, memory, paths, onLeft, now, history }: SinkContext,
): Sink[] => {
  const { ALERT_TOPIC_ARN: topicArn, EVENT_BUS_NAME: busName, EXTERNAL_ID: externalId } = env;
  const sinks: (Sink | false)[] = [
    config.securityHub?.findings !== 'off' &&
      lazySink({ name: 'Security Hub', takesRefreshed: true }, async () => {
        const options = {
          scope,
          controlText: describedControl,
          productVersion: VERSION,
          now,
          resolveWorkflow: config.securityHub?.resolveWorkflow ?? false,
        };
        if (externalId === undefined || config.securityHub?.findings === 'hub') {
          const { connectSecurityHub } = await import('../../shared/aws/tell/security-hub-sink.ts');
          const sink = connectSecurityHub(options);
          if (config.securityHub?.findings === 'hub') return sink;
          const { leavingFormer } = await import('./left-findings.ts');
          return leavingFormer(sink, scope, onLeft);
        }
        const { connectMemberHubs } = await import('../../shared/aws/tell/member-security-hubs.ts');
        return connectMemberHubs({ ...options, externalId, rolesBegin: env.MEMBER_ROLES_BEGIN, onLeft });
      }),
    ...alertSinks({
      alerts: config.alerts,
      defaults: { topicArn },
      places: {
        config,
        placeOf: (finding) => {
          const account = accountOfFinding(finding) ?? scope.account;
          return { account, path: paths.pathOf(account) };
        },
      },
      scope,
      memory,
      now,
    }).map((sink) => (hangsOnUnits(config) ? learning(sink, paths) : sink)),
    busName !== undefined &&
      lazySink({ name: 'EventBridge' }, async () => {
        const { connectEventBus } = await import('../../shared/aws/tell/event-bus-sink.ts');
        return connectEventBus({ busName, scope });
      }),
    history !== undefined &&
      lazySink({ name: 'History' }, async () => {
        const { historySink } = await import('./history-sink.ts');
        const madeBy = { version: VERSION, configuration: wholeDigest(config) };
        return historySink('History', history, scope, madeBy);
      }),
  ];
  return sinks.filter((sink) => sink !== false);
};

/** The sink, which first learns where the accounts of its changes are. */
const learning = (sink: Sink, { learn }: AccountPaths): Sink => ({
  ...sink,
  deliver: async (changes) => {
    await learn(changes);
    await sink.deliver(changes);
  },
});

/** A sink that connects with its first changes. After a failure it connects again with the next changes. */
const lazySink = (about: Omit<Sink, 'deliver'>, connect: () => Promise<Sink>): Sink => {
  const connected = onceDone(connect);
  return {
    ...about,
    deliver: async (changes) => (await connected()).deliver(changes),
  };
};
