import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

export const control = defineControl({
  id: 'step-role-data-access',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  meta: {
    system: 'Step roles',
    title: 'Each step’s role may read its inputs, write its outputs and use its keys',
    severity: 'MEDIUM',
    description:
      'A step’s job reads its S3 inputs and writes its S3 outputs under its role: its own, else the pipeline’s execution ' +
      'role. Where the step names a KMS key, the role must be allowed to use that as well.',
    risk: 'The job starts, is paid for, and fails when it loads its data or, worse, when it stores its result.',
    remediation:
      'Allow the step’s role s3:GetObject on the inputs, s3:PutObject on the outputs, and the use of the key, in its own ' +
      'policy and, where a bucket or key policy denies it, there.',
    decision: [
      'Inputs and outputs are the S3 fields of the step’s type; a reference to another step’s output is followed to where that step writes it.',
      'Identity policies, boundary, SCPs and the bucket’s or key’s own policy are evaluated together; a bucket policy that cannot be read leaves it NOT_AVAILABLE.',
      'A KMS key for outputs asks for kms:GenerateDataKey or kms:Encrypt, one for volumes for kms:CreateGrant.',
      'Denies of SCPs that keep S3 to networks are left out: whether a job comes from there is for its VpcConfig.',
      'A condition on what only the job’s request tells, such as a bucket policy on the VPC endpoint, leaves it NOT_AVAILABLE.',
      'All steps that run under a role make one finding on the role.',
    ],
    example: {
      fails: 'the step writes to s3://acme-models/fraud, and its role may put objects into acme-data only',
      passes: '{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme-models/fraud/*"}',
    },
    fix: rolePolicyFix({
      role: 'fraud-train',
      name: 'training-data',
      statement: {
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: ['arn:aws:s3:::acme-data/fraud/*'],
      },
    }),
    requirements: ['ISO 27001:2022 A.5.15', 'NIST 800-53 AC-3', 'NIST 800-53 AC-6', 'SOC 2 CC6.1'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html',
    ],
  },
  evaluate: ({ principal, uses, resourcePolicies }) =>
    needsVerdict(
      'step-role-data-access',
      'data',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies),
        context: serviceContext(principal),
      },
      { purpose: 'read and write the data of the steps that run under it', expected: 'allowed' },
    ),
});
