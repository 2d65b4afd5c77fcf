import { describe, expect, test } from '@jest/globals';
import {
  type AuditContext,
  auditAll,
  auditResource,
  bucketRequest,
  configurationFindings,
  unreadableObservation,
  withImageInputs,
} from '../../shared/audit.ts';
import type { Config } from '../../shared/config/schema.ts';
import { type Control, defineControl } from '../../shared/controls/control.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import type { AuditRequest, ExecutionStart, JobHint } from '../../shared/events/audit-request.ts';
import { REQUIRED_CORS } from '../../shared/facts/required-cors.ts';
import type { Finding, Verdict } from '../../shared/findings/finding.ts';
import { step } from './controls/control-cases.ts';
import { type Account, memoryReader } from './controls/memory-reader.ts';

const PIPELINE_ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const EXECUTION_ARN = `${PIPELINE_ARN}/execution/a1b2c3d4e5f6`;
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const TRIGGER = { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-24T09:00:00Z' };
const CONFIG: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud-train' }],
  roles: { steps: [role('steps/*')], execution: [role('pipelines/*')] },
};

const training = (name: string, args: object = {}) =>
  step(name, 'Training', { TrainingJobName: 'fraud-train', RoleArn: role('steps/train'), ...args });
const pipelineOf = (steps: unknown[], parameters: unknown[] = []): Account => ({
  pipelines: {
    fraud: {
      name: 'fraud',
      arn: PIPELINE_ARN,
      roleArn: role('pipelines/fraud'),
      definitionText: JSON.stringify({ Version: '2020-12-01', Parameters: parameters, Steps: steps }),
    },
  },
});

const pipelineRequest = (...executions: ExecutionStart[]): AuditRequest => ({
  type: 'pipeline',
  resource: { type: 'pipeline', arn: PIPELINE_ARN },
  name: 'fraud',
  executions,
  deleted: false,
  trigger: TRIGGER,
});

type Options = { config?: Partial<Config>; controls?: readonly Control[]; now?: string };

const contextOf = (
  account: Account,
  refused: Parameters<typeof memoryReader>[1] = [],
  { config, controls = CONTROLS, now = '2026-11-24T10:00:00.000Z' }: Options = {},
): { context: AuditContext; calls: string[] } => {
  const { reader, calls } = memoryReader(account, refused);
  return {
    calls,
    context: {
      reader,
      controls,
      config: { ...CONFIG, ...config },
      now: () => new Date(now),
      recallExecution: async () => undefined,
      imageInputs: new Map(),
    },
  };
};

const audit = async (request: AuditRequest, ...about: Parameters<typeof contextOf>): Promise<Finding[]> => {
  const { observations } = await auditResource(request, contextOf(...about).context);
  return observations.flatMap(({ findings }) => findings);
};

const told = (findings: readonly Finding[]) =>
  findings.map(({ control, status, subject }) => [
    control,
    status,
    ...(subject === undefined ? [] : [subject]),
  ]);
const open = (findings: readonly Finding[]) => findings.filter(({ status }) => status !== 'PASSED');

/** A control on pipelines that says what it is told to say. */
const saying = (verdicts: () => Verdict[]): Control =>
  defineControl({
    id: 'said',
    on: ['pipeline'],
    requires: ['pipeline'],
    meta: {
      title: 'Something is so',
      severity: 'HIGH',
      description: 'd',
      risk: 'r',
      remediation: 'm',
      decision: [],
      example: { fails: '', passes: '' },
      references: [],
    },
    evaluate: verdicts,
  });
const failing = (subject: string, at = '/x'): Verdict => ({
  status: 'FAILED',
  subject,
  evidence: [{ at, found: 'f', expected: 'e' }],
  remediation: { text: 'mend it' },
});

const warning = (subject: string): Verdict => ({
  status: 'WARNING',
  severity: 'LOW',
  subject,
  evidence: [{ at: '/x', found: 'f', expected: 'e' }],
  remediation: { text: 'think of it' },
});

describe('one resource', () => {
  test('gives whole findings', async () => {
    const [finding] = open(
      await audit(pipelineRequest(), pipelineOf([training('Train', { RoleArn: role('admin') })])),
    );
    expect(finding).toEqual({
      id: expect.stringMatching(/^pipewarden\/step-role-authorised\/[0-9a-f]{64}$/),
      control: 'step-role-authorised',
      status: 'FAILED',
      severity: 'HIGH',
      title: 'Every role that a step names is authorised',
      resource: { type: 'pipeline', arn: PIPELINE_ARN },
      subject: 'Train',
      evidence: [
        {
          at: '/Steps/0/Arguments/RoleArn',
          found: role('admin'),
          expected: `one of the authorised roles: ${role('steps/*')}, ${role('pipelines/*')}`,
        },
      ],
      remediation: { text: expect.stringContaining('Name an authorised role') },
      trigger: TRIGGER,
      firstObservedAt: '2026-11-24T10:00:00.000Z',
      lastObservedAt: '2026-11-24T10:00:00.000Z',
    });
  });

  test('that is clean passes every control on it', async () => {
    expect(told(await audit(pipelineRequest(), pipelineOf([training('Train')])))).toEqual([
      ['evidence-readable', 'PASSED'],
      ['job-prefix-length', 'PASSED', 'Train'],
      ['pipeline-job-prefix', 'PASSED', 'Train'],
      ['step-role-authorised', 'PASSED', 'Train'],
    ]);
  });

  test('that is gone has no findings', async () => {
    const request = { ...pipelineRequest(), deleted: true } as AuditRequest;
    const { observations } = await auditResource(request, contextOf({}).context);
    expect(observations).toMatchObject([{ resourceArn: PIPELINE_ARN, gone: true, findings: [] }]);
  });

  test('names the principal of a job', async () => {
    const job: JobHint = {
      kind: 'training-job',
      name: 'scratch',
      nameKeepsCase: true,
      roleArns: [role('admin')],
      caller: { principalArn: role('data-scientist') },
      startedByPipeline: false,
    };
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/scratch';
    const findings = await audit({ type: 'job', resource: { type: 'job', arn }, trigger: TRIGGER, job }, {});
    expect(told(open(findings))).toEqual([
      ['job-name-prefix', 'FAILED'],
      ['job-role-as-declared', 'FAILED'],
    ]);
    expect(new Set(findings.map(({ principal }) => principal))).toEqual(new Set([role('data-scientist')]));
  });

  test('with steps of one name keeps the worse verdict, with the evidence of both', async () => {
    const steps = [
      training('Train'),
      training('Train', { RoleArn: role('admin') }),
      training('Train', { RoleArn: role('root') }),
      training('Train', { RoleArn: { Get: 'Steps.A.Role' } }),
    ];
    const findings = (await audit(pipelineRequest(), pipelineOf(steps))).filter(
      ({ control }) => control === 'step-role-authorised',
    );
    expect(told(findings)).toEqual([['step-role-authorised', 'FAILED', 'Train']]);
    expect(findings[0]?.evidence.map(({ at }) => at).toSorted()).toEqual(
      [1, 2, 3].map((i) => `/Steps/${i}/Arguments/RoleArn`),
    );
  });

  test('of unknown type is looked at, and passes nothing but the reading', async () => {
    const request: AuditRequest = {
      type: 'role',
      resource: { type: 'role', arn: role('x') },
      name: 'x',
      deleted: false,
    };
    expect(told(await audit(request, {}))).toEqual([['evidence-readable', 'PASSED']]);
  });
});

describe('evidence that cannot be read is never a pass', () => {
  const chosen: ExecutionStart = {
    executionArn: EXECUTION_ARN,
    parameters: { A: 'b' },
    isVersionChosen: true,
    trigger: TRIGGER,
  };
  const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj';
  const job: JobHint = {
    kind: 'training-job',
    name: 'fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj',
    nameKeepsCase: true,
    caller: { principalArn: role('pipelines/fraud') },
    startedByPipeline: true,
    execution: { executionId: 'a1b2c3d4e5f6', executionArn: EXECUTION_ARN },
  };
  const jobRequest: AuditRequest = { type: 'job', resource: { type: 'job', arn }, job };
  const session: JobHint = {
    ...job,
    roleArns: [],
    caller: { sessionArn: 'arn:aws:sts::111122223333:assumed-role/maya/me' },
  };
  const bucket: AuditRequest = {
    type: 'bucket',
    resource: { type: 'bucket', arn: 'arn:aws:s3:::b' },
    name: 'b',
    deleted: false,
  };
  const ofPipeline = ['job-prefix-length', 'pipeline-job-prefix', 'step-role-authorised'];

  test.each<[string, AuditRequest, Parameters<typeof contextOf>[1], string[], Partial<Config>]>([
    ['the pipeline', pipelineRequest(), ['describePipeline'], ofPipeline, {}],
    ['a chosen version', pipelineRequest(chosen), ['describeExecutionDefinition'], ofPipeline, {}],
    [
      'the pipeline of an execution',
      pipelineRequest({ ...chosen, isVersionChosen: false }),
      ['describePipeline'],
      [...ofPipeline, ...ofPipeline],
      {},
    ],
    ['a job', jobRequest, ['describeJob'], ['job-role-as-declared'], {}],
    [
      'a job’s execution',
      { ...jobRequest, job: { ...job, roleArns: [role('steps/x')] } },
      ['describeExecutionDefinition'],
      ['job-role-as-declared'],
      {},
    ],
    [
      'the role of a session',
      { ...jobRequest, job: session },
      ['getRole'],
      ['job-name-prefix'],
      { prefixes: [{ prefix: 'fraud-train', roles: [role('*')] }] },
    ],
    [
      'a bucket’s CORS configuration',
      bucket,
      ['getBucketCors'],
      ['image-bucket-cors'],
      { imageBuckets: { names: ['b'] } },
    ],
    [
      'a bucket’s tags',
      bucket,
      ['getBucketTags'],
      ['image-bucket-cors'],
      { imageBuckets: { tags: { a: 'b' } } },
    ],
  ])('%s', async (_, request, refused, waiting, config) => {
    const account = {
      ...pipelineOf([training('Train', { RoleArn: { Get: 'Parameters.A' } })], [{ Name: 'A' }]),
      executions: {
        a1b2c3d4e5f6: {
          pipelineName: 'fraud',
          definitionText: JSON.stringify({ Steps: [training('Train')] }),
        },
      },
      jobs: {
        [job.name ?? '']: { kind: job.kind, name: job.name ?? '', arn, roleArns: [role('steps/train')] },
      },
    };
    const findings = await audit(request, account, refused, { config });
    const blind = findings.filter(({ evidence }) =>
      evidence.some(({ found }) => found.includes('AccessDeniedException')),
    );
    expect(blind.map(({ status }) => status)).toEqual(blind.map(() => 'NOT_AVAILABLE'));
    expect(blind.map(({ control }) => control)).toContain('evidence-readable');
    const passed = findings.filter(
      ({ status, resource, subject }) =>
        status === 'PASSED' &&
        blind.some(
          (other) =>
            other.resource.arn === resource.arn &&
            (other.subject === 'executions') === (subject === 'executions'),
        ),
    );
    expect(
      passed
        .map(({ control }) => control)
        .filter((control) => [...waiting, 'evidence-readable'].includes(control)),
    ).toEqual([]);
    const unavailable = findings
      .filter(({ status }) => status === 'NOT_AVAILABLE')
      .map(({ control }) => control);
    expect(unavailable.filter((control) => control !== 'evidence-readable').toSorted()).toEqual(
      expect.arrayContaining(waiting.toSorted()),
    );
  });

  test('a record that nobody understands', () => {
    const record = {
      at: 'events.json:3',
      reason: 'the record of CreatePipeline names no pipeline',
      excerpt: '{"a":1}',
      trigger: TRIGGER,
    };
    const { findings, resourceArn, gone } = unreadableObservation(record, contextOf({}).context);
    expect([resourceArn, gone]).toEqual(['events.json:3', false]);
    expect(findings).toMatchObject([
      {
        control: 'evidence-readable',
        status: 'NOT_AVAILABLE',
        resource: { type: 'event', arn: 'events.json:3' },
        evidence: [
          {
            at: 'events.json:3',
            found: 'Unreadable: the record of CreatePipeline names no pipeline: {"a":1}',
          },
        ],
        trigger: TRIGGER,
      },
    ]);
  });
});

describe('an execution with values of its own', () => {
  const start = (value: string, executionArn = EXECUTION_ARN): ExecutionStart => ({
    executionArn,
    parameters: { Role: value },
    isVersionChosen: false,
    trigger: { ...TRIGGER, eventName: 'StartPipelineExecution' },
  });
  const account = pipelineOf(
    [
      training('Train', { RoleArn: { Get: 'Parameters.Role' } }),
      training('Other', { RoleArn: role('admin') }),
    ],
    [{ Name: 'Role', Type: 'String', DefaultValue: role('steps/train') }],
  );

  test('is a resource for itself, and leaves the pipeline’s findings alone', async () => {
    const { observations } = await auditResource(
      pipelineRequest(start(role('admin')), start(role('steps/x'), `${EXECUTION_ARN}2`)),
      contextOf(account).context,
    );
    const without = await auditResource(pipelineRequest(), contextOf(account).context);
    expect(observations[0]).toEqual(without.observations[0]);
    expect(observations.slice(1).map(({ resourceArn, findings }) => [resourceArn, told(findings)])).toEqual([
      [EXECUTION_ARN, [['evidence-readable', 'PASSED']]],
      [
        `${PIPELINE_ARN}/executions`,
        [
          ['evidence-readable', 'PASSED', 'executions'],
          ['step-role-authorised', 'FAILED', 'executions'],
        ],
      ],
      [
        `${EXECUTION_ARN}2`,
        [
          ['evidence-readable', 'PASSED'],
          ['step-role-authorised', 'PASSED', 'Train'],
        ],
      ],
      [
        `${PIPELINE_ARN}/executions`,
        [
          ['evidence-readable', 'PASSED', 'executions'],
          ['step-role-authorised', 'PASSED', 'executions'],
        ],
      ],
    ]);
    expect(observations[2]?.findings[1]).toMatchObject({
      resource: { type: 'pipeline', arn: PIPELINE_ARN },
      evidence: [
        { at: `${EXECUTION_ARN} /Steps/0/Arguments/RoleArn`, found: expect.stringContaining(role('admin')) },
      ],
      trigger: { eventName: 'StartPipelineExecution' },
    });
  });
});

describe('jobs of one pipeline', () => {
  const job = (name: string, executionId = 'a1b2c3d4e5f6'): AuditRequest => ({
    type: 'job',
    resource: { type: 'job', arn: `arn:aws:sagemaker:eu-west-1:111122223333:training-job/${name}` },
    job: {
      kind: 'training-job',
      name,
      nameKeepsCase: true,
      roleArns: [role('steps/train')],
      caller: { principalArn: role('pipelines/fraud') },
      startedByPipeline: true,
      execution: { executionId, executionArn: `${PIPELINE_ARN}/execution/${executionId}` },
    },
  });
  const account: Account = {
    executions: {
      a1b2c3d4e5f6: {
        pipelineName: 'fraud',
        definitionText: JSON.stringify({ Steps: [training('Train')] }),
      },
    },
  };

  test('are one finding for each control, with a piece of evidence for each job', async () => {
    const { context } = contextOf(account);
    const names = ['wrong-a1b2c3d4e5f6-Ab3dEf6hIj', 'scratch-a1b2c3d4e5f6-Ab3dEf6hIj'];
    const clean = 'fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj';
    const findings = await auditAll(
      [...names, clean].map((name) => job(name)),
      context,
    );
    expect(told(open(findings))).toEqual([['job-name-prefix', 'FAILED', 'jobs']]);
    const [gathered] = open(findings);
    expect(gathered?.resource).toEqual({ type: 'pipeline', arn: PIPELINE_ARN });
    expect(gathered?.evidence.map(({ at, found }) => [at, found.split(' ')[0]]).toSorted()).toEqual(
      names
        .map((name) => [
          `arn:aws:sagemaker:eu-west-1:111122223333:training-job/${name} TrainingJobName`,
          name,
        ])
        .toSorted(),
    );
    expect(gathered?.remediation.text).toMatch(
      /^What has run can no longer be mended: this closes as expired 30 days after .* For the next run: The job/,
    );
    expect(
      findings.filter(({ control }) => control === 'job-name-prefix').map(({ status }) => status),
    ).toEqual(['PASSED', 'FAILED']);
  });

  test('are gathered under the pipeline that their execution names, where its definition cannot be read', async () => {
    const { context } = contextOf({});
    const findings = await auditAll([job('fraud-train-x-1'), job('fraud-train-x-2')], context);
    expect(told(open(findings)).toSorted()).toEqual([
      ['evidence-readable', 'NOT_AVAILABLE', 'jobs'],
      ['job-name-prefix', 'FAILED', 'jobs'],
      ['job-role-as-declared', 'NOT_AVAILABLE', 'jobs'],
    ]);
    expect(open(findings).map(({ evidence }) => evidence.length)).toEqual([2, 2, 2]);
  });
});

describe('verdicts', () => {
  const account = pipelineOf([training('Train')]);
  const judge = (verdicts: () => Verdict[], options: Options = {}) =>
    audit(pipelineRequest(), account, [], { ...options, controls: [saying(verdicts)] });

  test('up to a hundred are given one by one', async () => {
    const verdicts = Array.from({ length: 100 }, (_, index) => failing(`step ${index}`));
    expect(await judge(() => verdicts)).toHaveLength(100);
  });

  test('more are gathered into one that says how many there are', async () => {
    const findings = await judge(() => [
      ...Array.from({ length: 150 }, (_, index) => failing(`step ${index}`, `/Steps/${index}`)),
      warning('w'),
      { status: 'PASSED', subject: 'p' },
    ]);
    expect(findings).toMatchObject([
      { status: 'FAILED', severity: 'HIGH', remediation: { text: 'mend it' } },
    ]);
    expect(findings[0]).not.toHaveProperty('subject');
    expect(findings[0]?.evidence).toHaveLength(102);
    expect(findings[0]?.evidence.slice(99)).toMatchObject([
      { at: '/Steps/99' },
      { at: 'further subjects', found: '50 more like these' },
      { at: '/x' },
    ]);
  });

  test('more of a lower severity keep it', async () => {
    const findings = await judge(() => Array.from({ length: 101 }, (_, index) => warning(`step ${index}`)));
    expect(findings).toMatchObject([{ status: 'WARNING', severity: 'LOW' }]);
  });

  test('more that all pass are one pass', async () => {
    const verdicts = Array.from(
      { length: 101 },
      (_, index): Verdict => ({ status: 'PASSED', subject: `step ${index}` }),
    );
    expect(told(await judge(() => verdicts))).toEqual([['said', 'PASSED']]);
  });

  test.each<[string, unknown, string]>([
    ['an error', new TypeError('no such thing'), 'TypeError: no such thing'],
    ['something that is no error', 'broken', 'Error: broken'],
    ['a long message', new Error('x'.repeat(9999)), `Error: ${'x'.repeat(500)}`],
  ])('a control that throws %s is not available, and the others go on', async (_, thrown, found) => {
    const broken = saying(() => {
      throw thrown;
    });
    const findings = await audit(pipelineRequest(), account, [], { controls: [broken, ...CONTROLS] });
    expect(findings[0]).toMatchObject({
      control: 'said',
      status: 'NOT_AVAILABLE',
      evidence: [{ at: 'control said', found }],
    });
    expect(findings.length).toBeGreaterThan(3);
  });

  test('the severity is the verdict’s, else the configuration’s, else the control’s', async () => {
    const verdicts = (): Verdict[] => [failing('a'), warning('b')];
    const severities = async (config: Partial<Config>) =>
      (await judge(verdicts, { config })).map(({ severity }) => severity);
    expect(await severities({})).toEqual(['HIGH', 'LOW']);
    expect(await severities({ controls: { said: { severity: 'critical' } } })).toEqual(['CRITICAL', 'LOW']);
    expect(await severities({ controls: { other: { severity: 'critical' } } })).toEqual(['HIGH', 'LOW']);
  });

  test('a control that is switched off says nothing', async () => {
    const controls = { said: { enabled: false, reason: 'in March' } };
    expect(await judge(() => [failing('a')], { config: { controls } })).toEqual([]);
    expect(
      await judge(() => [failing('a')], { config: { controls: { said: { enabled: true } } } }),
    ).toHaveLength(1);
  });

  test('a suppression marks what it covers, until it has expired', async () => {
    const suppressions = [
      {
        control: 'said',
        resource: 'arn:aws:sagemaker:*:*:pipeline/*',
        reason: 'in January',
        expires: '2027-01-31',
      },
    ];
    const at = (now: string) => judge(() => [failing('a')], { config: { suppressions }, now });
    expect(await at('2027-01-31T23:59:59Z')).toMatchObject([
      { suppression: { reason: 'in January', expires: '2027-01-31' } },
    ]);
    const [expired] = await at('2027-02-01T00:00:00Z');
    expect(expired).not.toHaveProperty('suppression');
    expect(expired?.remediation.text).toBe('The suppression of 2027-01-31 (in January) has expired. mend it');
  });
});

test('the configuration is judged as a resource of its own', () => {
  const roles = (name: string) => ({ roles: [role(name)] });
  const prefixes = [
    { prefix: 'ml', ...roles('core') },
    { prefix: 'ml-fraud', ...roles('fraud') },
  ];
  const { context } = contextOf({}, [], { controls: CONTROLS });
  const judged = (each: typeof prefixes) =>
    configurationFindings({
      ...context,
      config: { version: 1, roles: { steps: [role('x')] }, prefixes: each },
    });
  expect(judged(prefixes)).toMatchObject([
    {
      control: 'prefix-collision',
      status: 'FAILED',
      subject: 'ml',
      resource: { type: 'configuration', arn: 'pipewarden.yaml' },
    },
  ]);
  expect(told(judged(prefixes.slice(1)))).toEqual([['prefix-collision', 'PASSED']]);
});

describe('lists that nobody configured', () => {
  const missing = (config: Partial<Config>, controls = CONTROLS) =>
    configurationFindings({
      ...contextOf({}, [], { controls }).context,
      config: { version: 1, ...config },
    }).filter(({ status }) => status !== 'PASSED');

  test('are reported once each, and the controls that wait for them are not applicable', async () => {
    const findings = missing({});
    expect(told(findings)).toEqual([
      ['evidence-readable', 'WARNING', 'prefixes'],
      ['evidence-readable', 'WARNING', 'roles.steps'],
    ]);
    expect(findings[0]).toMatchObject({
      severity: 'INFORMATIONAL',
      resource: { type: 'configuration', arn: 'pipewarden.yaml' },
      evidence: [
        {
          at: 'prefixes',
          found: 'not configured',
          expected: expect.stringContaining('job-name-prefix and pipeline-job-prefix'),
        },
      ],
      remediation: { text: expect.stringContaining('Add prefixes to pipewarden.yaml') },
    });
    const { context } = contextOf(pipelineOf([training('Train'), training('Other')]));
    const { observations } = await auditResource(pipelineRequest(), { ...context, config: { version: 1 } });
    expect(told(observations.flatMap(({ findings: each }) => each))).toEqual([
      ['evidence-readable', 'PASSED'],
      ['job-prefix-length', 'PASSED', 'Train'],
      ['job-prefix-length', 'PASSED', 'Other'],
      ['pipeline-job-prefix', 'NOT_APPLICABLE'],
      ['step-role-authorised', 'NOT_APPLICABLE'],
    ]);
  });

  test('are not missed where they are given', () => {
    expect(missing(CONFIG)).toEqual([]);
    expect(told(missing({ roles: { execution: [role('x')] }, prefixes: [] }))).toEqual([
      ['evidence-readable', 'WARNING', 'prefixes'],
    ]);
  });

  test('are not missed where no control that is switched on waits for them', () => {
    const off = { enabled: false, reason: 'not here' };
    expect(
      missing({
        controls: { 'job-name-prefix': off, 'pipeline-job-prefix': off, 'step-role-authorised': off },
      }),
    ).toEqual([]);
    expect(missing({ controls: { 'evidence-readable': off } })).toEqual([]);
  });

  test('need the control that reports them', () => {
    expect(
      missing(
        {},
        CONTROLS.filter(({ id }) => id !== 'evidence-readable'),
      ),
    ).toEqual([]);
  });
});

describe('an audit of many', () => {
  const images = step('Label', 'Lambda');
  const reading = (uri: string) =>
    step('Label', 'Processing', {
      ProcessingJobName: 'fraud-train',
      RoleArn: role('steps/train'),
      ProcessingInputs: [{ S3Input: { S3Uri: uri } }],
    });

  test('goes on to the buckets that pipelines read images from, each once', async () => {
    const account = {
      ...pipelineOf([reading('s3://acme-images/a.png'), reading('s3://acme-images/b.png')]),
      cors: { 'acme-images': [] },
    };
    const { context, calls } = contextOf(account);
    const done: [number, number][] = [];
    const bucket = bucketRequest('acme-images', context);
    const findings = await auditAll([bucket, pipelineRequest(), pipelineRequest()], context, (...at) =>
      done.push(at),
    );
    expect(told(open(findings))).toEqual([['image-bucket-cors', 'FAILED']]);
    expect(findings.at(-1)).toMatchObject({
      resource: { type: 'bucket', arn: 'arn:aws:s3:::acme-images' },
      remediation: { text: expect.stringContaining('step Label of pipeline fraud reads images from it') },
    });
    expect(calls).toEqual(['describePipeline fraud', 'getBucketCors acme-images']);
    expect(done).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('leaves a bucket alone that no step reads images from', async () => {
    const { context, calls } = contextOf({
      ...pipelineOf([images, reading('s3://acme-data/a.csv')]),
      cors: {},
    });
    expect(open(await auditAll([pipelineRequest()], context))).toEqual([]);
    expect(calls).toEqual(['describePipeline fraud']);
  });

  test('keeps the image inputs that were known before', () => {
    const { context } = contextOf({});
    const before = { ...context, imageInputs: new Map([['a', { pipelineName: 'p', step: 's' }]]) };
    const { imageInputs } = withImageInputs(before, [{ bucket: 'b', pipelineName: 'q', step: 't' }]);
    expect([...imageInputs.keys()]).toEqual(['a', 'b']);
    expect([...before.imageInputs.keys()]).toEqual(['a']);
  });

  test('of a bucket that meets the requirement passes', async () => {
    const { context } = contextOf({ cors: { b: [REQUIRED_CORS] } }, [], {
      config: { imageBuckets: { names: ['b'] } },
    });
    expect(open(await auditAll([bucketRequest('b', context, TRIGGER)], context))).toEqual([]);
  });
});

test('an observation is as old as its first read, so that a slow look never outdoes a later one', async () => {
  const { context } = contextOf(pipelineOf([training('Train')]));
  let minute = 0;
  const now = () => new Date(Date.UTC(2026, 10, 24, 10, minute));
  const describePipeline: typeof context.reader.describePipeline = (name) => {
    minute++;
    return context.reader.describePipeline(name);
  };
  const slow = { ...context, now, reader: { ...context.reader, describePipeline } };
  const { observations } = await auditResource(pipelineRequest(), slow);
  expect(observations.map(({ observedAt }) => observedAt)).toEqual(['2026-11-24T10:00:00.000Z']);
  expect(minute).toBe(1);
});
