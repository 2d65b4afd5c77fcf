import { list, NAME, text } from './sandbox-steps.ts';

/** What a run has kept, redacted, by its name. */
export type Kept = ReadonlyMap<string, unknown>;

/** A question that AWS’s pages leave open, and how a run of the sandbox answers it. */
type Probe = {
  question: string;
  /** What is kept that answers it: the records of a call, or the answer to one. */
  from: readonly string[];
  /** How to read what is kept, in words. */
  read: string;
  /** The answer; undefined where what is kept does not tell. */
  answer: (kept: Kept) => string | undefined;
};

type Record_ = { [key: string]: unknown };

const recordsOf = (kept: Kept, eventName: string): Record_[] => {
  const records = kept.get(`records-${eventName}`);
  return Array.isArray(records) ? (records as Record_[]) : [];
};
/** The records of calls that SageMaker made for a pipeline: their session is named after the execution. */
const byPipelines = (kept: Kept, ...eventNames: string[]): Record_[] =>
  eventNames
    .flatMap((eventName) => recordsOf(kept, eventName))
    .filter((record) => JSON.stringify(record.userIdentity ?? {}).includes('/sagemaker-pipeline-'));

const requestOf = (record: Record_ | undefined): Record_ => (record?.requestParameters ?? {}) as Record_;
const values = (all: readonly unknown[]): string | undefined =>
  all.length > 0 ? [...new Set(all.map((each) => JSON.stringify(each) ?? 'missing'))].join(', ') : undefined;

/** How SageMaker has answered a call whose refusal is an answer. */
const outcome = (kept: Kept, name: string): string | undefined => {
  const answer = kept.get(name) as { refused?: string } | undefined;
  if (answer === undefined) return undefined;
  return answer.refused === undefined ? 'allowed' : `refused: ${answer.refused}`;
};

const jobNames = (kept: Kept, eventNames: readonly string[], member: RegExp): string | undefined =>
  values(
    byPipelines(kept, ...eventNames).flatMap((record) =>
      Object.entries(requestOf(record)).flatMap(([key, value]) => (member.test(key) ? [value] : [])),
    ),
  );

const stepsNamed = (kept: Kept, name: string): unknown[] =>
  list(kept.get('steps'), 'PipelineExecutionSteps').filter((step) => text(step, 'StepName') === name);

export const PROBES: readonly Probe[] = [
  {
    question: 'Does the record of CreatePipeline hold the definition as it was sent?',
    from: ['records-CreatePipeline'],
    read: 'whether requestParameters has pipelineDefinition, and of which type and length',
    answer: (kept) =>
      values(
        recordsOf(kept, 'CreatePipeline')
          .filter((record) => requestOf(record).pipelineName === NAME)
          .map((record) => {
            const { pipelineDefinition: definition } = requestOf(record);
            return typeof definition === 'string'
              ? `a text of ${definition.length} characters`
              : (typeof definition as string);
          }),
      ),
  },
  {
    question: 'And of one over 100 KB?',
    from: ['records-CreatePipeline', 'create-large'],
    read: 'what requestParameters is in the record of the large pipeline; omitted is true where CloudTrail has cut it',
    answer: (kept) => {
      const cut = recordsOf(kept, 'CreatePipeline').filter(
        (record) =>
          JSON.stringify(record).includes('omitted') || requestOf(record).pipelineName === `${NAME}-large`,
      );
      return (
        values(
          cut.map((record) => ({
            members: Object.keys(requestOf(record)),
            omitted: requestOf(record).omitted,
          })),
        ) ??
        (outcome(kept, 'create-large')?.startsWith('refused') ? outcome(kept, 'create-large') : undefined)
      );
    },
  },
  {
    question: 'Does the record of UpdatePipeline hold the definition?',
    from: ['records-UpdatePipeline'],
    read: 'the members of requestParameters and of responseElements',
    answer: (kept) =>
      values(
        recordsOf(kept, 'UpdatePipeline').map((record) => [
          Object.keys(requestOf(record)),
          Object.keys((record.responseElements ?? {}) as Record_),
        ]),
      ),
  },
  {
    question: 'What does the record of StartPipelineExecution hold?',
    from: ['records-StartPipelineExecution'],
    read: 'the members of requestParameters',
    answer: (kept) =>
      values(recordsOf(kept, 'StartPipelineExecution').map((record) => Object.keys(requestOf(record)))),
  },
  {
    question: 'Whom does the record of a job that a pipeline made name: invokedBy, address, user agent?',
    from: ['records-CreateProcessingJob'],
    read: 'these members of the records whose session begins with sagemaker-pipeline-',
    answer: (kept) =>
      values(
        byPipelines(kept, 'CreateProcessingJob').map(({ userIdentity, sourceIPAddress, userAgent }) => ({
          invokedBy: (userIdentity as Record_).invokedBy ?? null,
          sourceIPAddress,
          userAgent,
        })),
      ),
  },
  {
    question: 'What becomes of an underscore of a step’s name in the name of its job?',
    from: ['records-CreateProcessingJob'],
    read: 'processingJobName of the job of the step Under_score',
    answer: (kept) =>
      values(
        byPipelines(kept, 'CreateProcessingJob').flatMap((record) => {
          const name = requestOf(record).processingJobName;
          return typeof name === 'string' && /Under.?score/i.test(name) ? [name] : [];
        }),
      ),
  },
  {
    question: 'What becomes of a base job name of 39 to 63 characters at run time?',
    from: ['records-CreateProcessingJob', 'steps'],
    read: 'the name of the job of the step LongPrefix, or the reason for which the step failed',
    answer: (kept) =>
      values([
        ...byPipelines(kept, 'CreateProcessingJob').flatMap((record) => {
          const name = requestOf(record).processingJobName;
          return typeof name === 'string' && name.startsWith(`${NAME}-a-`) ? [name] : [];
        }),
        ...stepsNamed(kept, 'LongPrefix').map((step) => text(step, 'FailureReason')),
      ]),
  },
  {
    question: 'How is a tuning job named that a step gives no name?',
    from: ['records-CreateHyperParameterTuningJob', 'create-tuning', 'start-tuning'],
    read: 'hyperParameterTuningJobName of the record; else how SageMaker refused the definition',
    answer: (kept) =>
      jobNames(kept, ['CreateHyperParameterTuningJob'], /TuningJobName$/i) ??
      refusal(kept, 'create-tuning', 'start-tuning'),
  },
  {
    question: 'And an AutoML job?',
    from: ['records-CreateAutoMLJob', 'records-CreateAutoMLJobV2', 'create-automl', 'start-automl'],
    read: 'autoMLJobName of the record (and how the acronym is written); else how SageMaker refused the definition',
    answer: (kept) =>
      jobNames(kept, ['CreateAutoMLJob', 'CreateAutoMLJobV2'], /^automljobname$/i) ??
      refusal(kept, 'create-automl', 'start-automl'),
  },
  {
    question: 'Is sagemaker:PipelineVersionId there where a start names no version?',
    from: ['start-without-version'],
    read: 'the role may start versions from 1 on, and may start version 1 by its number; where it is refused without a number, the key is missing',
    answer: (kept) => outcome(kept, 'start-without-version'),
  },
  {
    question: 'And where it names an alias?',
    from: ['create-alias', 'start-by-alias'],
    read: 'the same; an AWS CLI that does not know aliases says so',
    answer: (kept) => refusal(kept, 'create-alias') ?? outcome(kept, 'start-by-alias'),
  },
  {
    question: 'How does CloudTrail write a CORS configuration?',
    from: ['records-PutBucketCors'],
    read: 'requestParameters of the record',
    answer: (kept) => values(recordsOf(kept, 'PutBucketCors').map(requestOf)),
  },
  {
    question: 'Does the Deny of a function’s policy also hold for a call with a qualifier?',
    from: ['invoke-unqualified', 'invoke-latest'],
    read: 'the audit function is called without a qualifier and with $LATEST, by who deploys it; a call that the policy lets through is refused by the function itself (FunctionError)',
    answer: (kept) => {
      const [without, latest] = [outcome(kept, 'invoke-unqualified'), outcome(kept, 'invoke-latest')];
      return without === undefined || latest === undefined
        ? undefined
        : `without one ${without}; with $LATEST ${latest}`;
    },
  },
  {
    question: 'As whom does an event source mapping call a function?',
    from: ['records-Invoke'],
    read: 'userIdentity and userAgent of the calls, but for those of the AWS CLI; the role of the sweep’s state machine calls the sweep function',
    answer: (kept) =>
      values(
        recordsOf(kept, 'Invoke')
          .filter(({ userAgent }) => !String(userAgent).includes('aws-cli'))
          .map(({ userIdentity, userAgent }) => {
            const { type, invokedBy = null, sessionContext } = (userIdentity ?? {}) as Record_;
            const { sessionIssuer } = (sessionContext ?? {}) as { sessionIssuer?: Record_ };
            return { type, invokedBy, role: sessionIssuer?.arn ?? null, userAgent };
          }),
      ),
  },
  {
    question: 'How are the names of jobs made when a step is tried again?',
    from: [],
    read: 'a retry needs a fault of SageMaker’s or a quota that is used up: neither can be had for nothing',
    answer: () => undefined,
  },
];

const refusal = (kept: Kept, ...names: string[]): string | undefined =>
  names.map((name) => outcome(kept, name)).find((each) => each?.startsWith('refused'));

/** Questions and answers, as Markdown. */
export const answersText = (kept: Kept): string =>
  [
    '# What AWS’s pages leave open, and what this run was answered',
    '',
    ...PROBES.flatMap(({ question, from, read, answer }) => [
      `## ${question}`,
      '',
      `Read from ${from.map((name) => `${name}.json`).join(', ') || 'nothing'}: ${read}.`,
      '',
      answer(kept) ?? 'Not told.',
      '',
    ]),
  ].join('\n');
