import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Base } from './base.ts';
import { functionFor } from './function.ts';

/** The first of each month at six (UTC): what was told until midnight is in the history by then. */
const SCHEDULE = 'cron(0 6 1 * ? *)';

/** The function that makes the evidence pack of each month, and its schedule. */
export const evidenceFunction = (
  { stack, settings, roleOf }: Base,
  { log, bucket, key }: { log: LogGroup; bucket: { name: string }; key: string },
): LambdaFunction =>
  functionFor(stack, 'Evidence', settings, {
    description: 'Makes the signed evidence pack of each month from the history',
    // New accounts have no more.
    memorySize: 3008,
    heap: 0.8,
    timeout: Duration.minutes(15),
    role: roleOf('evidence'),
    logGroup: log,
    reserved: 1,
    failures:
      'Lambda tries twice more, and an alarm reports the error; a person can have the pack made later',
    environment: { HISTORY_BUCKET: bucket.name, SIGNING_KEY: key },
  });

/** The schedule that starts the function each month. */
export const evidenceSchedule = ({ stack, roleOf }: Base, functionArn: string): CfnSchedule =>
  new CfnSchedule(stack, 'EvidenceSchedule', {
    description: 'Pipewarden: the evidence pack of the month that is over',
    scheduleExpression: SCHEDULE,
    flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
    target: {
      arn: functionArn,
      roleArn: roleOf('evidenceSchedule').roleArn,
      input: '{}',
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 86_400 },
    },
  });
