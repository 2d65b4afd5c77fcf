import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { displayText, type ResolveScope, resolveText } from './expression.ts';
import { type Step, stepPointer } from './parse.ts';
import { objectsWithin, type S3Reference, stepS3References } from './step-values.ts';

/**
 * A bucket from which a step reads images, or in which a manifest lies that lists images: `read` by a job, or `labelled`
 * in a labelling job that the step starts. The images of a manifest may lie in other buckets.
 */
export type ImageInput = {
  bucket: string;
  step: string;
  pointer: string;
  manifest?: ManifestUse;
};

export type ManifestUse = 'read' | 'labelled';

const IMAGE_CONTENT = /^(image\/|application\/x-image)/i;
const IMAGE_FILE = /\.(jpe?g|png|gif|bmp|tiff?|webp)$/i;
const TEXT_CONTENT = /^text\//i;
/** Ground Truth and its console give manifests such names. */
const MANIFEST_FILE = /\.manifest$/i;

/**
 * The buckets that a definition reads images from: S3 inputs whose channel declares an image content type, or whose
 * URI names an image file, and manifests of images. Buckets that are known only in a run are left out.
 */
export const imageInputs = (scope: ResolveScope): ImageInput[] =>
  scope.definition.steps.flatMap((step) => [
    ...stepS3References(step).flatMap((reference): ImageInput[] => {
      if (reference.direction === 'output') return [];
      const { uri, bucket } = placeOf(reference.value, scope);
      const manifest = isManifest(reference, uri, scope);
      const isImage = manifest || IMAGE_CONTENT.test(contentType(reference, scope)) || IMAGE_FILE.test(uri);
      return bucket && isImage
        ? [{ bucket, step: step.name, pointer: reference.pointer, ...(manifest && { manifest: 'read' }) }]
        : [];
    }),
    ...labelledIn(step, scope).map(
      (bucket): ImageInput => ({
        bucket,
        step: step.name,
        pointer: stepPointer(step),
        manifest: 'labelled',
      }),
    ),
  ]);

const placeOf = (value: Json, scope: ResolveScope): { uri: string; bucket: string | undefined } => {
  const uri = displayText(resolveText(value, scope));
  return { uri, bucket: /^s3:\/\/([^/{]+)(?:\/|$)/.exec(uri)?.[1] };
};

const contentType = ({ contentType: declared }: S3Reference, scope: ResolveScope): string =>
  declared ? displayText(resolveText(declared, scope)) : '';

/**
 * Whether an input is a manifest that lists images. An attribute of an augmented manifest that refers to a file ends in
 * `-ref`; a manifest without such attributes holds the data itself.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html
 */
const isManifest = (reference: S3Reference, uri: string, scope: ResolveScope): boolean => {
  const { holder } = reference;
  const content = contentType(reference, scope);
  if (TEXT_CONTENT.test(content)) return false;
  switch (asText(member(holder, 'S3DataType'))) {
    case 'AugmentedManifestFile': {
      const names = member(holder, 'AttributeNames');
      const isTold = names !== undefined && asList(names).every((name) => asText(name) !== undefined);
      return !isTold || asList(names).some((name) => /-ref$/i.test(asText(name) ?? ''));
    }
    case 'ManifestFile':
      return IMAGE_CONTENT.test(content) || MANIFEST_FILE.test(uri);
    default:
      return MANIFEST_FILE.test(uri);
  }
};

/**
 * The buckets of the manifests that a step hands to a function or queue, as for a labelling job. The arguments are free: a
 * manifest is known by the name of CreateLabelingJob's field, or by its own.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_LabelingJobS3DataSource.html
 */
const labelledIn = (step: Step, scope: ResolveScope): string[] => {
  if (step.type !== 'Lambda' && step.type !== 'Callback') return [];
  const entries = [step.arguments, ...objectsWithin(step)].flatMap((object: JsonObject) =>
    Object.entries(object),
  );
  const values = entries.flatMap(([key, value]) =>
    asList(value).flatMap((each) => (isText(each) ? { key, ...placeOf(each, scope) } : [])),
  );
  if (values.some(({ uri }) => OF_TEXTS.test(uri))) return [];
  return [
    ...new Set(
      values.flatMap(({ key, uri, bucket }) =>
        bucket && (MANIFEST_FILE.test(uri) || MANIFEST_FIELD.test(key)) ? bucket : [],
      ),
    ),
  ];
};

const MANIFEST_FIELD = /^manifest_?s3_?uri$/i;

/**
 * AWS's own functions that prepare labelling of texts.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HumanTaskConfig.html
 */
const OF_TEXTS = /:function:PRE-(?:Text|NamedEntity)/;

const isText = (value: Json): boolean =>
  typeof value === 'string' ||
  (isObject(value) && (member(value, 'Get') !== undefined || member(value, 'Std:Join') !== undefined));
