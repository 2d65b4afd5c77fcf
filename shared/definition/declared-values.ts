import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import type { Mistake } from './mistake.ts';
import { type Definition, type Step, stepPointer } from './parse.ts';
import { hasPlaceholder } from './placeholders.ts';
import { stepRoles } from './step-values.ts';

/**
 * Names and roles that SageMaker does not accept, and defaults that are not of their parameter’s type.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStep.html (StepName) and
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Parameter.html (Name)
 */
export function* declaredValues(root: JsonObject, definition: Definition): Generator<Mistake> {
  const isTold = (text: string) => !(definition.isTemplate && hasPlaceholder(text));
  for (const step of definition.steps) {
    if (!isName(step.name, MAX_STEP) && isTold(step.name))
      yield { ...wrongName('step', step.name, MAX_STEP, stepPointer(step)), step: step.name };
    yield* wrongRoles(step, isTold);
  }
  for (const [index, parameter] of asList(member(root, 'Parameters')).entries()) {
    const pointer = `/Parameters/${index}`;
    const name = asText(member(parameter, 'Name'));
    if (name !== undefined && !isName(name, MAX_PARAMETER) && isTold(name))
      yield wrongName('parameter', name, MAX_PARAMETER, pointer);
    if (isObject(parameter)) yield* wrongDefault(parameter, pointer, isTold);
  }
}

const [MAX_STEP, MAX_PARAMETER] = [64, 256];

const isName = (name: string, longest: number): boolean => /^[\w-]+$/.test(name) && name.length <= longest;

const wrongName = (what: 'step' | 'parameter', name: string, longest: number, pointer: string): Mistake => ({
  certainty: 'sure',
  pointer: `${pointer}/Name`,
  found: `${name}: no name that SageMaker accepts for a ${what}`,
  expected: `a name of 1 to ${longest} letters, digits, - and _`,
  remedy: `give the ${what} such a name, and its references as well`,
});

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html (RoleArn) */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/?[\w+=,.@/-]+$/;

/** What a sample leaves to its reader, such as `<your role>`. */
const FOR_READERS = /^<.*>$/s;

/** The roles of a step that are no ARNs although their field takes one. EMR’s own roles are names. */
function* wrongRoles(step: Step, isTold: (text: string) => boolean): Generator<Mistake> {
  for (const { field, pointer, value } of stepRoles(step)) {
    const isArn =
      typeof value !== 'string' || ROLE_ARN.test(value) || FOR_READERS.test(value) || !isTold(value);
    if (isArn || !/arn$/i.test(field)) continue;
    yield {
      certainty: 'sure',
      pointer,
      step: step.name,
      found: `${value === '' ? 'an empty text' : value}: no ARN of a role`,
      expected: 'arn:aws:iam::<account>:role/<path and name>',
      remedy: 'write the ARN of the role',
    };
  }
}

/** Whether a default can be of a type. Texts that read as one may be accepted: AWS does not document it. */
const CAN_BE: Readonly<Record<string, (value: Json) => boolean>> = {
  String: (value) => typeof value === 'string',
  Integer: (value) => /^-?\d+$/.test(String(value)),
  Float: (value) => String(value).trim() !== '' && Number.isFinite(Number(value)),
  Boolean: (value) => /^(?:true|false)$/i.test(String(value)),
};

function* wrongDefault(
  parameter: JsonObject,
  pointer: string,
  isTold: (text: string) => boolean,
): Generator<Mistake> {
  const type = asText(member(parameter, 'Type')) ?? 'String';
  const value = member(parameter, 'DefaultValue');
  if (value === undefined || value === null || typeof value === 'object' || !isTold(String(value))) return;
  const enumerated = member(parameter, 'EnumValues');
  const at = `${pointer}/DefaultValue`;
  const found = JSON.stringify(value);
  if (Object.hasOwn(CAN_BE, type) && !CAN_BE[type]?.(value))
    yield {
      certainty: type === 'String' ? 'likely' : 'sure',
      pointer: at,
      found,
      expected: `a value of type ${type}`,
      remedy: `give the parameter a default of type ${type}, or another Type`,
    };
  else if (Array.isArray(enumerated) && enumerated.length > 0 && !enumerated.includes(value))
    yield {
      certainty: 'sure',
      pointer: at,
      found,
      expected: 'one of its EnumValues',
      remedy: 'give the parameter a default that is among its EnumValues',
    };
}
