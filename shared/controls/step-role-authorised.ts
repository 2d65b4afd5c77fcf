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
import { calledRole } from '../definition/named-roles.ts';
import type { Step } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { PipelineSubject } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: 'step-role-authorised',
  system: 'Step roles',
  title: 'Every role that a step names is authorised',
  severity: 'HIGH',
  on: ['pipeline', 'execution'],
  lint: true,
  requires: ['pipeline', 'definition', 'overrides'],
  needs: ['roles.steps'],
  evaluate: ({ pipeline, definition, overrides }, config) => {
    const scope = resolveScope(definition, pipeline.name, overrides);
    return definition.steps.flatMap((step) => judgeStep(step, scope, pipeline, config));
  },
});

const PROFILE_UNTOLD = ', an instance profile of which it is not known whose role it holds';

const judgeStep = (
  step: Step,
  scope: ResolveScope,
  { roleArn, named }: PipelineSubject,
  config: Config,
): Verdict[] => {
  const roles = stepRoles(step)
    .map(({ field, value, pointer }) => ({ field, pointer, role: resolveText(value, scope) }))
    .filter(({ role }) => concerns(role, scope.parameters));
  if (roles.length === 0) return [];
  const judged = roles.map(({ field, role, pointer }) => {
    const written = knownText(role);
    const { isProfile, arn: held } = calledRole(field, written ?? '', named);
    const known = held ?? (isProfile ? undefined : written);
    const meant = held !== undefined ? `, which is ${held}` : isProfile ? PROFILE_UNTOLD : '';
    const source = role.parameters.length > 0 ? ` (from parameter ${role.parameters.join(', ')})` : '';
    return {
      answer: known === undefined ? 'unknown' : isAuthorisedRole(known, config, roleArn),
      at: pointer,
      found: `${displayText(role)}${meant}${source}`,
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
