import { asList, asText, type Json, member } from '../json/json.ts';
import { remembered } from '../memo.ts';
import { withoutTrailing } from '../text/trim.ts';
import { knownText, type ResolvedText, type ResolveScope, resolveText, spend } from './expression.ts';
import { entryNamed } from './named-entries.ts';
import type { Definition, Step } from './parse.ts';
import { referenceKeys } from './reference-keys.ts';
import { stepOfReference } from './step-graph.ts';
import type { StepResult } from './step-type-names.ts';
import { stepType } from './step-types.ts';
import { stepBaseName } from './step-values.ts';
import { joined, MAX_REFERENCE, type TextPart, type TextParts } from './text-parts.ts';

/** References can form circles. */
const MAX_DEPTH = 30;

/**
 * Resolves a value to text and follows references to other steps' arguments and results. Texts that AWS chooses in a
 * run stay unknown, such as the part of a job's name after its prefix.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html
 */
export const followText = (value: Json, scope: ResolveScope): ResolvedText => ({
  parts: follow(value, { scope, depth: MAX_DEPTH }).parts,
  parameters: [],
});

/** `depth`: how many more references may be followed from one to the next. */
type Walk = { scope: ResolveScope; depth: number };

/** `height`: how many references were followed from one to the next; infinite where the depth did not suffice. */
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

/** What each reference resolved to: completely, or from a certain depth only. */
const reachedIn = remembered((_scope: ResolveScope) => new Map<string, Followed>());

/**
 * Results are remembered, because a definition can name one step ten thousand times, this step the next one, and so
 * on.
 */
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

/** Steps by name. If several steps have the same name, the first one counts. */
export const stepNames = remembered(
  (definition: Definition): ReadonlyMap<string, Step> =>
    new Map(definition.steps.toReversed().map((step) => [step.name, step])),
);

/** The step that `Steps.NAME.PATH` names, and the path in this step (`.ModelName`). */
export const targetOf = (
  reference: string,
  definition: Definition,
): { step: Step; path: string } | undefined => {
  if (reference.length > MAX_REFERENCE) return undefined;
  const names = stepNames(definition);
  const step = names.get(stepOfReference(reference, names));
  return step && { step, path: reference.slice('Steps.'.length + step.name.length) };
};

/** A property of a step: what its job makes, else the argument of the same name. */
const propertyOf = (step: Step, path: string, walk: Walk): Followed | undefined => {
  const { name, result } = stepType(step.type);
  if (name?.field === `Arguments${path}`) return jobName(step, walk);
  const made = result && RESULTS[result](step, path, walk);
  if (made) return made;
  const value = argumentAt(step, path);
  return value === undefined ? undefined : follow(value, walk);
};

/** The beginning of the name of a step's job, followed by `rest`. */
const jobName = (step: Step, walk: Walk, rest: TextParts = []): Followed => ({
  parts: joined([...jobNameParts(step, walk.scope), ...rest]),
  height: 0,
});

/** A file that a job makes in a folder from its arguments. */
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

/** The names and files that jobs make, by the property that refers to them; undefined for other properties. */
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

/** The parts of a folder's URI without a slash at the end, so that the caller can add one. */
export const withoutSlash = (parts: TextParts): TextParts => {
  const last = parts.at(-1);
  return last && 'text' in last ? [...parts.slice(0, -1), { text: withoutTrailing(last.text, '/') }] : parts;
};

/**
 * The name that SageMaker gives to the step's job: `<base>-…`, `pipelines-…`, or unknown where names have 32
 * characters. Of a base longer than AWS documents, only the beginning is sure to be in the name.
 */
export const jobNameParts = (step: Step, scope: ResolveScope): TextParts => {
  const { field = 'Name', maxLength = 0, maxPrefixLength = 0 } = stepType(step.type).name ?? {};
  const rest: TextPart = { unknown: `Steps.${step.name}.${field}`, isName: true };
  const base = stepBaseName(step);
  if (!base) return maxLength > 32 ? [{ text: 'pipelines-' }, rest] : [rest];
  const resolved = resolveText(base.value, scope);
  const known = knownText(resolved);
  if (known === undefined)
    return [
      ...resolved.parts.map((part) => ('text' in part ? part : { ...part, isName: true as const })),
      rest,
    ];
  return [{ text: known.length > maxPrefixLength ? known.slice(0, maxPrefixLength) : `${known}-` }, rest];
};

/** The value of an argument at a path as in references: `.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri`. */
const argumentAt = (step: Step, path: string): Json | undefined => {
  const keys = referenceKeys(path);
  return keys.length === 0
    ? undefined
    : keys.reduce<Json | undefined>(
        (value, { key }) => (typeof key === 'string' ? named(value, key) : asList(value)[key]),
        step.arguments,
      );
};

const named = (value: Json | undefined, name: string): Json | undefined =>
  Array.isArray(value) ? entryNamed(value, 'any', name) : member(value, name);
