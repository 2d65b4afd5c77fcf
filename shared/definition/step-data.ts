import { asText, member } from '../json/json.ts';
import { remembered, rememberedPart } from '../memo.ts';
import { withoutTrailing } from '../text/trim.ts';
import type { ResolvedText, ResolveScope } from './expression.ts';
import { hyperParameterReferences, submittedCode } from './hyper-parameters.ts';
import type { Step } from './parse.ts';
import { type DataPlace, isFileKey, type S3Place, s3Place } from './s3-place.ts';
import { type StepKey, stepKeys } from './step-keys.ts';
import { followText, jobNameParts, withoutSlash } from './step-reference.ts';
import { stepType } from './step-types.ts';
import { type Located, stepS3References, valuesAt } from './step-values.ts';
import { joined } from './text-parts.ts';

/** The places and keys of a step's data, and what of them only a run can tell. */
export type StepData = {
  /** `identity` distinguishes two places whose known parts are equal. */
  places: (DataPlace & S3Place)[];
  keys: StepKey[];
  open: { pointer: string; reason: string; isCode?: true }[];
};

/**
 * The S3 places that a step reads and writes, and the KMS keys that it names. What the step's code does beyond its
 * arguments is not included, nor are other environment variables than that of a model’s code.
 */
export const stepData = (step: Step, scope: ResolveScope): StepData => dataIn(scope)(step);

/** Remembered, because needs, relations between steps and network isolation ask for the data of the same steps. */
const dataIn = remembered((scope: ResolveScope) => rememberedPart((step: Step) => dataOf(step, scope)));

const dataOf = (step: Step, scope: ResolveScope): StepData => {
  const { places, open } = placesOf(step, scope);
  const keys = stepKeys(step, scope);
  return { places, keys: keys.keys, open: [...open, ...keys.open] };
};

const placesOf = (step: Step, scope: ResolveScope): Pick<StepData, 'places' | 'open'> => {
  const places: StepData['places'] = [];
  const open: StepData['open'] = [];
  for (const reference of [
    ...ownReferences(step),
    ...hyperParameterReferences(step, scope),
    ...submittedCode(step, scope),
  ]) {
    const { pointer, resolved = followText(reference.value, scope) } = reference;
    const direction = directionOf(reference);
    const place = s3Place(isBelowJobName(step, reference) ? jobFolder(resolved, step, scope) : resolved);
    const isManifest = MANIFEST_TYPES.includes(typeOf(reference));
    const code = direction === 'input' && isCode(step, reference) ? ({ isCode: true } as const) : {};
    if (!place) {
      if (!stepType(step.type).takesOtherInputs)
        open.push({ pointer, reason: 'this is no s3:// URI', ...code });
    } else if ('reason' in place) open.push({ pointer, reason: place.reason, ...code });
    else {
      const isObject =
        direction === 'input' &&
        (isManifest || typeOf(reference) === 'S3Object' || isFileKey(place.keyPattern));
      places.push({ direction, pointer, ...place, isObject, isListed: isListed(reference), ...code });
    }
    if (isManifest)
      open.push({ pointer, reason: 'the objects that a manifest lists are not in the definition', ...code });
  }
  return { places, open };
};

type Reference = Located & { direction: DataPlace['direction']; resolved?: ResolvedText };

/** A disabled profiler writes nothing, although the SDK still names its output. */
const ownReferences = (step: Step): Reference[] =>
  stepS3References(step).filter(
    ({ field, holder }) =>
      !(
        field.endsWith('ProfilerConfig.S3OutputPath') && asText(member(holder, 'DisableProfiler')) === 'true'
      ),
  );

/**
 * Whether what a job reads is code: the data of a model, a place that the SDK uses for code, or one from which the
 * container starts.
 * https://sagemaker.readthedocs.io/en/stable/amazon_sagemaker_processing.html
 */
const isCode = (step: Step, { pointer, item, holder }: Reference): boolean => {
  if (CODE_FIELDS.test(pointer)) return true;
  const name = asText(member(item, 'InputName')) ?? asText(member(item, 'ChannelName'));
  if (name !== undefined && CODE_INPUTS.includes(name)) return true;
  const local = asText(member(holder, 'LocalPath'));
  return local !== undefined && startFolders(step).has(folder(local));
};

const CODE_FIELDS =
  /\/(?:ModelDataUrl|ModelDataSource|AdditionalModelDataSources|sagemaker_submit_directory|SAGEMAKER_SUBMIT_DIRECTORY)(?:\/|$)/;

/** The names that the SDK gives to inputs with code. */
const CODE_INPUTS = ['code', 'entrypoint', 'sm_code', 'sm_drivers', 'jars', 'py-files'];

/** The folders of inputs from which the container of a processing job starts: of folders in one another, the innermost. */
const startFolders = remembered((step: Step): ReadonlySet<string> => {
  const texts = ['ContainerEntrypoint', 'ContainerArguments'].flatMap((field) =>
    valuesAt(step, `Arguments.AppSpecification.${field}[]`).flatMap(({ value }) => asText(value) ?? []),
  );
  const folders = valuesAt(step, 'Arguments.ProcessingInputs[].S3Input.LocalPath')
    .flatMap(({ value }) => folder(asText(value) ?? '') || [])
    .toSorted((one, other) => other.length - one.length);
  return new Set(texts.flatMap((text) => folders.find((each) => text.startsWith(`${each}/`)) ?? []));
});

const folder = (path: string): string => withoutTrailing(path, '/');

/** Redshift's cluster role writes the unloaded data; the job only reads it. */
const directionOf = ({ field, direction }: Reference): DataPlace['direction'] =>
  field.endsWith('RedshiftDatasetDefinition.OutputS3Uri') ? 'input' : direction;

const MANIFEST_TYPES = ['ManifestFile', 'AugmentedManifestFile'];

/**
 * Whether a job finds its input by a key prefix. AWS asks s3:ListBucket for the inputs of jobs, and not for the model data
 * of models.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
const isListed = (reference: Reference): boolean =>
  LISTED.test(reference.field) && ['', 'S3Prefix'].includes(typeOf(reference));
const LISTED =
  /(?:InputDataConfig\[\]\.DataSource|TransformInput\.DataSource)\.S3DataSource\.S3Uri$|\.S3Input\.S3Uri$/;

/** The S3DataType beside the URI. */
const typeOf = ({ holder }: Reference): string => asText(member(holder, 'S3DataType')) ?? '';

/** Whether the job writes into a folder that has the job's name, below this place. */
const isBelowJobName = (step: Step, { field }: Reference): boolean =>
  stepType(step.type).hasJobFolder && NAMED_FOLDER.test(field);
const NAMED_FOLDER = /\.(OutputDataConfig|DebugHookConfig|ProfilerConfig)\.S3OutputPath$/;

const jobFolder = ({ parts, parameters }: ResolvedText, step: Step, scope: ResolveScope): ResolvedText => ({
  parts: joined([...withoutSlash(parts), { text: '/' }, ...jobNameParts(step, scope)]),
  parameters,
});
