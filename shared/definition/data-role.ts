import { asText, type Json, member } from '../json/json.ts';
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
 * for a batch transform, the role of its model; for an endpoint, its own or the one of all its models. A tuning job with several definitions has several roles. The list is
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
  if (fields === 'role of its endpoint') {
    const isWriting = WRITING.some((path) => valuesAt(step, path).length > 0);
    return isWriting ? [endpointRole(step, scope, executionRoleArn)] : [];
  }
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

/**
 * An endpoint writes what it captures and its asynchronous results as its models do everything, or as the role that its
 * configuration names. Where its models have several roles, nobody tells which of them writes.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
 */
const endpointRole = (step: Step, scope: ResolveScope, executionRoleArn: string | undefined): DataRole => {
  const [own] = valuesAt(step, 'Arguments.ExecutionRoleArn');
  if (own) return { role: knownText(followText(own.value, scope)) || undefined, pointer: own.pointer };
  const unknown = { role: undefined, pointer: stepPointer(step, ['Arguments', 'ProductionVariants']) };
  const roles = MODELS.flatMap((path) => valuesAt(step, path)).map(({ value }) => {
    const model = modelNamed(value, scope);
    return model && dataRole(model, scope, executionRoleArn)[0];
  });
  const [first] = roles;
  return first && roles.every((each) => each?.role === first.role) ? first : unknown;
};

/** What makes an endpoint write to S3. */
const WRITING = ['Arguments.DataCaptureConfig', 'Arguments.AsyncInferenceConfig'];

const MODELS = ['Arguments.ProductionVariants[].ModelName', 'Arguments.ShadowProductionVariants[].ModelName'];

/** The step that creates the model of a batch transform; undefined for a model that the pipeline does not create. */
export const modelStep = (step: Step, scope: ResolveScope): Step | undefined =>
  modelNamed(member(step.arguments, 'ModelName'), scope);

const modelNamed = (name: Json | undefined, scope: ResolveScope): Step | undefined => {
  const reference = asText(member(name, 'Get'));
  const target = reference === undefined ? undefined : targetOf(reference, scope.definition);
  return target?.step.type === 'Model' && target.path === '.ModelName' ? target.step : undefined;
};
