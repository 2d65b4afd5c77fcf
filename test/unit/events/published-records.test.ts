import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readEventFile } from '../../../shared/events/event-file.ts';
import { mergeRequests } from '../../../shared/requests/merge.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { cloudTrail } from '../../support/builders/events.ts';
import { only, S3 } from '../../support/builders/reading.ts';

describeCases('events', 'records that others published', (folder) => {
  const outcome = (file: string) => {
    const read = readEventFile(readFileSync(join(folder, file)), file);
    if (!read.ok) throw new Error(read.error.message);
    const { requests, ignored, unreadable } = read.events;
    return [requests.map(({ type }) => type), ignored.length, unreadable.length];
  };

  test.each<[string, unknown]>([
    ['CreateModel-14.json', [['job'], 0, 0]],
    ['SageMaker_Model_Building_Pipeline_Execution_Status_Change-6.json', [['pipeline'], 0, 0]],
    ['SageMaker_Model_Building_Pipeline_Execution_Step_Status_Change-7.json', [['job'], 0, 0]],
    ['SageMaker_Training_Job_State_Change-0.json', [['job'], 0, 0]],
    ['cloudtrail-invictus-GetBucketCors.json', [[], 1, 0]],
    ['cloudtrail-invictus-PutBucketPolicy.json', [['bucket'], 0, 0]],
    ['cloudtrail-invictus-PutRolePolicy.json', [['role'], 0, 0]],
    ['cloudtrail-traildiscover-ListTrainingJobs.json', [[], 1, 0]],
    ['cloudtrail-traildiscover-PutRolePolicy-AccessDenied.json', [[], 1, 0]],
    ['iam-AttachRolePolicy-ok-1.json', [['role'], 0, 0]],
    ['iam-CreateRole-ok-1.json', [['role'], 0, 0]],
    ['shape-cloudtrail-CreateTrainingJob-v1.11.json', [['job'], 0, 0]],
    [
      'shape-cloudtrail-organizations-scp.json',
      [['organization', 'organization', 'organization', 'organization'], 0, 0],
    ],
    ['shape-cloudtrail-requestParameters-omitted.json', [[], 0, 1]],
  ])('%s', (file, expected) => {
    expect(outcome(file)).toEqual(expected);
  });

  test.each(['cloudtrail-invictus-PutRolePolicy.json', 'iam-AttachRolePolicy-ok-1.json'])(
    '%s names the role of the record’s own account',
    (file) => {
      const record = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
        recipientAccountId: string;
        requestParameters: { roleName: string };
      };
      const { roleName } = record.requestParameters;
      expect(only(record)).toMatchObject({
        name: roleName,
        resource: { arn: `arn:aws:iam::${record.recipientAccountId}:role/${roleName}` },
      });
    },
  );

  test('four records of one organization’s policies are one request', () => {
    const file = 'shape-cloudtrail-organizations-scp.json';
    const read = readEventFile(readFileSync(join(folder, file)), file);
    expect(read.ok && mergeRequests(read.events.requests)).toHaveLength(1);
  });

  test('requests of PutBucketCors are read in the form that is inferred for them', () => {
    const { variants } = JSON.parse(
      readFileSync(join(folder, 'inferred-PutBucketCors-requestParameters.json'), 'utf8'),
    ) as { variants: unknown[] };
    for (const variant of variants)
      expect(only(cloudTrail('PutBucketCors', variant, S3))).toMatchObject({ name: 'example-bucket' });
  });

  test('the record of every operation that creates a job leads to that job', () => {
    const apis = join(folder, '../../reference/sagemaker-create-apis.json');
    const { operations } = JSON.parse(readFileSync(apis, 'utf8')) as {
      operations: { operation: string; createsJob: boolean; cloudTrailNameKey: string }[];
    };
    for (const { operation, cloudTrailNameKey } of operations.filter(({ createsJob }) => createsJob)) {
      expect(only(cloudTrail(operation, { [cloudTrailNameKey]: 'x' }))).toMatchObject({
        type: 'job',
        job: { name: 'x' },
      });
    }
  });
});
