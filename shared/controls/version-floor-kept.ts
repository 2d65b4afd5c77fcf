import { namesPipeline } from '../authorised/pipeline-names.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';

export const control = defineControl({
  id: 'version-floor-kept',
  on: ['execution'],
  requires: ['version'],
  needs: ['versionFloors'],
  meta: {
    system: 'Pipeline versions',
    title: 'Executions and version updates keep to the floor of their pipeline',
    severity: 'HIGH',
    description:
      'A pipeline version below the floor was started, or changed. It has happened, so that nothing mends it; how it could ' +
      'happen is what version-floor-enforced tells.',
    risk: 'What the newer versions have left behind, such as data, a role or a flaw, was used again.',
    remediation:
      'Stop the execution if it still runs, look at what it has made, and mend what version-floor-enforced finds.',
    decision: [
      'Each StartPipelineExecution and UpdatePipelineVersion on a pipeline with a floor is held against it.',
      'The version is the one in the event; where it holds none, or an alias, DescribePipelineExecution tells it, else the newest version counts.',
      'Whom the floor’s except names may go below; where the event does not name the caller, such a floor is NOT_AVAILABLE.',
      'A version that nobody tells is NOT_AVAILABLE.',
    ],
    example: {
      fails:
        'versionFloors: [{ pipeline: fraud-*, minimum: 6 }], and fraud-daily was started with PipelineVersionId 5',
      passes: 'fraud-daily was started with PipelineVersionId 6',
    },
    fix: rolePolicyFix({
      role: 'data-scientist',
      name: 'version-floor',
      statement: {
        Effect: 'Deny',
        Action: ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'],
        Resource: ['arn:aws:sagemaker:*:111122223333:pipeline/fraud-*'],
        Condition: { NumericLessThan: { 'sagemaker:PipelineVersionId': '6' } },
      },
    }),
    requirements: ['ISO 27001:2022 A.8.32', 'NIST 800-53 AU-6', 'NIST 800-53 CM-3', 'SOC 2 CC8.1'],
    references: ['https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html'],
  },
  evaluate: ({ version: { pipelineName, versionId, toldBy, principalArn } }, { versionFloors = [] }) => {
    const forIt = versionFloors.filter(({ pipeline }) => namesPipeline([pipeline], pipelineName));
    const floors = forIt.filter(
      ({ except = [] }) => principalArn === undefined || !matchesAny(except, principalArn),
    );
    if (floors.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'no floor is for whoever did it' }];
    const broken = floors.filter(({ minimum }) => versionId < minimum);
    if (broken.length === 0) return [{ status: 'PASSED' }];
    const sure = broken.filter(({ except = [] }) => principalArn !== undefined || except.length === 0);
    const floor = Math.max(...(sure.length > 0 ? sure : broken).map(({ minimum }) => minimum));
    const found = `version ${versionId} of ${pipelineName}`;
    if (sure.length === 0)
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [
            {
              at: toldBy,
              found: `${found}, by somebody whom the event does not name`,
              expected: `version ${floor} or later, but by whom the floor excepts`,
            },
          ],
          remediation: {
            text: 'Look up in CloudTrail who did it, and whether the floor’s except names them.',
          },
        },
      ];
    return [
      {
        status: 'FAILED',
        evidence: [
          {
            at: toldBy,
            found: `${found}${principalArn === undefined ? '' : `, by ${principalArn}`}`,
            expected: `version ${floor} or later`,
          },
        ],
        remediation: {
          text: `Stop the execution if it runs, look at what it has made, and see what version-floor-enforced finds of ${principalArn ?? 'its caller'}.`,
        },
      },
    ];
  },
});
