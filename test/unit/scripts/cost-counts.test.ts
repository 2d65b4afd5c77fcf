import { describe, expect, test } from '@jest/globals';
import { countsOf, type Template } from '../../../scripts/cost-counts.ts';

const machine = (definition: object): Template['Resources'][string] => {
  const [before = '', after = ''] = JSON.stringify(definition).split('QUEUE');
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: { DefinitionString: { 'Fn::Join': ['', [before, { Ref: 'Queue' }, after]] } },
  };
};
const own = (MetricName: string) => ({
  MetricStat: { Metric: { Namespace: 'Pipewarden', MetricName }, Stat: 'Sum', Period: 300 },
});

const TEMPLATE: Template = {
  Resources: {
    Key: { Type: 'AWS::KMS::Key' },
    Queue: { Type: 'AWS::SQS::Queue' },
    Fifo: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
    Polls: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    },
    PollsInOrder: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: { 'Fn::GetAtt': ['Fifo', 'Arn'] } },
    },
    Streams: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] } },
    },
    OneMetric: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: { Namespace: 'AWS/SQS', MetricName: 'ApproximateAgeOfOldestMessage' },
    },
    ThreeMetrics: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: { Metrics: [{ Expression: 'a + b + c' }, own('A'), own('B'), own('C')] },
    },
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardBody: JSON.stringify({
          metrics: [
            ['Pipewarden', 'C'],
            ['Pipewarden', 'D'],
          ],
        }),
      },
    },
    Sweep: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: { ScheduleExpression: 'rate(6 hours)', Target: { Arn: { Ref: 'Machine' } } },
    },
    Hourly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ScheduleExpression: 'rate(1 hour)',
        Target: { Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } },
      },
    },
    Monthly: { Type: 'AWS::Scheduler::Schedule', Properties: { ScheduleExpression: 'cron(0 6 1 * ? *)' } },
    Beats: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(17 * * * ? *)' } },
    Matches: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['aws.s3'] } } },
    AuditFunction0A1B2C3D: {
      Type: 'AWS::Lambda::Function',
      Properties: { MemorySize: 256, TracingConfig: { Mode: 'Active' } },
    },
    Machine: machine({
      StartAt: 'List',
      States: {
        List: { Type: 'Task', Next: 'IsIndexed' },
        IsIndexed: { Type: 'Choice', Choices: [{ Next: 'Wait' }], Default: 'Send' },
        Wait: { Type: 'Wait', Seconds: 20, Next: 'Ask' },
        Ask: { Type: 'Task', Next: 'IsIndexed' },
        Send: {
          Type: 'Map',
          ItemProcessor: {
            ProcessorConfig: { ExecutionType: 'EXPRESS' },
            StartAt: 'Batch',
            States: {
              Batch: { Type: 'Task', Resource: 'QUEUE', Next: 'IsSent' },
              IsSent: { Type: 'Choice', Choices: [{ Next: 'NotSent' }], Default: 'Pause' },
              NotSent: { Type: 'Fail' },
              Pause: { Type: 'Wait', Seconds: 6, Next: 'Sent' },
              Sent: { Type: 'Succeed' },
            },
          },
          Next: 'Done',
        },
        Done: { Type: 'Succeed' },
      },
    }),
  },
};

describe('of templates', () => {
  const counts = countsOf([TEMPLATE]);

  test('an alarm of an expression counts with each of its metrics', () => {
    expect(counts.alarmMetrics).toBe(1 + 3);
  });

  test('own metrics count once, in alarms and on the dashboard', () => {
    expect(counts.ownMetrics.toSorted()).toEqual(['A', 'B', 'C', 'D']);
  });

  test('only queues are polled, and each kind has its price', () => {
    expect(counts.pollers).toEqual({ standard: 1, fifo: 1 });
  });

  test('sweeps are told apart from other schedules, and rules with a schedule from others', () => {
    expect([counts.sweeps, counts.starts]).toEqual([730 / 6, 730 + 730 + 1]);
  });

  test('a sweep goes once through a loop, and through no failure', () => {
    // The start, List, IsIndexed, Wait, Ask, IsIndexed, Send, Done.
    expect(counts.sweep).toEqual({ once: 8, account: 0, wait: 3, pauseSeconds: 6 });
  });

  test('keys, memory and tracing are those of the resources', () => {
    expect(counts).toMatchObject({ keys: 1, memoryMb: { Audit: 256 }, isTraced: true, functions: 1 });
  });
});

test('a resource of which nobody has said what it costs is an error', () => {
  expect(() => countsOf([{ Resources: { Nat: { Type: 'AWS::EC2::NatGateway' } } }])).toThrow(
    /what does AWS::EC2::NatGateway \(Nat\) cost/,
  );
});
