import { literalText } from '../iam/policy/literal-text.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { oncePer, remembered, rememberedPart } from '../memo.ts';
import type { Definition } from './parse.ts';
import { templateParts } from './placeholders.ts';
import { joinedParts, lengthOf, type TextPart, type TextParts } from './text-parts.ts';

/** What is known while an expression is resolved. */
export type ResolveScope = {
  definition: Definition;
  /** The values that an execution was started with; they replace the parameters' defaults. */
  parameters: Readonly<Record<string, string>>;
  pipelineName?: string;
  executionId?: string;
};

/** The scope of a pipeline's definition or, with `parameters`, of one of its executions. */
export const resolveScope = (
  definition: Definition,
  pipelineName?: string,
  parameters: Readonly<Record<string, string>> = {},
): ResolveScope =>
  Object.keys(parameters).length > 0
    ? { definition, parameters, ...(pipelineName !== undefined && { pipelineName }) }
    : scopesOf(definition)(pipelineName);

/** One scope for all controls, so that what each of them resolves is resolved once. */
const scopesOf = remembered((definition: Definition) =>
  oncePer(
    (pipelineName: string | undefined): ResolveScope => ({
      definition,
      parameters: {},
      ...(pipelineName !== undefined && { pipelineName }),
    }),
  ),
);

/** A text as far as it is known, and the names of all parameters that it depends on, without repetition. */
export type ResolvedText = { parts: TextParts; parameters: readonly string[] };

const EXECUTION_ID_LENGTH = 12;

/**
 * Resolves a value to text: a literal, `Get`, `Std:Join`, or `Std:JsonGet` (known only in a run). Of a text that is
 * longer than any that SageMaker accepts, only the beginning is known. All texts of one definition share a budget of
 * characters.
 */
export const resolveText = (value: Json, scope: ResolveScope): ResolvedText =>
  isObject(value) ? resolvedIn(scope)(value) : resolve(value, scope);

/** Resolved texts are remembered, because controls, needs and references ask for the same ones. */
const resolvedIn = remembered((scope: ResolveScope) =>
  rememberedPart((value: JsonObject): ResolvedText => {
    const { parts, parameters } = resolve(value, scope);
    return { parts: spend(parts, scope), parameters };
  }),
);

/** Keeps its own stack, because joins can be nested deeper than the call stack. */
const resolve = (value: Json, scope: ResolveScope): ResolvedText => {
  const { parts, add: addPart } = joinedParts();
  const add = (part: TextPart): void => {
    if ('text' in part && scope.definition.isTemplate) templateParts(part.text).forEach(addPart);
    else addPart(part);
  };
  const parameters = new Set<string>();
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const literal = asText(next);
    const reference = member(next, 'Get');
    const join = member(next, 'Std:Join');
    if (literal !== undefined) add({ text: literal });
    else if (isObject(next) && Object.keys(next).length > 1) add({ unknown: SEVERAL_FORMS });
    else if (typeof reference === 'string') {
      if (reference.startsWith(PARAMETERS)) parameters.add(reference.slice(PARAMETERS.length));
      add(referredPart(reference, scope));
    } else if (isObject(join)) pushReversed(pending, joinedValues(join));
    else add({ unknown: whatIsUnknown(next) });
  }
  return { parts, parameters: [...parameters] };
};

/** The values of a join, with its separator between them. */
const joinedValues = (join: Json): Json[] => {
  const on = asText(member(join, 'On')) ?? '';
  const values = asList(member(join, 'Values'));
  return on === '' ? values : values.flatMap((value, index) => (index === 0 ? [value] : [on, value]));
};

const pushReversed = (pending: Json[], values: readonly Json[]): void => {
  for (let index = values.length - 1; index >= 0; index--) pending.push(values[index] ?? null);
};

const whatIsUnknown = (value: Json): string =>
  member(value, 'Std:JsonGet') !== undefined
    ? 'Std:JsonGet'
    : isObject(value)
      ? 'an expression of unknown form'
      : 'a value that is not text';

const SEVERAL_FORMS = 'an expression of several forms at once';

const PARAMETERS = 'Parameters.';

const referredPart = (reference: string, scope: ResolveScope): TextPart => {
  if (reference.startsWith(PARAMETERS)) {
    const name = reference.slice(PARAMETERS.length);
    const override = Object.hasOwn(scope.parameters, name) ? scope.parameters[name] : undefined;
    const text = override ?? scope.definition.parameters.get(name)?.defaultValue;
    return text === undefined ? { unknown: reference } : { text };
  }
  if (reference === 'Execution.PipelineName' && scope.pipelineName !== undefined)
    return { text: scope.pipelineName };
  if (reference === 'Execution.PipelineExecutionId')
    return scope.executionId === undefined
      ? { unknown: reference, length: EXECUTION_ID_LENGTH, isName: true }
      : { text: scope.executionId };
  return { unknown: reference, ...(NAMES_OF_EXECUTION.has(reference) && { isName: true }) };
};

/** https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html */
const NAMES_OF_EXECUTION: ReadonlySet<string> = new Set([
  'Execution.PipelineName',
  'Execution.StartDateTime',
  'Execution.CurrentDateTime',
]);

/** The budget for all resolved texts of one definition; a large definition of 50 steps uses a tenth of it. */
const MAX_PRODUCED = 4_000_000;

const producedIn = remembered((_scope: ResolveScope) => ({ characters: 0 }));

/**
 * The parts, as long as the definition's budget is not used up; then an unknown. The budget stops a definition that
 * names a parameter of a thousand characters ten thousand times.
 */
export const spend = (parts: TextParts, scope: ResolveScope): TextParts => {
  const produced = producedIn(scope);
  produced.characters += lengthOf(parts);
  return produced.characters > MAX_PRODUCED ? TOO_MUCH : parts;
};

const TOO_MUCH: TextParts = [
  {
    unknown: `a text that was not read, as the definition's texts have more than ${MAX_PRODUCED} characters`,
  },
];

/**
 * Whether a text must be judged. A pipeline's texts always are; those of an execution only where they depend on a
 * value that the execution was started with, because all others are judged with the pipeline.
 */
export const concerns = (
  { parameters }: ResolvedText,
  overrides: Readonly<Record<string, string>>,
): boolean => {
  const names = Object.keys(overrides);
  return names.length === 0 || names.some((name) => parameters.includes(name));
};

/** The text, if all of it is known. */
export const knownText = ({ parts }: ResolvedText): string | undefined =>
  parts.every((part) => 'text' in part)
    ? parts.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined;

/** The text before its first unknown part. */
export const leadingText = ({ parts }: ResolvedText): string => {
  const end = parts.findIndex((part) => 'unknown' in part);
  return (end < 0 ? parts : parts.slice(0, end)).map((part) => ('text' in part ? part.text : '')).join('');
};

/** The text's length: exact, or the least that it can be. */
export const textLength = ({ parts }: ResolvedText): { least: number; exact: boolean } => {
  const lengths = parts.map((part) => ('text' in part ? part.text.length : part.length));
  return {
    least: lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0),
    exact: !lengths.includes(undefined),
  };
};

/** The text for display, with `{…}` for unknown parts: `eval-{Execution.PipelineExecutionId}`. */
export const displayText = ({ parts }: ResolvedText): string =>
  parts.map((part) => ('text' in part ? part.text : `{${part.unknown}}`)).join('');

/** A policy pattern that matches every value the text can have in a run. */
export const patternOf = ({ parts }: ResolvedText): string =>
  parts.map((part) => ('text' in part ? literalText(part.text) : '*')).join('');
