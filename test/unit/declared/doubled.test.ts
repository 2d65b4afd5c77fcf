import { expect, test } from '@jest/globals';
import { doubled } from '../../../shared/declared/doubled.ts';
import { fromTemplates } from '../../support/builders/declared-template.ts';

const messages = (...templates: object[]): string[] =>
  doubled(
    fromTemplates(
      templates.map((template, index) => ({
        path: `t${index}.json`,
        text: JSON.stringify({ Resources: template }),
        stack: { name: `s${index}`, account: '111122223333', region: 'eu-west-1' },
      })),
    ).resources,
  ).map(({ file, message }) => `${file.path}: ${message}`);

const role = (name: string) => ({ Type: 'AWS::IAM::Role', Properties: { RoleName: name } });
const policy = (bucket: string) => ({
  Type: 'AWS::S3::BucketPolicy',
  Properties: { Bucket: bucket, PolicyDocument: {} },
});

test('what two templates declare is told where the second one does', () => {
  expect(messages({ A: role('x') }, { B: role('x') })).toEqual([
    't1.json: s1.B declares arn:aws:iam::111122223333:role/x, as s0.A does; audit templates that are not deployed side by side one after the other',
  ]);
  expect(messages({ A: role('x'), B: role('y') })).toEqual([]);
});

test('a second policy of a bucket is told', () => {
  expect(messages({ A: policy('b'), B: policy('b'), C: policy('c') })).toEqual([
    't0.json: B declares the bucket-policy of b, as A does; audit templates that are not deployed side by side one after the other',
  ]);
});
