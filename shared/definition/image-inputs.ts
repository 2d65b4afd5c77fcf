import { displayText, type ResolveScope, resolveText } from './expression.ts';
import { stepS3References } from './step-values.ts';

/** A step that reads images from a bucket. */
export type ImageInput = { bucket: string; step: string; pointer: string };

const IMAGE_CONTENT = /^(image\/|application\/x-image)/i;
const IMAGE_FILE = /\.(jpe?g|png|gif|bmp|tiff?|webp)$/i;

/**
 * The buckets that a definition names as image inputs: S3 inputs of a channel that declares an image content type, or
 * whose URI names an image file. A bucket behind a value that is only known in a run is not among them.
 */
export const imageInputs = (scope: ResolveScope): ImageInput[] =>
  scope.definition.steps.flatMap((step) =>
    stepS3References(step).flatMap((reference): ImageInput[] => {
      if (reference.direction === 'output') return [];
      const uri = displayText(resolveText(reference.value, scope));
      const bucket = /^s3:\/\/([^/{]+)(?:\/|$)/.exec(uri)?.[1];
      const declared = reference.contentType ? displayText(resolveText(reference.contentType, scope)) : '';
      const isImage = IMAGE_CONTENT.test(declared) || IMAGE_FILE.test(uri);
      return bucket && isImage ? [{ bucket, step: step.name, pointer: reference.pointer }] : [];
    }),
  );
