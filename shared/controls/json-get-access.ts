import { assume } from '../iam/decide/context.ts';
import { outsideNetworks, withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

export const control = defineControl({
  id: 'json-get-access',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  meta: {
    system: 'Execution roles',
    title: 'Execution roles may read the files that JsonGet reads',
    severity: 'HIGH',
    description:
      'JsonGet is evaluated by the pipeline itself: it reads the property file, or the file of its S3Uri, from S3 under ' +
      'the execution role and from outside any VPC. The role’s policies and the bucket’s policy decide together.',
    risk: 'The condition that hangs on the file fails, and with it the run, after the work before it has been done and paid for.',
    remediation:
      'Allow the execution role s3:GetObject on the files, and see that the bucket’s policy does not deny it.',
    decision: [
      'The file is where the processing step puts the output of its property file, or the S3Uri of the JsonGet.',
      'Identity policies, boundary, SCPs and the bucket’s policy are evaluated together, for a request from outside any VPC or VPC endpoint.',
      'Denies of SCPs that keep S3 to networks are left out: scp-json-get-exception judges those.',
      'A bucket policy that cannot be read leaves it NOT_AVAILABLE, and so does a file whose place only a run tells.',
    ],
    example: {
      fails:
        'the bucket’s policy denies s3:* where aws:SourceVpce is not vpce-1a2b3c4d, and the role is not excepted',
      passes: '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-reports/*"}',
    },
    fix: rolePolicyFix({
      role: 'fraud',
      name: 'json-get',
      statement: {
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: ['arn:aws:s3:::acme-reports/*'],
      },
    }),
    requirements: ['ISO 27001:2022 A.5.15', 'NIST 800-53 AC-3', 'SOC 2 CC6.1'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-propertyfile.html',
    ],
  },
  evaluate: ({ principal, uses, resourcePolicies }) =>
    needsVerdict(
      'json-get-access',
      'json-get',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies),
        context: assume(serviceContext(principal), outsideNetworks()),
      },
      { purpose: 'read the files of JsonGet', expected: 'allowed' },
    ),
});
