import { expect, test } from '@jest/globals';
import { isBucketOfAws } from '../../../shared/needs/aws-buckets.ts';

test.each([
  ['jumpstart-cache-prod-eu-west-1', true],
  ['jumpstart-private-cache-prod-us-gov-west-1', true],
  ['sagemaker-sample-files', true],
  ['sagemaker-servicecatalog-seedcode-eu-west-1', true],
  ['sagemaker-servicecatalog-seedcode-us-gov-west-1', true],
  ['sagemaker-servicecatalog-seedcode-acme', false],
  ['sagemaker-servicecatalog-seedcode', false],
  ['sagemaker-servicecatalog-seedcode-eu-west-1-copy', false],
  ['jumpstart-cache-prod-acme', false],
  ['acme-jumpstart-cache-prod-eu-west-1', false],
  ['jumpstart-cache-prod-eu-west-1-copy', false],
  ['sagemaker-eu-west-1-111122223333', false],
])('%s is AWS’s own: %s', (name, isOwn) => {
  expect(isBucketOfAws(name)).toBe(isOwn);
});
