import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import type { Unread } from '../../../shared/domain/gap.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import { type Fact, type GatherContext, notApplicable } from '../../../shared/facts/gathered.ts';
import type {
  AuditRequest,
  DefinitionChange,
  ExecutionStart,
  RequestOf,
} from '../../../shared/requests/audit-request.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

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

const FRAUD = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const textOf = (...steps: string[]): string =>
  JSON.stringify({
    Version: '2020-12-01',
    Parameters: [{ Name: 'Role', Type: 'String', DefaultValue: 'own' }],
    Steps: steps.map((name) => step(name, 'Training', { RoleArn: { Get: 'Parameters.Role' } })),
  });
const PRESENT = textOf('Train');
const OTHER = textOf('Leak');
const pipelineOf = (definitionText: string) => ({ name: 'fraud', arn: ARN, roleArn: FRAUD, definitionText });
const ran = (definitionText: string): Account => ({
  executions: { a1b2c3d4e5f6: { pipelineName: 'fraud', definitionText } },
});

const ACCOUNT: Account = {
  identities: { RoleDetailList: [] },
  pipelines: { fraud: pipelineOf(PRESENT) },
  ...ran(PRESENT),
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
  events: Partial<
    Pick<RequestOf<'pipeline'>, 'executions' | 'versionUpdates' | 'definitionChanges' | 'deleted'>
  >,
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
    now: () => NOW,
  });
  const ofPipeline = [
    'describePipeline fraud',
    'readIdentities',
    'readShares',
    'describeExecutionDefinition a1b2c3d4e5f6',
  ];
  // The pipeline's own aliases are looked at before its executions.
  const ownVersions = calls.indexOf('listPipelineVersions fraud');
  const others = calls.filter((call, at) => !ofPipeline.includes(call) && at !== ownVersions);
  return { executions, calls: others };
};

const SAID_OF_PIPELINE = notApplicable(
  'it is the pipeline’s present definition, which is judged with the pipeline',
);
const AS_PIPELINE = {
  pipeline: SAID_OF_PIPELINE,
  definition: SAID_OF_PIPELINE,
  overrides: SAID_OF_PIPELINE,
  startRole: notApplicable('its pipeline has a role of its own'),
};

/** The value of a fact, the result of `unread` if AWS did not answer, or the reason why there is no fact. */
const toldOf = <T, U>(fact: Fact<T> | undefined, unread: (gap: Unread) => U): T | U | string | undefined => {
  if (!fact || fact.ok) return fact?.value;
  return 'unread' in fact ? unread(fact.unread) : fact.notApplicable;
};

/** The version of the only execution, with its gaps by call and code. */
const versionOf = async (...about: Parameters<typeof look>) => {
  const { executions, calls } = await look(...about);
  expect(executions).toHaveLength(1);
  const { version, gaps } = executions[0]?.facts ?? {};
  return {
    version: toldOf(version, (unread) => unread),
    gaps: gaps?.ok ? gaps.value.map(({ call, code }) => `${call}: ${code}`) : gaps,
    calls,
  };
};

describe('the version that an execution runs', () => {
  const DESCRIBE = `describeExecution ${EXECUTION_ARN}`;
  const LIST = 'listPipelineVersions fraud';

  test.each<[string, ExecutionStart, Account, object, string[]]>([
    [
      'is the event’s, without a call',
      start({ versionId: 2, isVersionChosen: true }),
      {},
      { versionId: 2, toldBy: 'StartPipelineExecution', principalArn: MAYA },
      [],
    ],
    [
      'is the execution’s, if the caller chose none',
      start(),
      { executionFacts: told(4) },
      { versionId: 4, toldBy: 'DescribePipelineExecution', principalArn: MAYA },
      [DESCRIBE],
    ],
    [
      'is the execution’s, if the caller chose an alias',
      start({ isVersionChosen: true }),
      { executionFacts: told(2), versions: listed(9) },
      { versionId: 2, toldBy: 'DescribePipelineExecution', principalArn: MAYA },
      [DESCRIBE],
    ],
    [
      'is the newest, if none was chosen and the execution does not name it',
      start(),
      { executionFacts: told(), versions: listed(2, 11, 7) },
      { versionId: 11, toldBy: 'ListPipelineVersions', principalArn: MAYA },
      [DESCRIBE, LIST],
    ],
    [
      'is the newest, if none was chosen and the execution is gone',
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

  test('is the newest if the event names neither the execution nor a caller', async () => {
    const unnamed = { parameters: {}, isVersionChosen: false, trigger: STARTED };
    const { version, calls } = await versionOf({ executions: [unnamed] }, { versions: listed(5) });
    expect([version, calls]).toEqual([
      { pipelineName: 'fraud', versionId: 5, toldBy: 'ListPipelineVersions' },
      [LIST],
    ]);
  });

  test.each<[string, string[], number | undefined]>([
    ['those made later do not count', ['08:00:00Z', '08:59:59.999Z', '09:00:01Z'], 2],
    ['one of the very second may have been made after it', ['08:00:00Z', '09:00:00.001Z'], undefined],
    ['all were made later', ['10:00:00Z'], undefined],
  ])('is the newest version at the time of the start: %s', async (_, times, versionId) => {
    const versions = times.map((time, index) => ({
      id: index + 1,
      createdAt: `2026-11-24T${time}`,
      aliases: [],
    }));
    const { version } = await versionOf({ executions: [start()] }, { versions: { fraud: versions } });
    expect(version).toMatchObject(versionId === undefined ? { code: 'Incomplete' } : { versionId });
  });

  test('is not assumed to be the newest if the record does not say whether a version was chosen', async () => {
    const { isVersionChosen: _, ...untold } = start();
    const { gaps } = await versionOf(
      { executions: [untold] },
      { versions: listed(9) },
      { refused: ['describeExecution'] },
    );
    expect(gaps).toEqual(['describeExecution: AccessDeniedException']);
    expect(
      (await versionOf({ executions: [untold] }, { executionFacts: told(2), versions: listed(9) })).version,
    ).toMatchObject({ versionId: 2 });
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
  ])('makes a gap if %s', async (_, execution, account, refused, gap) => {
    const { version, gaps } = await versionOf({ executions: [execution] }, account, { refused });
    expect(gaps).toEqual([gap]);
    expect(version).toMatchObject({ call: gap.split(':')[0] });
  });

  test('is asked for only if a version floor applies', async () => {
    const { executions, calls } = await look(
      { executions: [start()], versionUpdates: [{ versionId: 1, trigger: UPDATED }] },
      {},
      { config: { versionFloors: [{ pipeline: 'other', minimum: 3 }] } },
    );
    expect([executions, calls]).toEqual([[], []]);
  });

  test('is gathered together with the execution’s values and the gaps of both', async () => {
    const values = start({ parameters: { Role: 'x' }, isVersionChosen: true });
    const gone = { executionFacts: told(4), executions: {} };
    const { executions } = await look({ executions: [values] }, gone);
    expect(executions).toMatchObject([
      {
        arn: EXECUTION_ARN,
        trigger: STARTED,
        facts: {
          version: { value: { versionId: 4 } },
          definition: { ok: false },
          gaps: { value: [{ call: 'describeExecutionDefinition', code: 'Absent' }] },
        },
      },
    ]);
    const { gaps } = await versionOf(
      { executions: [values] },
      { executions: {} },
      { refused: ['describeExecution'] },
    );
    expect(gaps).toEqual(['describeExecutionDefinition: Absent', 'describeExecution: AccessDeniedException']);
  });
});

describe('a version that was changed', () => {
  test('is a resource of its own, from its event', async () => {
    const { executions, calls } = await look({
      versionUpdates: [{ versionId: 2, principalArn: MAYA, trigger: UPDATED }],
    });
    expect(executions).toEqual([
      {
        arn: `${ARN}/version/2`,
        trigger: UPDATED,
        facts: {
          ...AS_PIPELINE,
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

  test('is found, although its event has the pipeline’s name in lower case', async () => {
    const { executions } = await look(
      { versionUpdates: [{ versionId: 1, trigger: UPDATED }] },
      {},
      { config: { versionFloors: [{ pipeline: 'Fraud', minimum: 3 }] } },
    );
    expect(executions.map(({ arn }) => arn)).toEqual([`${ARN}/version/1`]);
  });

  test('makes a gap if its event does not name the version', async () => {
    const { executions } = await look({ versionUpdates: [{ trigger: UPDATED }] });
    const unread = {
      call: 'UpdatePipelineVersion',
      code: 'Incomplete',
      message: 'the event does not name the version',
    };
    expect(executions).toEqual([
      {
        arn: `${ARN}/version/e-2`,
        trigger: UPDATED,
        facts: { ...AS_PIPELINE, version: { ok: false, unread }, gaps: { ok: true, value: [unread] } },
      },
    ]);
  });
});

/** What is judged of the only execution or version: its steps with their roles, or nothing. */
const judged = async (...about: Parameters<typeof look>) => {
  const { executions, calls } = await look(...about);
  return {
    calls,
    told: executions.map(({ arn, facts: { definition, overrides, pipeline, gaps } }) => ({
      arn,
      steps: definition?.ok
        ? definition.value.steps.map(
            ({ name }) => `${name} ${definition.value.parameters.get('Role')?.defaultValue}`,
          )
        : toldOf(definition, ({ code }) => code),
      values: toldOf(overrides, ({ code }) => code),
      role: pipeline.ok
        ? `${pipeline.value.roleArn}${pipeline.value.hasPresentRole ? ', the present one' : ''}`
        : toldOf(pipeline, ({ code }) => code),
      gaps: gaps?.ok ? gaps.value.map(({ call, code }) => `${call}: ${code}`) : gaps,
    })),
  };
};

/** Told with the pipeline, and so not again. */
const OF_NOW = `${FRAUD}, the present one`;
const NO_FLOOR = { config: { versionFloors: [] } };

describe('an execution is judged by the definition that it ran', () => {
  const whole = { arn: EXECUTION_ARN, steps: ['Leak own'], values: {}, role: OF_NOW, gaps: [] };

  test('and not judged again if that is the pipeline’s present definition', async () => {
    expect(await judged({ executions: [start()] }, {}, NO_FLOOR)).toEqual({ told: [], calls: [] });
  });

  test.each<[string, ExecutionStart]>([
    ['the newest was started', start()],
    ['a version was chosen', start({ isVersionChosen: true, versionId: 1 })],
    ['an alias was chosen', start({ isVersionChosen: true })],
  ])('completely, if the definition differs from the pipeline’s and %s', async (_, execution) => {
    expect((await judged({ executions: [execution] }, ran(OTHER), NO_FLOOR)).told).toEqual([whole]);
  });

  test('with its own values in place of the parameters’ defaults', async () => {
    const execution = start({ parameters: { Role: 'x', Unknown: 'y' } });
    expect((await judged({ executions: [execution] }, ran(OTHER), NO_FLOOR)).told).toEqual([
      { ...whole, steps: ['Leak x'] },
    ]);
  });

  test('by its own values only, if it ran the pipeline’s present definition', async () => {
    const execution = start({ parameters: { Role: 'x' } });
    expect((await judged({ executions: [execution] }, {}, NO_FLOOR)).told).toEqual([
      { arn: EXECUTION_ARN, steps: ['Train own'], values: { Role: 'x' }, role: FRAUD, gaps: [] },
    ]);
  });

  test('with the values from AWS, if its record lacks them', async () => {
    const { parameters: _, ...untold } = start();
    const facts = (parameters: Record<string, string>) => ({
      executionFacts: { [EXECUTION_ARN]: { executionArn: EXECUTION_ARN, parameters } },
    });
    const told = async (...about: [Account, Parameters<typeof look>[2]?]) =>
      (await judged({ executions: [untold] }, about[0], { ...NO_FLOOR, ...about[1] })).told;
    expect(await told(facts({ Role: 'x' }))).toMatchObject([{ steps: ['Train own'], values: { Role: 'x' } }]);
    expect(await told(facts({}))).toEqual([]);
    expect(await told({ ...ran(OTHER), ...facts({ Role: 'x' }) })).toMatchObject([{ steps: ['Leak x'] }]);
    const denied = { values: 'AccessDeniedException', gaps: ['describeExecution: AccessDeniedException'] };
    expect(await told({}, { refused: ['describeExecution'] })).toMatchObject([denied]);
    expect(await told(ran(OTHER), { refused: ['describeExecution'] })).toMatchObject([denied]);
  });

  test.each<[string, ExecutionStart, Account, Parameters<typeof memoryReader>[1], string]>([
    [
      'nobody may read it',
      start(),
      {},
      ['describeExecutionDefinition'],
      'describeExecutionDefinition: AccessDeniedException',
    ],
    ['it is gone', start(), { executions: {} }, [], 'describeExecutionDefinition: Absent'],
    [
      'the event does not name the execution',
      { parameters: {}, isVersionChosen: false, trigger: STARTED },
      {},
      [],
      'DescribePipelineDefinitionForExecution: NotNamed',
    ],
    [
      'it is of another account',
      start({ executionArn: EXECUTION_ARN.replace('111122223333', '999988887777') }),
      {},
      [],
      'DescribePipelineDefinitionForExecution: OutsideScope',
    ],
  ])('or makes a gap if %s', async (_, execution, account, refused, gap) => {
    const { told } = await judged({ executions: [execution] }, account, { ...NO_FLOOR, refused });
    expect(told).toMatchObject([{ steps: gap.split(': ')[1], gaps: [gap] }]);
  });
});

describe('an execution of a pipeline that is gone is judged by the records', () => {
  const change = (second: number, told: Partial<DefinitionChange>): DefinitionChange => ({
    trigger: {
      eventId: `c-${second}`,
      eventName: 'UpdatePipeline',
      eventTime: `2026-11-24T09:00:0${second}Z`,
    },
    ...told,
  });
  const started = (second: number, told: Partial<ExecutionStart> = {}) =>
    start({ trigger: { ...STARTED, eventTime: `2026-11-24T09:00:0${second}Z` }, ...told });
  const gone = { pipelines: {}, executions: {} };
  const LEAK = { definitionText: OTHER, roleArn: FRAUD };
  const FINE = { definitionText: PRESENT, roleArn: FRAUD };
  const UNKNOWN = 'Absent';

  test.each<[string, DefinitionChange[], ExecutionStart, string[] | string]>([
    [
      'the last definition before its start',
      [change(1, FINE), change(2, LEAK), change(4, FINE)],
      started(3),
      ['Leak own'],
    ],
    ['its only one, of the same second', [change(1, LEAK)], started(1), ['Leak own']],
    [
      'the version that was chosen',
      [change(1, { ...LEAK, versionId: 1 }), change(2, FINE)],
      started(3, { isVersionChosen: true, versionId: 1 }),
      ['Leak own'],
    ],
    ['nothing, where none is carried', [], started(3), UNKNOWN],
    [
      'nothing, where the last one was left out',
      [change(1, FINE), change(2, { roleArn: FRAUD })],
      started(3),
      UNKNOWN,
    ],
    ['nothing, where two are of its second', [change(2, FINE), change(3, LEAK)], started(3), UNKNOWN],
    ['nothing, where it came before all', [change(4, FINE)], started(3), UNKNOWN],
    [
      'nothing, where another version was chosen',
      [change(1, FINE)],
      started(3, { isVersionChosen: true, versionId: 4 }),
      UNKNOWN,
    ],
    ['nothing, where an alias was chosen', [change(1, FINE)], started(3, { isVersionChosen: true }), UNKNOWN],
  ])('%s', async (_, definitionChanges, execution, steps) => {
    const { told } = await judged(
      { deleted: true, definitionChanges, executions: [execution] },
      gone,
      NO_FLOOR,
    );
    const role = Array.isArray(steps) ? FRAUD : UNKNOWN;
    expect(told).toMatchObject([{ arn: EXECUTION_ARN, steps, role }]);
  });

  test('with its own values', async () => {
    const executions = [started(3, { parameters: { Role: 'x' } })];
    const { told } = await judged(
      { deleted: true, definitionChanges: [change(1, LEAK)], executions },
      gone,
      NO_FLOOR,
    );
    expect(told).toMatchObject([{ steps: ['Leak x'] }]);
  });
});

describe('a version that was replaced can still be started', () => {
  const change = (second: number, told: Partial<DefinitionChange>): DefinitionChange => ({
    trigger: {
      ...UPDATED,
      eventName: 'UpdatePipeline',
      eventId: `c-${second}`,
      eventTime: `2026-11-24T09:00:0${second}Z`,
    },
    ...told,
  });
  const versionsOf = (...texts: string[]): Account => ({
    pipelineVersions: Object.fromEntries(
      texts.map((text, index) => [`fraud ${index + 1}`, pipelineOf(text)]),
    ),
  });
  const tell = (
    definitionChanges: DefinitionChange[],
    account: Account = {},
    refused: Parameters<typeof memoryReader>[1] = [],
  ) => judged({ definitionChanges }, account, { ...NO_FLOOR, refused });
  const whole = { arn: `${ARN}/version/1`, steps: ['Leak own'], values: {}, role: OF_NOW, gaps: [] };

  test.each<[string, DefinitionChange[], Account]>([
    ['by its record', [change(1, { definitionText: OTHER, versionId: 1 }), change(2, {})], {}],
    [
      'by what AWS tells of it',
      [change(1, { versionId: 1 }), change(2, { versionId: 2 })],
      versionsOf(OTHER, PRESENT),
    ],
    [
      'also where the change that followed came in another batch',
      [change(1, { versionId: 1 })],
      versionsOf(OTHER),
    ],
  ])('so it is judged as a resource of its own, %s', async (_, changes, account) => {
    expect((await tell(changes, account)).told).toEqual([whole]);
  });

  test('with the role that the pipeline had then', async () => {
    const before = 'arn:aws:iam::111122223333:role/pipelines/before';
    const made = change(1, { definitionText: OTHER, roleArn: before, versionId: 1 });
    expect((await tell([made, change(2, {})])).told).toEqual([{ ...whole, role: before }]);
  });

  test('but is not judged twice if it is the pipeline’s present version', async () => {
    const same = [change(1, { definitionText: PRESENT }), change(2, { versionId: 2 })];
    expect(await tell(same, versionsOf(OTHER, PRESENT))).toEqual({
      told: [],
      // The first call tells what the pipeline used before, and the second what it is.
      calls: ['describePipelineVersion fraud 1', 'describePipelineVersion fraud 2'],
    });
    expect(await tell([change(1, {})])).toEqual({ told: [], calls: [] });
  });

  test('and makes a gap if nothing tells its definition', async () => {
    const denied = await tell([change(1, { versionId: 1 })], {}, ['describePipelineVersion']);
    expect(denied.told).toMatchObject([
      { arn: `${ARN}/version/1`, gaps: ['describePipelineVersion: AccessDeniedException'] },
    ]);
    const { told } = await tell([change(1, {}), change(2, {})]);
    expect(told).toMatchObject([{ arn: `${ARN}/version/c-1`, gaps: ['UpdatePipeline: Incomplete'] }]);
  });

  test('and is the same resource as an update of its alias that a version floor judges', async () => {
    const { executions } = await look({
      definitionChanges: [change(1, { definitionText: OTHER, versionId: 1 }), change(2, {})],
      versionUpdates: [{ versionId: 1, trigger: UPDATED }],
    });
    expect(executions).toMatchObject([
      { arn: `${ARN}/version/1`, facts: { definition: { ok: true }, version: { value: { versionId: 1 } } } },
    ]);
  });
});

describe('an execution that is retried', () => {
  const {
    parameters: _,
    isVersionChosen: __,
    ...untold
  } = start({
    isRetried: true,
    trigger: { ...STARTED, eventName: 'RetryPipelineExecution' },
  });
  const NO_FLOOR = { config: { version: 1 as const } };
  const ofExecution = (parameters: Record<string, string>): NonNullable<Account['executionFacts']> => ({
    [EXECUTION_ARN]: { executionArn: EXECUTION_ARN, versionId: 2, parameters },
  });
  const { executions } = ran(textOf('Old')) as Required<Pick<Account, 'executions'>>;
  const roleOf = (gathered: Awaited<ReturnType<typeof look>>['executions']) => {
    const definition = gathered[0]?.facts.definition;
    return definition?.ok && definition.value.parameters.get('Role')?.defaultValue;
  };

  test('is judged by the definition that it runs, with its values from AWS', async () => {
    const account = { executions, executionFacts: ofExecution({ Role: 'x' }) };
    const { executions: gathered } = await look({ executions: [untold] }, account, NO_FLOOR);
    expect(gathered).toMatchObject([
      {
        arn: EXECUTION_ARN,
        trigger: { eventName: 'RetryPipelineExecution' },
        facts: { gaps: { value: [] } },
      },
    ]);
    const old = gathered[0]?.facts.definition;
    expect(old?.ok && old.value.steps.map(({ name }) => name)).toEqual(['Old']);
    expect(old?.ok && old.value.parameters.get('Role')?.defaultValue).toBe('x');
  });

  test('has the values from its recorded start, without a call', async () => {
    const recalled = { executionArn: EXECUTION_ARN, parameters: { Role: 'y' } };
    const { executions: gathered, calls } = await look(
      { executions: [untold] },
      { executions },
      { ...NO_FLOOR, recalled },
    );
    expect(roleOf(gathered)).toBe('y');
    expect(calls.filter((call) => call.startsWith('describeExecution '))).toEqual([]);
  });

  test('does not take the values of another pipeline’s execution with the same id', async () => {
    const recalled = { executionArn: EXECUTION_ARN.replace('fraud', 'other'), parameters: { Role: 'y' } };
    const account = { executions, executionFacts: ofExecution({ Role: 'x' }) };
    const { executions: gathered } = await look({ executions: [untold] }, account, { ...NO_FLOOR, recalled });
    expect(roleOf(gathered)).toBe('x');
  });

  test('is not judged if it has no values of its own', async () => {
    const { executions: gathered } = await look(
      { executions: [untold] },
      { executionFacts: ofExecution({}) },
      NO_FLOOR,
    );
    expect(gathered).toEqual([]);
  });

  test('makes a gap if nothing tells its values, and is not judged by the defaults', async () => {
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

  test('makes a gap if the event does not name it', async () => {
    const { executionArn: ___, ...unnamed } = untold;
    const { executions: gathered } = await look({ executions: [unnamed] }, {}, NO_FLOOR);
    expect(gathered).toMatchObject([{ facts: { overrides: { ok: false, unread: { code: 'NotNamed' } } } }]);
  });

  test('is compared with the version floor by the version that it runs, not by the newest', async () => {
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
