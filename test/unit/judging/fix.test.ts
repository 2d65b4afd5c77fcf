import { expect, test } from '@jest/globals';
import { definitionFix, rolePolicyFix } from '../../../shared/judging/fix.ts';

test('a role’s policy is the same document in each language', () => {
  const statement = {
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::home/${aws:username}/*',
  };
  const { cli, cdk, terraform } = rolePolicyFix({ role: 'data-scientist', name: 'read-home', statement });
  const document = { Version: '2012-10-17', Statement: [statement] };
  const jsonIn = (code: string, begin: string, end: string) =>
    JSON.parse(code.slice(code.indexOf(begin) + begin.length, code.lastIndexOf(end)));
  expect(jsonIn(cli, "--policy-document '", "'")).toEqual(document);
  expect(jsonIn(cdk, 'fromJson(', '),')).toEqual(document);
  expect(jsonIn(terraform.replace('$${', '${'), 'jsonencode(', ')')).toEqual(document);
});

test('a role’s policy has the names of each language', () => {
  const { cli, cdk, terraform } = rolePolicyFix({ role: 'data-scientist', name: 'read-home', statement: {} });
  expect(cli).toMatch(/^aws iam put-role-policy --role-name data-scientist --policy-name read-home /);
  expect(cdk).toContain("fromRoleName(this, 'DataScientist', 'data-scientist')");
  expect(terraform).toMatch(/^resource "aws_iam_role_policy" "read_home" \{\n {2}name = "read-home"\n/);
});

test('an interpolation of IAM is none of Terraform’s', () => {
  const { terraform } = rolePolicyFix({ role: 'r', name: 'p', statement: { Resource: '${aws:username}' } });
  expect(terraform).toContain('"$${aws:username}"');
});

test('an argument of a step is set in each language', () => {
  const { cli, cdk, terraform } = definitionFix({
    step: 'Tune',
    type: 'Tuning',
    argument: 'HyperParameterTuningJobName',
    value: 'fraud',
  });
  expect(cli).toContain(
    `jq '(.Steps[] | select(.Name == "Tune") | .Arguments.HyperParameterTuningJobName) = "fraud"'`,
  );
  expect(cdk).toContain("HyperParameterTuningJobName: 'fraud'");
  expect(terraform).toContain('{ HyperParameterTuningJobName = "fraud" }');
});
