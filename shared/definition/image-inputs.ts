import { displayText, type ResolveScope, resolveText } from './expression.ts';
import { stepS3References } from './step-values.ts';

/** A bucket from which a step reads images. */
export type ImageInput = { bucket: string; step: string; pointer: string };

const IMAGE_CONTENT = /^(image\/|application\/x-image)/i;
const IMAGE_FILE = /\.(jpe?g|png|gif|bmp|tiff?|webp)$/i;

/**
 * The buckets that a definition reads images from: S3 inputs whose channel declares an image content type, or whose
 * URI names an image file. Buckets that are known only in a run are left out.
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
