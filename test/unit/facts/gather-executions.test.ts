import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import type { GatherContext } from '../../../shared/facts/gathered.ts';
import type { AuditRequest, ExecutionStart, VersionUpdate } from '../../../shared/requests/audit-request.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const EXECUTION_ARN = `${ARN}/execution/a1b2c3d4e5f6`;
const MAYA = 'arn:aws:iam::111122223333:role/maya';
const STARTED = { eventId: 'e-1', eventName: 'StartPipelineExecution', eventTime: '2026-11-24T09:00:00Z' };
const UPDATED = { ...STARTED, eventId: 'e-2', eventName: 'UpdatePipelineVersion' };
const FLOOR: Partial<Config> = { versionFloors: [{ pipeline: 'fra*', minimum: 3 }] };

const start = (changes: Partial<ExecutionStart> = {}): ExecutionStart => ({
  executionArn: EXECUTION_ARN,
  principalArn: MAYA,
  parameters: {},
  isVersionChosen: false,
  trigger: STARTED,
  ...changes,
});

const ACCOUNT: Account = {
  identities: { RoleDetailList: [] },
  pipelines: {
    fraud: {
      name: 'fraud',
      arn: ARN,
      roleArn: 'arn:aws:iam::111122223333:role/pipelines/fraud',
      definitionText: JSON.stringify({ Version: '2020-12-01', Steps: [step('Train', 'Training')] }),
    },
  },
};
const told = (versionId?: number): NonNullable<Account['executionFacts']> => ({
  [EXECUTION_ARN]: {
    executionArn: EXECUTION_ARN,
    ...(versionId !== undefined && { versionId }),
    parameters: {},
  },
});
const listed = (...ids: number[]): NonNullable<Account['versions']> => ({
  fraud: ids.map((id) => ({ id, aliases: [] })),
});

const look = async (
  events: { executions?: ExecutionStart[]; versionUpdates?: VersionUpdate[] },
  account: Account = {},
  {
    config = FLOOR,
    refused,
    recalled,
  }: {
    config?: Partial<Config>;
    refused?: Parameters<typeof memoryReader>[1];
    recalled?: Awaited<ReturnType<GatherContext['recallExecution']>>;
  } = {},
) => {
  const { reader, calls } = memoryReader({ ...ACCOUNT, ...account }, refused);
  const given: Config = { version: 1, ...config };
  const request: AuditRequest = {
    type: 'pipeline',
    resource: { type: 'pipeline', arn: ARN },
    name: 'fraud',
    changed: ['execution'],
    deleted: false,
    executions: [],
    ...events,
  };
  const { executions } = await gather(request, {
    reader,
    config: given,
    recallExecution: async () => recalled,
    evidence: accountEvidence(reader, given),
  });
  const ofPipeline = ['describePipeline fraud', 'readIdentities'];
  return { executions, calls: calls.filter((call) => !ofPipeline.includes(call)) };
};

/** The version of the only execution, with its gaps by call and code. */
const versionOf = async (...about: Parameters<typeof look>) => {
  const { executions, calls } = await look(...about);
  expect(executions).toHaveLength(1);
  const { version, gaps } = executions[0]?.facts ?? {};
  return {
    version: version?.ok ? version.value : version?.unread,
    gaps: gaps?.ok ? gaps.value.map(({ call, code }) => `${call}: ${code}`) : gaps,
    calls,
  };
};

describe('the version that an execution runs', () => {
  const DESCRIBE = `describeExecution ${EXECUTION_ARN}`;
  const LIST = 'listPipelineVersions fraud';

  test.each<[string, ExecutionStart, Account, object, string[]]>([
    [
      'is that of the event, without a call',
      start({ versionId: 2, isVersionChosen: true }),
      {},
      { versionId: 2, toldBy: 'StartPipelineExecution', principalArn: MAYA },
      [],
    ],
    [
      'is that of the execution, where the caller chose none',
      start(),
      { executionFacts: told(4) },
      { versionId: 4, toldBy: 'DescribePipelineExecution', principalArn: MAYA },
      [DESCRIBE],
    ],
    [
      'is that of the execution, where the caller chose an alias',
      start({ isVersionChosen: true }),
      { executionFacts: told(2), versions: listed(9) },
      { versionId: 2, toldBy: 'DescribePipelineExecution', principalArn: MAYA },
      [DESCRIBE],
    ],
    [
      'is the newest, where none was chosen and the execution does not tell',
      start(),
      { executionFacts: told(), versions: listed(2, 11, 7) },
      { versionId: 11, toldBy: 'ListPipelineVersions', principalArn: MAYA },
      [DESCRIBE, LIST],
    ],
    [
      'is the newest, where none was chosen and the execution is gone',
      start(),
      { versions: listed(1) },
      { versionId: 1, toldBy: 'ListPipelineVersions', principalArn: MAYA },
      [DESCRIBE, LIST],
    ],
  ])('%s', async (_, execution, account, version, calls) => {
    expect(await versionOf({ executions: [execution] }, account)).toEqual({
      version: { pipelineName: 'fraud', ...version },
      gaps: [],
      calls,
    });
  });

  test('is the newest where the event does not even name the execution, and nobody', async () => {
    const unnamed = { parameters: {}, isVersionChosen: false, trigger: STARTED };
    const { version, calls } = await versionOf({ executions: [unnamed] }, { versions: listed(5) });
    expect([version, calls]).toEqual([
      { pipelineName: 'fraud', versionId: 5, toldBy: 'ListPipelineVersions' },
      [LIST],
    ]);
  });

  test.each<[string, ExecutionStart, Account, Parameters<typeof memoryReader>[1], string]>([
    [
      'the alias is not told by the execution',
      start({ isVersionChosen: true }),
      { executionFacts: told(), versions: listed(9) },
      [],
      'DescribePipelineExecution: Incomplete',
    ],
    [
      'the execution behind the alias may not be read',
      start({ isVersionChosen: true }),
      { versions: listed(9) },
      ['describeExecution'],
      'describeExecution: AccessDeniedException',
    ],
    [
      'neither execution nor versions may be read',
      start(),
      {},
      ['describeExecution', 'listPipelineVersions'],
      'listPipelineVersions: AccessDeniedException',
    ],
    ['no version is listed', start(), { versions: listed() }, [], 'ListPipelineVersions: Incomplete'],
  ])('is a gap where %s', async (_, execution, account, refused, gap) => {
    const { version, gaps } = await versionOf({ executions: [execution] }, account, { refused });
    expect(gaps).toEqual([gap]);
    expect(version).toMatchObject({ call: gap.split(':')[0] });
  });

  test('is asked for under a floor alone', async () => {
    const { executions, calls } = await look(
      { executions: [start()], versionUpdates: [{ versionId: 1, trigger: UPDATED }] },
      {},
      { config: { versionFloors: [{ pipeline: 'other', minimum: 3 }] } },
    );
    expect([executions, calls]).toEqual([[], []]);
  });

  test('stands beside the values that the execution was started with, and the gaps of both', async () => {
    const values = start({ parameters: { Role: 'x' }, isVersionChosen: true });
    const { executions } = await look({ executions: [values] }, { executionFacts: told(4) });
    expect(executions).toMatchObject([
      {
        arn: EXECUTION_ARN,
        trigger: STARTED,
        facts: {
          overrides: { value: { Role: 'x' } },
          version: { value: { versionId: 4 } },
          definition: { ok: false },
          gaps: { value: [{ call: 'describeExecutionDefinition', code: 'Absent' }] },
        },
      },
    ]);
    const { gaps } = await versionOf({ executions: [values] }, {}, { refused: ['describeExecution'] });
    expect(gaps).toEqual(['describeExecutionDefinition: Absent', 'describeExecution: AccessDeniedException']);
  });
});

describe('a version that was changed', () => {
  test('is a resource for itself, by its event', async () => {
    const { executions, calls } = await look({
      versionUpdates: [{ versionId: 2, principalArn: MAYA, trigger: UPDATED }],
    });
    expect(executions).toEqual([
      {
        arn: `${ARN}/version/2`,
        trigger: UPDATED,
        facts: {
          version: {
            ok: true,
            value: {
              pipelineName: 'fraud',
              versionId: 2,
              toldBy: 'UpdatePipelineVersion',
              principalArn: MAYA,
            },
          },
          gaps: { ok: true, value: [] },
        },
      },
    ]);
    expect(calls).toEqual([]);
  });

  test('is asked for, though its event tells the pipeline in lower case', async () => {
    const { executions } = await look(
      { versionUpdates: [{ versionId: 1, trigger: UPDATED }] },
      {},
      { config: { versionFloors: [{ pipeline: 'Fraud', minimum: 3 }] } },
    );
    expect(executions.map(({ arn }) => arn)).toEqual([`${ARN}/version/1`]);
  });

  test('is a gap where its event does not tell the version', async () => {
    const { executions } = await look({ versionUpdates: [{ trigger: UPDATED }] });
    const unread = {
      call: 'UpdatePipelineVersion',
      code: 'Incomplete',
      message: 'the event does not tell the version',
    };
    expect(executions).toEqual([
      {
        arn: `${ARN}/version/e-2`,
        trigger: UPDATED,
        facts: { version: { ok: false, unread }, gaps: { ok: true, value: [unread] } },
      },
    ]);
  });
});

describe('an execution that is retried', () => {
  const { parameters: _, ...untold } = start({
    isVersionChosen: true,
    trigger: { ...STARTED, eventName: 'RetryPipelineExecution' },
  });
  const NO_FLOOR = { config: { version: 1 as const } };
  const ofExecution = (parameters: Record<string, string>): NonNullable<Account['executionFacts']> => ({
    [EXECUTION_ARN]: { executionArn: EXECUTION_ARN, versionId: 2, parameters },
  });
  const definition = JSON.stringify({ Version: '2020-12-01', Steps: [step('Old', 'Training')] });
  const executions = { a1b2c3d4e5f6: { pipelineName: 'fraud', definitionText: definition } };

  test('is judged by the definition that it runs, with the values that AWS tells of it', async () => {
    const account = { executions, executionFacts: ofExecution({ Role: 'x' }) };
    const { executions: gathered } = await look({ executions: [untold] }, account, NO_FLOOR);
    expect(gathered).toMatchObject([
      {
        arn: EXECUTION_ARN,
        trigger: { eventName: 'RetryPipelineExecution' },
        facts: { overrides: { value: { Role: 'x' } }, gaps: { value: [] } },
      },
    ]);
    const ran = gathered[0]?.facts.definition;
    expect(ran?.ok && ran.value.steps.map(({ name }) => name)).toEqual(['Old']);
  });

  test('has the values that its start told, without a call', async () => {
    const recalled = { executionArn: EXECUTION_ARN, parameters: { Role: 'y' } };
    const { executions: gathered, calls } = await look(
      { executions: [untold] },
      { executions },
      { ...NO_FLOOR, recalled },
    );
    expect(gathered).toMatchObject([{ facts: { overrides: { value: { Role: 'y' } } } }]);
    expect(calls.filter((call) => call.startsWith('describeExecution '))).toEqual([]);
  });

  test('takes no values of another pipeline’s execution of the same id', async () => {
    const recalled = { executionArn: EXECUTION_ARN.replace('fraud', 'other'), parameters: { Role: 'y' } };
    const account = { executions, executionFacts: ofExecution({ Role: 'x' }) };
    const { executions: gathered } = await look({ executions: [untold] }, account, { ...NO_FLOOR, recalled });
    expect(gathered).toMatchObject([{ facts: { overrides: { value: { Role: 'x' } } } }]);
  });

  test('without values of its own is the pipeline’s matter', async () => {
    const { executions: gathered } = await look(
      { executions: [untold] },
      { executions, executionFacts: ofExecution({}) },
      NO_FLOOR,
    );
    expect(gathered).toEqual([]);
  });

  test('of which nobody tells the values has the gap, and is not judged by the defaults', async () => {
    const { executions: gathered } = await look(
      { executions: [untold] },
      { executions },
      { ...NO_FLOOR, refused: ['describeExecution'] },
    );
    const unread = { call: 'describeExecution', code: 'AccessDeniedException' };
    expect(gathered).toMatchObject([
      { arn: EXECUTION_ARN, facts: { overrides: { ok: false, unread }, gaps: { value: [unread] } } },
    ]);
  });

  test('that is not even named has the gap', async () => {
    const { executionArn: __, ...unnamed } = untold;
    const { executions: gathered } = await look({ executions: [unnamed] }, {}, NO_FLOOR);
    expect(gathered).toMatchObject([{ facts: { overrides: { ok: false, unread: { code: 'NotNamed' } } } }]);
  });

  test('is held against the floor by the version that it runs, whatever is newest', async () => {
    const account = { executionFacts: told(2), versions: listed(9) };
    const { version } = await versionOf({ executions: [untold] }, account);
    expect(version).toEqual({
      pipelineName: 'fraud',
      versionId: 2,
      toldBy: 'DescribePipelineExecution',
      principalArn: MAYA,
    });
  });
});
