import { displayText, knownText, resolveText } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Declaration } from '../facts/facts.ts';

/**
 * A role that a step declares for its jobs. It is settled if no parameter and no later change can make it another
 * role.
 */
type DeclaredRole = {
  step: Step;
  /** The field that names the role; none where the step names no role. */
  field?: string;
  known: string | undefined;
  shown: string;
  pointer: string;
  isSettled: boolean;
};

/** The roles that a step declares or, without one, the role of its pipeline. */
export const declaredRoles = (
  step: Step,
  declaration: Declaration,
  principalArn: string | undefined,
): DeclaredRole[] => {
  const { definition, pipelineName, executionId, parameters } = declaration;
  const named = stepRoles(step).map(({ field, value, pointer }): DeclaredRole => {
    const role = resolveText(value, { definition, pipelineName, executionId, parameters: parameters ?? {} });
    const known = knownText(role);
    const isSettled = known !== undefined && (parameters !== undefined || role.parameters.length === 0);
    return { step, field, known, shown: displayText(role), pointer, isSettled };
  });
  const own = principalArn ?? declaration.pipelineRoleArn;
  if (named.length > 0) return named;
  return [
    {
      step,
      known: own,
      shown: own ?? 'the execution role',
      pointer: stepPointer(step),
      // The pipeline may have had another role then, so only the caller is certain.
      isSettled: principalArn !== undefined,
    },
  ];
};
