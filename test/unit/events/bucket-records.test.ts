import { describe, expect, test } from '@jest/globals';
import type { RequestOf } from '../../../shared/requests/audit-request.ts';
import { cloudTrail } from '../../support/builders/events.ts';
import { only, read, S3 } from '../../support/builders/reading.ts';

describe('a record about a bucket', () => {
  test.each<[string, unknown, boolean]>([
    [
      'PutBucketCors',
      {
        bucketName: 'scans',
        Host: 'scans.s3.amazonaws.com',
        cors: '',
        CORSConfiguration: { CORSRule: { AllowedMethod: 'PUT' } },
      },
      false,
    ],
    ['PutBucketCors', { bucketName: 'scans', cors: [''], host: ['s3.eu-west-3.amazonaws.com'] }, false],
    ['DeleteBucketCors', { bucketName: 'scans' }, false],
    ['PutBucketTagging', { bucketName: 'scans' }, false],
    ['DeleteBucketTagging', { BucketName: 'scans' }, false],
    [
      'PutBucketPolicy',
      { bucketName: 'scans', policy: '', bucketPolicy: { Statement: [{ Effect: 'Deny' }] } },
      false,
    ],
    ['DeleteBucketPolicy', { bucketName: 'scans', policy: '' }, false],
    ['DeleteBucket', { bucketName: 'scans' }, true],
    ['TagResource', { resourceArn: 'arn:aws:s3:::scans', tags: [{ key: 'a', value: 'b' }] }, false],
    ['UntagResource', { ResourceArn: 'arn:aws:s3:::scans', tagKeys: ['a'] }, false],
    ['TagResource', { bucketName: 'scans', Host: 'scans.s3-control.eu-west-1.amazonaws.com' }, false],
  ])('%s %j', (eventName, request, deleted) => {
    expect(only(cloudTrail(eventName, request, S3))).toMatchObject({
      type: 'bucket',
      name: 'scans',
      deleted,
      resource: { arn: 'arn:aws:s3:::scans' },
    });
  });

  test.each<[string, RequestOf<'bucket'>['changed']]>([
    ['PutBucketCors', ['cors']],
    ['DeleteBucketPolicy', ['policy']],
    ['PutBucketTagging', ['tags']],
    ['UntagResource', ['tags']],
    ['DeleteBucket', ['existence']],
  ])('%s changes its %j', (eventName, changed) => {
    expect(only(cloudTrail(eventName, { bucketName: 'scans' }, S3)).changed).toEqual(changed);
  });

  test.each([
    'arn:aws:s3:eu-west-1:111122223333:accesspoint/scans',
    'arn:aws:s3:eu-west-1:111122223333:storage-lens/all',
    'arn:aws:s3-outposts:eu-west-1:111122223333:outpost/op-1/bucket/scans',
  ])('about the tags of %s is ignored', (resourceArn) => {
    const { requests, ignored } = read(cloudTrail('TagResource', { resourceArn }, S3));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('no bucket')]);
  });

  test('names the bucket in the record’s resources, and keeps the partition', () => {
    const fields = {
      ...S3,
      awsRegion: 'cn-north-1',
      userIdentity: null,
      resources: [{ ARN: 'arn:aws-cn:s3:::scans/key' }, { ARN: 'arn:aws-cn:s3:::scans' }],
    };
    expect(only(cloudTrail('PutBucketCors', null, fields))).toMatchObject({
      resource: { arn: 'arn:aws-cn:s3:::scans' },
    });
  });

  test.each<[string, unknown]>([
    ['PutBucketCors', { cors: '' }],
    ['PutBucketPolicy', { omitted: 'true', reason: 'requestParameters too large' }],
    ['DeleteBucketPolicy', null],
    ['TagResource', { resourceArn: 'scans' }],
  ])('%s %j that names no bucket is unreadable', (eventName, request) => {
    const { requests, unreadable } = read(cloudTrail(eventName, request, S3));
    expect([requests, unreadable[0]?.reason]).toEqual([[], expect.stringContaining('names no bucket')]);
  });

  test('without its request names the bucket in the record’s resources', () => {
    const fields = { ...S3, resources: [{ ARN: 'arn:aws:s3:::scans', type: 'AWS::S3::Bucket' }] };
    expect(only(cloudTrail('PutBucketPolicy', { omitted: 'true' }, fields))).toMatchObject({ name: 'scans' });
  });

  test.each(['PutBucketAcl', 'GetBucketPolicy', 'CreateBucket'])('%s changes nothing', (eventName) => {
    const { requests, ignored } = read(cloudTrail(eventName, { bucketName: 'scans' }, S3));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('changes nothing')]);
  });
});
