import type { Evidence } from '../domain/finding.ts';
import { contextOf } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exampleOf } from '../iam/sets/answers.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import { groupedPolicy } from '../policies/least-policy.ts';

const PASSED_TO_SAGEMAKER = { 'iam:PassedToService': 'sagemaker.amazonaws.com' };

export const control = defineControl({
  id: 'pass-role-allowed',
  on: ['role', 'user'],
  requires: ['principal', 'roster'],
  needs: ['roles.creators'],
  meta: {
    system: 'Execution roles',
    title: 'Who creates pipelines may pass their execution roles to SageMaker',
    severity: 'HIGH',
    description:
      'A pipeline’s execution role is passed when the pipeline is created or updated. Whoever the configuration names as ' +
      'a creator needs iam:PassRole on it, for SageMaker.',
    risk: 'The next create or update of the pipeline fails, typically in the release that was to mend something.',
    remediation:
      'Allow each creator iam:PassRole on the execution roles, with iam:PassedToService naming SageMaker.',
    decision: [
      'Each user and role that roles.creators names is asked for each execution role that a pipeline of the account has.',
      'Identity policies, permissions boundary and the organization’s SCPs are evaluated together.',
      'All execution roles that a creator cannot pass make one finding on the creator.',
    ],
    example: {
      fails:
        'role/data-scientist may pass role/pipelines/vision, and a pipeline runs under role/pipelines/fraud',
      passes:
        '{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/pipelines/*", "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}',
    },
    fix: rolePolicyFix({
      role: 'data-scientist',
      name: 'pass-execution-roles',
      statement: {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: ['arn:aws:iam::111122223333:role/pipelines/fraud'],
        Condition: { StringEquals: PASSED_TO_SAGEMAKER },
      },
    }),
    requirements: ['ISO 27001:2022 A.5.18', 'NIST 800-53 AC-3', 'SOC 2 CC6.3'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html',
    ],
  },
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
    if (!first) return [{ status: 'PASSED' }];
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
