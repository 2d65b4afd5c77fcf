import type { Fix } from './control.ts';

/** The account, the Region and the pipeline of all examples. */
const PIPELINE = {
  name: 'fraud-daily',
  id: 'FraudDaily',
  resource: 'fraud_daily',
  roleArn: 'arn:aws:iam::111122223333:role/pipelines/fraud',
};

/**
 * One argument of one step, mended in each way that a definition is kept.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdatePipeline.html
 */
export const definitionFix = (change: {
  step: string;
  type: string;
  argument: string;
  value: string;
}): Fix => {
  const { step, type, argument, value } = change;
  return {
    cli: lines(
      `aws sagemaker describe-pipeline --pipeline-name ${PIPELINE.name} --query PipelineDefinition --output text > before.json`,
      `jq '(.Steps[] | select(.Name == "${step}") | .Arguments.${argument}) = "${value}"' before.json > after.json`,
      `aws sagemaker update-pipeline --pipeline-name ${PIPELINE.name} --pipeline-definition file://after.json`,
    ),
    cdk: lines(
      "import { aws_sagemaker as sagemaker } from 'aws-cdk-lib';",
      '',
      '// otherArguments: those that the step has besides, as they are',
      `new sagemaker.CfnPipeline(this, '${PIPELINE.id}', {`,
      `  pipelineName: '${PIPELINE.name}',`,
      `  roleArn: '${PIPELINE.roleArn}',`,
      '  pipelineDefinition: {',
      '    PipelineDefinitionBody: JSON.stringify({',
      "      Version: '2020-12-01',",
      '      Steps: [',
      '        {',
      `          Name: '${step}',`,
      `          Type: '${type}',`,
      `          Arguments: { ...otherArguments, ${argument}: '${value}' },`,
      '        },',
      '      ],',
      '    }),',
      '  },',
      '});',
    ),
    terraform: lines(
      '# local.other_arguments: those that the step has besides, as they are',
      `resource "aws_sagemaker_pipeline" "${PIPELINE.resource}" {`,
      `  pipeline_name         = "${PIPELINE.name}"`,
      `  pipeline_display_name = "${PIPELINE.name}"`,
      `  role_arn              = "${PIPELINE.roleArn}"`,
      '  pipeline_definition = jsonencode({',
      '    Version = "2020-12-01"',
      '    Steps = [{',
      `      Name      = "${step}"`,
      `      Type      = "${type}"`,
      `      Arguments = merge(local.other_arguments, { ${argument} = "${value}" })`,
      '    }]',
      '  })',
      '}',
    ),
  };
};

/**
 * An inline policy of a role with one statement, in each way that roles are kept. It takes the place of the role's
 * policy of the same name.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
 */
export const rolePolicyFix = (change: { role: string; name: string; statement: object }): Fix => {
  const { role, name, statement } = change;
  const document = { Version: '2012-10-17', Statement: [statement] };
  const indented = JSON.stringify(document, null, 2).replaceAll('\n', '\n  ');
  return {
    cli: `aws iam put-role-policy --role-name ${role} --policy-name ${name} --policy-document '${JSON.stringify(document)}'`,
    cdk: lines(
      "import { aws_iam as iam } from 'aws-cdk-lib';",
      '',
      `new iam.Policy(this, '${pascalCase(name)}', {`,
      `  policyName: '${name}',`,
      `  roles: [iam.Role.fromRoleName(this, '${pascalCase(role)}', '${role}')],`,
      `  document: iam.PolicyDocument.fromJson(${indented}),`,
      '});',
    ),
    terraform: lines(
      `resource "aws_iam_role_policy" "${snakeCase(name)}" {`,
      `  name = "${name}"`,
      `  role = "${role}"`,
      `  policy = jsonencode(${indented.replaceAll('${', () => '$${')})`,
      '}',
    ),
  };
};

const lines = (...of: string[]): string => of.join('\n');

const pascalCase = (name: string): string =>
  name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());

const snakeCase = (name: string): string => name.replaceAll('-', '_');
