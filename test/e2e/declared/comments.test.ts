import { expect, test } from '@jest/globals';
import { inFolder, resultsOf, run } from '../../support/commands/cli.ts';
import { binaryPlan } from '../../support/plans/plans.ts';

const STEP = {
  Name: 'Train',
  Type: 'Training',
  Arguments: { RoleArn: 'arn:aws:iam::111122223333:role/admin' },
};
const RULES = { version: 1, roles: { steps: ['arn:aws:iam::111122223333:role/steps/*'] } };

const SOURCE = `resource "aws_sagemaker_pipeline" "train" {
  # pipewarden:ignore step-role-authorised step Train until 2999-01-01: PLAT-1
  # pipewarden:ignore step-role-authorized until 2027-01-01: PLAT-2
}
`;

test('a comment in the sources of a plan suppresses a finding on a step, and is told where it is wrong or long', async () => {
  const plan = binaryPlan(
    {
      changes: [
        {
          address: 'aws_sagemaker_pipeline.train',
          after: {
            pipeline_name: 'fraud',
            arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud',
            role_arn: 'arn:aws:iam::111122223333:role/steps/run',
            pipeline_definition: JSON.stringify({ Version: '2020-12-01', Steps: [STEP] }),
            pipeline_definition_s3_location: [],
          },
        },
      ],
    },
    { '': { folder: '.', files: { 'main.tf': SOURCE } } },
  );
  await inFolder({ 'pipewarden.yaml': RULES, tfplan: plan }, async (cwd) => {
    const ran = await run(
      [
        'audit',
        '--plan',
        'tfplan',
        '--control',
        'step-role-authorised,exceptions-scoped',
        '--format',
        'json',
      ],
      { cwd },
    );
    const told = resultsOf(ran).findings.map(({ control, status, evidence, suppression, resource }) => [
      control,
      status,
      suppression?.reason ?? [resource.arn, evidence[0]?.at, evidence[0]?.found],
    ]);
    expect(told).toContainEqual(['step-role-authorised', 'NOT_AVAILABLE', 'PLAT-1']);
    expect(told).toContainEqual([
      'exceptions-scoped',
      'WARNING',
      ['pipewarden.yaml', 'main.tf:2:3', 'the suppression of step-role-authorised ends on 2999-01-01'],
    ]);
    const all = resultsOf(await run(['audit', '--plan', 'tfplan', '--format', 'json'], { cwd }));
    expect(JSON.stringify(all)).toContain('there is no control \\"step-role-authorized\\"');
    expect(all.findings.map(({ resource }) => resource.arn)).toContain('main.tf:3:3');
  });
});
