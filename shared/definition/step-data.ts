import { asText, isObject, type Json, member } from '../json.ts';
import { knownText, type ResolvedText, type ResolveScope, resolveText } from './expression.ts';
import type { Step } from './parse.ts';
import { stepGraph, stepOfReference } from './step-graph.ts';
import { stepKeys, stepRoles, stepS3References } from './step-values.ts';

/** A place in S3 that a step reads or writes, as far as it is known. */
export type DataPlace = {
  direction: 'input' | 'output';
  /** JSON pointer in the definition. */
  pointer: string;
  bucket: string;
  /** Pattern of the key, or of the prefix that keys begin with: `*` for what only a run can tell, `${*}` for a star. */
  keyPattern: string;
  /** One object, and not a prefix under which objects lie. */
  isObject: boolean;
};

/** A KMS key that a step names, where the text is wholly known: an id, an ARN or an alias. */
export type StepKey = { pointer: string; key: string; use: 'output' | 'volume' };

/** What a step reads, writes and encrypts with; `open` is what only a run can tell. */
export type StepData = {
  places: DataPlace[];
  keys: StepKey[];
  open: { pointer: string; reason: string }[];
};

/** References to what other steps write can be circular in a hostile definition. */
const MAX_FOLLOWED = 8;

export const stepData = (step: Step, scope: ResolveScope): StepData => {
  const data: StepData = { places: [], keys: [], open: [] };
  for (const { value, pointer, direction, field, item } of stepS3References(step)) {
    const uri = patternOfUri(value, scope, 0);
    if (uri === undefined || !uri.startsWith('s3://')) {
      if (uri === undefined || uri.startsWith('*'))
        data.open.push({ pointer, reason: `${step.name}: where in S3 this lies is only known in a run` });
      continue;
    }
    const [, bucket = '', keyPattern = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(uri) ?? [];
    if (!BUCKET_NAME.test(bucket)) {
      data.open.push({ pointer, reason: `${step.name}: the bucket is only known in a run` });
      continue;
    }
    const isObject = direction === 'input' && isOneObject(field, item, keyPattern);
    data.places.push({ direction, pointer, bucket, keyPattern, isObject });
  }
  for (const { value, pointer, use } of stepKeys(step)) {
    const key = knownText(resolveText(value, scope));
    if (key === undefined)
      data.open.push({ pointer, reason: `${step.name}: the KMS key is only known in a run` });
    else if (key !== '') data.keys.push({ pointer, key, use });
  }
  return data;
};

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** A manifest is read itself; a model’s archive is one file; elsewhere S3 takes a URI for what keys begin with. */
const isOneObject = (field: string, item: Json | undefined, keyPattern: string): boolean => {
  const type = asText(member(member(member(item, 'DataSource'), 'S3DataSource'), 'S3DataType'));
  const isManifest = type === 'ManifestFile' || type === 'AugmentedManifestFile';
  const isFile = /\.(tar\.gz|gz|zip|json|csv|jar|py|manifest)$/.test(keyPattern);
  return isManifest || (isFile && !keyPattern.endsWith('/')) || (field.endsWith('ModelDataUrl') && isFile);
};

/** A URI as a pattern; what refers to another step's output is where that step writes it. */
const patternOfUri = (value: Json, scope: ResolveScope, depth: number): string | undefined => {
  if (depth > MAX_FOLLOWED) return undefined;
  const reference = asText(member(value, 'Get'));
  if (reference?.startsWith('Steps.')) return writtenBy(reference, scope, depth);
  const join = member(value, 'Std:Join');
  if (isObject(join)) {
    const values = member(join, 'Values');
    const parts = (Array.isArray(values) ? values : []).map(
      (part) => patternOfUri(part, scope, depth + 1) ?? '*',
    );
    return parts.join(literal(asText(member(join, 'On')) ?? ''));
  }
  return patternOfText(resolveText(value, scope));
};

const patternOfText = ({ parts }: ResolvedText): string =>
  parts.map((part) => ('text' in part ? literal(part.text) : '*')).join('');

const literal = (text: string): string =>
  text.replaceAll(/\$(?=\{)|[*?]/g, (character) => `\${${character}}`);

const OUTPUT_BY_NAME = /^ProcessingOutputConfig\.Outputs\['(.+?)'\]\.S3Output\.S3Uri$/s;

/** Where the step that a reference names writes what is referred to; `*` where only a run can tell. */
const writtenBy = (reference: string, scope: ResolveScope, depth: number): string | undefined => {
  const { steps } = scope.definition;
  const name = stepOfReference(reference, new Set(steps.map((step) => step.name)));
  const step = steps.find((each) => each.name === name);
  if (!step) return undefined;
  const path = reference.slice(`Steps.${name}.`.length);
  const args = step.arguments;
  const follow = (at: Json | undefined): string | undefined =>
    at === undefined ? undefined : patternOfUri(at, scope, depth + 1);
  const [, outputName] = OUTPUT_BY_NAME.exec(path) ?? [];
  if (outputName !== undefined) {
    const outputs = member(member(args, 'ProcessingOutputConfig'), 'Outputs');
    const output = (Array.isArray(outputs) ? outputs : []).find(
      (each) => asText(member(each, 'OutputName')) === outputName,
    );
    return follow(member(member(output, 'S3Output'), 'S3Uri'));
  }
  if (path === 'ModelArtifacts.S3ModelArtifacts') {
    const folder = follow(member(member(args, 'OutputDataConfig'), 'S3OutputPath'));
    return folder === undefined ? undefined : `${folder.replace(/\/+$/, '')}/*/output/model.tar.gz`;
  }
  const found = path.split('.').reduce<Json | undefined>((at, key) => member(at, key), args);
  return found === undefined ? '*' : follow(found);
};

/**
 * The roles under which a step's jobs run, which read and write its data: its own, else the pipeline's execution role.
 * A transform job runs under its model's role. None for a step that touches no data under a role of the account.
 */
export const dataRoles = (
  step: Step,
  scope: ResolveScope,
  executionRoleArn: string,
): { role: string | undefined; pointer: string }[] => {
  if (step.type === 'Transform') return modelRoles(step, scope, executionRoleArn);
  if (!RUNS_UNDER_A_ROLE.has(step.type)) return [];
  const named = stepRoles(step)
    .filter(({ field }) => OWN_ROLE.test(field))
    .map(({ value, pointer }) => ({ role: knownText(resolveText(value, scope)), pointer }));
  return named.length > 0 ? named : [{ role: executionRoleArn, pointer: '' }];
};

const RUNS_UNDER_A_ROLE: ReadonlySet<string> = new Set([
  'Training',
  'Processing',
  'QualityCheck',
  'ClarifyCheck',
  'Tuning',
  'AutoML',
  'Model',
]);

const OWN_ROLE =
  /^Arguments\.(RoleArn|ExecutionRoleArn|TrainingJobDefinition\.RoleArn|TrainingJobDefinitions\[\]\.RoleArn)$/;

const modelRoles = (
  step: Step,
  scope: ResolveScope,
  executionRoleArn: string,
): { role: string | undefined; pointer: string }[] => {
  const reference = asText(member(member(step.arguments, 'ModelName'), 'Get')) ?? '';
  const { steps } = scope.definition;
  const name = stepOfReference(reference, new Set(steps.map((each) => each.name)));
  const model = steps.find((each) => each.name === name && each.type === 'Model');
  return model ? dataRoles(model, scope, executionRoleArn) : [];
};

/**
 * For each step, the steps that the definition relates to it directly: by a reference to the other's output, either
 * way, by DependsOn, by the Condition that holds it, or by a place in S3 that both name.
 */
export const relatedSteps = (scope: ResolveScope): Map<Step, ReadonlySet<Step>> => {
  const { steps } = scope.definition;
  const byName = new Map<string, Step[]>();
  for (const step of steps) byName.set(step.name, [...(byName.get(step.name) ?? []), step]);
  const related = new Map<Step, Set<Step>>(steps.map((step) => [step, new Set()]));
  const relate = (one: Step, other: Step): void => {
    related.get(one)?.add(other);
    related.get(other)?.add(one);
  };
  for (const { from, to } of stepGraph(scope.definition).edges)
    for (const one of byName.get(from) ?? []) for (const other of byName.get(to) ?? []) relate(one, other);
  const placed = steps.map((step) => ({ step, places: stepData(step, scope).places }));
  for (const [index, one] of placed.entries())
    for (const other of placed.slice(index + 1))
      if (one.places.some((place) => other.places.some((at) => isShared(place, at))))
        relate(one.step, other.step);
  return related;
};

/** Whether one place lies in the other, and one of the steps writes what the other reads. */
const isShared = (one: DataPlace, other: DataPlace): boolean =>
  one.bucket === other.bucket &&
  one.direction !== other.direction &&
  (isIn(one.keyPattern, other.keyPattern) || isIn(other.keyPattern, one.keyPattern));

const isIn = (inner: string, outer: string): boolean =>
  inner === outer || (outer !== '' && inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`));
