import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import type { AuditedType } from '../../../shared/domain/change.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import type { GatherContext, Gathered, SomeFacts } from '../../../shared/facts/gathered.ts';
import { groupBy } from '../../../shared/group-by.ts';
import { readDefinition } from '../../../shared/reader/answers/read-definition.ts';
import { found, NOT_IN_SNAPSHOT, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';

import type { AuditRequest, ExecutionStart, JobHint } from '../../../shared/requests/audit-request.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

const PIPELINE_ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const EXECUTION = 'a1b2c3d4e5f6';
const EXECUTION_ARN = `${PIPELINE_ARN}/execution/${EXECUTION}`;
const JOB_ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj';
const ROLES = 'arn:aws:iam::111122223333:role';
const FRAUD = `${ROLES}/pipelines/fraud`;
const TRIGGER = { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-24T09:00:00Z' };

const textOf = (...steps: unknown[]): string => JSON.stringify({ Version: '2020-12-01', Steps: steps });
const TRAIN = textOf(step('Train', 'Training', { TrainingJobName: 'fraud-train' }));
const pipelines = (definitionText = TRAIN) => ({
  fraud: { name: 'fraud', arn: PIPELINE_ARN, roleArn: FRAUD, definitionText },
});

type Options = {
  config?: Partial<Config>;
  refused?: Parameters<typeof memoryReader>[1];
  recalled?: Awaited<ReturnType<GatherContext['recallExecution']>>;
  overReader?: Partial<Reader>;
};

const look = async (
  request: AuditRequest,
  account: Account = {},
  { config, refused, recalled, overReader }: Options = {},
): Promise<
  Omit<Gathered<AuditedType>, 'facts'> & {
    facts: SomeFacts;
    calls: string[];
    gaps: string[];
    recalls: number;
  }
> => {
  const { reader: whole, calls } = memoryReader(
    { identities: { RoleDetailList: [] }, listing: [], ...account },
    refused,
  );
  const reader = { ...whole, ...overReader };
  const given = { version: 1 as const, ...config };
  let recalls = 0;
  const gathered = await gather(request, {
    reader,
    config: given,
    recallExecution: async () => {
      recalls++;
      return recalled;
    },
    evidence: accountEvidence(reader, given),
    now: () => NOW,
  });
  const facts: SomeFacts = gathered.facts;
  const { gaps } = facts;
  return {
    ...gathered,
    facts,
    calls,
    recalls,
    gaps: gaps?.ok ? gaps.value.map(({ call, code, subject }) => `${subject ?? call}: ${code}`) : [],
  };
};

describe('a pipeline', () => {
  const request = (changes: Partial<Extract<AuditRequest, { type: 'pipeline' }>> = {}): AuditRequest => ({
    type: 'pipeline',
    resource: { type: 'pipeline', arn: PIPELINE_ARN },
    name: 'fraud',
    changed: ['definition'],
    executions: [],
    deleted: false,
    trigger: TRIGGER,
    ...changes,
  });

  const swept = (): AuditRequest => {
    const { trigger: _, ...untriggered } = request() as Extract<AuditRequest, { type: 'pipeline' }>;
    return untriggered;
  };

  test('is read with one call, besides the identities of those who must pass its role, and the shares', async () => {
    const { facts, calls, gaps, gone, arn } = await look(request(), { pipelines: pipelines() });
    expect(calls).toEqual(['describePipeline fraud', 'readIdentities', 'readShares']);
    expect([gone, gaps, arn]).toEqual([false, [], PIPELINE_ARN]);
    expect(facts.overrides).toEqual({ ok: true, value: {} });
    expect(facts.definition?.ok && facts.definition.value.steps[0]?.name).toBe('Train');
  });

  test('has the ARN that AWS returns', async () => {
    const resource = { type: 'pipeline' as const, arn: PIPELINE_ARN.replace('fraud', 'FRAUD') };
    expect((await look(request({ resource }), { pipelines: pipelines() })).arn).toBe(PIPELINE_ARN);
  });

  test('is gone after its deletion was recorded', async () => {
    expect(await look(request({ deleted: true }))).toMatchObject({
      gone: true,
      facts: {},
      calls: ['describePipeline fraud', 'readIdentities'],
      follow: [],
    });
  });

  test('leads, after its deletion, to the roles that the configuration names, as nobody knows which it used', async () => {
    const listed = ['steps/train', 'pipelines/fraud', 'other'].map((path) => ({
      Arn: `arn:aws:iam::111122223333:role/${path}`,
      RoleName: path.split('/').at(-1) ?? '',
    }));
    const account = { identities: { RoleDetailList: listed } };
    const config = {
      roles: { steps: ['arn:aws:iam::*:role/steps/*'], execution: ['arn:aws:iam::*:role/pipelines/*'] },
    };
    const { follow } = await look(request({ deleted: true }), account, { config });
    expect(follow).toMatchObject(
      ['pipelines/fraud', 'steps/train'].map((path) => ({
        type: 'role',
        resource: { arn: `arn:aws:iam::111122223333:role/${path}` },
        changed: ['uses'],
        trigger: TRIGGER,
      })),
    );
    expect((await look({ ...swept(), deleted: true } as AuditRequest, account, { config })).follow).toEqual(
      [],
    );
  });

  test('is gone after its deletion was recorded, if a snapshot lacks it', async () => {
    const describePipeline = async () => notRead('pipeline.json', NOT_IN_SNAPSHOT, 'no such file');
    expect(await look(request({ deleted: true }), {}, { overReader: { describePipeline } })).toMatchObject({
      gone: true,
    });
  });

  test('is not gone if it exists again after its deletion was recorded', async () => {
    expect(await look(request({ deleted: true }), { pipelines: pipelines() })).toMatchObject({
      gone: false,
      gaps: [],
    });
  });

  test('is not gone if its deletion was recorded but AWS denies the read', async () => {
    const { gone, gaps } = await look(request({ deleted: true }), {}, { refused: ['describePipeline'] });
    expect([gone, gaps]).toEqual([false, ['describePipeline: AccessDeniedException']]);
  });

  test('makes a gap if it is absent and no deletion was recorded', async () => {
    const { gone, gaps, facts } = await look(request());
    expect([gone, gaps]).toEqual([false, ['describePipeline: Absent']]);
    expect(facts.pipeline).toMatchObject({
      ok: false,
      unread: {
        message: 'there is no fraud; it was deleted since, and its event does not hold the definition',
      },
    });
    expect(facts.definition).toBe(facts.pipeline);
  });

  test('is taken from its event if it is absent', async () => {
    const { facts, gaps, arn } = await look(
      request({ definitionChanges: [{ definitionText: TRAIN, roleArn: FRAUD, trigger: TRIGGER }] }),
    );
    expect([gaps, arn]).toEqual([[], PIPELINE_ARN]);
    expect(facts.pipeline).toMatchObject({ ok: true, value: { roleArn: FRAUD, name: 'fraud' } });
  });

  test.each([[{ definitionText: TRAIN }], [{ roleArn: FRAUD }]])(
    'is not taken from half an event: %j',
    async (told) => {
      const definitionChanges = [{ ...told, trigger: TRIGGER }];
      expect((await look(request({ definitionChanges }))).gaps).toEqual(['describePipeline: Absent']);
    },
  );

  test('is not taken from its event if it exists or AWS denies the read', async () => {
    const definitionChanges = [
      { definitionText: textOf(), roleArn: 'arn:aws:iam::111122223333:role/old', trigger: TRIGGER },
    ];
    const { facts } = await look(request({ definitionChanges }), { pipelines: pipelines() });
    expect(facts.pipeline).toMatchObject({ value: { roleArn: FRAUD } });
    const denied = await look(
      request({ definitionChanges }),
      { pipelines: pipelines() },
      { refused: ['describePipeline'] },
    );
    expect(denied.gaps).toEqual(['describePipeline: AccessDeniedException']);
  });

  test.each([
    ['account', PIPELINE_ARN.replace('111122223333', '999988887777')],
    ['Region', PIPELINE_ARN.replace('eu-west-1', 'us-east-1')],
  ])('of another %s makes a gap, without a call', async (_, arn) => {
    const { calls, gaps, facts } = await look(request({ resource: { type: 'pipeline', arn } }), {
      pipelines: pipelines(),
    });
    expect([calls, gaps]).toEqual([[], ['DescribePipeline: OutsideScope']]);
    expect(facts.pipeline?.ok).toBe(false);
  });

  test('whose definition is not JSON makes a gap with the place', async () => {
    expect((await look(request(), { pipelines: pipelines('{"Steps": [}') })).gaps).toEqual([
      'PipelineDefinition, line 1, column 12: Unreadable',
    ]);
    expect(readDefinition('[]').ok).toBe(false);
  });

  test('with a step of an unknown type has a gap of that name', async () => {
    const definitionText = textOf(step('Ask', 'Quantum'));
    expect((await look(request(), { pipelines: pipelines(definitionText) })).gaps).toEqual([
      'Ask: NotChecked',
    ]);
  });

  test('leads to the buckets that its steps read images from', async () => {
    const images = step('Label', 'Processing', {
      ProcessingInputs: [
        { S3Input: { S3Uri: 's3://acme-images/one.png' } },
        { S3Input: { S3Uri: 's3://acme-data/t.csv' } },
      ],
    });
    const { use, follow } = await look(swept(), { pipelines: pipelines(textOf(images)) });
    expect(use).toMatchObject({ imageInputs: [{ bucket: 'acme-images', step: 'Label' }] });
    expect(follow?.[0]).toEqual({
      type: 'bucket',
      resource: { type: 'bucket', arn: 'arn:aws:s3:::acme-images' },
      name: 'acme-images',
      changed: [],
      deleted: false,
    });
  });

  test('leads to the buckets in which its code lies, once each', async () => {
    const coded = step('Prepare', 'Processing', {
      ProcessingInputs: ['code', 'jars', 'data'].map((InputName) => ({
        InputName,
        S3Input: { S3Uri: `s3://acme-${InputName === 'data' ? 'data' : 'code'}/${InputName}.zip` },
      })),
    });
    const { follow = [] } = await look(swept(), { pipelines: pipelines(textOf(coded)) });
    expect(follow.filter(({ type }) => type === 'bucket')).toEqual([
      expect.objectContaining({ name: 'acme-code', isFollowed: true }),
    ]);
  });

  test('leads to at most a hundred image buckets and a hundred roles, and counts the rest', async () => {
    const many = Array.from({ length: 150 }, (_, index) =>
      step(`S${index}`, 'Processing', {
        RoleArn: `arn:aws:iam::111122223333:role/steps/r${index}`,
        ProcessingInputs: [{ S3Input: { S3Uri: `s3://acme-${index}/one.png` } }],
      }),
    );
    const { follow = [], facts } = await look(swept(), { pipelines: pipelines(textOf(...many)) });
    const types = groupBy(follow, ({ type }) => type);
    expect([types.get('bucket')?.length, types.get('role')?.length]).toEqual([100, 100]);
    expect(facts.gaps).toEqual(
      found([
        expect.objectContaining({ message: '50 more image buckets of the pipeline are not looked at' }),
        // The execution role comes first.
        expect.objectContaining({ message: '51 more roles of the pipeline are not looked at' }),
      ]),
    );
  });

  test.each<[string, string[], string[]]>([
    ['to none of its roles that are listed', ['arn:aws:iam::111122223333:role/pipelines/fraud'], []],
    ['to its role where no listing holds it', ['arn:aws:iam::111122223333:role/other'], [FRAUD]],
  ])('leads, without an event, %s', async (_, listed, followed) => {
    const identities = {
      RoleDetailList: listed.map((Arn) => ({ Arn, RoleName: Arn.split('/').at(-1) ?? '' })),
    };
    const { follow } = await look(swept(), { pipelines: pipelines(), identities });
    expect(follow?.map(({ resource }) => resource.arn)).toEqual(followed);
  });

  test('leads to no roles, without an event, if identities cannot be read', async () => {
    const { follow } = await look(swept(), { pipelines: pipelines() }, { refused: ['readIdentities'] });
    expect(follow).toEqual([]);
  });

  test('leads, after an event, to its roles and to the principals that must pass its execution role', async () => {
    const definitionText = textOf(
      step('Train', 'Training', { RoleArn: 'arn:aws:iam::111122223333:role/steps/train' }),
      step('Same', 'Training', { RoleArn: 'arn:aws:iam::111122223333:role/steps/train' }),
      step('Own', 'Training'),
    );
    const identities = {
      RoleDetailList: [],
      UserDetailList: ['ana', 'bob'].map((UserName) => ({
        UserName,
        Arn: `arn:aws:iam::111122223333:user/team/${UserName}`,
      })),
    };
    const config = { roles: { creators: ['arn:aws:iam::*:user/team/a*'] } };
    const account = { pipelines: pipelines(definitionText), identities };
    const { follow } = await look(request(), account, { config });
    expect(follow).toEqual(
      [
        ['role', FRAUD, 'fraud'],
        ['role', 'arn:aws:iam::111122223333:role/steps/train', 'train'],
        ['user', 'arn:aws:iam::111122223333:user/team/ana', 'ana'],
      ].map(([type, arn, name]) => ({
        type,
        resource: { type, arn },
        name,
        changed: ['uses'],
        deleted: false,
        trigger: TRIGGER,
      })),
    );
  });

  test.each<[title: string, versionId: number | undefined, followed: string[]]>([
    [
      'leads also to the roles that the update took it away from',
      4,
      [FRAUD, `${ROLES}/former`, `${ROLES}/steps/old`],
    ],
    ['leads to its own roles alone if SageMaker does not tell the version before', 3, [FRAUD]],
    ['leads to its own roles alone if the record tells no version', undefined, [FRAUD]],
    ['has no version before the first', 1, [FRAUD]],
  ])('%s', async (_, versionId, followed) => {
    const { fraud } = pipelines(textOf(step('Train', 'Training', { RoleArn: `${ROLES}/steps/old` })));
    const before = { ...fraud, roleArn: `${ROLES}/former` };
    const change = { trigger: TRIGGER, ...(versionId !== undefined && { versionId }) };
    const { follow } = await look(request({ definitionChanges: [change] }), {
      pipelines: pipelines(),
      pipelineVersions: { 'fraud 3': before },
    });
    expect(follow?.map(({ resource }) => resource.arn)).toEqual(followed);
  });

  test('leads to no roles, after an event, if only its sharing changed', async () => {
    const identities = {
      RoleDetailList: [FRAUD, 'arn:aws:iam::111122223333:role/maker'].map((Arn) => ({
        RoleName: Arn.split('/').at(-1) ?? '',
        Arn,
      })),
    };
    const account = { pipelines: pipelines(), identities };
    const creators = ['arn:aws:iam::111122223333:role/maker'];
    const told = { config: { version: 1 as const, roles: { creators } } };
    const shared = { ...request(), changed: ['sharing'] } as AuditRequest;
    expect((await look(shared, account, told)).follow).toEqual([]);
    const updated = { ...request(), changed: ['sharing', 'definition'] } as AuditRequest;
    expect((await look(updated, account, told)).follow?.length).toBeGreaterThan(1);
  });

  test('leads to its roles, after an event, although identities cannot be read', async () => {
    const config = { roles: { creators: ['arn:aws:iam::*:*'] } };
    const { follow } = await look(
      request(),
      { pipelines: pipelines() },
      { config, refused: ['readIdentities'] },
    );
    expect(follow?.map(({ resource }) => resource.arn)).toEqual([FRAUD]);
  });

  describe('that was started', () => {
    const start = (changes: Partial<ExecutionStart> = {}): ExecutionStart => ({
      executionArn: EXECUTION_ARN,
      parameters: { Role: 'x' },
      isVersionChosen: false,
      trigger: TRIGGER,
      ...changes,
    });

    test('has an ARN made from the event’s id if the event does not name it', async () => {
      const { executionArn: _, ...unnamed } = start();
      const { executions } = await look(request({ executions: [unnamed] }), { pipelines: pipelines() });
      expect(executions[0]?.arn).toBe(`${PIPELINE_ARN}/execution/e-1`);
    });

    test('is judged by the definition that it ran, although the pipeline cannot be read', async () => {
      const account = {
        executions: { [EXECUTION]: { pipelineName: 'fraud', definitionText: TRAIN, roleArn: FRAUD } },
      };
      const { executions } = await look(request({ executions: [start()] }), account, {
        refused: ['describePipeline'],
      });
      expect(executions).toMatchObject([
        { arn: EXECUTION_ARN, facts: { pipeline: { value: { roleArn: FRAUD } }, definition: { ok: true } } },
      ]);
    });
  });
});

describe('a job', () => {
  const hint: JobHint = {
    kind: 'training-job',
    name: 'fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj',
    nameKeepsCase: true,
    roleArns: ['arn:aws:iam::111122223333:role/steps/train'],
    caller: { principalArn: FRAUD },
  };
  const requestOf = (job: JobHint, arn = JOB_ARN): AuditRequest => ({
    type: 'job',
    resource: { type: 'job', arn },
    changed: ['existence'],
    trigger: TRIGGER,
    job,
  });
  const byHand = (changes: Partial<JobHint> = {}) => requestOf({ ...hint, ...changes });
  /** A job that SageMaker's own event and its record describe. */
  const byStep = (changes: Partial<JobHint> = {}) =>
    requestOf({ ...hint, step: { executionArn: EXECUTION_ARN, stepName: 'Train' }, ...changes });
  const executions = { [EXECUTION]: { pipelineName: 'fraud', roleArn: FRAUD, definitionText: TRAIN } };
  const ran = (definitionText: string): Account => ({
    executions: { [EXECUTION]: { pipelineName: 'fraud', roleArn: FRAUD, definitionText } },
  });
  const { roleArns: _, ...untold } = hint;
  const described = (more: object = {}): Account => ({
    jobs: {
      [hint.name ?? '']: {
        kind: 'training-job',
        name: 'Fraud-Train',
        arn: JOB_ARN,
        roleArns: ['arn:aws:iam::111122223333:role/x'],
        ...more,
      },
    },
  });

  test('that a pipeline started is compared with the definition that its execution ran', async () => {
    const { facts, gaps, principalArn } = await look(byStep(), { executions });
    expect([gaps, principalArn]).toEqual([[], FRAUD]);
    expect(facts.job).toMatchObject({
      value: { origin: { startedBy: 'pipeline', pipelineName: 'fraud', executionId: EXECUTION } },
    });
    expect(facts.declaration).toMatchObject({
      value: { pipelineName: 'fraud', pipelineRoleArn: FRAUD, steps: [{ name: 'Train' }], parameters: {} },
    });
  });

  test('that a pipeline started belongs to that pipeline, although the definition cannot be read', async () => {
    const event = requestOf({
      ...untold,
      caller: undefined,
      step: { executionArn: EXECUTION_ARN },
    } as object as JobHint);
    const { facts, gaps } = await look(event, described(), { refused: ['describeExecutionDefinition'] });
    expect(gaps).toEqual(['describeExecutionDefinition: AccessDeniedException']);
    expect(facts.declaration).toMatchObject({ ok: false, unread: { code: 'AccessDeniedException' } });
    expect(facts.job).toMatchObject({ value: { origin: { startedBy: 'pipeline', pipelineName: 'fraud' } } });
  });

  test('whose execution ran a definition that is not JSON makes a gap', async () => {
    expect((await look(byStep(), ran('{'))).gaps).toEqual([
      'PipelineDefinition, line 1, column 2: Unreadable',
    ]);
  });

  describe('whose role depends on a parameter', () => {
    const parametrised = ran(textOf(step('Train', 'Training', { RoleArn: { Get: 'Parameters.Role' } })));
    const valuesOf = async (...[account, options]: [Account, Options?]) => {
      const { facts } = await look(byStep(), { ...parametrised, ...account }, options);
      return facts.declaration?.ok && facts.declaration.value?.parameters;
    };
    const toldByAws = (parameters: Record<string, string>): Account => ({
      executionFacts: { [EXECUTION_ARN]: { executionArn: EXECUTION_ARN, parameters } },
    });

    test('takes the parameter’s value from the recorded start of its execution', async () => {
      const recalled = { executionArn: EXECUTION_ARN, parameters: { Role: 'x' } };
      expect(await valuesOf(toldByAws({ Role: 'y' }), { recalled })).toEqual({ Role: 'x' });
    });

    test.each<[string, Options]>([
      ['where nobody saw the start', {}],
      ['where the record of the start left it out', { recalled: { executionArn: EXECUTION_ARN } }],
      [
        'where the start of another execution of that id was seen',
        { recalled: { executionArn: EXECUTION_ARN.replace('fraud', 'x'), parameters: { Role: 'x' } } },
      ],
    ])('takes the parameter’s value from AWS, %s', async (_, options) => {
      expect(await valuesOf(toldByAws({ Role: 'y' }), options)).toEqual({ Role: 'y' });
    });

    test('has no value for the parameter if nothing tells it', async () => {
      expect(await valuesOf({})).toBeUndefined();
    });
  });

  test('that a person created needs no call', async () => {
    const { facts, calls, gaps, recalls } = await look(byHand(), { executions });
    expect([calls, gaps, recalls, facts.declaration]).toEqual([[], [], 0, { ok: true, value: null }]);
    expect(facts.job).toMatchObject({ value: { origin: { startedBy: 'caller' } } });
  });

  test('without a role in its event is described once', async () => {
    const { facts, calls, gaps } = await look(requestOf(untold), described());
    expect([calls, gaps]).toEqual([[`describeJob ${hint.name}`], []]);
    expect(facts.job).toMatchObject({
      value: { name: 'Fraud-Train', nameKeepsCase: true, roleArns: ['arn:aws:iam::111122223333:role/x'] },
    });
  });

  test('whose role AWS does not tell is judged by its name, and not by its role', async () => {
    const { facts, gaps } = await look(requestOf(untold), described(), { refused: ['describeJob'] });
    expect(gaps).toEqual(['describeJob: AccessDeniedException']);
    expect(facts.job?.ok).toBe(true);
    expect(facts.declaration).toMatchObject({ ok: false, unread: { call: 'describeJob' } });
  });

  test('whose creator poses as a pipeline is judged, although AWS does not tell its role', async () => {
    const claim = { by: 'session' as const, executionId: EXECUTION, executionArn: EXECUTION_ARN };
    const posing = requestOf({ ...untold, caller: { principalArn: FRAUD, claim } });
    const { facts } = await look(posing, described(), { refused: ['describeJob'] });
    expect(facts.declaration).toEqual({ ok: true, value: null });
    expect(facts.job).toMatchObject({ value: { origin: { falseClaim: expect.any(String) } } });
  });

  test('whose record tells neither its roles nor its name is not judged by its role', async () => {
    const unnamed = { kind: 'model-package', nameKeepsCase: false } as const;
    const { facts, calls } = await look(requestOf({ ...unnamed, caller: { principalArn: FRAUD } }));
    expect(calls).toEqual([]);
    expect(facts.declaration).toMatchObject({ ok: false, unread: { code: 'NotNamed' } });
    // SageMaker’s own event leaves this to the record.
    const { facts: ofEvent } = await look(requestOf({ ...unnamed, hasRecord: true }));
    expect(ofEvent.declaration).toEqual({ ok: true, value: null });
  });

  test('of a kind without role is not described', async () => {
    expect((await look(requestOf({ ...untold, kind: 'transform-job' }))).calls).toEqual([]);
  });

  test('of another account or Region makes a gap, without a call', async () => {
    const claim = { by: 'session' as const, executionId: EXECUTION, executionArn: EXECUTION_ARN };
    const elsewhere = requestOf(
      { ...untold, caller: { principalArn: FRAUD, claim } },
      JOB_ARN.replace('eu-west-1', 'us-east-1'),
    );
    const { calls, gaps, facts } = await look(elsewhere, { executions, ...described() });
    expect(calls).toEqual([]);
    expect(gaps).toEqual(['DescribeTrainingJob: OutsideScope', 'ListPipelineExecutionSteps: OutsideScope']);
    expect(facts.declaration?.ok).toBe(false);
  });

  describe('that SageMaker made for a tuning job', () => {
    const tuningJobArn = JOB_ARN.replace('training-job', 'hyper-parameter-tuning-job').replace('-train', '');
    const swept = requestOf({ kind: 'training-job', name: hint.name ?? '', nameKeepsCase: true });
    const definitionText = textOf(step('Tune', 'Tuning', { TrainingJobDefinition: { RoleArn: 'arn:x' } }));
    const recalled = { executionArn: EXECUTION_ARN, parameters: {} };

    test('was started by the creator of the tuning job', async () => {
      const steps = {
        [EXECUTION_ARN]: [{ name: 'Tune', jobArns: [tuningJobArn], isRunning: true, isRetried: false }],
      };
      const account = { ...described({ tuningJobArn }), ...ran(definitionText), steps };
      const { facts } = await look(swept, account, { recalled });
      expect(facts.job).toMatchObject({
        value: { tuningJobName: 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj', origin: { startedBy: 'pipeline' } },
      });
      expect(facts.declaration).toMatchObject({ value: { steps: [{ name: 'Tune' }] } });
    });

    test('is not attributed to the tuning job by its name alone', async () => {
      const name = 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj-001-c4159396';
      const { facts } = await look(requestOf({ ...hint, name }), {});
      expect(facts.job?.ok && facts.job.value).not.toHaveProperty('tuningJobName');
    });
  });

  test.each<[string, Partial<NonNullable<JobHint['step']>>, string[]]>([
    ['the step of that name', { stepName: 'Train' }, ['Train']],
    [
      'every step whose first 20 characters fit, where none has that name',
      { stepName: 'abalone-train-model-' },
      ['abalone-train-model-1', 'abalone-train-model-2'],
    ],
    ['a name that was lower-cased', { stepName: 'trainbig' }, ['TrainBig']],
    ['a dash for an underscore, which no job’s name can hold', { stepName: 'train-all' }, ['train_all']],
    ['no step of another kind', { stepName: 'Prepare' }, []],
    ['no step of another name', { stepName: 'Tra' }, []],
    [
      'any step of the kind, where no name is told',
      {},
      ['abalone-train-model-1', 'abalone-train-model-2', 'TrainBig', 'train_all', 'Train'],
    ],
  ])('may have been started by the step: %s', async (_, told, names) => {
    const definitionText = textOf(
      ...['abalone-train-model-1', 'abalone-train-model-2', 'TrainBig', 'train_all', 'Train'].map((name) =>
        step(name, 'Training'),
      ),
      step('Prepare', 'Processing'),
    );
    const { facts } = await look(
      byStep({ step: { executionArn: EXECUTION_ARN, ...told } }),
      ran(definitionText),
    );
    expect(facts.declaration?.ok && facts.declaration.value?.steps.map(({ name }) => name)).toEqual(names);
  });

  describe('of a session whose role’s path is unknown', () => {
    const sessionArn = 'arn:aws:sts::111122223333:assumed-role/maya/me';
    const config = { prefixes: [{ prefix: 'a', roles: ['arn:aws:iam::*:role/*'] }] };
    const roles = { maya: { name: 'maya', arn: 'arn:aws:iam::111122223333:role/people/maya' } };
    const bySession = byHand({ caller: { sessionArn } });

    test('is found with its path by GetRole', async () => {
      const { calls, principalArn, gaps } = await look(bySession, { roles }, { config });
      expect([calls, principalArn, gaps]).toEqual([['getRole maya'], roles.maya.arn, []]);
    });

    test('is not asked for if no prefix is bound to roles', async () => {
      const { calls, principalArn } = await look(
        bySession,
        { roles },
        { config: { prefixes: [{ prefix: 'a' }] } },
      );
      expect([calls, principalArn]).toEqual([[], undefined]);
    });

    test('makes a gap if AWS denies the read of the role', async () => {
      const { gaps, facts } = await look(bySession, { roles }, { config, refused: ['getRole'] });
      expect(gaps).toEqual(['getRole: AccessDeniedException']);
      expect(facts.job?.ok && facts.job.value).not.toHaveProperty('principalArn');
    });

    test('is never confused with a role of the same name in this account', async () => {
      const foreign = byHand({ caller: { sessionArn: sessionArn.replace('111122223333', '999988887777') } });
      const { calls, gaps, principalArn } = await look(foreign, { roles }, { config });
      expect([calls, gaps, principalArn]).toEqual([[], ['GetRole: OutsideScope'], undefined]);
    });
  });
});
