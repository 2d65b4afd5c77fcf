import { describe, expect, test } from '@jest/globals';
import { denialsIn } from '../../../shared/events/denial.ts';
import { cloudTrail, roleArn, session } from '../../support/builders/events.ts';

const SESSION = 'arn:aws:sts::111122223333:assumed-role/fraud/sagemaker-pipeline-a1b2c3d4e5f6-Train';
const JOB = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/pipelines-a1b2c3d4e5f6-Train-0123456789';
const CREATE = 'sagemaker:CreateTrainingJob';
const SCP = 'arn:aws:organizations::444455556666:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4';
const said = (rest: string): string => `User: ${SESSION} is not authorized to perform: ${rest}`;

describe('a message of AWS', () => {
  test.each<[string, string, object]>([
    [
      'that nothing allows it',
      said(`${CREATE} on resource: ${JOB} because no identity-based policy allows the ${CREATE} action`),
      { principal: SESSION, action: CREATE, resource: JOB, said: 'nothing allows it', layer: 'identity' },
    ],
    [
      'that a policy denies it, in the failure reason of a step',
      `ClientError: An error occurred (AccessDeniedException) when calling the CreateTrainingJob operation: ${said(`${CREATE} on resource: ${JOB} with an explicit deny in a service control policy: ${SCP}`)}\nmore`,
      {
        resource: JOB,
        said: 'explicit deny',
        layer: 'scp',
        policyArn: SCP,
        operation: 'CreateTrainingJob',
      },
    ],
    [
      'of S3, whose keys may hold spaces',
      said(
        's3:GetObject on resource: "arn:aws:s3:::acme/my file.csv" because no resource-based policy allows the s3:GetObject action',
      ),
      { action: 's3:GetObject', resource: 'arn:aws:s3:::acme/my file.csv', layer: 'resource' },
    ],
    [
      'without a reason',
      said(`iam:PassRole on resource: ${roleArn('steps/train')}`),
      { action: 'iam:PassRole', resource: roleArn('steps/train'), said: 'no reason' },
    ],
    [
      'on all resources, with an explicit deny in an identity-based policy',
      said('ecr:GetAuthorizationToken on resource: * with an explicit deny in an identity-based policy'),
      { resource: '*', said: 'explicit deny', layer: 'identity' },
    ],
    [
      'without a resource',
      said(
        'sagemaker:ListPipelines because no permissions boundary allows the sagemaker:ListPipelines action',
      ),
      { action: 'sagemaker:ListPipelines', layer: 'boundary' },
    ],
  ])('%s', (_, text, expected) => {
    expect(denialsIn(text, 'error.txt')).toEqual([expect.objectContaining({ at: 'error.txt', ...expected })]);
    const inJson = JSON.stringify({ FailureReason: text });
    expect(denialsIn(inJson.replaceAll('\\n', ' '), 'error.txt')).toMatchObject([
      { said: (expected as { said?: string }).said ?? expect.any(String) },
    ]);
  });

  test('that names nothing for sure tells nothing for sure', () => {
    const [denial] = denialsIn('User: anonymous is not authorized to perform: x', 'e');
    expect(denial).toEqual({ at: 'e', said: 'no reason' });
    expect(denialsIn('everything is well', 'e')).toEqual([]);
    expect(denialsIn('', 'e')).toEqual([]);
  });

  test('over and over is taken twenty times', () => {
    expect(denialsIn(`${said('s3:GetObject')}\n`.repeat(1000), 'e')).toHaveLength(20);
  });
});

describe('a record of CloudTrail', () => {
  const record = (fields: Record<string, unknown>) =>
    cloudTrail('CreateTrainingJob', null, {
      userIdentity: session('pipelines/fraud', 'sagemaker-pipeline-a1b2c3d4e5f6-Train'),
      errorCode: 'AccessDenied',
      ...fields,
    });

  test('that was denied tells its caller with the role’s path, and what its message tells', () => {
    const errorMessage = said(
      `${CREATE} on resource: ${JOB} because no session policy allows the ${CREATE} action`,
    );
    for (const input of [
      record({ errorMessage }),
      { Records: [cloudTrail('UpdatePipeline', {}), record({ errorMessage })] },
    ])
      expect(denialsIn(JSON.stringify(input), 'e.json')).toEqual([
        expect.objectContaining({
          principal: SESSION,
          roleArn: roleArn('pipelines/fraud'),
          region: 'eu-west-1',
          action: CREATE,
          resource: JOB,
          said: 'nothing allows it',
          layer: 'session',
        }),
      ]);
  });

  test('without a message is told by its operation and its only resource', () => {
    const resources = [{ ARN: 'arn:aws:s3:::acme/x', type: 'AWS::S3::Object' }];
    const denied = { eventSource: 's3.amazonaws.com', eventName: 'GetObject', errorMessage: 'Access Denied' };
    const told = (fields: object) => denialsIn(JSON.stringify(record({ ...denied, ...fields })), 'e.json');
    expect(told({ resources })).toEqual([
      expect.objectContaining({ action: 's3:GetObject', resource: 'arn:aws:s3:::acme/x', said: 'no reason' }),
    ]);
    expect(told({ resources: [...resources, { ARN: 'arn:aws:s3:::acme' }] })[0]).not.toHaveProperty(
      'resource',
    );
  });

  test('that succeeded, or failed otherwise, is none', () => {
    const other = record({ errorCode: 'ValidationException', errorMessage: 'no' });
    expect(denialsIn(JSON.stringify([cloudTrail('UpdatePipeline', {}), other, 7]), 'e.json')).toEqual([]);
  });
});
