import { sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import type { Need } from './need.ts';

/**
 * What whoever makes, changes and starts a pipeline must be allowed: that, and to pass its execution role to SageMaker.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const creatorNeeds = (
  { name, arn, roleArn }: { name?: string; arn?: string; roleArn?: string },
  place: Scope,
): { needs: Need[]; open: string[] } => {
  const resource = arn ?? (name === undefined ? undefined : sagemakerArn(place, `pipeline/${name}`));
  const actions = ['CreatePipeline', 'UpdatePipeline', 'StartPipelineExecution'];
  return {
    needs: [
      ...(resource === undefined
        ? []
        : actions.map((action) => ({ action: `sagemaker:${action}`, resource }))),
      ...(roleArn === undefined
        ? []
        : [
            {
              action: 'iam:PassRole',
              resource: roleArn,
              context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
            },
          ]),
    ],
    open: [
      ...(resource === undefined
        ? [`the name of the pipeline; allow ${actions.join(', ')} on it by hand`]
        : []),
      ...(roleArn === undefined ? ['the execution role; allow iam:PassRole on it by hand'] : []),
    ],
  };
};
