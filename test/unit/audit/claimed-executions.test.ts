import { describe, expect, test } from '@jest/globals';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { readEvents } from '../../../shared/events/read-events.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { ExecutionStep } from '../../../shared/reader/reader.ts';
import { mergeRequests } from '../../../shared/requests/merge.ts';
import { seenExecutions } from '../../../shared/requests/seen-executions.ts';
import { contextOf, pipelineOf, role, training } from '../../support/builders/audit.ts';
import { cloudTrail, sagemakerArn, session } from '../../support/builders/events.ts';
import type { Account } from '../../support/builders/memory-reader.ts';

const ID = 'a1b2c3d4e5f6';
const EXECUTION = sagemakerArn(`pipeline/fraud/execution/${ID}`);
const NAME = `fraud-train-${ID}-Ab3dEf6hIj`;
const JOB = sagemakerArn(`training-job/${NAME}`);
const TIME = '2026-11-24T09:00:00Z';

const CONFIG: Partial<Config> = {
  prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud'], roles: [role('pipelines/*')] }],
};

const account = (...steps: ExecutionStep[]): Account => {
  const pipelines = pipelineOf([training('Train')]);
  const definitionText = pipelines.pipelines?.fraud?.definitionText ?? '';
  return {
    ...pipelines,
    executions: { [ID]: { pipelineName: 'fraud', roleArn: role('pipelines/fraud'), definitionText } },
    steps: { [EXECUTION]: steps },
    jobs: {
      [NAME]: { kind: 'training-job', name: NAME, arn: JOB, roleArns: [role('steps/train')] },
      [NAME.toLowerCase()]: { kind: 'training-job', name: NAME, arn: JOB, roleArns: [role('steps/train')] },
    },
  };
};
const train = (...jobArns: string[]): ExecutionStep => ({
  name: 'Train',
  jobArns,
  isRunning: true,
  isRetried: false,
});

const START = cloudTrail(
  'StartPipelineExecution',
  { pipelineName: 'fraud' },
  { eventTime: TIME, eventID: 'start', responseElements: { pipelineExecutionArn: EXECUTION } },
);
const record = (by: string, sessionName: string, runsAs = 'steps/train') =>
  cloudTrail(
    'CreateTrainingJob',
    {
      trainingJobName: NAME,
      roleArn: role(runsAs),
      tags: [{ key: 'sagemaker:pipeline-execution-arn', value: EXECUTION }],
    },
    {
      eventTime: TIME,
      eventID: 'record',
      userIdentity: session(by, sessionName),
      responseElements: { trainingJobArn: JOB },
    },
  );
const native = (detailType: string, id: string, detail: object) => ({
  'detail-type': detailType,
  source: 'aws.sagemaker',
  id,
  time: TIME,
  resources: [],
  detail,
});
const state = (runsAs = 'steps/train') =>
  native('SageMaker Training Job State Change', 'state', {
    TrainingJobName: NAME,
    TrainingJobArn: JOB,
    RoleArn: role(runsAs),
    TrainingJobStatus: 'InProgress',
  });
const STEP = native('SageMaker Model Building Pipeline Execution Step Status Change', 'step', {
  stepName: 'Train',
  pipelineExecutionArn: EXECUTION,
  metadata: { trainingJob: { arn: JOB } },
});

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, index) =>
        permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
      );

/** What is open after batches of events, as `control STATUS resource`. */
const openAfter = async (batches: readonly (readonly object[])[], from: Account): Promise<string[]> => {
  const store = memoryStore();
  const { context } = contextOf(from, [], { config: CONFIG });
  const open = new Map<string, Finding>();
  let time = Date.parse('2026-11-24T10:00:00Z');
  for (const batch of batches) {
    const requests = mergeRequests(readEvents([...batch] as Json, 'events').requests);
    for (const execution of seenExecutions(requests)) await store.rememberExecution(execution);
    for (const request of requests) {
      time += 1000;
      const now = new Date(time);
      const { observations } = await auditResource(request, {
        ...context,
        now: () => now,
        recallExecution: (id) => store.recallExecution(id),
      });
      for (const observation of observations) {
        const { changes } = await store.observe(observation);
        for (const { kind, finding } of changes) {
          if (kind === 'resolved' || kind === 'expired') open.delete(finding.id);
          else open.set(finding.id, finding);
        }
        await store.acknowledge(observation.resourceArn, changes, []);
      }
    }
  }
  return [...open.values()]
    .map(({ control, status, resource, subject }) =>
      [control, status, resource.arn.split(':').at(-1), subject].filter(Boolean).join(' '),
    )
    .toSorted();
};

const POSING = [
  `job-name-prefix FAILED training-job/${NAME}`,
  `job-role-as-declared FAILED training-job/${NAME}`,
];

describe.each<[string, object[], Account, string[]]>([
  [
    'a job that a step started is clean',
    [START, record('pipelines/fraud', `sagemaker-pipeline-${ID}-Train`), state(), STEP],
    account(train(JOB)),
    [],
  ],
  [
    'a job that a step started under another role makes a finding on the pipeline',
    [START, record('pipelines/fraud', `sagemaker-pipeline-${ID}-Train`, 'admin'), state('admin')],
    account(train(JOB)),
    ['job-role-as-declared FAILED pipeline/fraud jobs'],
  ],
  [
    'a job whose creator poses as a step makes a finding on the job',
    [START, record('mallory', `sagemaker-pipeline-${ID}-Train`), state()],
    account(train()),
    POSING,
  ],
  [
    'a job whose creator uses the execution role to pose as a step that started nothing makes a finding on the job',
    [START, record('pipelines/fraud', `sagemaker-pipeline-${ID}-Train`), state()],
    account(train(sagemakerArn('training-job/other'))),
    [`job-role-as-declared FAILED training-job/${NAME}`],
  ],
  [
    'a job with a copied name and tag of a pipeline’s job makes a finding on the job',
    [START, record('mallory', 'maya', 'admin'), state('admin')],
    account(train()),
    POSING,
  ],
  [
    'a job that somebody re-created under the name of a step’s job makes a finding on the job',
    [START, record('mallory', `sagemaker-pipeline-${ID}-Train`), state()],
    account(train(JOB)),
    POSING,
  ],
])('%s', (_, events, from, expected) => {
  test('in whatever order its events come, one by one', async () => {
    for (const order of permutations(events))
      expect(
        await openAfter(
          order.map((event) => [event]),
          from,
        ),
      ).toEqual(expected);
  });

  test('in whatever order they come together', async () => {
    for (const order of permutations(events)) expect(await openAfter([order], from)).toEqual(expected);
  });
});
