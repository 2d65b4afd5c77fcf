import { asList, asText, type Json, member } from '../json/json.ts';
import { keeping, remembered } from '../memo.ts';
import { withoutTrailing } from '../text/trim.ts';
import { knownText, type ResolvedText, type ResolveScope, resolveText, spend } from './expression.ts';
import { entryNamed } from './named-entries.ts';
import type { Definition, Step } from './parse.ts';
import { stepOfReference } from './step-graph.ts';
import type { StepResult } from './step-type-names.ts';
import { stepType } from './step-types.ts';
import { stepBaseName } from './step-values.ts';
import { joined, MAX_REFERENCE, type TextPart, type TextParts } from './text-parts.ts';

/** References can go in circles. */
const MAX_DEPTH = 30;

/**
 * A value as text, where references to what other steps are given or make are followed. What AWS names in a run stays
 * unknown: of a job's name, all that comes after its prefix.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html
 */
export const followText = (value: Json, scope: ResolveScope): ResolvedText => ({
  parts: follow(value, { scope, depth: MAX_DEPTH }).parts,
  parameters: [],
});

/** How many references may still be followed one from the other. */
type Walk = { scope: ResolveScope; depth: number };

/** `height`: how many references were followed one from the other; endless, where one was too deep to be followed. */
type Followed = { parts: TextParts; height: number };

const follow = (value: Json, walk: Walk): Followed => {
  const { parts } = resolveText(value, walk.scope);
  const followed = parts.map((part) => followPart(part, walk));
  const height = followed.reduce((most, each) => Math.max(most, each.height), 0);
  return { parts: joined(followed.flatMap((each) => each.parts)), height };
};

const followPart = (part: TextPart, walk: Walk): Followed =>
  'unknown' in part && part.unknown.startsWith('Steps.')
    ? reached(part.unknown, walk)
    : { parts: [part], height: 0 };

/** What was found of each reference: the whole of it, or as far as it could be followed from some depth. */
const reachedIn = remembered((_scope: ResolveScope) => new Map<string, Followed>());

/** A definition can refer to one step ten thousand times, and that one to the next, and so on. */
const reached = (reference: string, walk: Walk): Followed => {
  const known = reachedIn(walk.scope);
  const whole = known.get(reference);
  if (whole && whole.height <= walk.depth) return whole;
  const atDepth = `${walk.depth} ${reference}`;
  const found = known.get(atDepth) ?? reach(reference, walk);
  known.set(found.height <= walk.depth ? reference : atDepth, found);
  return found;
};

const reach = (reference: string, { scope, depth }: Walk): Followed => {
  const itself: TextParts = [{ unknown: reference }];
  if (depth === 0) return { parts: itself, height: Number.POSITIVE_INFINITY };
  const target = targetOf(reference, scope.definition);
  const found = target && propertyOf(target.step, target.path, { scope, depth: depth - 1 });
  return found
    ? { parts: spend(found.parts, scope), height: found.height + 1 }
    : { parts: itself, height: 0 };
};

/** The first step of each name. */
export const stepNames = remembered(
  (definition: Definition): ReadonlyMap<string, Step> =>
    new Map(definition.steps.toReversed().map((step) => [step.name, step])),
);

/** The step that `Steps.NAME.PATH` is about, and the path below it (`.ModelName`). */
export const targetOf = (
  reference: string,
  definition: Definition,
): { step: Step; path: string } | undefined => {
  if (reference.length > MAX_REFERENCE) return undefined;
  const names = stepNames(definition);
  const step = names.get(stepOfReference(reference, names));
  return step && { step, path: reference.slice('Steps.'.length + step.name.length) };
};

/** A property of a step: what its job makes, and otherwise what its arguments say, under the same name. */
const propertyOf = (step: Step, path: string, walk: Walk): Followed | undefined => {
  const { name, result } = stepType(step.type);
  if (name?.field === `Arguments${path}`) return jobName(step, walk);
  const made = result && RESULTS[result](step, path, walk);
  if (made) return made;
  const value = argumentAt(step, path);
  return value === undefined ? undefined : follow(value, walk);
};

/** How the name of a step's job begins, and what comes behind it. */
const jobName = (step: Step, walk: Walk, rest: TextParts = []): Followed => ({
  parts: joined([...jobNameParts(step, walk.scope), ...rest]),
  height: 0,
});

/** What a job makes below a folder that it is given. */
const below = (root: Json | undefined, tail: TextParts, walk: Walk): Followed | undefined => {
  if (root === undefined) return undefined;
  const folder = follow(root, walk);
  return {
    parts: joined([...withoutSlash(folder.parts), { text: '/' }, ...tail]),
    height: folder.height,
  };
};

const outputPath = (step: Step): Json | undefined =>
  member(member(step.arguments, 'OutputDataConfig'), 'S3OutputPath');

const only = (step: Step, path: string): TextParts[number] => ({ unknown: `Steps.${step.name}${path}` });

/** The names and files that jobs make, by the property that tells them; undefined for any other property. */
const RESULTS: Record<StepResult, (step: Step, path: string, walk: Walk) => Followed | undefined> = {
  'model artifacts': (step, path, walk) => {
    if (path !== '.ModelArtifacts.S3ModelArtifacts') return undefined;
    const isPlain = asText(member(member(step.arguments, 'OutputDataConfig'), 'CompressionType')) === 'NONE';
    const model = isPlain ? '/output/model/' : '/output/model.tar.gz';
    return below(outputPath(step), [...jobNameParts(step, walk.scope), { text: model }], walk);
  },
  'tuned jobs': (step, path, walk) =>
    TUNED_JOB_NAME.test(path) ? jobName(step, walk, [only(step, path)]) : undefined,
  candidates: (step, path, walk) =>
    CANDIDATES.test(path)
      ? below(outputPath(step), [...jobNameParts(step, walk.scope), { text: '/' }, only(step, path)], walk)
      : undefined,
  'quality baseline': (step, path, walk) =>
    baseline(step, path, { Statistics: 'statistics.json', Constraints: 'constraints.json' }, walk),
  'clarify baseline': (step, path, walk) => baseline(step, path, { Constraints: 'analysis.json' }, walk),
};

const TUNED_JOB_NAME = /^\.(BestTrainingJob|TrainingJobSummaries\[\d{1,3}\])\.TrainingJobName$/;
const CANDIDATES = /^\.(BestCandidate|BestCandidateProperties|AutoMLJobArtifacts)\b/;

const baseline = (
  step: Step,
  path: string,
  files: Readonly<Record<string, string>>,
  walk: Walk,
): Followed | undefined => {
  const [, what = ''] = /^\.CalculatedBaseline(Statistics|Constraints)$/.exec(path) ?? [];
  const text = files[what];
  return text === undefined
    ? undefined
    : below(argumentAt(step, '.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri'), [{ text }], walk);
};

/** A folder's URI, so that a slash can follow. */
export const withoutSlash = (parts: TextParts): TextParts => {
  const last = parts.at(-1);
  return last && 'text' in last ? [...parts.slice(0, -1), { text: withoutTrailing(last.text, '/') }] : parts;
};

/**
 * The name that the step's job gets: `<base>-…`, `pipelines-…`, or unknown where AWS has 32 characters for it. Of a base
 * longer than AWS documents only the beginning is relied on.
 */
export const jobNameParts = (step: Step, scope: ResolveScope): TextParts => {
  const { field = 'Name', maxLength = 0, maxPrefixLength = 0 } = stepType(step.type).name ?? {};
  const rest = { unknown: `Steps.${step.name}.${field}` };
  const base = stepBaseName(step);
  if (!base) return maxLength > 32 ? [{ text: 'pipelines-' }, rest] : [rest];
  const resolved = resolveText(base.value, scope);
  const known = knownText(resolved);
  if (known === undefined) return [...resolved.parts, rest];
  return [{ text: known.length > maxPrefixLength ? known.slice(0, maxPrefixLength) : `${known}-` }, rest];
};

const TOKEN = /\.([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|(\d{1,6}))\]/g;

/** The value at a path as references write it: `.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri`. */
const argumentAt = (step: Step, path: string): Json | undefined => {
  const keys = paths(path, () => keysOf(path));
  if (keys === NO_PATH) return undefined;
  return keys.reduce<Json | undefined>(
    (value, key) => (typeof key === 'string' ? named(value, key) : asList(value)[key]),
    step.arguments,
  );
};

/** Pipelines are alike: they refer to the same properties. */
const paths = keeping<readonly (string | number)[]>(1000);

const NO_PATH: readonly never[] = [];

/** The names and indexes that a path is made of; `NO_PATH` where it has another form. */
const keysOf = (path: string): readonly (string | number)[] => {
  const tokens = [...path.matchAll(TOKEN)];
  if (tokens.map(([token]) => token).join('') !== path) return NO_PATH;
  return tokens.map(([, field, single, double, index]) =>
    index === undefined ? (field ?? single ?? double ?? '') : Number(index),
  );
};

const named = (value: Json | undefined, name: string): Json | undefined =>
  Array.isArray(value) ? entryNamed(value, 'any', name) : member(value, name);
