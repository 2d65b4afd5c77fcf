import { literalText } from '../iam/policy/literal-text.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { remembered } from '../memo.ts';
import type { Definition } from './parse.ts';
import { templateParts } from './placeholders.ts';
import { joinedParts, lengthOf, type TextPart, type TextParts } from './text-parts.ts';

/** What is known when an expression is resolved. */
export type ResolveScope = {
  definition: Definition;
  /** The values that an execution was started with; they stand before the defaults. */
  parameters: Readonly<Record<string, string>>;
  pipelineName?: string;
  executionId?: string;
};

/** The scope of a pipeline's definition, or of an execution with its own parameters. */
export const resolveScope = (
  definition: Definition,
  pipelineName?: string,
  parameters: Readonly<Record<string, string>> = {},
): ResolveScope => ({ definition, parameters, ...(pipelineName === undefined ? {} : { pipelineName }) });

/** A text as far as it can be known, and the names of all parameters that it hangs on, each once. */
export type ResolvedText = { parts: TextParts; parameters: readonly string[] };

const EXECUTION_ID_LENGTH = 12;

/**
 * A value as text: a literal, `Get`, `Std:Join`, or `Std:JsonGet` (never known before the run). Of a text that is longer
 * than any that SageMaker takes, the beginning is known; of all texts of a definition together, so many characters are.
 */
export const resolveText = (value: Json, scope: ResolveScope): ResolvedText =>
  isObject(value) ? resolvedIn(scope)(value) : resolve(value, scope);

/** Controls, needs and references ask for the same texts in turn. */
const resolvedIn = remembered((scope: ResolveScope) =>
  remembered((value: JsonObject): ResolvedText => {
    const { parts, parameters } = resolve(value, scope);
    return { parts: spend(parts, scope), parameters };
  }),
);

/** Walks with a list of its own, as joins can be nested deeper than the call stack. */
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

/** What a join puts together, in order; its separator only stands between two of them. */
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
      ? { unknown: reference, length: EXECUTION_ID_LENGTH }
      : { text: scope.executionId };
  return { unknown: reference };
};

/** All that the expressions of one definition may stand for together; a large one of 50 steps has a tenth of it. */
const MAX_PRODUCED = 4_000_000;

const producedIn = remembered((_scope: ResolveScope) => ({ characters: 0 }));

/**
 * The parts, where the definition's budget leaves room for them: a parameter of a thousand characters that is named ten
 * thousand times is no longer read then, so that whatever hangs on it is not known.
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
 * Whether the text is to be judged: for a pipeline always, and for an execution only where it hangs on a value that the
 * execution was started with, as everything else is the pipeline's own and judged there.
 */
export const concerns = (
  { parameters }: ResolvedText,
  overrides: Readonly<Record<string, string>>,
): boolean => {
  const names = Object.keys(overrides);
  return names.length === 0 || names.some((name) => parameters.includes(name));
};

/** The whole text, where all of it is known. */
export const knownText = ({ parts }: ResolvedText): string | undefined =>
  parts.every((part) => 'text' in part)
    ? parts.map((part) => ('text' in part ? part.text : '')).join('')
    : undefined;

/** The text up to the first part that is not known. */
export const leadingText = ({ parts }: ResolvedText): string => {
  const end = parts.findIndex((part) => 'unknown' in part);
  return (end < 0 ? parts : parts.slice(0, end)).map((part) => ('text' in part ? part.text : '')).join('');
};

/** How long the text is: exactly, or at least. */
export const textLength = ({ parts }: ResolvedText): { least: number; exact: boolean } => {
  const lengths = parts.map((part) => ('text' in part ? part.text.length : part.length));
  return {
    least: lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0),
    exact: !lengths.includes(undefined),
  };
};

/** The text for a reader, with `{…}` where it is not known: `eval-{Execution.PipelineExecutionId}`. */
export const displayText = ({ parts }: ResolvedText): string =>
  parts.map((part) => ('text' in part ? part.text : `{${part.unknown}}`)).join('');

/** A text as the pattern of all that it can be in a run. */
export const patternOf = ({ parts }: ResolvedText): string =>
  parts.map((part) => ('text' in part ? literalText(part.text) : '*')).join('');
