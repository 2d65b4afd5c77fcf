import { describe, expect, test } from '@jest/globals';
import { withAction } from '../../../shared/domain/refusal.ts';

describe('the message of a refused call', () => {
  test.each([
    ['AccessDenied', 's3', 'GetBucketCors', 's3:GetBucketCORS'],
    ['AccessDenied', 's3', 'ListBuckets', 's3:ListAllMyBuckets'],
    ['AccessDenied', 's3', 'ListObjectsV2', 's3:ListBucket'],
    ['AccessDenied', 's3', 'UploadPart', 's3:PutObject'],
    ['AccessDeniedException', 'sagemaker', 'ListPipelines', 'sagemaker:ListPipelines'],
    ['AuthorizationErrorException', 'sns', 'Publish', 'sns:Publish'],
    ['AuthorizationError', 'sns', 'Publish', 'sns:Publish'],
    ['AWS.SimpleQueueService.AccessDenied', 'sqs', 'SendMessageBatch', 'sqs:SendMessage'],
    ['AccessDenied', 'sqs', 'ChangeMessageVisibilityBatch', 'sqs:ChangeMessageVisibility'],
    ['UnauthorizedOperation', 'cloudformation', 'DescribeStacks', 'cloudformation:DescribeStacks'],
    ['KMSAccessDeniedException', 'sns', 'Publish', 'kms:Decrypt and kms:GenerateDataKey on its key'],
    ['KmsAccessDenied', 'sqs', 'SendMessage', 'kms:Decrypt and kms:GenerateDataKey on its key'],
    ['AccessDeniedException', 'kms', 'GetKeyPolicy', 'kms:GetKeyPolicy'],
  ])('of code %s, service %s and call %s names %s', (code, service, call, action) => {
    expect(withAction({ code, message: 'no' }, service, call)).toBe(`no (needs ${action})`);
  });

  test('of a secret whose key is refused names the action on the key', () => {
    const said = { code: 'AccessDeniedException', message: 'Access to KMS is not allowed' };
    expect(withAction(said, 'secretsmanager', 'GetSecretValue')).toBe(
      'Access to KMS is not allowed (needs kms:Decrypt on its key)',
    );
  });

  test.each([
    [
      'User: u is not authorized to perform: sagemaker:ListPipelines on resource: *',
      'sagemaker',
      'ListPipelines',
    ],
    ['User: u is not authorized to perform: SNS:Publish on resource: t', 'sns', 'Publish'],
  ])('that names the action itself stays as it is: %s', (message, service, call) => {
    expect(withAction({ code: 'AccessDenied', message }, service, call)).toBe(message);
  });

  test('that names a longer action only does not count as naming the action', () => {
    const message = 'not authorized to perform: sagemaker:DescribeModelPackage';
    expect(withAction({ code: 'AccessDenied', message }, 'sagemaker', 'DescribeModel')).toMatch(
      /\(needs sagemaker:DescribeModel\)$/,
    );
  });

  test.each(['ThrottlingException', 'ValidationException', 'NoSuchBucket', 'InvalidAccessException'])(
    'is left as it is where the code %s says no refusal',
    (code) => {
      expect(withAction({ code, message: 'no' }, 's3', 'GetBucketCors')).toBe('no');
    },
  );
});
