import { literalText } from '../iam/policy/literal-text.ts';
import { displayText, knownText, leadingText, patternOf, type ResolvedText } from './expression.ts';

/** A place in S3 that a step reads or writes, as far as it is known. */
export type DataPlace = {
  direction: 'input' | 'output';
  /** JSON pointer in the definition. */
  pointer: string;
  bucket: string;
  /**
   * The key, or what the keys begin with, as policies write it: `*` for what only a run can tell. Without the slash
   * after the bucket; '' is the whole bucket. A folder may end in a slash or not.
   */
  keyPattern: string;
  /** Whether it is one object, as a file's name is certain, or a prefix under which objects lie. */
  isObject: boolean;
  /** Whether the job lists the keys that begin so before it reads them. */
  isListed: boolean;
};

/** A bucket and a key, and the two with the names of what is unknown, to tell one unknown from another. */
export type S3Place = Pick<DataPlace, 'bucket' | 'keyPattern'> & { identity: string };

const SCHEME = 's3://';
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * The place that a URI names, or why it cannot be told; undefined for a text that is no URI of S3.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export const s3Place = (resolved: ResolvedText): S3Place | { reason: string } | undefined => {
  const lead = leadingText(resolved);
  if (!lead.startsWith(SCHEME)) {
    const isOpen = SCHEME.startsWith(lead) && knownText(resolved) === undefined;
    return isOpen ? { reason: `${displayText(resolved)} is only known in a run` } : undefined;
  }
  const [, bucket = '', slash] = /^s3:\/\/([^/]*)(\/?)/.exec(lead) ?? [];
  if (!slash && knownText(resolved) === undefined)
    return { reason: `the bucket of ${displayText(resolved)} is only known in a run` };
  if (!BUCKET_NAME.test(bucket)) return { reason: `${displayText(resolved)} names no bucket` };
  if (bucket.endsWith('-s3alias'))
    return { reason: `${bucket} is an access point, of a bucket not named here` };
  const pattern = patternOf(resolved).replaceAll(/\*{2,}/g, '*');
  return {
    bucket,
    keyPattern: pattern.slice(`${SCHEME}${literalText(bucket)}/`.length),
    identity: displayText(resolved).slice(SCHEME.length),
  };
};

/** What Spark and its like write as a folder, though it is named as a file. */
const FOLDER_ENDING = /\.(parquet|delta|orc|zarr)$/i;

/** Whether a key is a file's, by its ending: an S3 prefix, too, is mostly one file then. */
export const isFileKey = (keyPattern: string): boolean =>
  /\.[a-z][a-z0-9]{0,9}$/i.test(keyPattern) && !FOLDER_ENDING.test(keyPattern);
