import type { Evidence } from '../domain/finding.ts';
import { contextOf } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exampleOf } from '../iam/sets/questions.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import { unknownExecutionRoles } from '../judging/unread-use-verdicts.ts';
import { groupedPolicy } from '../policies/least-policy.ts';

const PASSED_TO_SAGEMAKER = { 'iam:PassedToService': 'sagemaker.amazonaws.com' };

export const control = defineControl({
  id: 'pass-role-allowed',
  system: 'Execution roles',
  title: 'Who creates pipelines may pass their execution roles to SageMaker',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'roster'],
  needs: ['roles.creators'],
  evaluate: ({ principal, roster }, { roles }) => {
    const { identity, policies, scope } = principal;
    const { arn } = identity.principal;
    if (!matchesAny(roles?.creators ?? [], arn))
      return [{ status: 'NOT_APPLICABLE', because: 'the configuration does not name it as a creator' }];
    const context = contextOf({
      ...PASSED_TO_SAGEMAKER,
      'aws:SecureTransport': 'true',
      'aws:RequestedRegion': scope.region,
    });
    const answers = [...roster.roles.values()]
      .filter(({ executes }) => executes.length > 0)
      .map(({ roleArn, executes }) => {
        const request = { principal: identity.principal, action: 'iam:PassRole', resource: roleArn, context };
        return { roleArn, executes, example: exampleOf(policies, request) };
      });
    const refused = answers.filter(({ example }) => example.decision.endsWith('Deny'));
    const open = refused.length > 0 ? refused : answers.filter(({ example }) => example.decision !== 'Allow');
    const [first, ...others] = open.slice(0, 20).map(({ roleArn, executes, example }): Evidence => {
      const names = executes.slice(0, 5).map(({ name }) => name);
      const more = executes.length - names.length;
      return {
        ...why(example.explanation, 'iam:PassRole', roleArn),
        expected: `allowed: it is the execution role of ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      };
    });
    if (!first) return [unknownExecutionRoles(roster.unread) ?? { status: 'PASSED' }];
    if (refused.length === 0)
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [first, ...others],
          remediation: {
            text: 'Try it with pipewarden simulate and --context, or allow it without that condition.',
          },
        },
      ];
    const needs = refused.map((each) => ({
      action: 'iam:PassRole',
      resource: each.roleArn,
      context: PASSED_TO_SAGEMAKER,
    }));
    const change = putPolicy('pass-role-allowed', groupedPolicy(needs));
    const deny = refused.find(({ example }) => example.decision === 'ExplicitDeny')?.example.explanation
      .decidedBy[0];
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: deny
          ? {
              text: `Take the execution roles out of statement ${deny.statement} of ${deny.policy}, which denies to pass them.`,
            }
          : {
              text: `Allow ${arn} to pass the execution roles to SageMaker.`,
              patch: changeCommand(principal, change),
              change,
            },
      },
    ];
  },
});
