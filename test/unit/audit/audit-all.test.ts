import { describe, expect, test } from '@jest/globals';
import { auditAll } from '../../../shared/audit/audit-all.ts';
import { REQUIRED_CORS } from '../../../shared/policies/required-cors.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { bucketRequest, principalRequest } from '../../../shared/requests/resource-requests.ts';
import {
  contextOf,
  LISTS,
  open,
  PIPELINE_ARN,
  pipelineOf,
  pipelineRequest,
  role,
  TRIGGER,
  told,
  training,
} from '../../support/builders/audit.ts';
import { step } from '../../support/builders/control-cases.ts';
import type { Account } from '../../support/builders/memory-reader.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';

describe('the jobs of one pipeline', () => {
  const job = (name: string, executionId = 'a1b2c3d4e5f6'): AuditRequest => ({
    type: 'job',
    resource: { type: 'job', arn: `arn:aws:sagemaker:eu-west-1:111122223333:training-job/${name}` },
    changed: [],
    job: {
      kind: 'training-job',
      name,
      nameKeepsCase: true,
      roleArns: [role('steps/train')],
      step: { executionArn: `${PIPELINE_ARN}/execution/${executionId}`, stepName: 'Train' },
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

  test('become one finding for each control, with one piece of evidence for each job', async () => {
    const { context } = contextOf(account);
    const names = ['wrong-a1b2c3d4e5f6-Ab3dEf6hIj', 'scratch-a1b2c3d4e5f6-Ab3dEf6hIj'];
    const clean = 'fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj';
    const findings = await auditAll(
      [...names, clean].map((name) => job(name)),
      () => context,
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
      /^The job .* Nobody can change what has run: this finding closes as expired 30 days after .* was seen\.$/,
    );
    expect(
      findings.filter(({ control }) => control === 'job-name-prefix').map(({ status }) => status),
    ).toEqual(['PASSED', 'FAILED']);
  });

  test('are grouped under the pipeline that their execution names, even if its definition cannot be read', async () => {
    const { context } = contextOf({});
    const findings = await auditAll([job('fraud-train-x-1'), job('fraud-train-x-2')], () => context);
    expect(told(open(findings)).toSorted()).toEqual([
      ['evidence-readable', 'NOT_AVAILABLE', 'jobs'],
      ['job-name-prefix', 'FAILED', 'jobs'],
      ['job-role-as-declared', 'NOT_AVAILABLE', 'jobs'],
    ]);
    expect(open(findings).map(({ evidence }) => evidence.length)).toEqual([2, 2, 2]);
  });
});

describe('an audit of many resources', () => {
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

  /** Both roles, with the permissions that the pipeline needs. */
  const identities = {
    RoleDetailList: [
      roleDetails('pipelines/fraud', ['sagemaker:CreateProcessingJob', 'sagemaker:DescribeProcessingJob']),
      roleDetails('steps/train', []),
    ],
  };

  test('looks once at each bucket from which pipelines read images', async () => {
    const account = {
      identities,
      ...pipelineOf([reading('s3://acme-images/a.png'), reading('s3://acme-images/b.png')]),
      listing: ['fraud'],
      cors: { 'acme-images': [] },
    };
    const { context, calls } = contextOf(account);
    const done: [number, number][] = [];
    const bucket = bucketRequest('acme-images', context.reader);
    const findings = await auditAll(
      [bucket, swept, swept],
      () => context,
      (_audited, ...at) => done.push(at),
    );
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
      ...['describePipeline fraud', 'readIdentities', 'readShares'],
      ...['listPipelines', 'describePipeline fraud'], // whoever reads images from the bucket
      'getBucketCors acme-images',
    ]);
    expect(done).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('does not look at a bucket from which no step reads images', async () => {
    const { context, calls } = contextOf({
      identities,
      ...pipelineOf([step('Label', 'Lambda'), reading('s3://acme-data/a.csv')]),
      cors: {},
    });
    expect(open(await auditAll([swept], () => context))).toEqual([]);
    expect(calls).toEqual(['describePipeline fraud', 'readIdentities', 'readShares']);
  });

  test('looks at a role that a pipeline uses although the role no longer exists', async () => {
    const account = { ...pipelineOf([training('Train')]), listing: ['fraud'] };
    const { context } = contextOf({
      ...account,
      identities: { RoleDetailList: [roleDetails('steps/train', [])] },
    });
    expect(open(await auditAll([swept], () => context))).toMatchObject([
      {
        control: 'execution-role-trust',
        status: 'FAILED',
        resource: { type: 'role', arn: role('pipelines/fraud') },
        evidence: [{ found: `there is no role ${role('pipelines/fraud')}` }],
      },
    ]);
  });

  test('passes a bucket whose CORS rules meet the requirement', async () => {
    const { context } = contextOf({ cors: { b: [REQUIRED_CORS] } }, [], {
      config: { imageBuckets: { names: ['b'] } },
    });
    expect(
      open(
        await auditAll(
          [bucketRequest('b', context.reader, { trigger: TRIGGER, changed: ['cors'] })],
          () => context,
        ),
      ),
    ).toEqual([]);
  });

  test('looks, after an event of a pipeline, once at each of its roles and creators', async () => {
    const account = {
      ...pipelineOf([training('Train')]),
      listing: ['fraud'],
      identities: {
        RoleDetailList: [
          roleDetails('pipelines/fraud', ['sagemaker:*TrainingJob', 'sagemaker:AddTags']),
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
    const findings = await auditAll(
      [again, pipelineRequest()],
      () => context,
      ({ observations }) => audited.push(...observations.map(({ resourceArn }) => resourceArn)),
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

  test('looks at the principals that have a managed policy, and makes no finding about the policy itself', async () => {
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
      changed: ['document'],
      trigger: { ...TRIGGER, eventName: 'CreatePolicyVersion' },
    };
    const audited: string[][] = [];
    const findings = await auditAll(
      [request],
      () => context,
      ({ observations }) => audited.push(observations.map(({ resourceArn }) => resourceArn)),
    );
    const accountArn = 'arn:aws:iam::111122223333:root';
    expect(audited).toEqual([[accountArn], [role('pipelines/fraud'), accountArn]]);
    expect(findings.filter(({ resource }) => resource.type === 'policy')).toEqual([]);
    expect(told(findings.filter(({ resource }) => resource.arn === accountArn))).toEqual([
      ['evidence-readable', 'PASSED'],
    ]);
  });

  test('makes one finding on the account if its identities cannot be read, and none on any principal', async () => {
    const { context } = contextOf({}, ['readIdentities']);
    const requests = ['a', 'b', 'c'].flatMap((name) =>
      principalRequest(role(name), { trigger: TRIGGER, changed: ['policy'] }),
    );
    const findings = await auditAll(requests, () => context);
    expect(open(findings)).toMatchObject([
      {
        control: 'evidence-readable',
        status: 'NOT_AVAILABLE',
        resource: { type: 'account', arn: 'arn:aws:iam::111122223333:root' },
        evidence: [{ found: 'AccessDeniedException: not allowed' }],
      },
    ]);
  });
});
