import {
  displayText,
  leadingText,
  patternOf,
  type ResolvedText,
  type ResolveScope,
  resolveText,
} from '../definition/expression.ts';
import { entryNamed } from '../definition/named-entries.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { followText, stepNames, withoutSlash } from '../definition/step-reference.ts';
import { objectsWith } from '../definition/step-values.ts';
import type { Scope } from '../domain/scope.ts';
import { asText, type Json, member } from '../json/json.ts';
import { decryptNeeds, lastingPlace, S3_REQUEST } from './data-needs.ts';
import type { Need, UnknownNeed } from './need.ts';

/**
 * What the execution role must read for the `JsonGet`s of a step: the files of other steps' outputs, or of S3. A file
 * whose bucket is not told is in `open`, for people, and in `untold`, as the pattern of all files that it may be.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-propertyfile.html
 */
export const jsonGetNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
): { needs: Need[]; untold: Need[]; open: UnknownNeed[] } => {
  const needs: Need[] = [];
  const untold: Need[] = [];
  const open: UnknownNeed[] = [];
  for (const value of objectsWith(step, 'Std:JsonGet')) {
    const get = member(value, 'Std:JsonGet') ?? null;
    const file = fileOf(get, scope);
    const object = file && objectArn(file.map(patternOf).join('/'), place);
    if (object)
      needs.push(
        { action: ACTION, ...lastingPlace(object), request: S3_REQUEST, ...ONE_OF },
        ...decryptNeeds(file.map(displayText).join('/').slice(SCHEME.length), scope, place),
      );
    else {
      const why =
        file === undefined ? 'is of no step’s property files' : 'is in a bucket that only a run can tell';
      untold.push({ action: ACTION, resource: possibleObjects(file, place), request: S3_REQUEST, ...ONE_OF });
      open.push({
        pointer: stepPointer(step),
        reason: `${step.name}: the file of a JsonGet ${why}; allow s3:GetObject on it by hand`,
      });
    }
  }
  return { needs, untold, open };
};

/** The need of one object of which nothing is told. */
export const anyObject = ({ partition }: Scope): Need => ({
  action: ACTION,
  resource: `arn:${partition}:s3:::*`,
  request: S3_REQUEST,
  ...ONE_OF,
});

const ACTION = 's3:GetObject';

/** A JsonGet reads one file. */
const ONE_OF = { isOneOf: true } as const;

/**
 * The pattern of all objects that a file may be whose bucket is not told. The text before the first unknown part narrows
 * it only if it begins like the URI of an object.
 */
const possibleObjects = (file: readonly ResolvedText[] | undefined, { partition }: Scope): string => {
  const lead = leadingText({ parts: (file ?? []).flatMap(({ parts }) => parts), parameters: [] });
  const pattern = (file ?? []).map(patternOf).join('/');
  const path = pattern.slice(Math.min(lead.length, SCHEME.length));
  const isObject = /[^/]\/.|\*/.test(path.replaceAll('${*}', ''));
  const isS3 = lead.startsWith(SCHEME) || SCHEME.startsWith(lead);
  return `arn:${partition}:s3:::${isS3 && isObject ? path : '*'}`;
};

const SCHEME = 's3://';

/** The file's URI, or its folder and its name; undefined where no step has such a file. */
const fileOf = (get: Json, scope: ResolveScope): ResolvedText[] | undefined => {
  const uri = member(get, 'S3Uri');
  if (uri !== undefined) return [followText(uri, scope)];
  const reference = member(get, 'PropertyFile');
  const [stepName, fileName] = fileReference(asText(member(reference, 'Get') ?? reference) ?? '');
  const step = stepName === undefined ? undefined : stepNames(scope.definition).get(stepName);
  const file = step && fileName && entryNamed(member(step.raw, 'PropertyFiles'), 'file', fileName);
  const folder = step && outputOf(step, asText(member(file, 'OutputName')));
  const name = asText(member(file, 'FilePath'));
  if (folder === undefined || name === undefined) return undefined;
  const { parts, ...told } = followText(folder, scope);
  return [{ ...told, parts: withoutSlash(parts) }, resolveText(name, scope)];
};

/** The step and the file of `Steps.<name>.PropertyFiles.<name>`; neither of any other text. */
const fileReference = (text: string): [step?: string, file?: string] => {
  const end = text.lastIndexOf(FILES);
  const [step, file] = [text.slice(STEPS.length, Math.max(end, 0)), text.slice(end + FILES.length)];
  return text.startsWith(STEPS) && end > 0 && step !== '' && file !== '' ? [step, file] : [];
};

const STEPS = 'Steps.';
const FILES = '.PropertyFiles.';

/** Where a processing step puts one of its outputs. */
const outputOf = (step: Step, name: string | undefined): Json | undefined => {
  const outputs = member(member(step.arguments, 'ProcessingOutputConfig'), 'Outputs');
  const output = name === undefined ? undefined : entryNamed(outputs, 'output', name);
  return member(member(output, 'S3Output'), 'S3Uri');
};

/** The objects that the pattern of an S3 URI means, where the bucket is known. */
export const objectArn = (uri: string, { partition }: Scope): string | undefined => {
  const [, path] = /^s3:\/\/([a-z0-9.-]+\/.+)$/s.exec(uri) ?? [];
  return path === undefined ? undefined : `arn:${partition}:s3:::${path}`;
};
