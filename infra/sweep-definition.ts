/** What the sweep’s state machine needs to name. */
export type SweepPlaces = { functionArn: string; queueUrl: string; partition: string };

/**
 * A sweep of the deployment’s own account in the States Language. The function lists what needs a look, and has the index made anew; when
 * the index is there, a distributed map sends the list to the auditor’s queue in tens; a metric says that the sweep is complete. No
 * batch may fail. A repeated sweep sends the same messages, which the auditor recognises by their ids.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export const sweepDefinition = (places: SweepPlaces) => ({
  Comment: 'Looks at everything, in case an event was missed',
  QueryLanguage: 'JSONata',
  TimeoutSeconds: 3 * 60 * 60,
  StartAt: 'List',
  States: {
    List: listState(places, OWN),
    ...indexStates(places, OWN),
    Send: sendState(places, { MaxConcurrency: 10 }),
    // Only after all messages were sent: the next sweep looks for lost events from this time on.
    Remember: rememberState(places, OWN, { Next: 'Completed' }),
    Completed: completedState(places.partition),
  },
});

/**
 * A sweep of a hub: of its own account and of all members, each by itself, so that an account which cannot be swept stops no other.
 * Such an account is looked at all the same, which tells why. A redrive goes on with the accounts that are not done.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
 */
export const hubSweepDefinition = (places: SweepPlaces) => ({
  Comment: 'Looks at everything in all accounts, in case an event was missed',
  QueryLanguage: 'JSONata',
  TimeoutSeconds: 6 * 60 * 60,
  StartAt: 'Accounts',
  States: {
    Accounts: {
      Type: 'Task',
      Resource: `arn:${places.partition}:states:::lambda:invoke`,
      Arguments: { FunctionName: places.functionArn, Payload: { ...ID, accounts: ASKED } },
      Assign: { isWhole: '{% $not($exists($states.input.accounts)) %}' },
      Output: '{% $states.result.Payload %}',
      TimeoutSeconds: 15 * 60,
      Retry: [...BUSY, { ErrorEquals: ['States.ALL'], IntervalSeconds: 30, MaxAttempts: 3, BackoffRate: 2 }],
      Next: 'Sweep',
    },
    Sweep: {
      Type: 'Map',
      Label: 'Accounts',
      ItemReader: listReader(places.partition),
      ItemSelector: {
        account: '{% $states.context.Map.Item.Value.account %}',
        sweepId: '{% $states.context.Execution.Name %}',
      },
      MaxConcurrency: MOST_ACCOUNTS,
      ToleratedFailurePercentage: 100,
      ItemProcessor: accountProcessor(places),
      Output: {},
      Next: 'IsWhole',
    },
    // A sweep of some accounts is none of all: an overdue sweep stays overdue.
    IsWhole: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $isWhole %}', Next: 'Completed' }],
      Default: 'Done',
    },
    Done: { Type: 'Succeed', Output: {} },
    Completed: completedState(places.partition),
  },
});

/**
 * All accounts, or those that whoever starts the sweep names as `{"accounts": […]}`. Without the brackets JSONata would turn a list of
 * one into its element.
 */
const ASKED = '{% $exists($states.input.accounts) ? [$states.input.accounts] : true %}';

/** So many accounts are swept side by side. Most of the time each waits for its pace. */
const MOST_ACCOUNTS = 40;

/**
 * A batch of ten messages, then so many seconds of pause: the looks at one account stay below ten calls a second, of which a look
 * makes about six.
 */
const PAUSE_SECONDS = 6;

const ID = { sweepId: '{% $states.context.Execution.Name %}' };

/** What the function is asked for the deployment’s own account, and for one account of several. */
const OWN = ID;
const ONE = { sweepId: '{% $sweepId %}', account: '{% $account %}' };

/** The function has fewer instances than there are accounts side by side. */
const BUSY = [
  {
    ErrorEquals: ['Lambda.TooManyRequestsException'],
    IntervalSeconds: 10,
    MaxAttempts: 300,
    BackoffRate: 1.2,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
];

const accountProcessor = (places: SweepPlaces) => {
  const failed = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed', Assign: FAILURE }] };
  return {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Account',
    States: {
      // The maps inside have inputs of their own.
      Account: {
        Type: 'Pass',
        Assign: { account: '{% $states.input.account %}', sweepId: '{% $states.input.sweepId %}' },
        Output: {},
        Next: 'List',
      },
      List: { ...listState(places, ONE), ...failed },
      ...indexStates(places, ONE),
      Send: {
        ...sendState(places, { MaxConcurrency: 1, pauseSeconds: PAUSE_SECONDS }),
        ...failed,
        Next: 'IsRead',
      },
      // Nothing of an account that cannot be read is remembered as swept.
      IsRead: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $exists($until) and $until != null %}', Next: 'Remember' }],
        Default: 'NotRead',
      },
      NotRead: {
        Type: 'Fail',
        Error: 'NotRead',
        Cause: 'The account cannot be read; a finding on it tells why',
      },
      Remember: { ...rememberState(places, ONE, { Next: 'Swept' }), ...failed },
      Swept: { Type: 'Succeed', Output: {} },
      Failed: {
        Type: 'Task',
        Resource: `arn:${places.partition}:states:::lambda:invoke`,
        Arguments: {
          FunctionName: places.functionArn,
          Payload: { ...ONE, failed: { error: '{% $error %}', cause: '{% $cause %}' } },
        },
        Output: { body: '{% $states.result.Payload.body %}' },
        Retry: [...BUSY, { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }],
        Next: 'Tell',
      },
      Tell: {
        Type: 'Task',
        Resource: `arn:${places.partition}:states:::aws-sdk:sqs:sendMessage`,
        Arguments: { QueueUrl: places.queueUrl, MessageBody: '{% $states.input.body %}' },
        Output: {},
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }],
        Next: 'NotSwept',
      },
      NotSwept: { Type: 'Fail', Error: '{% $error %}', Cause: '{% $cause %}' },
    },
  };
};

/** The texts of an error, as long as they may be in the function’s input. */
const FAILURE = {
  error:
    "{% $substring($string($states.errorOutput.Error ? $states.errorOutput.Error : 'Failed'), 0, 200) %}",
  cause: "{% $substring($string($states.errorOutput.Cause ? $states.errorOutput.Cause : ''), 0, 2000) %}",
};

const listReader = (partition: string) => ({
  Resource: `arn:${partition}:states:::s3:getObject`,
  ReaderConfig: { InputType: 'JSON' },
  Arguments: { Bucket: '{% $states.input.bucket %}', Key: '{% $states.input.key %}' },
});

const listState = ({ functionArn, partition }: SweepPlaces, asked: object) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::lambda:invoke`,
  Arguments: { FunctionName: functionArn, Payload: asked },
  Assign: {
    until: '{% $states.result.Payload.until %}',
    since: '{% $exists($states.result.Payload.since) ? $states.result.Payload.since : null %}',
    waits: 0,
  },
  Output: '{% $states.result.Payload %}',
  TimeoutSeconds: 15 * 60,
  Retry: [
    ...(asked === OWN ? [] : BUSY),
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 30, MaxAttempts: 3, BackoffRate: 2 },
  ],
  Next: 'IsIndexed',
});

/**
 * Waits for the index, so that no look of the sweep lists the account. Where it does not come, as its inventory fails, the looks
 * do without: they list a small account after all.
 */
const indexStates = ({ functionArn, partition }: SweepPlaces, asked: object) => ({
  IsIndexed: {
    Type: 'Choice',
    Choices: [{ Condition: `{% $since != null and $waits < ${MOST_WAITS} %}`, Next: 'WaitForIndex' }],
    Default: 'Send',
  },
  WaitForIndex: { Type: 'Wait', Seconds: WAIT_SECONDS, Next: 'AskForIndex' },
  AskForIndex: {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Arguments: { FunctionName: functionArn, Payload: { ...asked, since: '{% $since %}' } },
    Assign: { since: '{% $states.result.Payload.isListed ? null : $since %}', waits: '{% $waits + 1 %}' },
    Output: '{% $states.input %}',
    Retry: [
      ...(asked === OWN ? [] : BUSY),
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 3 },
    ],
    Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}', Next: 'Send' }],
    Next: 'IsIndexed',
  },
});

/** So long the index is asked for, at most 15 minutes: an inventory takes half a minute for 200 pipelines. */
const WAIT_SECONDS = 20;
const MOST_WAITS = 45;

/** Sends a list to the auditor’s queue in tens; with a pause after each ten, if the batches of the list follow each other. */
const sendState = (
  { queueUrl, partition }: SweepPlaces,
  { MaxConcurrency, pauseSeconds }: { MaxConcurrency: number; pauseSeconds?: number },
) => ({
  Type: 'Map',
  ItemReader: listReader(partition),
  // SQS takes at most ten messages and 256 KB at once.
  ItemBatcher: { MaxItemsPerBatch: 10, MaxInputBytesPerBatch: 240_000 },
  MaxConcurrency,
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
        Default: pauseSeconds === undefined ? 'Sent' : 'Pause',
      },
      NotSent: { Type: 'Fail', Error: 'NotSent', Cause: 'SQS refused a message of the batch' },
      ...(pauseSeconds !== undefined && { Pause: { Type: 'Wait', Seconds: pauseSeconds, Next: 'Sent' } }),
      Sent: { Type: 'Succeed', Output: {} },
    },
  },
  Output: {},
  Next: 'Remember',
});

const rememberState = (
  { functionArn, partition }: SweepPlaces,
  asked: object,
  { Next }: { Next: string },
) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::lambda:invoke`,
  Arguments: { FunctionName: functionArn, Payload: { ...asked, finished: '{% $until %}' } },
  Output: {},
  Retry: [
    ...(asked === OWN ? [] : BUSY),
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 },
  ],
  Next,
});

const completedState = (partition: string) => ({
  Type: 'Task',
  Resource: `arn:${partition}:states:::aws-sdk:cloudwatch:putMetricData`,
  Arguments: {
    Namespace: 'Pipewarden',
    MetricData: [{ MetricName: 'SweepCompleted', Value: 1, Unit: 'Count' }],
  },
  Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 }],
  Output: {},
  End: true,
});
