import { Duration } from 'aws-cdk-lib';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Base } from './base.ts';
import { functionFor } from './function.ts';

export const reportFunction = ({ stack, settings, state, common, logs, roleOf }: Base) =>
  functionFor(stack, 'Report', settings, {
    description: 'Makes the report of all open findings, and tells where it is',
    // A report of 10,000 findings takes half of it.
    memorySize: 1024,
    timeout: Duration.minutes(5),
    role: roleOf('report'),
    logGroup: logs.Report,
    reserved: 1,
    failures:
      'Lambda tries twice more, an alarm reports the error, and the next report contains the same findings',
    environment: {
      ...common,
      FINDINGS_TABLE: state.findings.name,
      REPORT_BUCKET: state.reportBucket.name,
      ALERT_TOPIC_ARN: state.alertTopicArn,
    },
  });

export const reportSchedules = ({ stack, settings, roleOf }: Base, functionArn: string): CfnSchedule[] => {
  const { roleArn } = roleOf('reportSchedule');
  return settings.reportSchedules.map(
    (schedule, index) =>
      new CfnSchedule(stack, `ReportSchedule${index === 0 ? '' : index + 1}`, {
        description: 'Pipewarden: the report of all open findings',
        scheduleExpression: schedule,
        flexibleTimeWindow: { mode: 'FLEXIBLE', maximumWindowInMinutes: 15 },
        target: {
          arn: functionArn,
          roleArn,
          input: JSON.stringify({ schedule }),
          retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
        },
      }),
  );
};
