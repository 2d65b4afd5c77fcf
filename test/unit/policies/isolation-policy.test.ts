import { describe, expect, test } from '@jest/globals';
import { CHANGING, isolationGuardrail } from '../../../shared/policies/isolation-policy.ts';

const own = ['arn:aws:s3:::acme-models/fraud/*'];
const deny = { Sid: 'OtherStepsData', Effect: 'Deny', Action: CHANGING };
const keptTo = {
  ...deny,
  NotResource: own,
  Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
};

describe('the policy that keeps a role from the folders of other steps', () => {
  test.each<[string, string[], object]>([
    [
      'names folders beside its own outputs',
      ['arn:aws:s3:::acme-models/vision/*', 'arn:aws:s3:::acme-data/*'],
      { ...deny, Resource: ['arn:aws:s3:::acme-models/vision/*', 'arn:aws:s3:::acme-data/*'] },
    ],
    [
      'leaves its own outputs out of a folder that holds them, in one Region',
      ['arn:aws:s3:::acme-models/*'],
      keptTo,
    ],
    [
      'leaves its own outputs out of a folder in them, in one Region',
      ['arn:aws:s3:::acme-models/fraud/a/*'],
      keptTo,
    ],
    ['leaves its own outputs out where a pattern may mean them', ['arn:aws:s3:::*/fraud/*'], keptTo],
    [
      'leaves its own outputs out where the folders are too many to read',
      Array.from({ length: 51 }, (_, at) => `arn:aws:s3:::acme-data/${at}/*`),
      keptTo,
    ],
  ])('%s', (_, folders, statement) => {
    expect(isolationGuardrail(own, folders, ['eu-west-1']).Statement).toEqual([statement]);
  });

  test('names the folders, however many, of a role without outputs', () => {
    const folders = Array.from({ length: 51 }, (_, at) => `arn:aws:s3:::acme-data/${at}/*`);
    expect(isolationGuardrail([], folders, ['eu-west-1']).Statement).toEqual([
      { ...deny, Resource: folders },
    ]);
  });
});
