import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import type { GatherContext } from '../../../shared/facts/gathered.ts';
import { type JobToTrace, traceJob } from '../../../shared/facts/job-origin.ts';
import { notRead } from '../../../shared/reader/read-result.ts';
import type { ExecutionStep } from '../../../shared/reader/reader.ts';
import { NOT_IN_SNAPSHOT } from '../../../shared/reader/snapshot/files.ts';
import type { ExecutionClaim } from '../../../shared/requests/audit-request.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const sagemaker = (resource: string): string => `arn:aws:sagemaker:eu-west-1:111122223333:${resource}`;
const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

const ID = 'a1b2c3d4e5f6';
const EXECUTION = sagemaker(`pipeline/fraud/execution/${ID}`);
const NAME = `fraud-train-${ID}-Ab3dEf6hIj`;
const JOB = sagemaker(`training-job/${NAME}`);
const FRAUD = role('pipelines/fraud');
const MALLORY = role('mallory');
const SEEN_AT = '2026-11-24T09:00:00Z';
const BEFORE = '2026-11-24T08:00:00Z';
const AFTER = '2026-11-24T10:00:00Z';

const definitionText = JSON.stringify({
  Version: '2020-12-01',
  Steps: [step('Train', 'Training'), step('Prepare', 'Processing')],
});
const pipeline = { name: 'fraud', arn: sagemaker('pipeline/fraud'), roleArn: FRAUD, definitionText };
const ACCOUNT: Account = {
  pipelines: { fraud: pipeline },
  executions: { [ID]: { pipelineName: 'fraud', roleArn: FRAUD, definitionText } },
};

const train = (more: Partial<ExecutionStep> = {}): ExecutionStep => ({
  name: 'Train',
  jobArns: [sagemaker('training-job/other')],
  isRunning: true,
  isRetried: false,
  ...more,
});
/** What SageMaker lists of the execution. */
const lists = (...steps: ExecutionStep[]): Account => ({ steps: { [EXECUTION]: steps } });
/** It lists that the step has started the job. */
const STARTED = lists(train({ jobArns: [JOB.toUpperCase().replace('ARN:AWS', 'arn:aws')] }));
const LISTED = lists(train({ jobArns: [JOB] }));
const OTHERS = lists(train());

const claim = (more: Partial<ExecutionClaim> = {}): ExecutionClaim => ({
  by: 'session',
  executionId: ID,
  executionArn: EXECUTION,
  stepNameStart: 'Train',
  ...more,
});
const { executionArn: _, ...UNNAMED } = claim();

type Stated = {
  job?: Partial<JobToTrace>;
  account?: Account;
  refused?: Parameters<typeof memoryReader>[1];
  /** The snapshot holds no steps of executions. */
  isSnapshot?: boolean;
  seen?: Awaited<ReturnType<GatherContext['recallExecution']>>;
  roles?: Config['roles'];
};

const trace = async ({ job, account, refused, isSnapshot, seen, roles }: Stated) => {
  const { reader: whole, calls } = memoryReader({ ...ACCOUNT, ...account }, refused);
  const listExecutionSteps = async () => notRead('steps.json', NOT_IN_SNAPSHOT, 'no such file');
  const reader = isSnapshot ? { ...whole, listExecutionSteps } : whole;
  const config: Config = { version: 1, ...(roles && { roles }) };
  const traced = await traceJob(
    {
      kind: 'training-job',
      arn: JOB,
      name: NAME,
      caller: { principalArn: FRAUD, claim: claim() },
      seenAt: SEEN_AT,
      ...job,
    },
    {
      reader,
      config,
      recallExecution: async (id) => (seen?.executionArn.endsWith(id) ? seen : undefined),
      evidence: accountEvidence(reader, config),
    },
  );
  return { ...traced, calls };
};

const byMallory = { caller: { principalArn: MALLORY, claim: claim() } };
const SESSION = 'arn:aws:sts::111122223333:assumed-role/fraud/x';
const BY_EVENT = { executionArn: EXECUTION, stepName: 'Train' };
const START_SEEN = { executionArn: EXECUTION, parameters: {} };
const EXECUTION_DESCRIBED: Account = {
  executionFacts: { [EXECUTION]: { executionArn: EXECUTION, versionId: 2, parameters: {} } },
};
const CHANGED_ROLE: Account = {
  executions: { [ID]: { pipelineName: 'fraud', roleArn: role('pipelines/new'), definitionText } },
};

describe('a job is a pipeline’s', () => {
  test.each<[string, Stated]>([
    ['by SageMaker’s own event', { job: { caller: undefined, step: BY_EVENT } }],
    ['by SageMaker’s own event, whatever its list says', { job: { step: BY_EVENT }, account: OTHERS }],
    [
      'by SageMaker’s own event, and the role that called, in a session of any name',
      { job: { step: BY_EVENT, caller: { principalArn: FRAUD } } },
    ],
    ['by SageMaker’s list of the execution’s steps', { account: STARTED }],
    [
      'by the list of an execution whose start was seen, where nothing else names it',
      { job: { caller: { principalArn: FRAUD, claim: UNNAMED } }, account: LISTED, seen: START_SEEN },
    ],
    [
      'by the list of the execution that its tag names, in a session of any name',
      { job: { caller: { principalArn: FRAUD, claim: claim({ by: 'tag' }) } }, account: LISTED },
    ],
    [
      'by the list of the execution in its name, where nobody tells who created it',
      { job: { caller: undefined }, account: LISTED, seen: START_SEEN },
    ],
    [
      'by the list, where the session names no role, and is one of the pipeline’s',
      { job: { caller: { sessionArn: SESSION, claim: claim() } }, account: LISTED },
    ],
    [
      'by the list, where the version that ran had the role that called',
      {
        account: {
          ...LISTED,
          ...CHANGED_ROLE,
          ...EXECUTION_DESCRIBED,
          pipelineVersions: { 'fraud 2': pipeline },
        },
      },
    ],
    [
      'in a snapshot without steps, by the start, the role and the step',
      { isSnapshot: true, seen: START_SEEN },
    ],
    [
      'in a snapshot without steps, by the execution’s own file, the role and the step',
      { isSnapshot: true, account: EXECUTION_DESCRIBED },
    ],
  ])('%s', async (_, stated) => {
    expect(await trace(stated)).toMatchObject({
      origin: { startedBy: 'pipeline', pipelineName: 'fraud', executionId: ID },
      tie: { executionArn: EXECUTION },
    });
  });
});

describe('a job is its creator’s, who poses as a pipeline’s step,', () => {
  const IN_SNAPSHOT = { isSnapshot: true, seen: START_SEEN };
  const CREATED = `${MALLORY} created it, and the pipeline runs under ${FRAUD}`;

  test.each<[string, Stated, string]>([
    [
      'where no step has started it, although the pipeline’s role called',
      { account: OTHERS },
      'no step of that execution has started it',
    ],
    [
      'where the step that is named has started another',
      { account: lists(train({ isRunning: false }), train({ name: 'Prepare', jobArns: [] })) },
      'no step of that execution has started it',
    ],
    ['where there is no such execution', {}, 'there is no such execution'],
    [
      'where an execution of another pipeline has that id',
      {
        job: {
          caller: { principalArn: FRAUD, claim: claim({ executionArn: EXECUTION.replace('fraud', 'x') }) },
        },
        seen: START_SEEN,
      },
      'there is no such execution',
    ],
    ...(
      [
        ['account', EXECUTION.replace('111122223333', '999988887777')],
        ['Region', EXECUTION.replace('eu-west-1', 'us-east-1')],
      ] as const
    ).map(([what, executionArn]): [string, Stated, string] => [
      `where the execution is of another ${what}`,
      {
        job: { caller: { principalArn: FRAUD, claim: claim({ executionArn }) } },
        account: { steps: { [executionArn]: [train({ jobArns: [JOB] })] } },
      },
      'that execution is of another account or Region',
    ]),
    [
      'where another role called, although SageMaker names a job of that name',
      { job: { ...byMallory, step: BY_EVENT } },
      CREATED,
    ],
    [
      'where another role called, although SageMaker lists a job of that name',
      { job: byMallory, account: LISTED },
      CREATED,
    ],
    [
      'where another role called, and the steps may not be read',
      { job: byMallory, refused: ['listExecutionSteps'] },
      CREATED,
    ],
    [
      'where another role called, and the step may have started others before',
      { job: byMallory, account: lists(train({ isRetried: true })) },
      CREATED,
    ],
    ['in a snapshot, where another role called', { ...IN_SNAPSHOT, job: byMallory }, CREATED],
    [
      'in a snapshot, where a session of another role called',
      {
        ...IN_SNAPSHOT,
        job: { caller: { sessionArn: SESSION.replace('fraud', 'mallory'), claim: claim() } },
      },
      'created it, and the pipeline runs under',
    ],
    [
      'in a snapshot, where a role of that name in another account called',
      {
        ...IN_SNAPSHOT,
        job: { caller: { principalArn: FRAUD.replace('111122223333', '999988887777'), claim: claim() } },
      },
      'created it, and the pipeline runs under',
    ],
    [
      'in a snapshot, where the definition that ran has no such step',
      { ...IN_SNAPSHOT, job: { caller: { principalArn: FRAUD, claim: claim({ stepNameStart: 'Leak' }) } } },
      'that execution has no such step',
    ],
    [
      'in a snapshot, where the step makes no such jobs',
      {
        ...IN_SNAPSHOT,
        job: { caller: { principalArn: FRAUD, claim: claim({ stepNameStart: 'Prepare' }) } },
      },
      'that execution has no such step',
    ],
    [
      'where nothing names the execution, and no pipeline may run under the role that called',
      {
        job: { caller: { principalArn: MALLORY, claim: UNNAMED } },
        roles: { execution: [role('pipelines/*')] },
      },
      `roles.execution does not list ${MALLORY}`,
    ],
    [
      'in a snapshot without its pipeline, where no pipeline may run under the role that called',
      {
        ...IN_SNAPSHOT,
        job: byMallory,
        account: { pipelines: {}, executions: {} },
        roles: { execution: [role('pipelines/*')] },
      },
      `roles.execution does not list ${MALLORY}`,
    ],
  ])('%s', async (_, stated, why) => {
    const { origin, tie, gap } = await trace(stated);
    expect([tie, gap]).toEqual([undefined, undefined]);
    expect(origin).toEqual({ startedBy: 'caller', falseClaim: expect.stringContaining(why) });
  });
});

describe('a job is its creator’s, who says nothing else,', () => {
  const byTag = { caller: { principalArn: MALLORY, claim: claim({ by: 'tag' }) } };

  test.each<[string, Stated, string[]]>([
    ['where its record says who', { job: { caller: { principalArn: MALLORY } }, account: LISTED }, []],
    [
      'where its tag names an execution that has not started it',
      { job: byTag, account: OTHERS },
      ['listExecutionSteps'],
    ],
    ['where its tag names an execution that is none', { job: byTag }, ['listExecutionSteps']],
    [
      'where its tag cannot be confirmed',
      { job: byTag, refused: ['listExecutionSteps'] },
      ['listExecutionSteps'],
    ],
    ['in a snapshot, whatever its tag', { job: byTag, isSnapshot: true, seen: START_SEEN }, []],
    [
      'where its tag names an execution of another account',
      {
        job: {
          caller: {
            principalArn: MALLORY,
            claim: claim({ by: 'tag', executionArn: EXECUTION.replace('111122223333', '999988887777') }),
          },
        },
      },
      [],
    ],
    ['where its name is none that pipelines give', { job: { caller: undefined, name: 'scratch' } }, []],
    [
      'where no pipeline makes jobs of its kind',
      { job: { caller: undefined, kind: 'labeling-job', arn: JOB.replace('training', 'labeling') } },
      [],
    ],
    [
      'where the execution in its name has not started it',
      { job: { caller: undefined }, account: OTHERS, seen: START_SEEN },
      ['listExecutionSteps', 'describeExecutionDefinition'],
    ],
  ])('%s', async (_, stated, called) => {
    const { calls, ...traced } = await trace(stated);
    expect(traced).toEqual({ origin: { startedBy: 'caller' } });
    expect(calls.map((call) => call.split(' ')[0])).toEqual(called);
  });
});

describe('nobody knows who started a job', () => {
  const inSnapshot = (more: Stated): Stated => ({ isSnapshot: true, ...more });

  test.each<[string, Stated, string]>([
    ['where the steps may not be read', { refused: ['listExecutionSteps'] }, 'AccessDeniedException'],
    ['where the execution was seen, and is gone', { seen: START_SEEN }, 'Absent'],
    [
      'where its step was tried before, of which SageMaker lists only the last attempt',
      { account: lists(train({ isRetried: true, isRunning: false })) },
      'NotTold',
    ],
    ['where its step has just begun', { account: lists(train({ jobArns: [] })) }, 'NotTold'],
    [
      'where the last attempt of its step began after it was created',
      { account: lists(train({ startedAt: AFTER, isRunning: false })) },
      'NotTold',
    ],
    [
      'where its step has just begun, and the definition that runs may not be read',
      { account: lists(train({ jobArns: [] })), refused: ['describeExecutionDefinition'] },
      'NotTold',
    ],
    [
      'where nothing names its execution',
      { job: { caller: { principalArn: FRAUD, claim: UNNAMED } } },
      'NotNamed',
    ],
    [
      'where nothing names its execution, and the role that called may be a pipeline’s',
      {
        job: { caller: { principalArn: FRAUD, claim: UNNAMED } },
        roles: { execution: [role('pipelines/*')] },
      },
      'NotNamed',
    ],
    [
      'where SageMaker names it, and the pipeline’s role may not be read',
      { job: { step: BY_EVENT }, account: { executions: {} }, refused: ['describePipeline'] },
      'AccessDeniedException',
    ],
    [
      'where SageMaker names it, another role called, and the pipeline was changed since',
      {
        account: {
          ...LISTED,
          executions: {
            [ID]: {
              pipelineName: 'fraud',
              roleArn: role('pipelines/new'),
              modifiedAt: AFTER,
              definitionText,
            },
          },
        },
      },
      'Changed',
    ],
    ['where only its name says that a pipeline did', { job: { caller: undefined } }, 'NotNamed'],
    [
      'where the execution in its name may not be read',
      { job: { caller: undefined }, refused: ['listExecutionSteps'], seen: START_SEEN },
      'AccessDeniedException',
    ],
    [
      'where SageMaker names an execution of another account',
      {
        job: {
          step: { executionArn: EXECUTION.replace('111122223333', '999988887777') },
          caller: undefined,
        },
      },
      'OutsideScope',
    ],
    ['in a snapshot that neither holds the execution nor its start', inSnapshot({}), 'Absent'],
    [
      'in a snapshot that lacks the pipeline',
      inSnapshot({ seen: START_SEEN, account: { pipelines: {}, executions: {} } }),
      'Absent',
    ],
    [
      'in a snapshot, by its name alone',
      inSnapshot({ job: { caller: undefined }, seen: START_SEEN }),
      NOT_IN_SNAPSHOT,
    ],
    [
      'where it is of another account',
      { job: { arn: JOB.replace('111122223333', '999988887777') }, account: LISTED },
      'OutsideScope',
    ],
  ])('%s', async (_, stated, code) => {
    const { origin, tie, gap } = await trace(stated);
    expect(tie).toBeUndefined();
    expect(origin).toMatchObject({ startedBy: 'unknown', unread: { code } });
    expect(gap).toMatchObject({ code });
  });

  test.each<[string, Partial<JobToTrace>]>([
    ['whose record is looked at by itself', { hasRecord: true }],
    ['that has no name, as a model package in a group', { kind: 'model-package', name: undefined }],
  ])('%s, which is no gap and needs no call', async (_, job) => {
    const { origin, gap, calls } = await trace({ job: { caller: undefined, ...job }, seen: START_SEEN });
    expect(origin).toMatchObject({ startedBy: 'unknown', unread: { code: 'NotNamed' } });
    expect([gap, calls]).toEqual([undefined, []]);
  });
});

test('the pipeline was not changed since a time before the job', async () => {
  const executions = {
    [ID]: { pipelineName: 'fraud', roleArn: role('pipelines/new'), modifiedAt: BEFORE, definitionText },
  };
  expect(await trace({ account: { ...LISTED, executions } })).toMatchObject({
    origin: { startedBy: 'caller', falseClaim: expect.stringContaining('created it') },
  });
});

test('the steps of an execution and its definition are asked for once', async () => {
  const { calls } = await trace({ account: LISTED });
  expect(calls).toEqual([`listExecutionSteps ${EXECUTION}`, `describeExecutionDefinition ${ID}`]);
});
