import { describe, expect, test } from '@jest/globals';
import { lintRequest, takesNoResource } from '../../../../shared/iam/lint/lint-request.ts';

const JOB = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/x';
const ROLE = 'arn:aws:iam::111122223333:role/r';

describe('a request', () => {
  test.each<[string, string]>([
    ['sagemaker:CreateTrainingJob', JOB],
    [
      'SAGEMAKER:createtrainingjob',
      JOB.replace('arn:aws:', 'arn:aws-us-gov:').replace('eu-west-1', 'us-gov-west-1'),
    ],
    ['sagemaker:ListTrainingJobs', '*'],
    [
      'sagemaker:DescribeHubContent',
      'arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/x/1',
    ],
    ['iam:GetPolicy', 'arn:aws:iam::aws:policy/service-role/X'],
    ['iam:PassRole', 'arn:aws-cn:iam::111122223333:role/a/b'],
    ['s3:GetObject', 'arn:aws:s3:::b/k'],
    ['s3:ListBucket', 'arn:aws:s3:::b'],
    ['kms:Decrypt', 'arn:aws:kms:eu-west-1:111122223333:key/1'],
    ['sts:AssumeRole', ROLE],
    ['ec2:DescribeInstances', '*'],
    ['dynamodb:GetItem', '*'],
  ])('for %s on %s is possible', (action, resource) => {
    expect(lintRequest({ action, resource })).toEqual([]);
  });

  test.each<[string, string, string, string, string]>([
    [
      'sagemaker:CreateTrainingJobs',
      '*',
      'action',
      'unknown-action',
      'did you mean "sagemaker:CreateTrainingJob"',
    ],
    ['s3:GetObjects', 'arn:aws:s3:::b/k', 'action', 'unknown-action', 's3:GetObject'],
    ['ec2:DescribInstances', '*', 'action', 'unknown-action', 'did you mean "ec2:DescribeInstances"'],
    ['sagmaker:CreateTrainingJob', '*', 'action', 'unknown-service', 'did you mean "sagemaker"'],
    ['nosuchservicehere:Do', '*', 'action', 'unknown-service', 'AWS has no service "nosuchservicehere"'],
    ['ses:SendEmail', '*', 'action', 'not-checked', 'not known here'],
    [
      'sagemaker:CreateTrainingJob',
      'arn:aws:sagemaker:eu-west-1:training-job/x',
      'resource',
      'malformed-arn',
      'arn:partition:service:region:account:resource',
    ],
    ['s3:GetObject', 'arn:aws:s3:b/k', 'resource', 'malformed-arn', 'an ARN is'],
    [
      'dynamodb:GetItem',
      'arn:aws:dynamodb:eu-west-1:111122223333:table/t',
      'resource',
      'not-checked',
      'not known here',
    ],
    [
      'servicecatalog:ProvisionProduct',
      'arn:aws:catalog:eu-west-1:111122223333:product/p',
      'resource',
      'not-checked',
      '',
    ],
    ['s3:GetObject', 'arn:aws-china:s3:::b/k', 'resource', 'malformed-arn', 'no partition'],
    ['s3:GetObject', 'arn:AWS:s3:::b/k', 'resource', 'malformed-arn', '"AWS" is no partition'],
    ['iam:PassRole', ROLE.replace('1111', '11'), 'resource', 'malformed-arn', '12 digits'],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace('111122223333', '*'),
      'resource',
      'malformed-arn',
      '"*" is no account',
    ],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace('eu-west-1', 'europe'),
      'resource',
      'malformed-arn',
      'no Region',
    ],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace(':sagemaker', ':sagmaker'),
      'resource',
      'malformed-arn',
      'no service',
    ],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace('training-job', 'trainingjob'),
      'resource',
      'unknown-resource',
      'did you mean "training-job"',
    ],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace('111122223333', ''),
      'resource',
      'unknown-resource',
      'are its Region and account right',
    ],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace('eu-west-1', ''),
      'resource',
      'unknown-resource',
      'training-job',
    ],
    ['sagemaker:CreateTrainingJob', ROLE, 'resource', 'unknown-resource', 'training-job'],
    [
      'sagemaker:CreateTrainingJob',
      JOB.replace('training-job', 'model'),
      'resource',
      'resource-not-taken',
      'is of the type model, and requests for sagemaker:CreateTrainingJob name resources of the type',
    ],
    ['s3:GetObject', 'arn:aws:s3:::b', 'resource', 'resource-not-taken', 'is of the type bucket'],
    ['s3:ListBucket', 'arn:aws:s3:::b/k', 'resource', 'resource-not-taken', 'is of the type object'],
    ['sagemaker:ListTrainingJobs', JOB, 'resource', 'resource-not-taken', 'takes no resource'],
    [
      'EC2:describeinstances',
      'arn:aws:ec2:eu-west-1:111122223333:instance/i',
      'resource',
      'resource-not-taken',
      '"*"',
    ],
    ['sagemaker:CreateTrainingJob', '*', 'resource', 'resource-missing', 'training-job'],
    ['iam:PassRole', '*', 'resource', 'resource-missing', 'give its ARN'],
  ])('for %s on %s has a problem: the %s is %s', (action, resource, part, code, message) => {
    const [problem, ...others] = lintRequest({ action, resource });
    expect(problem).toEqual({ part, code, message: expect.stringContaining(message) });
    expect(others).toEqual([]);
  });

  test('can have a problem of the action and one of the resource', () => {
    const problems = lintRequest({ action: 's3:Get', resource: 'arn:x:y' });
    expect(problems.map(({ part, code }) => `${part} ${code}`)).toEqual([
      'action unknown-action',
      'resource malformed-arn',
    ]);
  });
});

test.each([
  ['sagemaker:ListTrainingJobs', true],
  ['SageMaker:listtrainingjobs', true],
  ['ec2:DescribeInstances', true],
  ['sagemaker:CreateTrainingJob', false],
  ['s3:ListBucket', false],
  ['ses:SendEmail', false],
  ['nosuch:Action', false],
])('%s takes no resource: %s', (action, expected) => {
  expect(takesNoResource(action)).toBe(expected);
});
