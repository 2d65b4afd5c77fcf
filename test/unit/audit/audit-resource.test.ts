import { describe, expect, test } from '@jest/globals';
import { auditAll } from '../../../shared/audit/audit-all.ts';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type {
  AuditRequest,
  ExecutionStart,
  JobHint,
  RequestOf,
} from '../../../shared/requests/audit-request.ts';
import { principalRequest } from '../../../shared/requests/resource-requests.ts';
import {
  audit,
  contextOf,
  EXECUTION_ARN,
  open,
  PIPELINE_ARN,
  pipelineOf,
  pipelineRequest,
  role,
  TRIGGER,
  told,
  training,
} from '../../support/builders/audit.ts';

describe('a look at one resource', () => {
  test('makes complete findings', async () => {
    const [finding] = open(
      await audit(pipelineRequest(), pipelineOf([training('Train', { RoleArn: role('admin') })])),
    );
    expect(finding).toEqual({
      id: expect.stringMatching(/^pipewarden\/step-role-authorised\/[0-9a-f]{64}$/),
      control: 'step-role-authorised',
      status: 'FAILED',
      severity: 'HIGH',
      title: 'Every role that a pipeline runs under or that a step names is authorised',
      resource: { type: 'pipeline', arn: PIPELINE_ARN },
      subject: 'Train',
      evidence: [
        {
          at: '/Steps/0/Arguments/RoleArn',
          found: `step Train names ${role('admin')}`,
          expected: `one of the authorised roles: ${role('steps/*')}, ${role('pipelines/*')}`,
        },
      ],
      remediation: { text: expect.stringMatching(/^Step Train: name an authorised role\./) },
      trigger: TRIGGER,
      firstObservedAt: '2026-11-24T10:00:00.000Z',
      lastObservedAt: '2026-11-24T10:00:00.000Z',
    });
  });

  test('that is clean passes every control of its type', async () => {
    expect(told(await audit(pipelineRequest(), pipelineOf([training('Train')])))).toEqual([
      ['definition-valid', 'NOT_APPLICABLE'],
      ['evidence-readable', 'PASSED'],
      ['job-prefix-length', 'PASSED', 'Train'],
      ['pipeline-job-prefix', 'PASSED', 'Train'],
      ['pipeline-shared', 'PASSED'],
      ['step-isolation', 'NOT_APPLICABLE'],
      ['step-role-authorised', 'PASSED'],
      ['step-role-authorised', 'PASSED', 'Train'],
      ['version-alias-kept', 'NOT_APPLICABLE'],
    ]);
  });

  test('at a pipeline whose steps on EMR name roles, which cannot be read, judges all but these', async () => {
    const cluster = {
      Name: 'Features',
      Type: 'EMR',
      Arguments: { ClusterConfig: { JobFlowRole: 'EMR_EC2_DefaultRole', ServiceRole: 'EMR_DefaultRole' } },
    };
    const findings = await audit(pipelineRequest(), pipelineOf([training('Train'), cluster]), [
      'readIdentities',
    ]);
    expect(told(findings)).toContainEqual(['pipeline-job-prefix', 'PASSED', 'Train']);
    expect(told(findings)).toContainEqual(['step-role-authorised', 'NOT_AVAILABLE', 'Features']);
  });

  test('at a role whose step names a key by an alias of which nothing can be read, makes no pass of it', async () => {
    const key = { OutputDataConfig: { S3OutputPath: 's3://acme-models/out', KmsKeyId: 'alias/models' } };
    const identities = {
      RoleDetailList: [
        {
          RoleName: 'train',
          Arn: role('steps/train'),
          AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
        },
      ],
    };
    const [request] = principalRequest(role('steps/train'), { trigger: TRIGGER, changed: ['policy'] });
    if (!request) throw new Error('no request');
    const findings = await audit(
      request,
      { ...pipelineOf([training('Train', { RoleArn: role('steps/train'), ...key })]), identities },
      ['getKeyPolicy'],
    );
    expect(told(findings)).not.toContainEqual(['step-role-data-access', 'PASSED']);
    expect(told(findings).map(([control]) => control)).toContain('step-role-data-access');
  });

  test('that is gone makes no findings', async () => {
    const request = { ...pipelineRequest(), deleted: true } as AuditRequest;
    const { observations } = await auditResource(request, contextOf({}).context);
    expect(observations).toMatchObject([{ resourceArn: PIPELINE_ARN, gone: true, findings: [] }]);
  });

  test('names the principal that created a job', async () => {
    const job: JobHint = {
      kind: 'training-job',
      name: 'scratch',
      nameKeepsCase: true,
      roleArns: [role('admin')],
      caller: { principalArn: role('data-scientist') },
    };
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/scratch';
    const findings = await audit(
      { type: 'job', resource: { type: 'job', arn }, changed: ['existence'], trigger: TRIGGER, job },
      {},
    );
    expect(told(open(findings))).toEqual([
      ['job-name-prefix', 'FAILED'],
      ['job-role-as-declared', 'FAILED'],
    ]);
    expect(new Set(findings.map(({ principal }) => principal))).toEqual(new Set([role('data-scientist')]));
  });

  test('keeps the worse verdict on two steps of the same name, with the evidence of both', async () => {
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

  test('reports a role as gone if no listing contains it and no pipeline uses it, and the account as readable', async () => {
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

test('a look at a role in an account that a hub reads again mends what was told of the whole account', async () => {
  const { context } = contextOf({});
  const [request] = principalRequest(role('x'));
  if (!request) throw new Error('no request');
  const { observations } = await auditResource(request, { ...context, coverage: async () => found(null) });
  const { judged } = observations.find(({ resourceArn }) => resourceArn.endsWith(':root')) ?? {};
  expect(judged).toMatchObject({ 'evidence-readable': { is: 'passed' }, 'scope-covered': { is: 'passed' } });
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
    step: { executionArn: EXECUTION_ARN, stepName: 'Train' },
  };
  const jobRequest: RequestOf<'job'> = { type: 'job', resource: { type: 'job', arn }, changed: [], job };
  const session: JobHint = {
    ...job,
    roleArns: [],
    caller: { sessionArn: 'arn:aws:sts::111122223333:assumed-role/maya/me' },
  };
  const bucket: AuditRequest = {
    type: 'bucket',
    resource: { type: 'bucket', arn: 'arn:aws:s3:::b' },
    name: 'b',
    changed: [],
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
});

describe('an execution that was started with its own parameter values', () => {
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
  const ran = { pipelineName: 'fraud', definitionText: account.pipelines?.fraud?.definitionText ?? '' };
  account.executions = { a1b2c3d4e5f6: ran, a1b2c3d4e5f62: ran };

  test('is judged as a resource of its own, and does not change the pipeline’s findings', async () => {
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
          ['managed-pipeline-role', 'NOT_APPLICABLE'],
          ['version-floor-kept', 'NOT_APPLICABLE'],
        ],
      ],
      [
        `${PIPELINE_ARN}/executions`,
        [
          ['evidence-readable', 'PASSED', 'executions'],
          ['managed-pipeline-role', 'NOT_APPLICABLE', 'executions'],
          ['step-role-authorised', 'FAILED', 'executions'],
          ['version-floor-kept', 'NOT_APPLICABLE', 'executions'],
        ],
      ],
      [
        `${EXECUTION_ARN}2`,
        [
          ['evidence-readable', 'PASSED'],
          ['managed-pipeline-role', 'NOT_APPLICABLE'],
          ['step-role-authorised', 'PASSED', 'Train'],
          ['version-floor-kept', 'NOT_APPLICABLE'],
        ],
      ],
      [
        `${PIPELINE_ARN}/executions`,
        [
          ['evidence-readable', 'PASSED', 'executions'],
          ['managed-pipeline-role', 'NOT_APPLICABLE', 'executions'],
          ['step-role-authorised', 'PASSED', 'executions'],
          ['version-floor-kept', 'NOT_APPLICABLE', 'executions'],
        ],
      ],
    ]);
    expect(observations[2]?.findings.find(({ control }) => control === 'step-role-authorised')).toMatchObject(
      {
        resource: { type: 'pipeline', arn: PIPELINE_ARN },
        evidence: [
          {
            at: `${EXECUTION_ARN} /Steps/0/Arguments/RoleArn`,
            found: expect.stringContaining(role('admin')),
          },
        ],
        trigger: { eventName: 'StartPipelineExecution' },
      },
    );
  });
});

test('an observation is dated before its first read, so that a slow look never overrides a later one', async () => {
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

describe('an observation that the account’s evidence is readable is made', () => {
  const accountArn = 'arn:aws:iam::111122223333:root';
  const trust = { Version: '2012-10-17', Statement: [] };
  const identities = {
    RoleDetailList: [{ RoleName: 'fraud', Arn: role('pipelines/fraud'), AssumeRolePolicyDocument: trust }],
  };
  const said = async (
    changed: RequestOf<'role' | 'user'>['changed'],
    eventName: string,
  ): Promise<boolean> => {
    const { context } = contextOf({ identities });
    const because = { trigger: { ...TRIGGER, eventName }, changed };
    const [request] = principalRequest(role('pipelines/fraud'), because);
    if (!request) throw new Error('no request');
    const { observations } = await auditResource(request, context);
    return observations.some(({ resourceArn }) => resourceArn === accountArn);
  };

  test.each<RequestOf<'role' | 'user'>['changed']>([['policy'], ['uses', 'trust'], []])(
    'with a role of which this changed: %j',
    async (...changed) => {
      expect(await said(changed, 'UpdatePipeline')).toBe(true);
    },
  );

  test('not for the roles that a pipeline leads to, whatever the event’s name', async () => {
    expect([await said(['uses'], 'UpdatePipeline'), await said(['uses'], 'PutRolePolicy')]).toEqual([
      false,
      false,
    ]);
  });
});
describe('an execution of a version that was live for a moment only', () => {
  const LEAKING = [training('Train', { RoleArn: role('admin') })];
  const account = {
    ...pipelineOf([training('Train')]),
    executions: {
      a1b2c3d4e5f6: { pipelineName: 'fraud', definitionText: JSON.stringify({ Steps: LEAKING }) },
    },
  };
  const start: ExecutionStart = {
    executionArn: EXECUTION_ARN,
    parameters: {},
    isVersionChosen: true,
    versionId: 2,
    trigger: { ...TRIGGER, eventName: 'StartPipelineExecution' },
  };

  test('is judged by the definition that it ran, although the present pipeline is clean', async () => {
    const findings = await auditAll([pipelineRequest(start)], () => contextOf(account).context);
    expect(told(open(findings))).toEqual([['step-role-authorised', 'FAILED', 'executions']]);
    expect(open(findings)).toMatchObject([
      {
        resource: { type: 'pipeline', arn: PIPELINE_ARN },
        evidence: [
          { at: `${EXECUTION_ARN} /Steps/0/Arguments/RoleArn`, found: `step Train names ${role('admin')}` },
        ],
      },
    ]);
  });

  test('is judged although the pipeline is gone', async () => {
    const request = { ...pipelineRequest(start), deleted: true } as AuditRequest;
    const gone = { executions: account.executions };
    const findings = await auditAll([request], () => contextOf(gone).context);
    expect(told(open(findings)).map(([control]) => control)).toContain('step-role-authorised');
  });
});
