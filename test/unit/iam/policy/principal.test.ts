import { describe, expect, test } from '@jest/globals';
import { parseArn, parseAssumedRole } from '../../../../shared/domain/arn.ts';
import { principalOf } from '../../../../shared/iam/policy/principal.ts';
import { ACCOUNT } from '../../../support/builders/asking.ts';

const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const sts = (resource: string) => `arn:aws:sts::${ACCOUNT}:${resource}`;

describe('a principal', () => {
  test.each<[string, object]>([
    ['*', { kind: 'anonymous', arn: '*' }],
    [ACCOUNT, { kind: 'root', arn: iam('root'), account: ACCOUNT }],
    [iam('root'), { kind: 'root', arn: iam('root'), account: ACCOUNT }],
    [iam('user/a/ana'), { kind: 'user', arn: iam('user/a/ana'), account: ACCOUNT }],
    [iam('role/a/data'), { kind: 'role', arn: iam('role/a/data'), account: ACCOUNT }],
    [
      sts('assumed-role/Data/run'),
      {
        kind: 'role',
        arn: iam('role/Data'),
        account: ACCOUNT,
        sessionArn: sts('assumed-role/Data/run'),
        isPathUnknown: true,
      },
    ],
    [sts('federated-user/ana'), { kind: 'federated-user', arn: sts('federated-user/ana'), account: ACCOUNT }],
    [iam('saml-provider/corp'), { kind: 'federated', arn: iam('saml-provider/corp') }],
    [iam('oidc-provider/example.com'), { kind: 'federated', arn: iam('oidc-provider/example.com') }],
    ['accounts.google.com', { kind: 'federated', arn: 'accounts.google.com' }],
    ['graph.facebook.com', { kind: 'federated', arn: 'graph.facebook.com' }],
    ['www.amazon.com', { kind: 'federated', arn: 'www.amazon.com' }],
    ['cognito-identity.amazonaws.com', { kind: 'federated', arn: 'cognito-identity.amazonaws.com' }],
    ['sagemaker.amazonaws.com', { kind: 'service', arn: 'sagemaker.amazonaws.com' }],
    ['ec2.amazonaws.com.cn', { kind: 'service', arn: 'ec2.amazonaws.com.cn' }],
  ])('%s', (text, principal) => {
    expect(principalOf(text)).toEqual(principal);
  });

  test.each([
    '',
    'ana',
    '1111222233334',
    '11112222333',
    'x111122223333',
    'sagemaker.example.com',
    'arn:aws:iam::1111222233334:role/a',
    'arn:aws:iam::x111122223333:role/a',
    'arn:aws:iam::*:role/a',
    `arn:aws:sqs:eu-west-1:${ACCOUNT}:root`,
    `arn:aws:sqs:eu-west-1:${ACCOUNT}:user/a`,
    `arn:aws:sqs:eu-west-1:${ACCOUNT}:role/a`,
    `arn:aws:sqs:eu-west-1:${ACCOUNT}:saml-provider/a`,
    `arn:aws:sqs:eu-west-1:${ACCOUNT}:federated-user/a`,
    iam('group/team'),
    iam('a-saml-provider/corp'),
    iam('federated-user/ana'),
    sts('user-federated-user/'),
  ])('is not %j', (text) => {
    expect(principalOf(text)).toBeUndefined();
  });
});

describe('the parts of an ARN', () => {
  test.each([
    'x:aws:s3:eu:1:a',
    'arn::s3:eu:1:a',
    'arn:aws::eu:1:a',
    'arn:aws:s3',
    'arn:aws:s3:eu',
    'arn:aws:s3:eu:1',
    '::::: a',
  ])('do not exist in %j', (text) => {
    expect(parseArn(text)).toBeUndefined();
  });

  test('may include an empty Region and account', () => {
    expect(parseArn('arn:aws:s3:::a')).toEqual({
      partition: 'aws',
      service: 's3',
      region: '',
      account: '',
      resource: 'a',
    });
  });

  test.each([
    iam('assumed-role/Data/run'),
    sts('federated-user/ana/x'),
    sts('assumed-role/'),
    'assumed-role/Data',
    '',
  ])('do not include a session in %j', (text) => {
    expect(parseAssumedRole(text)).toBeUndefined();
  });
});
