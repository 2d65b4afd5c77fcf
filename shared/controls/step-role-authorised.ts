import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import {
  concerns,
  displayText,
  knownText,
  type ResolveScope,
  resolveScope,
  resolveText,
} from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { definitionFix } from '../judging/fix.ts';

export const control = defineControl({
  id: 'step-role-authorised',
  on: ['pipeline', 'execution'],
  lint: true,
  requires: ['pipeline', 'definition', 'overrides'],
  needs: ['roles.steps'],
  meta: {
    system: 'Step roles',
    title: 'Every role that a step names is authorised',
    severity: 'HIGH',
    description:
      'A step’s job runs under the role that the step names. The role can stand in different fields for different step ' +
      'types, in a nested Condition, or behind a parameter that whoever starts the pipeline can set.',
    risk:
      'A step under a role that nobody authorised can read and change what the other steps, or other teams, use: the ' +
      'code of a step runs with all that its role may do.',
    remediation:
      'Use an authorised role in the step, or add the role to roles.steps in pipewarden.yaml. Where the role stands ' +
      'behind a parameter, restrict the parameter by EnumValues or name the role directly.',
    decision: [
      'Every field in which the step’s type keeps a role is read, nested steps included.',
      'A role behind a parameter is judged by its default, and by the value of each execution that was started with another.',
      'The role must match roles.steps or roles.execution; where no execution roles are listed, the pipeline’s own execution role is fine.',
      'EMR names its cluster’s roles without account and path; such a name is held against the last part of the listed ARNs.',
      'A role that is only known in a run is NOT_AVAILABLE.',
    ],
    example: {
      fails: '{"Type": "Training", "Arguments": {"RoleArn": "arn:aws:iam::111122223333:role/admin"}}',
      passes:
        '{"Type": "Training", "Arguments": {"RoleArn": "arn:aws:iam::111122223333:role/steps/fraud-train"}}',
    },
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-step-permissions',
    ],
    fix: definitionFix({
      step: 'Train',
      type: 'Training',
      argument: 'RoleArn',
      value: 'arn:aws:iam::111122223333:role/steps/fraud-train',
    }),
    requirements: [
      'ISO 27001:2022 A.5.18',
      'ISO 27001:2022 A.8.2',
      'NIST 800-53 AC-3',
      'NIST 800-53 AC-6',
      'SOC 2 CC6.3',
    ],
  },
  evaluate: ({ pipeline, definition, overrides }, config) => {
    const scope = resolveScope(definition, pipeline.name, overrides);
    return definition.steps.flatMap((step) => judgeStep(step, scope, pipeline.roleArn, config));
  },
});

const judgeStep = (
  step: Step,
  scope: ResolveScope,
  executionRoleArn: string | undefined,
  config: Config,
): Verdict[] => {
  const roles = stepRoles(step)
    .map(({ value, pointer }) => ({ pointer, role: resolveText(value, scope) }))
    .filter(({ role }) => concerns(role, scope.parameters));
  if (roles.length === 0) return [];
  const judged = roles.map(({ role, pointer }) => {
    const known = knownText(role);
    const source = role.parameters.length > 0 ? ` (from parameter ${role.parameters.join(', ')})` : '';
    return {
      answer: known === undefined ? 'unknown' : isAuthorisedRole(known, config, executionRoleArn),
      at: pointer,
      found: `${displayText(role)}${source}`,
      expected: `one of the authorised roles: ${authorisedRoles(config).join(', ')}`,
    };
  });
  const isWrong = judged.some(({ answer }) => answer === 'no');
  const [first, ...others] = judged
    .filter(({ answer }) => answer === (isWrong ? 'no' : 'unknown'))
    .map(({ at, found, expected }): Evidence => ({ at, found, expected }));
  if (!first) return [{ status: 'PASSED', subject: step.name }];
  return [
    {
      status: isWrong ? 'FAILED' : 'NOT_AVAILABLE',
      subject: step.name,
      evidence: [first, ...others],
      remediation: {
        text: `Name an authorised role at ${first.at} and update the pipeline, or add the role to roles.steps in pipewarden.yaml.`,
      },
    },
  ];
};
