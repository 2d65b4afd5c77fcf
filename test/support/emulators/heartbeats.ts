import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Rule,
} from '@aws-sdk/client-eventbridge';
import { ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DeployedWorld } from './deployed-world.ts';

/** The deployed rules that send heartbeats. */
export const heartbeatRules = async ({ client }: DeployedWorld): Promise<(Rule & { Name: string })[]> => {
  const { Rules = [] } = await new EventBridgeClient(client).send(new ListRulesCommand({}));
  return Rules.flatMap(({ Name, ...rule }) =>
    Name !== undefined && rule.ScheduleExpression?.startsWith('cron(17 ') ? [{ ...rule, Name }] : [],
  );
};

/**
 * Makes a rule send its heartbeat in a minute, and as AWS makes it: the targets of the deployment in MiniStack would put another source
 * into the event.
 */
export const sendSoon = async (
  { client }: DeployedWorld,
  { Name, EventPattern }: Rule & { Name: string },
): Promise<void> => {
  const bridge = new EventBridgeClient(client);
  const { Targets = [] } = await bridge.send(new ListTargetsByRuleCommand({ Rule: Name }));
  await bridge.send(
    new PutTargetsCommand({
      Rule: Name,
      Targets: Targets.map(({ InputTransformer: _, ...target }) => target),
    }),
  );
  await bridge.send(new PutRuleCommand({ Name, EventPattern, ScheduleExpression: 'rate(1 minute)' }));
};

/** The answers that lie in the queue. */
export const answers = async ({ client }: DeployedWorld): Promise<unknown[]> => {
  const sqs = new SQSClient(client);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((url) => url.includes('-Heartbeats'));
  if (QueueUrl === undefined) throw new Error(`no queue of heartbeats among ${QueueUrls}`);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  return Messages.map(({ Body = '' }) => JSON.parse(Body));
};
