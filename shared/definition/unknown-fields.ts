import { asList, isObject, type Json, type JsonObject, member, pointerToken } from '../json/json.ts';
import { misspelt, nearest } from '../text/suggestion.ts';
import { type Members, requestMembers, structure } from './api-members.ts';
import type { Mistake } from './mistake.ts';
import { type Definition, type Step, stepPointer } from './parse.ts';
import { hasPlaceholder } from './placeholders.ts';
import { isExpressionValue } from './references.ts';
import { BRANCHES } from './step-type-names.ts';

/** The members that a definition has, as the SDKs and the published schema write them. */
const ROOT = ['Version', 'Metadata', 'Parameters', 'PipelineExperimentConfig', 'MlflowConfig', 'Steps'];
const PARAMETER = ['Name', 'Type', 'DefaultValue', 'EnumValues'];

/** The members that steps have, of whatever type. */
const STEP = [
  ...['Name', 'Type', 'Arguments', 'DependsOn', 'DisplayName', 'Description'],
  ...['RetryPolicies', 'CacheConfig', 'PropertyFiles', 'OutputParameters', 'FunctionArn', 'SqsQueueUrl'],
  ...['CheckType', 'ModelPackageGroupName', 'SkipCheck', 'FailOnViolation', 'RegisterNewBaseline'],
  ...['SuppliedBaselineStatistics', 'SuppliedBaselineConstraints'],
];

/** Names that stand where neither SageMaker’s API nor the form of definitions has them. */
export function* unknownFields(root: JsonObject, definition: Definition): Generator<Mistake> {
  const told = (fields: Iterable<Unknown>, step?: Step): Mistake[] =>
    [...fields]
      .filter(({ key }) => !(definition.isTemplate && hasPlaceholder(key)))
      .map((field) => mistakeOf(field, step));
  yield* told(unknownIn(root, ROOT, '', 'a definition'));
  for (const [index, parameter] of asList(member(root, 'Parameters')).entries())
    yield* told(unknownIn(parameter, PARAMETER, `/Parameters/${index}`, 'a parameter'));
  for (const step of definition.steps) {
    const inArguments = requestMembers(step);
    yield* told(
      [...unknownIn(step.raw, STEP, stepPointer(step), 'a step')].filter(({ key }) => !isBranch(key)),
      step,
    );
    if (inArguments)
      yield* told(unknownBelow(step.arguments, inArguments, stepPointer(step, ['Arguments']), step), step);
  }
}

/** Branches at a wrong place are told as steps that nobody runs. */
const isBranch = (key: string): boolean => BRANCHES.some((branch) => branch === key);

/** A member that its holder does not have, and those that it has. */
type Unknown = { key: string; pointer: string; of: string; names: readonly string[]; holder: JsonObject };

function* unknownIn(holder: Json, names: readonly string[], at: string, of: string): Generator<Unknown> {
  if (!isObject(holder) || isExpressionValue(holder)) return;
  for (const key of Object.keys(holder))
    if (!names.includes(key)) yield { key, pointer: `${at}/${pointerToken(key)}`, of, names, holder };
}

/** The same for a request and all structures in it. The depth is that of the API’s own structures. */
function* unknownBelow(value: Json, members: Members, at: string, step: Step): Generator<Unknown> {
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) yield* unknownBelow(entry, members, `${at}/${index}`, step);
    return;
  }
  yield* unknownIn(value, [...members.keys()], at, `the request of a ${step.type} step`);
  if (!isObject(value) || isExpressionValue(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const below = structure(members.get(key));
    if (below) yield* unknownBelow(inner, below, `${at}/${pointerToken(key)}`, step);
  }
}

const mistakeOf = ({ key, pointer, of, names, holder }: Unknown, step: Step | undefined): Mistake => {
  const isPlaced = step !== undefined && of === 'a step' && requestMembers(step)?.has(key) === true;
  const meant = misspelt(key, names);
  // A field in another letter case may be accepted: AWS does not document it.
  const isSure =
    isPlaced ||
    (meant !== undefined && meant.toLowerCase() !== key.toLowerCase() && !Object.hasOwn(holder, meant));
  const near = meant ?? nearest(key, names);
  const expected = isPlaced
    ? `${key} in the Arguments of the step`
    : `a field that the API has${near ? `, such as ${near}` : ''}`;
  return {
    certainty: isSure ? 'sure' : 'likely',
    pointer,
    ...(step && { step: step.name }),
    found: `${key}: ${of} has no such field`,
    expected,
    remedy: isPlaced
      ? `move ${key} into its Arguments`
      : isSure
        ? `write ${meant} in place of ${key}`
        : `take ${key} out, unless SageMaker has had it since this version was made${near ? `, or write ${near}, if that is meant` : ''}`,
  };
};
