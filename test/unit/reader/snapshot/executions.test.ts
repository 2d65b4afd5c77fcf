import { afterEach, describe, expect, test } from '@jest/globals';
import type { ExecutionStarted } from '../../../../shared/definition/execution-ref.ts';
import {
  ACCOUNT,
  removeFolders,
  role,
  snapshotOf,
  unreadOf,
} from '../../../support/builders/snapshot-folder.ts';

afterEach(removeFolders);

const FOLDER = 'sagemaker/pipelines/Fraud';
const ARN = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud/execution/kytlemm1lvpq`;
const ROLE = role('pipelines/fraud');

const pipeline = (definition: string, more: object = {}) => ({
  PipelineName: 'Fraud',
  RoleArn: ROLE,
  PipelineDefinition: definition,
  ...more,
});
const versions = (...madeAt: (string | undefined)[]) => ({
  PipelineVersionSummaries: madeAt.map((CreationTime, index) => ({
    PipelineVersionId: index + 1,
    ...(CreationTime && { CreationTime }),
  })),
});
const described = (more: object) => ({ PipelineExecutionArn: ARN, ...more });

const PRESENT = { [`${FOLDER}/pipeline.json`]: pipeline('present') };
const THREE = {
  ...PRESENT,
  [`${FOLDER}/versions.json`]: versions(
    '2026-11-01T00:00:00Z',
    '2026-11-02T00:00:00Z',
    '2026-11-03T00:00:00Z',
  ),
};
const SECOND = { [`${FOLDER}/versions/2.json`]: pipeline('second') };

const started = (at: string, more: Partial<ExecutionStarted> = {}): ExecutionStarted => ({
  at,
  isVersionChosen: more.versionId !== undefined,
  ...more,
});

const ran = async (files: Record<string, unknown>, how?: ExecutionStarted) => {
  const execution = { executionArn: ARN };
  const read = await (await snapshotOf(files)).describeExecutionDefinition({
    ...execution,
    howStarted: async () => how,
  });
  return read.ok ? read.value.definitionText : read.unread.code;
};

describe('the definition that an execution ran', () => {
  test.each<[string, Record<string, unknown>, ExecutionStarted | undefined, string]>([
    [
      'is that of its own file',
      { ...THREE, [`${FOLDER}/executions/kytlemm1lvpq-definition.json`]: { PipelineDefinition: 'own' } },
      started('2026-11-09T00:00:00Z'),
      'own',
    ],
    [
      'is the present one, where it was started since that was made',
      THREE,
      started('2026-11-03T00:00:00Z'),
      'present',
    ],
    [
      'is the present one, where its caller chose the newest version',
      THREE,
      started('', { versionId: 3 }),
      'present',
    ],
    [
      'is the present one, where there is no other',
      { ...PRESENT, [`${FOLDER}/versions.json`]: versions('2026-11-01T00:00:00Z') },
      undefined,
      'present',
    ],
    [
      'is the present one, where no version is told and it was not changed since',
      { [`${FOLDER}/pipeline.json`]: pipeline('present', { LastModifiedTime: '2026-11-03T00:00:00Z' }) },
      started('2026-11-03T00:00:01Z'),
      'present',
    ],
    [
      'is the present one, where nothing speaks of another',
      PRESENT,
      started('2026-11-03T00:00:01Z'),
      'present',
    ],
    [
      'is that of the version of that time, where its file is there',
      { ...THREE, ...SECOND },
      started('2026-11-02T12:00:00Z'),
      'second',
    ],
    [
      'is that of the version that was chosen, where its file is there',
      { ...THREE, ...SECOND },
      started('', { versionId: 2 }),
      'second',
    ],
    [
      'is that of the version that its description tells',
      {
        ...THREE,
        ...SECOND,
        [`${FOLDER}/executions/kytlemm1lvpq.json`]: described({ PipelineVersionId: 2 }),
      },
      undefined,
      'second',
    ],
    [
      'is that of the version that its description tells, though the record of its start tells none',
      {
        ...THREE,
        ...SECOND,
        [`${FOLDER}/executions/kytlemm1lvpq.json`]: described({ PipelineVersionId: 2 }),
      },
      started('2026-11-09T00:00:00Z'),
      'second',
    ],
    [
      'is the present one by the time in its description',
      {
        ...THREE,
        [`${FOLDER}/executions/kytlemm1lvpq.json`]: described({ CreationTime: '2026-11-04T00:00:00Z' }),
      },
      undefined,
      'present',
    ],
  ])('%s', async (_, files, how, definition) => {
    expect(await ran(files, how)).toBe(definition);
  });

  test.each<[string, Record<string, unknown>, ExecutionStarted | undefined]>([
    ['an older version was chosen, whose file is missing', THREE, started('', { versionId: 2 })],
    ['a version was chosen that the snapshot does not know', THREE, started('', { versionId: 9 })],
    ['a version was chosen, and no versions are listed', PRESENT, started('', { versionId: 1 })],
    ['an alias was chosen', THREE, started('2026-11-09T00:00:00Z', { isVersionChosen: true })],
    ['an older version was the newest then', THREE, started('2026-11-02T12:00:00Z')],
    [
      'a version was made in the second of its start',
      { ...PRESENT, [`${FOLDER}/versions.json`]: versions('2026-11-01T00:00:00Z', '2026-11-02T00:00:00.5Z') },
      started('2026-11-02T00:00:00Z'),
    ],
    [
      'the pipeline was changed since',
      { [`${FOLDER}/pipeline.json`]: pipeline('present', { LastModifiedTime: '2026-11-03T00:00:02Z' }) },
      started('2026-11-03T00:00:01Z'),
    ],
    ['nobody tells when or how it was started', THREE, undefined],
    ['the pipeline is missing', {}, started('2026-11-03T00:00:01Z')],
  ])('is not in the snapshot where %s', async (_, files, how) => {
    expect(await ran(files, how)).toBe('NotInSnapshot');
  });

  test('comes with the name and the role of its pipeline', async () => {
    const reader = await snapshotOf(PRESENT);
    const execution = { executionArn: ARN };
    expect(
      await reader.describeExecutionDefinition({
        ...execution,
        howStarted: async () => started('2026-11-03T00:00:01Z'),
      }),
    ).toMatchObject({ value: { pipelineName: 'Fraud', roleArn: ROLE, definitionText: 'present' } });
  });

  test('that is missing is a gap that names the command for it', async () => {
    const reader = await snapshotOf(THREE);
    const execution = { executionArn: ARN };
    expect(unreadOf(await reader.describeExecutionDefinition(execution)).message).toContain(
      `\`aws sagemaker describe-pipeline-definition-for-execution --pipeline-execution-arn ${ARN}\``,
    );
  });
});

describe('a version of a pipeline', () => {
  test('that is the newest is the pipeline itself, others have files of their own', async () => {
    const reader = await snapshotOf({ ...THREE, ...SECOND });
    const textOf = async (versionId: number) => {
      const read = await reader.describePipelineVersion('fraud', versionId);
      return read.ok ? read.value.definitionText : read.unread.code;
    };
    expect([await textOf(3), await textOf(2), await textOf(1)]).toEqual([
      'present',
      'second',
      'NotInSnapshot',
    ]);
    expect(unreadOf(await reader.describePipelineVersion('fraud', 1)).message).toContain(
      '`aws sagemaker describe-pipeline --pipeline-name Fraud --pipeline-version-id 1` makes it',
    );
  });
});

describe('an execution of which only the id is known', () => {
  test.each(['kytlemm1lvpq.json', 'kytlemm1lvpq-steps.json', 'kytlemm1lvpq-definition.json'])(
    'is found by its file %s, with the name of its pipeline',
    async (file) => {
      const reader = await snapshotOf({ ...PRESENT, [`${FOLDER}/executions/${file}`]: {} });
      expect(await reader.findExecution?.('kytlemm1lvpq')).toBe(
        `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/Fraud/execution/kytlemm1lvpq`,
      );
    },
  );

  test('is not found by the file of another one, or without any', async () => {
    const others = { [`${FOLDER}/executions/kytlemm1lvpr.json`]: {}, [`${FOLDER}/executions/x.json`]: {} };
    for (const files of [PRESENT, { ...PRESENT, ...others }]) {
      const reader = await snapshotOf(files);
      for (const id of ['kytlemm1lvpq', 'x', '../pipeline'])
        expect(await reader.findExecution?.(id)).toBeUndefined();
    }
  });
});

describe('the steps of an execution', () => {
  const PATH = `${FOLDER}/executions/kytlemm1lvpq-steps.json`;
  const JOB = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/x`;
  const step = { StepName: 'Train', StepStatus: 'Executing', Metadata: { TrainingJob: { Arn: JOB } } };

  test('come with the jobs that they have started', async () => {
    const reader = await snapshotOf({ ...PRESENT, [PATH]: { PipelineExecutionSteps: [step] } });
    expect(await reader.listExecutionSteps(ARN)).toMatchObject({
      value: [{ name: 'Train', jobArns: [JOB] }],
    });
  });

  test.each<[string, unknown, string, RegExp]>([
    [
      'is missing',
      undefined,
      'NotInSnapshot',
      /`aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn .*` makes it$/,
    ],
    ['was cut', { PipelineExecutionSteps: [step], NextToken: 'x' }, 'NotInSnapshot', /was cut/],
    ['holds something else', { Steps: [step] }, 'Malformed', /no PipelineExecutionSteps/],
    [
      'holds a step without a name',
      { PipelineExecutionSteps: [{}] },
      'Malformed',
      /no PipelineExecutionSteps/,
    ],
  ])('are not read where the file %s', async (_, content, code, message) => {
    const reader = await snapshotOf({ ...PRESENT, ...(content === undefined ? {} : { [PATH]: content }) });
    expect(unreadOf(await reader.listExecutionSteps(ARN))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('are not looked for under a text that is not an ARN', async () => {
    const reader = await snapshotOf(PRESENT);
    for (const executionArn of ['', 'fraud', `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud`]) {
      expect(unreadOf(await reader.listExecutionSteps(executionArn)).code).toBe('InvalidName');
      expect(unreadOf(await reader.describeExecutionDefinition({ executionArn })).code).toBe('InvalidName');
    }
  });
});
