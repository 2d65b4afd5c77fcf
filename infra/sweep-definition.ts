/** What the sweep’s state machine needs to name. */
export type SweepPlaces = { functionArn: string; queueUrl: string; partition: string };

/**
 * A sweep in the States Language. The function lists what needs a look; a distributed map sends the list to the
 * auditor’s queue in tens; a metric says that the sweep is complete. No batch may fail. A repeated sweep sends the same
 * messages, which the auditor recognises by their ids.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export const sweepDefinition = ({ functionArn, queueUrl, partition }: SweepPlaces) => ({
  Comment: 'Looks at everything, in case an event was missed',
  QueryLanguage: 'JSONata',
  TimeoutSeconds: 3 * 60 * 60,
  StartAt: 'List',
  States: {
    List: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Arguments: {
        FunctionName: functionArn,
        Payload: { sweepId: '{% $states.context.Execution.Name %}' },
      },
      Assign: { until: '{% $states.result.Payload.until %}' },
      Output: '{% $states.result.Payload %}',
      TimeoutSeconds: 15 * 60,
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 30, MaxAttempts: 3, BackoffRate: 2 }],
      Next: 'Send',
    },
    Send: {
      Type: 'Map',
      ItemReader: {
        Resource: `arn:${partition}:states:::s3:getObject`,
        ReaderConfig: { InputType: 'JSON' },
        Arguments: { Bucket: '{% $states.input.bucket %}', Key: '{% $states.input.key %}' },
      },
      // SQS takes at most ten messages and 256 KB at once.
      ItemBatcher: { MaxItemsPerBatch: 10, MaxInputBytesPerBatch: 240_000 },
      MaxConcurrency: 10,
      ToleratedFailurePercentage: 0,
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 60, MaxAttempts: 2, BackoffRate: 2 }],
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'SendBatch',
        States: {
          SendBatch: {
            Type: 'Task',
            Resource: `arn:${partition}:states:::aws-sdk:sqs:sendMessageBatch`,
            Arguments: {
              QueueUrl: queueUrl,
              // Without the brackets JSONata would turn a list with one message into the message.
              Entries:
                "{% [$map($states.input.Items, function($item, $index) { {'Id': $string($index), 'MessageBody': $string($item)} })] %}",
            },
            Output: { failed: '{% $count($states.result.Failed) %}' },
            Retry: [
              {
                ErrorEquals: ['States.ALL'],
                IntervalSeconds: 2,
                MaxAttempts: 5,
                BackoffRate: 2,
                JitterStrategy: 'FULL',
              },
            ],
            Next: 'IsSent',
          },
          // The call succeeds even where SQS refused single messages.
          IsSent: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $states.input.failed > 0 %}', Next: 'NotSent' }],
            Default: 'Sent',
          },
          NotSent: { Type: 'Fail', Error: 'NotSent', Cause: 'SQS refused a message of the batch' },
          Sent: { Type: 'Succeed', Output: {} },
        },
      },
      Output: {},
      Next: 'Remember',
    },
    // Only after all messages were sent: the next sweep looks for lost events from this time on.
    Remember: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Arguments: {
        FunctionName: functionArn,
        Payload: { sweepId: '{% $states.context.Execution.Name %}', finished: '{% $until %}' },
      },
      Output: {},
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }],
      Next: 'Completed',
    },
    Completed: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::aws-sdk:cloudwatch:putMetricData`,
      Arguments: {
        Namespace: 'Pipewarden',
        MetricData: [{ MetricName: 'SweepCompleted', Value: 1, Unit: 'Count' }],
      },
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }],
      Output: {},
      End: true,
    },
  },
});
