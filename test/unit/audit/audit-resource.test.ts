import { describe, expect, test } from '@jest/globals';
import {
  type AuditContext,
  auditAll,
  auditResource,
  configurationFindings,
  unreadableObservation,
} from '../../../shared/audit/audit-resource.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Finding, Verdict } from '../../../shared/domain/finding.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { expire, nextExpiry } from '../../../shared/findings/expiry.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import { type Control, defineControl } from '../../../shared/judging/control.ts';
import { REQUIRED_CORS } from '../../../shared/policies/required-cors.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import type { AuditRequest, ExecutionStart, JobHint } from '../../../shared/requests/audit-request.ts';
import { bucketRequest, principalRequest } from '../../../shared/requests/resource-requests.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';

const PIPELINE_ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const EXECUTION_ARN = `${PIPELINE_ARN}/execution/a1b2c3d4e5f6`;
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const TRIGGER = { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-24T09:00:00Z' };
const TRIGGER_OF_ROLE = { ...TRIGGER, eventName: 'PutRolePolicy' };
const CONFIG: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud-train' }],
  roles: { steps: [role('steps/*')], execution: [role('pipelines/*')] },
};

/** A configuration that gives every list that controls wait for. */
const LISTS: Config = {
  ...CONFIG,
  roles: { ...CONFIG.roles, creators: [role('data-scientist')] },
  versionFloors: [{ pipeline: 'release-*', minimum: 6 }],
  scpException: { tagKey: 'pipelines-json-get', tagValue: 'true', taggers: [] },
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
  const { reader, calls } = memoryReader(
    { identities: { RoleDetailList: [] }, organization: NO_ORGANIZATION, listing: [], ...account },
    refused,
  );
  const merged = { ...CONFIG, ...config };
  return {
    calls,
    context: {
      reader,
      controls,
      config: merged,
      now: () => new Date(now),
      recallExecution: async () => undefined,
      evidence: accountEvidence(reader, merged),
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
const open = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status !== 'PASSED' && status !== 'NOT_APPLICABLE');

/** A control on pipelines that says what it is told to say. */
const saying = (verdicts: () => Verdict[]): Control =>
  defineControl({
    id: 'said',
    on: ['pipeline'],
    requires: ['pipeline'],
    system: 'The audit itself',
    title: 'Something is so',
    severity: 'HIGH',
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
      ['step-isolation', 'NOT_APPLICABLE'],
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

  test('that no listing holds and no pipeline uses is gone, and the account’s evidence can be read', async () => {
    const { context } = contextOf({});
    const [request] = principalRequest(role('x'));
    if (!request) throw new Error('no request');
    const { observations } = await auditResource(request, context);
    expect(
      observations.map(({ resourceArn, gone, findings }) => [resourceArn, gone, told(findings)]),
    ).toEqual([
      [role('x'), true, []],
      ['arn:aws:iam::111122223333:root', false, [['evidence-readable', 'PASSED']]],
    ]);
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

  test('a record that nobody understands is no finding any more after its time', () => {
    const { context } = contextOf({}, [], { config: { finished: { expireDays: 2 } } });
    const observation = unreadableObservation({ at: 'message 1', reason: 'r', excerpt: '' }, context);
    const { state } = reconcile(undefined, observation);
    expect(nextExpiry(state)).toBe(Date.parse('2026-11-26T10:00:00.000Z'));
    expect(expire(state, '2026-11-26T09:59:59.999Z').state).toBe(state);
    const { state: after, changes } = expire(state, '2026-11-26T10:00:00.000Z');
    expect([after.open, changes]).toMatchObject([
      {},
      [
        {
          kind: 'expired',
          finding: {
            status: 'NOT_AVAILABLE',
            remediation: { text: 'Expired: it came 2 days ago, and a record is not looked at again.' },
          },
        },
      ],
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
      [
        EXECUTION_ARN,
        [
          ['evidence-readable', 'PASSED'],
          ['version-floor-kept', 'NOT_APPLICABLE'],
        ],
      ],
      [
        `${PIPELINE_ARN}/executions`,
        [
          ['evidence-readable', 'PASSED', 'executions'],
          ['step-role-authorised', 'FAILED', 'executions'],
          ['version-floor-kept', 'NOT_APPLICABLE', 'executions'],
        ],
      ],
      [
        `${EXECUTION_ARN}2`,
        [
          ['evidence-readable', 'PASSED'],
          ['step-role-authorised', 'PASSED', 'Train'],
          ['version-floor-kept', 'NOT_APPLICABLE'],
        ],
      ],
      [
        `${PIPELINE_ARN}/executions`,
        [
          ['evidence-readable', 'PASSED', 'executions'],
          ['step-role-authorised', 'PASSED', 'executions'],
          ['version-floor-kept', 'NOT_APPLICABLE', 'executions'],
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
      /^The job .* What has run stays as it was: this closes as expired 30 days after .* was seen\.$/,
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
    configurationFindings({ ...context, config: { ...LISTS, prefixes: each } });
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
      ['evidence-readable', 'WARNING', 'roles.creators'],
      ['evidence-readable', 'WARNING', 'roles.steps'],
      ['evidence-readable', 'WARNING', 'scpException'],
      ['evidence-readable', 'WARNING', 'versionFloors'],
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
      remediation: {
        text: expect.stringMatching(
          /^Add prefixes to pipewarden\.yaml, .*: pipewarden init tells what is in use\.$/,
        ),
      },
    });
    const { context } = contextOf(pipelineOf([training('Train'), training('Other')]));
    const { observations } = await auditResource(pipelineRequest(), { ...context, config: { version: 1 } });
    expect(told(observations.flatMap(({ findings: each }) => each))).toEqual([
      ['evidence-readable', 'PASSED'],
      ['job-prefix-length', 'PASSED', 'Train'],
      ['job-prefix-length', 'PASSED', 'Other'],
      ['pipeline-job-prefix', 'NOT_APPLICABLE'],
      ['step-isolation', 'NOT_APPLICABLE'],
      ['step-role-authorised', 'NOT_APPLICABLE'],
    ]);
  });

  test('are not missed where they are given', () => {
    expect(missing(LISTS)).toEqual([]);
    const roles = { ...LISTS.roles, steps: [], execution: [role('x')] };
    expect(told(missing({ ...LISTS, roles, prefixes: [] }))).toEqual([
      ['evidence-readable', 'WARNING', 'prefixes'],
    ]);
  });

  test('are not missed where no control that is switched on waits for them', () => {
    const off = { enabled: false, reason: 'not here' };
    expect(
      missing({
        controls: Object.fromEntries(
          CONTROLS.filter(({ needs }) => needs.length > 0).map(({ id }) => [id, off]),
        ),
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
  const reading = (uri: string) =>
    step('Label', 'Processing', {
      ProcessingJobName: 'fraud-train',
      RoleArn: role('steps/train'),
      ProcessingInputs: [{ S3Input: { S3Uri: uri } }],
    });
  const { trigger: _, ...swept } = pipelineRequest() as Extract<AuditRequest, { type: 'pipeline' }>;
  const roleDetails = (name: string, Action: string[]) => ({
    RoleName: name.split('/').at(-1) ?? name,
    Arn: role(name),
    AssumeRolePolicyDocument: TRUST,
    RolePolicyList: [
      {
        PolicyName: 'own',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
      },
    ],
  });

  /** Both roles, with what the pipeline asks of them. */
  const identities = {
    RoleDetailList: [
      roleDetails('pipelines/fraud', ['sagemaker:CreateProcessingJob', 'sagemaker:DescribeProcessingJob']),
      roleDetails('steps/train', []),
    ],
  };

  test('counts what passes instead of listing it, if asked to, and finds the same', async () => {
    const account = { identities, ...pipelineOf([training('Train')]), listing: ['fraud'] };
    const { context } = contextOf(account);
    const listed = await auditResource(swept, context);
    const counted = await auditResource(swept, { ...context, countsPasses: true });
    const all = listed.observations.flatMap(({ findings }) => findings);
    expect(counted.observations.flatMap(({ findings }) => findings)).toEqual(open(all));
    expect(counted.observations.map(({ passed }) => passed)).toEqual([
      all.filter(({ status }) => status === 'PASSED').length,
    ]);
    expect(counted.observations[0]?.passed).toBeGreaterThan(0);
    expect(listed.observations[0]).not.toHaveProperty('passed');
  });

  test('counts steps of one name once, by the worst verdict', async () => {
    const twice = saying(() => [
      { status: 'PASSED', subject: 'Train' },
      { status: 'PASSED', subject: 'Train' },
      { status: 'PASSED', subject: 'Score' },
      {
        status: 'FAILED',
        subject: 'Score',
        evidence: [{ at: '/Steps/1', found: 'a', expected: 'b' }],
        remediation: { text: 'r' },
      },
    ]);
    const { context } = contextOf({ identities, ...pipelineOf([]) }, [], { controls: [twice] });
    const { observations } = await auditResource(swept, { ...context, countsPasses: true });
    expect(observations).toMatchObject([{ passed: 1, findings: [{ status: 'FAILED', subject: 'Score' }] }]);
  });

  test('goes on to the buckets that pipelines read images from, each once', async () => {
    const account = {
      identities,
      ...pipelineOf([reading('s3://acme-images/a.png'), reading('s3://acme-images/b.png')]),
      listing: ['fraud'],
      cors: { 'acme-images': [] },
    };
    const { context, calls } = contextOf(account);
    const done: [number, number][] = [];
    const bucket = bucketRequest('acme-images', context.reader);
    const findings = await auditAll([bucket, swept, swept], context, (_audited, ...at) => done.push(at));
    const ofBucket = open(findings).filter(({ resource }) => resource.type === 'bucket');
    expect(told(ofBucket)).toEqual([
      ['image-bucket-cors', 'FAILED'],
      ['image-bucket-known', 'WARNING'],
    ]);
    expect(ofBucket[0]).toMatchObject({
      resource: { type: 'bucket', arn: 'arn:aws:s3:::acme-images' },
      remediation: { text: expect.stringContaining('step Label of pipeline fraud reads images from it') },
    });
    expect(calls).toEqual([
      ...['describePipeline fraud', 'readIdentities'],
      ...['listPipelines', 'describePipeline fraud'], // whoever reads images from the bucket
      'getBucketCors acme-images',
    ]);
    expect(done).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('leaves a bucket alone that no step reads images from', async () => {
    const { context, calls } = contextOf({
      identities,
      ...pipelineOf([step('Label', 'Lambda'), reading('s3://acme-data/a.csv')]),
      cors: {},
    });
    expect(open(await auditAll([swept], context))).toEqual([]);
    expect(calls).toEqual(['describePipeline fraud', 'readIdentities']);
  });

  test('goes on to a role that a pipeline uses and that no longer exists', async () => {
    const account = { ...pipelineOf([training('Train')]), listing: ['fraud'] };
    const { context } = contextOf({
      ...account,
      identities: { RoleDetailList: [roleDetails('steps/train', [])] },
    });
    expect(open(await auditAll([swept], context))).toMatchObject([
      {
        control: 'execution-role-trust',
        status: 'FAILED',
        resource: { type: 'role', arn: role('pipelines/fraud') },
        evidence: [{ found: `there is no role ${role('pipelines/fraud')}` }],
      },
    ]);
  });

  test('of a bucket that meets the requirement passes', async () => {
    const { context } = contextOf({ cors: { b: [REQUIRED_CORS] } }, [], {
      config: { imageBuckets: { names: ['b'] } },
    });
    expect(open(await auditAll([bucketRequest('b', context.reader, TRIGGER)], context))).toEqual([]);
  });

  test('goes on from an event of a pipeline to its roles and to its creators, each once', async () => {
    const account = {
      ...pipelineOf([training('Train')]),
      listing: ['fraud'],
      identities: {
        RoleDetailList: [
          roleDetails('pipelines/fraud', ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob']),
          roleDetails('steps/train', ['s3:ListBucket']),
          roleDetails('data-scientist', ['sagemaker:CreatePipeline']),
          roleDetails('unrelated', ['*']),
        ],
      },
    };
    const { context, calls } = contextOf(account, [], { config: LISTS });
    const [again] = principalRequest(role('pipelines/fraud'));
    if (!again) throw new Error('no request');
    const audited: string[] = [];
    const findings = await auditAll([again, pipelineRequest()], context, ({ observations }) =>
      audited.push(...observations.map(({ resourceArn }) => resourceArn)),
    );
    expect(audited.toSorted()).toEqual(
      [PIPELINE_ARN, role('data-scientist'), role('pipelines/fraud'), role('steps/train')].toSorted(),
    );
    expect(
      findings
        .filter(({ status }) => status === 'FAILED')
        .map(({ control, resource, trigger }) => [control, resource.arn, trigger]),
    ).toEqual([
      ['execution-role-passes-step-roles', role('pipelines/fraud'), TRIGGER],
      ['pass-role-allowed', role('data-scientist'), TRIGGER],
    ]);
    expect(calls.filter((call) => call === 'readIdentities')).toEqual(['readIdentities']);
  });

  test('follows a managed policy to those who have it, and says nothing of the policy itself', async () => {
    const policyArn = 'arn:aws:iam::111122223333:policy/shared';
    const holder = { ...roleDetails('pipelines/fraud', []), RolePolicyList: [] };
    const { context } = contextOf({
      identities: {
        RoleDetailList: [
          { ...holder, AttachedManagedPolicies: [{ PolicyName: 'shared', PolicyArn: policyArn }] },
          roleDetails('steps/train', ['s3:ListBucket']),
        ],
      },
    });
    const request: AuditRequest = {
      type: 'policy',
      resource: { type: 'policy', arn: policyArn },
      name: 'shared',
      trigger: { ...TRIGGER, eventName: 'CreatePolicyVersion' },
    };
    const audited: string[][] = [];
    const findings = await auditAll([request], context, ({ observations }) =>
      audited.push(observations.map(({ resourceArn }) => resourceArn)),
    );
    const accountArn = 'arn:aws:iam::111122223333:root';
    expect(audited).toEqual([[accountArn], [role('pipelines/fraud'), accountArn]]);
    expect(findings.filter(({ resource }) => resource.type === 'policy')).toEqual([]);
    expect(findings.filter(({ resource }) => resource.arn === accountArn)).toHaveLength(1);
  });

  test('says once of the account that its identities cannot be read, and nothing of any principal', async () => {
    const { context } = contextOf({}, ['readIdentities']);
    const requests = ['a', 'b', 'c'].flatMap((name) => principalRequest(role(name), TRIGGER_OF_ROLE));
    const findings = await auditAll(requests, context);
    expect(findings).toMatchObject([
      {
        control: 'evidence-readable',
        status: 'NOT_AVAILABLE',
        resource: { type: 'account', arn: 'arn:aws:iam::111122223333:root' },
        evidence: [{ found: 'AccessDeniedException: not allowed' }],
      },
    ]);
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
