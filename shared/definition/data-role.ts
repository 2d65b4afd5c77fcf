import { asText, member } from '../json/json.ts';
import { knownText, type ResolveScope } from './expression.ts';
import { type Step, stepPointer } from './parse.ts';
import { followText, targetOf } from './step-reference.ts';
import { stepType } from './step-types.ts';
import { valuesAt } from './step-values.ts';

/**
 * A role that does a step's data work; `role` is undefined where only a run can tell it. `pointer` is the role's field,
 * or the object without one: what lies below the same object is that role's. `isDefault`: the step names none, and
 * so runs under the pipeline's own.
 */
export type DataRole = { role: string | undefined; pointer: string; isDefault?: true };

/**
 * The roles under which a step's job reads and writes: its own, or the pipeline's execution role; that of its model for
 * a batch transform. Several for a tuning job of several definitions; none for a step that runs no job of SageMaker's.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const dataRole = (
  step: Step,
  scope: ResolveScope,
  executionRoleArn: string | undefined,
): DataRole[] => {
  const { dataRole: fields } = stepType(step.type);
  if (fields === 'none') return [];
  if (fields === 'role of its model') return [modelRole(step, scope, executionRoleArn)];
  const roles = fields.holders
    .flatMap((holder) => valuesAt(step, holder))
    .map(({ pointer, value }): DataRole => {
      const role = member(value, fields.role);
      if (role === undefined || role === null) return { role: executionRoleArn, pointer, isDefault: true };
      return { role: knownText(followText(role, scope)) || undefined, pointer: `${pointer}/${fields.role}` };
    });
  return roles.length > 0 ? roles : [{ role: executionRoleArn, pointer: stepPointer(step), isDefault: true }];
};

/** The model must be one of the pipeline's own: the role of any other is not in the definition. */
const modelRole = (step: Step, scope: ResolveScope, executionRoleArn: string | undefined): DataRole => {
  const pointer = stepPointer(step, ['Arguments', 'ModelName']);
  const reference = asText(member(member(step.arguments, 'ModelName'), 'Get'));
  const target = reference === undefined ? undefined : targetOf(reference, scope.definition);
  if (target?.step.type !== 'Model' || target.path !== '.ModelName') return { role: undefined, pointer };
  return dataRole(target.step, scope, executionRoleArn)[0] ?? { role: undefined, pointer };
};
