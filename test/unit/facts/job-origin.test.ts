import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import type { GatherContext } from '../../../shared/facts/gathered.ts';
import { type JobToTrace, traceJob } from '../../../shared/facts/job-origin.ts';
import { NOT_IN_SNAPSHOT, notRead } from '../../../shared/reader/read-result.ts';
import type { ExecutionStep } from '../../../shared/reader/reader.ts';

import type { ExecutionClaim } from '../../../shared/requests/audit-request.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

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
/** An account in which SageMaker lists these steps of the execution. */
const lists = (...steps: ExecutionStep[]): Account => ({ steps: { [EXECUTION]: steps } });
/** An account in which SageMaker says that the step started the job. */
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
  /** The ARN under which the snapshot has the execution. */
  found?: string;
  /** Whether the reader is a snapshot without the steps of executions. */
  isSnapshot?: boolean;
  seen?: Awaited<ReturnType<GatherContext['recallExecution']>>;
  roles?: Config['roles'];
};

const trace = async ({ job, account, refused, isSnapshot, seen, roles, found: foundArn }: Stated) => {
  const { reader: whole, calls } = memoryReader({ ...ACCOUNT, ...account }, refused);
  const listExecutionSteps = async () => notRead('steps.json', NOT_IN_SNAPSHOT, 'no such file');
  const findExecution = async (id: string) => (id === ID ? foundArn : undefined);
  const reader = {
    ...whole,
    ...(isSnapshot && { listExecutionSteps }),
    ...(foundArn !== undefined && { findExecution }),
  };
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
      now: () => NOW,
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

describe('a job belongs to a pipeline', () => {
  test.each<[string, Stated]>([
    ['by SageMaker’s own event', { job: { caller: undefined, step: BY_EVENT } }],
    ['by SageMaker’s own event, whatever its list says', { job: { step: BY_EVENT }, account: OTHERS }],
    [
      'by SageMaker’s own event and the calling role, whatever the session’s name',
      { job: { step: BY_EVENT, caller: { principalArn: FRAUD } } },
    ],
    ['by SageMaker’s list of the execution’s steps', { account: STARTED }],
    [
      'by the steps of an execution whose start was recorded, if nothing else names it',
      { job: { caller: { principalArn: FRAUD, claim: UNNAMED } }, account: LISTED, seen: START_SEEN },
    ],
    [
      'by the steps of an execution whose files the snapshot has, if nothing else names it',
      { job: { caller: { principalArn: FRAUD, claim: UNNAMED } }, account: LISTED, found: EXECUTION },
    ],
    [
      'by the steps of the execution in its tag, whatever the session’s name',
      { job: { caller: { principalArn: FRAUD, claim: claim({ by: 'tag' }) } }, account: LISTED },
    ],
    [
      'by the steps of the execution in its name, if its creator is unknown',
      { job: { caller: undefined }, account: LISTED, seen: START_SEEN },
    ],
    [
      'by the steps, if the session names no role and is one of the pipeline’s',
      { job: { caller: { sessionArn: SESSION, claim: claim() } }, account: LISTED },
    ],
    [
      'by the steps, if the version that ran had the calling role',
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
      'in a snapshot without steps, by the recorded start, the calling role and a fitting step',
      { isSnapshot: true, seen: START_SEEN },
    ],
    [
      'in a snapshot without steps, by the execution’s file, the calling role and a fitting step',
      { isSnapshot: true, account: EXECUTION_DESCRIBED },
    ],
  ])('%s', async (_, stated) => {
    expect(await trace(stated)).toMatchObject({
      origin: { startedBy: 'pipeline', pipelineName: 'fraud', executionId: ID },
      tie: { executionArn: EXECUTION },
    });
  });
});

describe('a job belongs to a creator who poses as a pipeline’s step,', () => {
  const IN_SNAPSHOT = { isSnapshot: true, seen: START_SEEN };
  const CREATED = `${MALLORY} created it, and the pipeline runs under ${FRAUD}`;

  test.each<[string, Stated, string]>([
    [
      'if no step started it, although the pipeline’s role called',
      { account: OTHERS },
      'no step of that execution has started it',
    ],
    [
      'if the named step started another job',
      { account: lists(train({ isRunning: false }), train({ name: 'Prepare', jobArns: [] })) },
      'no step of that execution has started it',
    ],
    ['where there is no such execution', {}, 'there is no such execution'],
    [
      'if the execution id belongs to another pipeline',
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
      'if another role called, although SageMaker’s event names a job with that name',
      { job: { ...byMallory, step: BY_EVENT } },
      CREATED,
    ],
    [
      'if another role called, although SageMaker’s list contains a job with that name',
      { job: byMallory, account: LISTED },
      CREATED,
    ],
    [
      'if another role called, and the steps cannot be read',
      { job: byMallory, refused: ['listExecutionSteps'] },
      CREATED,
    ],
    [
      'if another role called, and the step may have started other jobs before',
      { job: byMallory, account: lists(train({ isRetried: true })) },
      CREATED,
    ],
    ['in a snapshot, where another role called', { ...IN_SNAPSHOT, job: byMallory }, CREATED],
    [
      'in a snapshot, if a session of another role called',
      {
        ...IN_SNAPSHOT,
        job: { caller: { sessionArn: SESSION.replace('fraud', 'mallory'), claim: claim() } },
      },
      'created it, and the pipeline runs under',
    ],
    [
      'in a snapshot, if a role with that name in another account called',
      {
        ...IN_SNAPSHOT,
        job: { caller: { principalArn: FRAUD.replace('111122223333', '999988887777'), claim: claim() } },
      },
      'created it, and the pipeline runs under',
    ],
    [
      'in a snapshot, if the definition that ran has no such step',
      { ...IN_SNAPSHOT, job: { caller: { principalArn: FRAUD, claim: claim({ stepNameStart: 'Leak' }) } } },
      'that execution has no such step',
    ],
    [
      'in a snapshot, if the step makes no such jobs',
      {
        ...IN_SNAPSHOT,
        job: { caller: { principalArn: FRAUD, claim: claim({ stepNameStart: 'Prepare' }) } },
      },
      'that execution has no such step',
    ],
    [
      'if nothing names the execution, and pipelines may not run under the calling role',
      {
        job: { caller: { principalArn: MALLORY, claim: UNNAMED } },
        roles: { execution: [role('pipelines/*')] },
      },
      `roles.execution does not list ${MALLORY}`,
    ],
    [
      'in a snapshot without its pipeline, if pipelines may not run under the calling role',
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

describe('a job belongs to a creator who claims no pipeline,', () => {
  const byTag = { caller: { principalArn: MALLORY, claim: claim({ by: 'tag' }) } };

  test.each<[string, Stated, string[]]>([
    ['where its record says who', { job: { caller: { principalArn: MALLORY } }, account: LISTED }, []],
    [
      'if its tag names an execution that did not start it',
      { job: byTag, account: OTHERS },
      ['listExecutionSteps'],
    ],
    ['where its tag names an execution that is none', { job: byTag }, ['listExecutionSteps']],
    [
      'if its tag cannot be confirmed',
      { job: byTag, refused: ['listExecutionSteps'] },
      ['listExecutionSteps'],
    ],
    ['in a snapshot, whatever its tag', { job: byTag, isSnapshot: true, seen: START_SEEN }, []],
    [
      'if its tag names an execution of another account',
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
      'if no pipeline makes jobs of its kind',
      { job: { caller: undefined, kind: 'labeling-job', arn: JOB.replace('training', 'labeling') } },
      [],
    ],
    [
      'if the execution in its name did not start it',
      { job: { caller: undefined }, account: OTHERS, seen: START_SEEN },
      ['listExecutionSteps', 'describeExecutionDefinition'],
    ],
  ])('%s', async (_, stated, called) => {
    const { calls, ...traced } = await trace(stated);
    expect(traced).toEqual({ origin: { startedBy: 'caller' } });
    expect(calls.map((call) => call.split(' ')[0])).toEqual(called);
  });
});

describe('the starter of a job is unknown', () => {
  const inSnapshot = (more: Stated): Stated => ({ isSnapshot: true, ...more });

  test.each<[string, Stated, string]>([
    ['where the steps may not be read', { refused: ['listExecutionSteps'] }, 'AccessDeniedException'],
    ['where the execution was seen, and is gone', { seen: START_SEEN }, 'Absent'],
    [
      'if its step was retried, because SageMaker lists only the last attempt',
      { account: lists(train({ isRetried: true, isRunning: false })) },
      'NotTold',
    ],
    ['where its step has just begun', { account: lists(train({ jobArns: [] })) }, 'NotTold'],
    [
      'if the last attempt of its step began after the job was created',
      { account: lists(train({ startedAt: AFTER, isRunning: false })) },
      'NotTold',
    ],
    [
      'if its step has just begun, and the running definition cannot be read',
      { account: lists(train({ jobArns: [] })), refused: ['describeExecutionDefinition'] },
      'NotTold',
    ],
    [
      'if nothing names its execution',
      { job: { caller: { principalArn: FRAUD, claim: UNNAMED } } },
      'NotNamed',
    ],
    [
      'if nothing names its execution, and the calling role may be a pipeline’s',
      {
        job: { caller: { principalArn: FRAUD, claim: UNNAMED } },
        roles: { execution: [role('pipelines/*')] },
      },
      'NotNamed',
    ],
    [
      'if SageMaker names it, and the pipeline’s role cannot be read',
      { job: { step: BY_EVENT }, account: { executions: {} }, refused: ['describePipeline'] },
      'AccessDeniedException',
    ],
    [
      'if SageMaker names it, another role called, and the pipeline was changed since',
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
      'if the execution in its name cannot be read',
      { job: { caller: undefined }, refused: ['listExecutionSteps'], seen: START_SEEN },
      'AccessDeniedException',
    ],
    [
      'if SageMaker names an execution of another account',
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
      'if it is of another account',
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
  ])('%s, which makes no gap and needs no call', async (_, job) => {
    const { origin, gap, calls } = await trace({ job: { caller: undefined, ...job }, seen: START_SEEN });
    expect(origin).toMatchObject({ startedBy: 'unknown', unread: { code: 'NotNamed' } });
    expect([gap, calls]).toEqual([undefined, []]);
  });
});

test('a pipeline that was last changed before the job is not taken for changed', async () => {
  const executions = {
    [ID]: { pipelineName: 'fraud', roleArn: role('pipelines/new'), modifiedAt: BEFORE, definitionText },
  };
  expect(await trace({ account: { ...LISTED, executions } })).toMatchObject({
    origin: { startedBy: 'caller', falseClaim: expect.stringContaining('created it') },
  });
});

test('the steps of an execution and its definition are read only once', async () => {
  const { calls } = await trace({ account: LISTED });
  expect(calls).toEqual([`listExecutionSteps ${EXECUTION}`, `describeExecutionDefinition ${ID}`]);
});
