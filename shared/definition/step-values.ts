import { asList, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { oncePer, remembered } from '../memo.ts';
import { itemValues } from './for-each.ts';
import { type Step, stepPointer } from './parse.ts';
import { type PathSegment, pathSegments } from './path-segments.ts';
import { BRANCHES } from './step-type-names.ts';
import { stepType } from './step-types.ts';
import { type ObjectWithin, objectsIn } from './walk-values.ts';

/** A value in a step, and its place. The value may be an expression. */
export type Located = { pointer: string; field: string; value: Json; item?: Json; holder: Json };

/**
 * The values at a path in a step. A field marked with `[]` may hold one element in place of a list; null counts as
 * absent. `item` is the element of the innermost list that contains the value, `holder` the object that has the
 * field.
 */
export const valuesAt = (step: Step, path: string): readonly Located[] =>
  mayHold(step.raw, path) ? valuesIn(step)(path) : NONE;

const NONE: readonly Located[] = [];

/** Most steps have few of the fields that are asked for. What a step lacks is not kept: that would be most of what is kept. */
const mayHold = (raw: Json, path: string): boolean => {
  let holder: Json | undefined = raw;
  for (const { key } of pathSegments(path)) {
    if (Array.isArray(holder)) return true;
    holder = member(holder, key);
    if (holder === undefined || holder === null) return false;
  }
  return true;
};

/** Remembered, because needs, keys, roles and controls ask for the same paths. */
const valuesIn = remembered((step: Step) =>
  oncePer((path): readonly Located[] =>
    writtenAt(step, path).flatMap((located) => {
      const values = itemValues(step, located.value);
      return values.length === 1 && values[0] === located.value
        ? located
        : values.map((value) => ({ ...located, value }));
    }),
  ),
);

/** The values as they are written: one that names the current item of a ForEach is not filled in. */
const writtenAt = (step: Step, path: string): Located[] => {
  const found: Located[] = [];
  const wanted = pathSegments(path);
  const place: (string | number)[] = [];
  const walk = (holder: Json, depth: number, item?: Json): void => {
    const { key, isListField } = wanted[depth] as PathSegment;
    const value = member(holder, key);
    if (value === undefined || value === null) return;
    place.push(key);
    if (!isListField) reach(value, depth, holder, item);
    else if (!Array.isArray(value)) reach(value, depth, holder, value);
    else
      for (let index = 0; index < value.length; index++) {
        const element = value[index] as Json;
        place.push(index);
        reach(element, depth, holder, element);
        place.pop();
      }
    place.pop();
  };
  const reach = (value: Json, depth: number, holder: Json, item?: Json): void => {
    if (depth + 1 < wanted.length) walk(value, depth + 1, item);
    else {
      const located = { pointer: stepPointer(step, place), field: path, value, holder };
      found.push(item === undefined ? located : { ...located, item });
    }
  };
  walk(step.raw, 0);
  return found;
};

const valuesOf = (step: Step, paths: readonly string[]): Located[] =>
  paths.flatMap((path) => valuesAt(step, path));

/** The roles that a step names. Remembered, because controls and needs ask for the same steps. */
export const stepRoles = remembered((step: Step): Located[] => valuesOf(step, stepType(step.type).roles));

/** The base job name of a job step; undefined if the step has none. Where each item of a ForEach gives another, it is not known. */
export const stepBaseName = remembered((step: Step): Located | undefined => {
  const path = stepType(step.type).name?.field;
  if (path === undefined) return undefined;
  const [only, ...others] = valuesAt(step, path);
  return others.length === 0 ? only : writtenAt(step, path)[0];
});

/** The container images that a step names. */
export const stepImages = (step: Step): Located[] => valuesOf(step, stepType(step.type).images);

/** An S3 place that a step reads from or writes to. */
export type S3Reference = Located & { direction: 'input' | 'output'; contentType?: Json };

/** All S3 places of a step, with the content type that an input's channel declares. */
export const stepS3References = remembered((step: Step): S3Reference[] => {
  const { inputs: inputPaths, outputs: outputPaths } = stepType(step.type);
  const inputs = valuesOf(step, inputPaths).map((at): S3Reference => {
    const contentType =
      member(at.item, 'ContentType') ?? member(member(step.arguments, 'TransformInput'), 'ContentType');
    return { ...at, direction: 'input', ...(contentType === undefined ? {} : { contentType }) };
  });
  const outputs = valuesOf(step, outputPaths).map((at): S3Reference => ({ ...at, direction: 'output' }));
  return [...inputs, ...outputs].filter(({ value }) => isObject(value) || typeof value === 'string');
});

/** All objects in a step, including expressions. Steps in its branches are left out: they are steps of their own. */
export const objectsWithin = remembered((step: Step): readonly JsonObject[] => {
  const found: JsonObject[] = [];
  const stack: Json[] = [];
  const { branches } = stepType(step.type);
  for (const [key, value] of Object.entries(step.raw)) if (key !== 'Arguments') stack.push(value);
  for (const [key, value] of Object.entries(step.arguments))
    if (!branches.some((branch) => branch === key)) stack.push(value);
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const element of value) stack.push(element);
      continue;
    }
    found.push(value);
    for (const key of Object.keys(value)) stack.push(value[key] as Json);
  }
  return found;
});

/**
 * All objects in a step with their places in it, in document order. Steps in its branches are left out: they are steps of their own,
 * whatever the type of the step that holds them.
 */
export const placedObjectsIn = (step: Step): Iterable<ObjectWithin> =>
  objectsIn(
    step.raw,
    (object, key) => object !== step.arguments || !BRANCHES.some((branch) => branch === key),
  );

/** The objects in a step that have one of these members, in the order of `objectsWithin`. */
export const objectsWith = (step: Step, ...keys: readonly string[]): readonly JsonObject[] =>
  keys.some((key) => keysWithin(step).has(key))
    ? objectsWithin(step).filter((value) => keys.some((key) => Object.hasOwn(value, key)))
    : [];

const keysWithin = remembered(
  (step: Step): ReadonlySet<string> => new Set(objectsWithin(step).flatMap((value) => Object.keys(value))),
);

/** How often a step is retried at most; 0 without retry policies. Source: Retry Policy for Pipeline Steps. */
export const stepMaxRetries = (step: Step): number =>
  asList(member(step.raw, 'RetryPolicies')).reduce<number>((most, policy) => {
    const attempts = member(policy, 'MaxAttempts');
    return Math.max(most, typeof attempts === 'number' ? attempts : DEFAULT_MAX_ATTEMPTS);
  }, 0);

const DEFAULT_MAX_ATTEMPTS = 5;
