/** What the sweep's state machine is about. */
export type SweepPlaces = { functionArn: string; queueUrl: string; partition: string };

/**
 * A sweep in the States Language: the function lists what there is to look at, a distributed map sends it to the queue
 * of the auditor, ten at a time, and the metric says that it came to its end. No batch may fail; a sweep that is tried
 * again sends the same messages, which the auditor knows by their ids.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export const sweepDefinition = ({ functionArn, queueUrl, partition }: SweepPlaces) => ({
  Comment: 'Looks at everything, for what no event told',
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
      // SQS takes ten messages and 256 KB at once.
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
              // The brackets keep the list of a single message a list.
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
          // The call succeeds even where single messages were refused.
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
    // Not before: the next sweep looks for lost events from there on.
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
