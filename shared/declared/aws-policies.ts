import type { Policy } from '../iam/policy/policy.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { remembered } from '../memo.ts';

/**
 * What some of AWS’s managed policies allow, on all resources. Only those are here that name whole services or few actions, so that AWS
 * has little to change in them. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  AmazonS3FullAccess: ['s3:*', 's3-object-lambda:*'],
  AmazonS3ReadOnlyAccess: [
    's3:Get*',
    's3:List*',
    's3:Describe*',
    's3-object-lambda:Get*',
    's3-object-lambda:List*',
  ],
  IAMFullAccess: [
    'iam:*',
    'organizations:DescribeAccount',
    'organizations:DescribeOrganization',
    'organizations:DescribeOrganizationalUnit',
    'organizations:DescribePolicy',
    'organizations:ListChildren',
    'organizations:ListParents',
    'organizations:ListPoliciesForTarget',
    'organizations:ListRoots',
    'organizations:ListPolicies',
    'organizations:ListTargetsForPolicy',
  ],
  'service-role/AWSLambdaBasicExecutionRole': [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ],
  'service-role/AWSLambdaVPCAccessExecutionRole': [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
};

/** One of AWS’s managed policies, by its ARN, as far as it is known without an account; others are unread, with a word on what tells them. */
export const policyOfAws = (arn: string): Policy | undefined => {
  const [, name] = /^arn:[^:]*:iam::aws:policy\/(.+)$/.exec(arn) ?? [];
  if (name === undefined) return undefined;
  const actions = Object.hasOwn(ALLOWED, name) ? ALLOWED[name] : undefined;
  return actions ? { ...policyAllowing(actions), name: arn } : untold(arn);
};

const policyAllowing = remembered((actions: readonly string[]) =>
  readPolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] },
    { name: 'of AWS', kind: 'identity' },
  ),
);

const untold = (arn: string): Policy => ({
  name: arn,
  kind: 'identity',
  version: '2012-10-17',
  statements: [],
  problems: [
    {
      code: 'missing-document',
      severity: 'error',
      message: 'its text is AWS’s; --live, or --snapshot of an account that uses it, tells it',
      pointer: '',
    },
  ],
  isReadable: false,
});
