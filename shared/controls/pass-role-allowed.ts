import { creatorContext, type Duties, dutiesOf, entriesOf } from '../authorised/creators.ts';
import { isRefusedExecutionRole } from '../authorised/roles.ts';
import { parseArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { why } from '../iam/explain/why.ts';
import type { Example } from '../iam/sets/answers.ts';
import { exampleOf } from '../iam/sets/questions.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { unknownExecutionRoles } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import type { PipelineRef } from '../needs/roster.ts';
import { groupedPolicy } from '../policies/least-policy.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'pass-role-allowed',
  system: 'Execution roles',
  title: 'Who creates pipelines may pass their execution roles to SageMaker',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'roster', 'creators'],
  needs: ['roles.creators'],
  satisfiedBy: ownStatements(['iam:PassRole']),
  evaluate: ({ principal, roster, creators }, config) => {
    const { arn } = principal.identity.principal;
    if (entriesOf(arn, config).length === 0)
      return doesNotApply('the configuration does not name it as a creator');
    // To pass a role that pipelines must not run under would mend nothing.
    const running = [...roster.roles.values()].filter(
      ({ executes, roleArn }) => executes.length > 0 && !isRefusedExecutionRole(roleArn, config),
    );
    const byRegion = running.flatMap(({ roleArn, executes }) =>
      [...groupBy(executes, ({ arn }) => parseArn(arn)?.region ?? '')].map(([region, pipelines]) => ({
        roleArn,
        region,
        pipelines,
      })),
    );
    const lacking = byRegion.flatMap(({ roleArn, region, pipelines }): Lacking[] => {
      const example = passingOf(principal, roleArn, region);
      if (example.decision === 'Allow') return [];
      return [{ roleArn, example, duties: dutiesOf(principal, { roleArn, pipelines }, creators, config) }];
    });
    const refused = lacking.filter(
      ({ example, duties }) => duties.must.length > 0 && example.decision.endsWith('Deny'),
    );
    const open = lacking.filter(({ duties: { must, unknown } }) => must.length + unknown.length > 0);
    const [first, ...others] = (refused.length > 0 ? refused : open).slice(0, MAX_EVIDENCE).map(evidenceOf);
    if (!first)
      return [
        unknownExecutionRoles(roster.unread) ??
          (byRegion.length > 0 && lacking.length === byRegion.length
            ? { status: 'NOT_APPLICABLE', because: 'none of the pipelines is its own to create or update' }
            : { status: 'PASSED' }),
      ];
    const evidence: [Evidence, ...Evidence[]] = [first, ...others];
    return refused.length > 0
      ? [{ status: 'FAILED', evidence, remediation: remediation(principal, refused) }]
      : [{ status: 'NOT_AVAILABLE', evidence, remediation: { text: TRY_IT } }];
  },
});

/** An execution role that the creator cannot pass for sure, and the pipelines for which it would have to. */
type Lacking = { roleArn: string; example: Example; duties: Duties<PipelineRef> };

const MAX_EVIDENCE = 20;
const TRY_IT =
  'Try with pipewarden simulate and --context what that condition lets through (iam:PassRole on the role, sagemaker:UpdatePipeline on the pipeline), or name the pipelines of each creator in roles.creators of the configuration.';

const passingOf = (
  { identity: { principal }, policies }: PrincipalFact,
  roleArn: string,
  region: string,
): Example =>
  exampleOf(policies, {
    principal,
    action: 'iam:PassRole',
    resource: roleArn,
    context: creatorContext(region, SAGEMAKER),
  });

const evidenceOf = ({ roleArn, example, duties: { must, unknown } }: Lacking): Evidence => {
  const pipelines = must.length > 0 ? must : unknown;
  const names = listed(
    pipelines.map(({ name }) => name),
    5,
  );
  const reason = why(example.explanation, 'iam:PassRole', roleArn);
  const isOpen = must.length === 0 && example.decision.endsWith('Deny');
  return {
    ...reason,
    ...(isOpen && {
      found: `${reason.found}; whether it makes ${names}, or another creator does, hangs on a condition`,
    }),
    expected: `allowed: it is the execution role of ${names}`,
  };
};

const remediation = (principal: PrincipalFact, refused: readonly Lacking[]) => {
  const deny = refused.find(({ example }) => example.decision === 'ExplicitDeny')?.example.explanation
    .decidedBy[0];
  if (deny)
    return {
      text: `Take the execution roles out of statement ${deny.statement} of ${deny.policy}, which denies to pass them.`,
    };
  const needs = refused.map(({ roleArn }) => ({
    action: 'iam:PassRole',
    resource: roleArn,
    context: { [PASSED_TO_SERVICE]: SAGEMAKER },
  }));
  return remedyBy(
    principal,
    putPolicy('pass-role-allowed', groupedPolicy(needs)),
    `Allow ${principal.identity.principal.arn} to pass the execution roles to SageMaker.`,
  );
};
