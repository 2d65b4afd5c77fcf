import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

export const control = defineControl({
  id: 'execution-role-passes-step-roles',
  on: ['role'],
  requires: ['principal', 'uses', 'administrators', 'resourcePolicies'],
  meta: {
    system: 'Execution roles',
    title: 'Execution roles may pass the roles that their pipelines’ steps name',
    severity: 'HIGH',
    description:
      'A pipeline creates its jobs under its execution role. Where a step names a role, also the execution role itself, ' +
      'that role is passed to the service that runs the job, which needs iam:PassRole.',
    risk: 'The step fails when it is reached, often hours after the pipeline was started, and nothing tells before.',
    remediation:
      'Allow the execution role iam:PassRole on exactly the step roles, with iam:PassedToService naming the service.',
    decision: [
      'Each role that a step names is asked for, nested steps and parameters’ defaults included, with the service that takes it over (SageMaker, EMR, EC2).',
      'Identity policies, permissions boundary and the organization’s SCPs are evaluated together.',
      'A role that step-role-authorised refuses is not asked for: to allow it would mend nothing.',
      'An administrator’s role is asked for as well, but no command is given that allows it: another role is to be named.',
      'All pipelines of an execution role make one finding on the role.',
    ],
    example: {
      fails:
        'the step names role/steps/fraud-train, and the execution role may pass role/steps/fraud-prepare only',
      passes:
        '{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/steps/fraud-*"}',
    },
    fix: rolePolicyFix({
      role: 'fraud',
      name: 'pass-step-roles',
      statement: {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: ['arn:aws:iam::111122223333:role/steps/fraud-train'],
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
    }),
    requirements: ['ISO 27001:2022 A.5.18', 'NIST 800-53 AC-3', 'NIST 800-53 AC-6', 'SOC 2 CC6.3'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html',
    ],
  },
  evaluate: ({ principal, uses, administrators, resourcePolicies }) =>
    needsVerdict(
      'execution-role-passes-step-roles',
      'pass-role',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(principal.policies, resourcePolicies),
        context: serviceContext(principal),
      },
      { purpose: 'pass the roles of its pipelines’ steps', expected: 'allowed', administrators },
    ),
});
