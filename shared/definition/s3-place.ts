import { literalText } from '../iam/policy/literal-text.ts';
import { displayText, knownText, leadingText, patternOf, type ResolvedText } from './expression.ts';

/** A place in S3 that a step reads or writes, as far as it is known. */
export type DataPlace = {
  direction: 'input' | 'output';
  /** JSON pointer into the definition. */
  pointer: string;
  bucket: string;
  /**
   * The key or key prefix as a policy pattern, with `*` for parts that are known only in a run. It has no slash at
   * the start; '' means the whole bucket. A folder may or may not end in a slash.
   */
  keyPattern: string;
  /** So many of the pattern's first stars stand for names, which contain no slash. */
  nameStars: number;
  /** True for a single object, whose file name is certain; false for a prefix with objects below it. */
  isObject: boolean;
  /** Whether the job lists the keys that begin so before it reads them. */
  isListed: boolean;
  /** What lies there is code to whoever reads it: code of a step, or the data of a model. */
  isCode?: true;
};

/**
 * A bucket and a key. `identity` is both with unknown parts by name, so that different unknowns are not taken for the
 * same.
 */
export type S3Place = Pick<DataPlace, 'bucket' | 'keyPattern' | 'nameStars'> & { identity: string };

const SCHEME = 's3://';
/**
 * The endings of names that are of something else than a general purpose bucket, whose permissions are others.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html
 */
const RESERVED: readonly { ending: string; is: string }[] = [
  { ending: '-s3alias', is: 'an access point, of a bucket not named here' },
  { ending: '--ol-s3', is: 'an access point of S3 Object Lambda, of a bucket not named here' },
  { ending: '--op-s3', is: 'an access point of S3 on Outposts, of a bucket not named here' },
  { ending: '.mrap', is: 'a Multi-Region Access Point, of buckets not named here' },
  {
    ending: '--x-s3',
    is: 'a directory bucket, for which s3express:CreateSession is asked; allow it by hand',
  },
  { ending: '--table-s3', is: 'a table bucket, for which other permissions are asked' },
];
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * The place that a URI names, or why the place is unknown; undefined for a text that is not an S3 URI.
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
  const other = RESERVED.find(({ ending }) => bucket.endsWith(ending));
  if (other) return { reason: `${bucket} is ${other.is}` };
  const pattern = patternOf(resolved).replaceAll(/\*{2,}/g, '*');
  return {
    bucket,
    keyPattern: pattern.slice(`${SCHEME}${literalText(bucket)}/`.length),
    nameStars: nameStars(resolved),
    identity: displayText(resolved).slice(SCHEME.length),
  };
};

/** Neighbouring unknown parts are one star. */
const nameStars = ({ parts }: ResolvedText): number => {
  const other = parts.findIndex((part) => 'unknown' in part && !part.isName);
  const names = (other < 0 ? parts : parts.slice(0, other)).map((part) => 'unknown' in part);
  const stars = names.filter((isUnknown, index) => isUnknown && !names[index - 1]).length;
  return other > 0 && names.at(-1) ? stars - 1 : stars;
};

/** Spark and similar tools write folders whose names end like those of files. */
const FOLDER_ENDING = /\.(parquet|delta|orc|zarr)$/i;

/** Whether a key ends like a file name. Even where S3 expects a prefix, such a key usually names one file. */
export const isFileKey = (keyPattern: string): boolean =>
  /\.[a-z][a-z0-9]{0,9}$/i.test(keyPattern) && !FOLDER_ENDING.test(keyPattern);
