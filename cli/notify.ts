import type { Command } from 'commander';
import { alertChannels, type DefaultTargets } from '../shared/alerts/alert-routes.ts';
import { processMemory } from '../shared/alerts/alerting.ts';
import { secretArnProblem, topicArnProblem } from '../shared/config/alerts-schema.ts';
import { type Finding, findingId } from '../shared/domain/finding.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { isDeliveryError, type Sink } from '../shared/findings/sink.ts';
import { configOf } from './config.ts';
import { UsageError } from './errors.ts';
import { writeStdout } from './output.ts';

type NotifyOptions = {
  test: true;
  config?: string;
  topic?: string;
  slackSecret?: string;
  profile?: string;
  region?: string;
};

/** Adds the command `notify`, which tests the channels before there is a real alert. */
export const addNotify = (program: Command): void => {
  program
    .command('notify')
    .description('send a test alert to every channel of the configuration, and report the result for each')
    .requiredOption('--test', 'send the test alert (required, because the command sends real messages)')
    .option('--config <file>', 'the configuration (default: pipewarden.yaml, if it exists)')
    .option('--topic <arn>', "the deployment's alert topic, which the configuration does not name")
    .option('--slack-secret <arn>', "the deployment's secret for Slack, if the configuration names none")
    .option('--profile <name>', 'the AWS profile')
    .option('--region <region>', 'the AWS Region')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden notify --test
  pipewarden notify --test --topic arn:aws:sns:eu-west-1:111122223333:alerts

Exit status: 0 every channel accepted it, 1 a channel did not, 2 wrong usage or no channel to test.`,
    )
    .action(async (options: NotifyOptions) => {
      const { alerts } = (await configOf(options.config)).config;
      refuseWrong('--topic', options.topic, topicArnProblem);
      refuseWrong('--slack-secret', options.slackSecret, secretArnProblem);
      const defaults: DefaultTargets = { topicArn: options.topic, slackSecretArn: options.slackSecret };
      if (alertChannels(alerts, defaults).length === 0)
        throw new UsageError(
          'no channel to try: give --topic or --slack-secret, or name one under alerts in the configuration',
        );
      const { connectAccount } = await import('../shared/aws/read/live-account.ts');
      const { alertSinks } = await import('../shared/aws/tell/alert-sinks.ts');
      const { scope, options: clientOptions } = await connectAccount(options);
      const now = () => new Date();
      // Routes are ignored: the test reaches every channel, whatever alerts it is for and at any hour.
      const shared = { alerts, defaults, scope, memory: processMemory(), now, clientOptions };
      const finding = testFinding(scope, now());
      const outcomes = await Promise.all(
        alertSinks({ ...shared, wants: () => true }).map((sink) => outcomeOf(sink, finding)),
      );
      await writeStdout(outcomes.map(({ line }) => `${line}\n`).join(''));
      if (outcomes.some(({ isDelivered }) => !isDelivered)) process.exitCode = 1;
    });
};

const refuseWrong = (
  option: string,
  value: string | undefined,
  problemOf: (arn: string) => string | undefined,
): void => {
  const problem = value === undefined ? undefined : problemOf(value);
  if (problem !== undefined) throw new UsageError(`${option} ${value}: ${problem}`);
};

const outcomeOf = async (sink: Sink, finding: Finding): Promise<{ isDelivered: boolean; line: string }> => {
  try {
    await sink.deliver([{ kind: 'opened', finding }]);
    return { isDelivered: true, line: `${sink.name}: delivered` };
  } catch (error) {
    const reasons = isDeliveryError(error)
      ? error.failures.map(({ code, message }) => `${code}: ${message}`)
      : [String(error)];
    return { isDelivered: false, line: `${sink.name}: not delivered: ${reasons.join('; ')}` };
  }
};

/**
 * Uses a control that does not exist, so that nobody takes the test for a real finding, and a new id each time, so
 * that no channel takes it for known.
 */
const testFinding = (scope: Scope, now: Date): Finding => {
  const control = 'notification-test';
  const arn = `arn:${scope.partition}:sagemaker:${scope.region}:${scope.account}:pipeline/notification-test`;
  const at = now.toISOString();
  return {
    id: findingId({ control, scope, resourceArn: arn, subject: at }),
    control,
    status: 'WARNING',
    severity: 'HIGH',
    title: 'This is a test: alerts of Pipewarden arrive here',
    resource: { type: 'pipeline', arn },
    evidence: [{ at: 'pipewarden notify --test', found: 'a test', expected: 'a test' }],
    remediation: { text: 'Nothing is to be done: there is no such pipeline.' },
    firstObservedAt: at,
    lastObservedAt: at,
  };
};
