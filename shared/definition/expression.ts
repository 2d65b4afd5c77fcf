import { literalText } from '../iam/policy/literal-text.ts';
import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import type { Definition } from './parse.ts';

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

/** A run of text that is known, or a reference whose value is not known here (with its length, where that is fixed). */
type Part = { text: string } | { unknown: string; length?: number };

/** A text as far as it can be known. */
export type ResolvedText = { parts: Part[]; parameters: string[] };

const EXECUTION_ID_LENGTH = 12;
const MAX_EXPRESSION_DEPTH = 50;

/**
 * A value as text: a literal, `Get`, `Std:Join`, or `Std:JsonGet` (never known before the run). `parameters` names the
 * parameters that it hangs on.
 */
export const resolveText = (value: Json, scope: ResolveScope, depth = 0): ResolvedText => {
  const literal = asText(value);
  if (literal !== undefined) return { parts: [{ text: literal }], parameters: [] };
  if (depth > MAX_EXPRESSION_DEPTH || !isObject(value)) return unknown('a value that is not text');
  if (Object.keys(value).length > 1) return unknown('an expression of several forms at once');
  const reference = member(value, 'Get');
  if (typeof reference === 'string') return resolveGet(reference, scope);
  const join = member(value, 'Std:Join');
  if (isObject(join)) return resolveJoin(join, scope, depth);
  if (member(value, 'Std:JsonGet') !== undefined) return unknown('Std:JsonGet');
  return unknown('an expression of unknown form');
};

const unknown = (what: string, length?: number): ResolvedText => ({
  parts: [{ unknown: what, ...(length === undefined ? {} : { length }) }],
  parameters: [],
});

const resolveGet = (reference: string, scope: ResolveScope): ResolvedText => {
  if (reference.startsWith('Parameters.')) {
    const name = reference.slice('Parameters.'.length);
    const override = Object.hasOwn(scope.parameters, name) ? scope.parameters[name] : undefined;
    const text = override ?? scope.definition.parameters.get(name)?.defaultValue;
    return { parts: [text === undefined ? { unknown: reference } : { text }], parameters: [name] };
  }
  if (reference === 'Execution.PipelineName' && scope.pipelineName !== undefined) {
    return { parts: [{ text: scope.pipelineName }], parameters: [] };
  }
  if (reference === 'Execution.PipelineExecutionId') {
    if (scope.executionId !== undefined) return { parts: [{ text: scope.executionId }], parameters: [] };
    return unknown(reference, EXECUTION_ID_LENGTH);
  }
  return unknown(reference);
};

const resolveJoin = (join: Json, scope: ResolveScope, depth: number): ResolvedText => {
  const on = asText(member(join, 'On')) ?? '';
  const resolved = asList(member(join, 'Values')).map((value) => resolveText(value, scope, depth + 1));
  return {
    parts: resolved.flatMap(({ parts }, index) =>
      index === 0 || on === '' ? parts : [{ text: on }, ...parts],
    ),
    parameters: resolved.flatMap(({ parameters }) => parameters),
  };
};

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
