import type { PolicyText } from '../domain/role-change.ts';

/** The policy that keeps its holder from these pipelines, whatever else it allows. */
export const pipelineAccessGuardrail = (
  actions: readonly string[],
  pipelineArns: readonly string[],
): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OtherTeamsPipelines',
      Effect: 'Deny',
      Action: actions,
      Resource: pipelineArns.flatMap((arn) => [arn, `${arn}/execution/*`]),
    },
  ],
});
