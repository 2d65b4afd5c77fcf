import { Aws, Duration, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { partitionOfRegion } from '../shared/domain/regions.ts';
import { globalRegionOf } from '../shared/reader/answers/trails.ts';
import type { Base } from './base.ts';
import { calledOnlyBy, functionFor, logGroupFor, UNTRACED } from './function.ts';
import type { Settings } from './settings.ts';
import { hubSweepDefinition, sweepDefinition } from './sweep-definition.ts';

/**
 * The name is fixed because the machine’s own role contains it: a distributed map starts executions of its own machine.
 */
const sweepMachineName = (stackName: string): string => `${stackName}-Sweep`;

export const sweepMachineArn = (stackName: string): string =>
  `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${sweepMachineName(stackName)}`;

/** The ARNs of the machine’s executions, also of those of its map. */
export const sweepRunsArn = (stackName: string): string =>
  `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${sweepMachineName(stackName)}`;

export const sweepFunction = ({
  stack,
  settings,
  state,
  common,
  members,
  retries,
  inventories,
  logs,
  roleOf,
  tellsHistory,
}: Base) =>
  functionFor(stack, 'Sweep', settings, {
    description: 'Lists everything to look at, and events that were missed',
    memorySize: 512,
    timeout: Duration.minutes(15),
    role: roleOf('sweep'),
    logGroup: logs.Sweep,
    // A hub sweeps several accounts side by side.
    reserved: settings.members ? 10 : 1,
    failures: 'Step Functions waits for its answer, tries again, and fails in the end, which raises an alarm',
    environment: {
      ...common,
      FINDINGS_TABLE: state.findings.name,
      SWEEP_BUCKET: state.sweepBucket.name,
      DELIVERY_RETRIES_URL: retries.queue.queueUrl,
      INVENTORY_QUEUE_URL: inventories.queue.queueUrl,
      ...(hasGlobalEvents(stack.region, settings) ? {} : { GLOBAL_EVENTS: 'none' }),
      ...members,
      ...tellsHistory,
    },
  });

/** Whether the events of IAM and Organizations come to the deployment: a sweep tells where those that should come do not. */
const hasGlobalEvents = (
  home: string,
  { hasIamEvents, regions }: Pick<Settings, 'hasIamEvents' | 'regions'>,
): boolean => hasIamEvents || [home, ...regions].includes(globalRegionOf(partitionOfRegion(home)));

/** The path from the scheduler through the state machine to the auditor’s queue. */
export const sweepMachine = (base: Base, sweeper: LambdaFunction): StateMachine => {
  const { stack, settings, state, requests, roleOf } = base;
  const define = settings.members ? hubSweepDefinition : sweepDefinition;
  const definition = define({
    functionArn: sweeper.functionArn,
    queueUrl: requests.queue.queueUrl,
    partition: Aws.PARTITION,
  });
  const role = roleOf('sweepMachine');
  calledOnlyBy('Sweep', sweeper, settings, [role]);
  const machine = new StateMachine(stack, 'SweepMachine', {
    stateMachineName: sweepMachineName(stack.stackName),
    comment: definition.Comment,
    definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
    role,
    tracingEnabled: settings.isTraced,
    logs: {
      destination: logGroupFor(stack, 'SweepMachine', state.keyArn, settings),
      level: LogLevel.ALL,
      // The input contains names and tags of the account. The auditor’s log has what became of them.
      includeExecutionData: false,
    },
  });
  if (!settings.isTraced)
    Validations.of(machine).acknowledge(
      { id: 'AwsSolutions-SF2', reason: UNTRACED },
      { id: 'Serverless-StepFunctionStateMachineXray', reason: UNTRACED },
    );
  new CfnSchedule(stack, 'SweepSchedule', {
    description: 'Pipewarden: looks at everything, in case an event was missed',
    scheduleExpression: settings.sweepSchedule,
    flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
    target: {
      arn: machine.stateMachineArn,
      roleArn: roleOf('sweepSchedule').roleArn,
      input: '{}',
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
    },
  });
  return machine;
};
