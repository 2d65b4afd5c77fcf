import { expect, test } from '@jest/globals';
import { resourceName } from '../../../shared/domain/resource.ts';

test.each([
  ['arn:aws:iam::111122223333:role/teams/ds', 'ds'],
  ['arn:aws:s3:::acme-images', 'acme-images'],
  ['arn:aws:sagemaker:eu-west-1:111122223333:*', '111122223333'],
  ['pipelines/fraud.json', 'pipelines/fraud.json'],
  ['events/2026.json:118', 'events/2026.json:118'],
])('the resource %s is named %s', (arn, name) => {
  expect(resourceName(arn)).toBe(name);
});
