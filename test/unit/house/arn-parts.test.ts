import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isOfIam, isPolicyOfAws } from '../../../shared/domain/arn.ts';

const root = join(import.meta.dirname, '../../..');

test.each([
  ['arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin', 'role/aws-reserved/', true],
  ['arn:aws-cn:iam::111122223333:role/Admin', 'role/', true],
  ['arn:aws:iam::111122223333:role/x:role/aws-reserved/Admin', 'role/aws-reserved/', false],
  ['arn:aws:iam::111122223333:role/x:user/ann', 'user/', false],
  ['arn:aws:sts::111122223333:role/Admin', 'role/', false],
])('that %s is a %s of IAM is %s', (arn, beginning, answer) => {
  expect(isOfIam(arn, beginning)).toBe(answer);
});

test.each([
  ['arn:aws:iam::aws:policy/AdministratorAccess', true],
  ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', true],
  ['arn:aws:iam::111122223333:policy/x:iam::aws:/own', false],
  ['a policy of arn:aws:iam::aws:policy/AdministratorAccess', false],
])('that %s is a policy of AWS is %s', (arn, answer) => {
  expect(isPolicyOfAws(arn)).toBe(answer);
});

test('no source looks for the kind or the account of something in the middle of its ARN, where a path may hold anything', () => {
  const files = globSync('{shared,functions,cli,infra}/**/*.{ts,tsx}', { cwd: root });
  expect(files.length).toBeGreaterThan(300);
  const doubtful = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /includes\(['`]:(?:iam|role|user|group|policy|\$)/.test(line) ? `${file}:${index + 1}` : [],
      ),
  );
  expect(doubtful).toEqual([]);
});
