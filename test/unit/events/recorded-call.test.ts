import { describe, expect, test } from '@jest/globals';
import { HIDDEN } from '../../../shared/events/hidden.ts';
import { type RecordedCall, recordedCall } from '../../../shared/events/recorded-call.ts';
import type { Json } from '../../../shared/json/json.ts';
import { administratorGuardrail } from '../../../shared/policies/administrator-policy.ts';
import { passingGuardrail } from '../../../shared/policies/passing-policy.ts';
import { taggingGuardrail } from '../../../shared/policies/scp-exception.ts';
import { VERSION_ACTIONS } from '../../../shared/policies/version-policy.ts';
import { ACCOUNT, cloudTrail, roleArn, sagemakerArn, session } from '../../support/builders/events.ts';

const SCIENTIST = roleArn('data-scientist');
const callOf = (name: string, request: unknown, fields: Record<string, unknown> = {}) =>
  recordedCall(cloudTrail(name, request, fields) as Json);
const actionsOf = (call: RecordedCall | undefined) =>
  (call?.requests ?? []).map(({ action, resource }) => [action, resource]);
const s3 = (name: string, request: object) =>
  actionsOf(callOf(name, request, { eventSource: 's3.amazonaws.com' }));

describe('what a record shows is a use of', () => {
  test.each<[string, object, string | undefined]>([
    [
      'the role that issued a session, with its path',
      session('teams/ml/ana', 'maya'),
      roleArn('teams/ml/ana'),
    ],
    [
      'the role that issued a session, whatever role the session’s own name claims',
      {
        ...session('data-scientist', 'x'),
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/data-scientist/role/administrator`,
      },
      SCIENTIST,
    ],
    [
      'the role of a session whose issuer is not told, without its path',
      { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ana/maya` },
      roleArn('ana'),
    ],
    [
      'a user',
      { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/teams/ml/maya` },
      `arn:aws:iam::${ACCOUNT}:user/teams/ml/maya`,
    ],
    [
      'the user behind a federated session',
      {
        type: 'FederatedUser',
        arn: `arn:aws:sts::${ACCOUNT}:federated-user/maya`,
        sessionContext: { sessionIssuer: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/broker` } },
      },
      `arn:aws:iam::${ACCOUNT}:user/broker`,
    ],
    [
      'a role of another account, by the ARN of that account',
      { sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::444455556666:role/data-scientist' } } },
      'arn:aws:iam::444455556666:role/data-scientist',
    ],
    ['nobody, for the root user', { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` }, undefined],
    ['nobody, for a service', { type: 'AWSService', invokedBy: 'sagemaker.amazonaws.com' }, undefined],
    [
      'nobody, for an ARN longer than any',
      { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/${'x'.repeat(1_000_000)}` },
      undefined,
    ],
  ])('%s', (_, userIdentity, principalArn) => {
    expect(callOf('ListPipelines', {}, { userIdentity })?.principalArn).toBe(principalArn);
  });
});

describe('a record that does not tell its caller', () => {
  const untoldIn = (userIdentity: unknown, fields: Record<string, unknown> = {}) =>
    callOf('ListPipelines', {}, { userIdentity, ...fields })?.untoldIn;

  test.each<[string, unknown]>([
    ['without an identity', undefined],
    ['with an identity of null', null],
    ['with an empty identity', {}],
    ['with an identity that is a text', 'maya'],
    ['of a session without its ARN and its issuer', { type: 'AssumedRole', accountId: ACCOUNT }],
    [
      'of a federated user without an issuer',
      { type: 'FederatedUser', arn: `arn:aws:sts::${ACCOUNT}:federated-user/m` },
    ],
    ['of a user by name alone', { type: 'IAMUser', userName: 'maya', accountId: ACCOUNT }],
    ['of a caller that CloudTrail cannot tell', { type: 'Unknown' }],
    ['of the account itself', { type: 'AWSAccount', accountId: ACCOUNT }],
    ['of a caller whose type is hidden', { type: HIDDEN, accountId: ACCOUNT }],
    ['of a hidden type and for a service, which it hides too', { type: HIDDEN, invokedBy: HIDDEN }],
    [
      'of a hidden type, by a service that calls for users',
      { type: HIDDEN, invokedBy: 'athena.amazonaws.com' },
    ],
    ['without a type, for a service that it hides', { accountId: ACCOUNT, invokedBy: HIDDEN }],
    [
      'with an ARN longer than any',
      { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/${'x'.repeat(3000)}` },
    ],
  ])('may be of anybody in the account: one %s', (_, identity) => {
    expect(untoldIn(identity)).toBe(ACCOUNT);
  });

  test('nor its account may be of anybody', () => {
    expect(untoldIn(undefined, { recipientAccountId: undefined })).toBe('');
  });

  test.each<[string, unknown, Record<string, unknown>]>([
    ['a role', session('data-scientist', 'maya'), {}],
    ['a service', { type: 'AWSService', invokedBy: 'sagemaker.amazonaws.com' }, {}],
    ['a service without a type', { accountId: ACCOUNT, invokedBy: 'sagemaker.amazonaws.com' }, {}],
    ['an event of a service', undefined, { eventType: 'AwsServiceEvent' }],
    ['the root user', { type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` }, {}],
    ['the root user without a type', { arn: `arn:aws:iam::${ACCOUNT}:root` }, {}],
    ['another account', { type: 'AWSAccount', accountId: '444455556666' }, {}],
    ['nobody who signed in', { type: 'AWSAccount', accountId: 'ANONYMOUS_PRINCIPAL' }, {}],
    ['an identity provider’s user', { type: 'WebIdentityUser', identityProvider: 'accounts.google.com' }, {}],
  ])('is of nobody else if it is of %s', (_, identity, fields) => {
    expect(untoldIn(identity, fields)).toBeUndefined();
  });
});

describe('a record shows no use', () => {
  test.each<[string, Record<string, unknown>]>([
    ['if the call was denied', { errorCode: 'AccessDenied' }],
    ['if the call failed for another reason', { errorCode: 'ValidationException' }],
    ['of a service whose calls are not understood', { eventSource: 'gamelift.amazonaws.com' }],
    ['of a service that a name of objects claims', { eventSource: '__proto__' }],
    ['if its name is no name of a call', { eventName: 'Start Pipeline*' }],
  ])('%s', (_, fields) => {
    expect(callOf('StartPipelineExecution', { pipelineName: 'fraud' }, fields)).toBeUndefined();
  });

  test.each<[string, Json]>([
    ['is null', null],
    ['is a list', []],
    ['is empty', {}],
    ['has objects in place of texts', { eventSource: {}, eventName: [], userIdentity: 'x' }],
  ])('if it %s', (_, record) => {
    expect(recordedCall(record)).toBeUndefined();
  });
});

describe('the request of SageMaker', () => {
  const execution = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');
  test.each<[string, object, object | null, string, string | undefined]>([
    [
      'StartPipelineExecution',
      { pipelineName: 'fraud' },
      { pipelineExecutionArn: execution },
      'StartPipelineExecution',
      sagemakerArn('pipeline/fraud'),
    ],
    [
      'StartPipelineExecution',
      { pipelineName: 'arn:aws:sagemaker:eu-west-1:444455556666:pipeline/shared' },
      null,
      'StartPipelineExecution',
      'arn:aws:sagemaker:eu-west-1:444455556666:pipeline/shared',
    ],
    ['StopPipelineExecution', { pipelineExecutionArn: execution }, null, 'StopPipelineExecution', execution],
    [
      'CreateTrainingJob',
      { trainingJobName: 'fraud-train-1' },
      null,
      'CreateTrainingJob',
      sagemakerArn('training-job/fraud-train-1'),
    ],
    [
      'SendPipelineExecutionStepSuccess',
      { callbackToken: 'a' },
      null,
      'SendPipelineExecutionStepSuccess',
      undefined,
    ],
    ['CreateTrainingJob', { trainingJobName: 'x'.repeat(1_000_000) }, null, 'CreateTrainingJob', undefined],
  ])('%s of %o has the resource that the record tells', (name, request, response, action, resource) => {
    const [first] = actionsOf(callOf(name, request, { responseElements: response }));
    expect(first).toEqual([`sagemaker:${action}`, resource]);
  });

  test.each<[string, object, string | null | undefined]>([
    ['the version that it names', { pipelineVersionId: 7 }, '7'],
    ['none, where it names none', {}, null],
    ['an unknown one, where it names an alias', { pipelineVersionAlias: 'prod' }, undefined],
  ])('has as its version %s', (_, more, version) => {
    const call = callOf('StartPipelineExecution', { pipelineName: 'fraud', ...more });
    expect(call?.requests[0]?.keys['sagemaker:PipelineVersionId']).toBe(version);
  });

  test('has the keys of its tags, and needs the permission to tag', () => {
    const call = callOf('CreatePipeline', {
      pipelineName: 'fraud',
      tags: [{ key: 'team', value: 'risk' }],
    });
    expect(call?.requests.map(({ action, keys }) => [action, keys['aws:TagKeys']])).toEqual([
      ['sagemaker:CreatePipeline', ['team']],
      ['sagemaker:AddTags', ['team']],
    ]);
  });
});

describe('a call that names a role in its request passes the role', () => {
  const passes = (name: string, request: unknown, fields: Record<string, unknown> = {}) =>
    (callOf(name, request, fields)?.requests ?? []).flatMap(({ action, resource, keys }) =>
      action === 'iam:PassRole' ? [[resource, keys['iam:PassedToService']]] : [],
    );
  const TRAIN = roleArn('steps/train');

  test.each<[string, string, unknown]>([
    ['the role of a pipeline', 'CreatePipeline', { pipelineName: 'fraud', roleArn: TRAIN }],
    ['the role of a model', 'CreateModel', { modelName: 'm', executionRoleArn: TRAIN }],
    [
      'the role of a domain, under the settings of its users',
      'CreateDomain',
      { defaultUserSettings: { executionRole: TRAIN } },
    ],
    [
      'the role of a list of definitions',
      'CreateHyperParameterTuningJob',
      { trainingJobDefinitions: [{ roleArn: TRAIN }, { roleArn: TRAIN }] },
    ],
  ])('to SageMaker: %s', (_, name, request) => {
    expect(passes(name, request)).toEqual([[TRAIN, 'sagemaker.amazonaws.com']]);
  });

  test('to the service of the call', () => {
    expect(
      passes('CreateFunction20150331', { role: TRAIN }, { eventSource: 'lambda.amazonaws.com' }),
    ).toEqual([[TRAIN, 'lambda.amazonaws.com']]);
  });

  test('which is not told, if CloudTrail left the request out', () => {
    expect(passes('UpdatePipeline', { omitted: true, originalSize: 105000 })).toEqual([
      [undefined, 'sagemaker.amazonaws.com'],
    ]);
  });

  test('of which some are not told, if the request has more values than any', () => {
    const roles = passes('CreateModel', { executionRoleArn: TRAIN, more: Array(20_000).fill(0) });
    expect(roles).toContainEqual([undefined, 'sagemaker.amazonaws.com']);
  });

  test.each<[string, string, unknown, string]>([
    ['reads', 'DescribePipeline', { roleArn: TRAIN }, 'sagemaker.amazonaws.com'],
    ['assumes it', 'AssumeRole', { roleArn: TRAIN }, 'sts.amazonaws.com'],
    ['has it under another name', 'CreateModel', { environment: { X: TRAIN } }, 'sagemaker.amazonaws.com'],
    ['names no ARN', 'CreateModel', { executionRoleArn: 'train' }, 'sagemaker.amazonaws.com'],
  ])('but not a call that %s', (_, name, request, eventSource) => {
    expect(passes(name, request, { eventSource })).toEqual([]);
  });
});

describe('a call of S3', () => {
  const OBJECT = { bucketName: 'acme-features', key: 'daily/part-0.csv' };
  const at = (path: string) => `arn:aws:s3:::acme-features${path}`;
  test.each<[string, object, string, string | undefined]>([
    ['HeadObject', OBJECT, 's3:GetObject', at('/daily/part-0.csv')],
    ['GetObject', { ...OBJECT, versionId: 'v' }, 's3:GetObjectVersion', at('/daily/part-0.csv')],
    ['CompleteMultipartUpload', OBJECT, 's3:PutObject', at('/daily/part-0.csv')],
    ['ListObjects', { bucketName: 'acme-features', prefix: 'daily/' }, 's3:ListBucket', at('')],
    ['DeleteBucketCors', { bucketName: 'acme-features' }, 's3:PutBucketCORS', at('')],
    ['DeleteObjects', { bucketName: 'acme-features' }, 's3:DeleteObject', undefined],
    ['GetObject', { ...OBJECT, bucketName: 'features-abc-s3alias' }, 's3:GetObject', undefined],
  ])('%s of %o needs the action by its own name', (name, request, action, resource) => {
    expect(s3(name, request)).toEqual([[action, resource]]);
  });

  test('CopyObject also reads what it copies', () => {
    expect(s3('CopyObject', { ...OBJECT, 'x-amz-copy-source': '/acme-raw/in/a.csv' })).toEqual([
      ['s3:PutObject', at('/daily/part-0.csv')],
      ['s3:GetObject', 'arn:aws:s3:::acme-raw/in/a.csv'],
    ]);
  });

  test('of which the action is not known shows nothing', () => {
    expect(s3('PutBucketIntelligentThings', OBJECT)).toEqual([]);
  });
});

describe('who assumed a role is', () => {
  const TRAIN = roleArn('steps/train');
  const assumed = (name: string, userIdentity: object, request: object = {}) =>
    callOf(name, { roleArn: TRAIN, ...request }, { eventSource: 'sts.amazonaws.com', userIdentity })
      ?.assumption;

  test.each<[string, string, object, object, string | undefined]>([
    ['a role of the account', 'AssumeRole', session('ci', 'build'), {}, roleArn('ci')],
    [
      'a service',
      'AssumeRole',
      { type: 'AWSService', invokedBy: 'sagemaker.amazonaws.com' },
      {},
      'sagemaker.amazonaws.com',
    ],
    [
      'somebody of another account, of whom the account alone is told',
      'AssumeRole',
      { type: 'AWSAccount', principalId: 'AROAEXAMPLE:maya', accountId: '444455556666' },
      {},
      '444455556666',
    ],
    [
      'an identity provider of OIDC',
      'AssumeRoleWithWebIdentity',
      { type: 'WebIdentityUser', identityProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/ci.example.com` },
      {},
      `arn:aws:iam::${ACCOUNT}:oidc-provider/ci.example.com`,
    ],
    [
      'an identity provider of SAML',
      'AssumeRoleWithSAML',
      { type: 'SAMLUser', identityProvider: 'Foo' },
      { principalArn: `arn:aws:iam::${ACCOUNT}:saml-provider/corp` },
      `arn:aws:iam::${ACCOUNT}:saml-provider/corp`,
    ],
    ['not told', 'AssumeRole', { type: 'Unknown' }, {}, undefined],
  ])('%s', (_, name, userIdentity, request, by) => {
    expect(assumed(name, userIdentity, request)).toMatchObject({ roleArn: TRAIN });
    expect(assumed(name, userIdentity, request)?.by).toBe(by);
  });

  test('a service, on behalf of the account of the role', () => {
    const service = { type: 'AWSService', invokedBy: 'sagemaker.amazonaws.com' };
    expect(assumed('AssumeRole', service)?.requests[0]?.keys['aws:SourceAccount']).toBe(ACCOUNT);
  });

  test('with what else the request needs', () => {
    const request = { tags: [{ key: 'team', value: 'a' }], sourceIdentity: 'maya', externalId: 'x-1' };
    const { requests = [] } = assumed('AssumeRole', session('ci', 'build'), request) ?? {};
    expect(requests.map(({ action }) => action)).toEqual([
      'sts:AssumeRole',
      'sts:TagSession',
      'sts:SetSourceIdentity',
    ]);
    expect(requests[0]?.keys).toMatchObject({ 'aws:TagKeys': ['team'], 'sts:ExternalId': 'x-1' });
  });
});

describe('where a call came from', () => {
  const keysOf = (fields: Record<string, unknown>) => callOf('ListPipelines', {}, fields)?.requests[0]?.keys;
  test('is outside of VPCs, where the record names no endpoint', () => {
    expect(keysOf({ sourceIPAddress: '192.0.2.7' })).toMatchObject({
      'aws:SourceVpce': null,
      'aws:ViaAWSService': 'false',
      'aws:RequestedRegion': 'eu-west-1',
    });
  });
  test('is the endpoint that the record names', () => {
    expect(keysOf({ vpcEndpointId: 'vpce-0a1b' })).toMatchObject({ 'aws:SourceVpce': 'vpce-0a1b' });
  });
  test.each([
    ['as the caller', { sourceIPAddress: 'sagemaker.amazonaws.com' }],
    ['by invokedBy', { userIdentity: { ...session('a', 'b'), invokedBy: 'sagemaker.amazonaws.com' } }],
  ])('is not known, where the record names a service %s', (_, fields) => {
    expect(Object.keys(keysOf(fields) ?? {})).toEqual(['aws:RequestedRegion', 'aws:TagKeys']);
  });
});

test('each action that a remedy may deny is one that records show', () => {
  const documents = [
    administratorGuardrail([SCIENTIST]),
    taggingGuardrail('exception'),
    passingGuardrail([SCIENTIST], ['sagemaker.amazonaws.com'], []),
  ];
  const denied = [
    ...documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action)),
    ...VERSION_ACTIONS,
  ];
  const shown = (action: string) => {
    const [service, name = ''] = action.split(':');
    if (action === 'iam:PassRole') return callOf('CreateModel', { executionRoleArn: SCIENTIST });
    const request = action === 'sts:TagSession' ? { tags: [{ key: 'a', value: 'b' }] } : {};
    const call = action === 'sts:TagSession' ? 'AssumeRole' : name;
    return callOf(call, request, { eventSource: `${service}.amazonaws.com` });
  };
  for (const action of denied)
    expect((shown(action)?.requests ?? []).map((request) => request.action)).toContain(action);
});
