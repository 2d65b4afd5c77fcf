import { asText, member } from '../json/json.ts';
import { knownText, type ResolveScope } from './expression.ts';
import { type Step, stepPointer } from './parse.ts';
import { followText, targetOf } from './step-reference.ts';
import { stepType } from './step-types.ts';
import { valuesAt } from './step-values.ts';

/**
 * A role that reads and writes a step's data; `role` is undefined where only a run can tell it. `pointer` is the
 * role's field or, without such a field, the object that could hold it. Data named inside the same object is read and
 * written by that role. `isDefault`: the step names no role, so its job runs under the pipeline's execution role.
 */
export type DataRole = { role: string | undefined; pointer: string; isDefault?: true };

/**
 * The roles under which a step's job reads and writes data: the step's own role, else the pipeline's execution role;
 * for a batch transform, the role of its model. A tuning job with several definitions has several roles. The list is
 * empty for a step that runs no SageMaker job.
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

/** Only a model that the pipeline itself creates has a role in the definition. */
const modelRole = (step: Step, scope: ResolveScope, executionRoleArn: string | undefined): DataRole => {
  const unknown = { role: undefined, pointer: stepPointer(step, ['Arguments', 'ModelName']) };
  const model = modelStep(step, scope);
  return (model && dataRole(model, scope, executionRoleArn)[0]) ?? unknown;
};

/** The step that creates the model of a batch transform; undefined for a model that the pipeline does not create. */
export const modelStep = (step: Step, scope: ResolveScope): Step | undefined => {
  const reference = asText(member(member(step.arguments, 'ModelName'), 'Get'));
  const target = reference === undefined ? undefined : targetOf(reference, scope.definition);
  return target?.step.type === 'Model' && target.path === '.ModelName' ? target.step : undefined;
};
