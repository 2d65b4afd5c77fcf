import { displayText, knownText, resolveText } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Declaration } from '../facts/facts.ts';

/** A role that a step declares for its jobs; it is settled where neither a parameter nor a later change can make it another. */
type DeclaredRole = { known: string | undefined; shown: string; pointer: string; isSettled: boolean };

/** The roles that a step declares, or else the role of its pipeline. */
export const declaredRoles = (
  step: Step,
  declaration: Declaration,
  principalArn: string | undefined,
): DeclaredRole[] => {
  const { definition, pipelineName, executionId, parameters } = declaration;
  const named = stepRoles(step).map(({ value, pointer }): DeclaredRole => {
    const role = resolveText(value, { definition, pipelineName, executionId, parameters: parameters ?? {} });
    const known = knownText(role);
    const isSettled = known !== undefined && (parameters !== undefined || role.parameters.length === 0);
    return { known, shown: displayText(role), pointer, isSettled };
  });
  const own = principalArn ?? declaration.pipelineRoleArn;
  if (named.length > 0) return named;
  return [
    {
      known: own,
      shown: own ?? 'the execution role',
      pointer: stepPointer(step),
      // The pipeline may have had another role then: only who called is sure.
      isSettled: principalArn !== undefined,
    },
  ];
};
