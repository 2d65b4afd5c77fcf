import * as z from 'zod/mini';
import { parseJson } from '../../json/json-text.ts';

/** The files of a pack besides its manifest and signature, in the order in which they are made. */
export const PACK_FILES = [
  'records.jsonl',
  'index.html',
  'population.csv',
  'verdicts.csv',
  'changes.csv',
  'exceptions.csv',
  'gaps.csv',
  'assessment-plan.json',
  'assessment-results.json',
] as const;
export type PackFileName = (typeof PACK_FILES)[number];

export const MANIFEST_FILE = 'manifest.json';
export const SIGNATURE_FILE = 'manifest.sig.json';

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.minimum(0));
const day = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/));
const texts = z.array(z.string());

/**
 * What a pack is of: everything from which its other files follow, so that they can be made again from its records and compared, and the hash
 * of each file.
 */
const manifestSchema = z.strictObject({
  schemaVersion: z.literal('1.0'),
  tool: z.strictObject({ name: z.literal('pipewarden'), version: z.string() }),
  madeAt: z.iso.datetime(),
  period: z.strictObject({ from: day, to: day, begin: z.iso.datetime(), end: z.iso.datetime() }),
  scope: z.strictObject({ accounts: texts, regions: texts }),
  framework: z.exactOptional(z.string()),
  /** The key that signs: the SHA-256 of its DER (SubjectPublicKeyInfo) in hexadecimal, and its ARN where it is in KMS. */
  key: z.strictObject({ fingerprint: hash, kmsKey: z.exactOptional(z.string()) }),
  /** The digests of the configurations by which the records were made. */
  configurations: texts,
  /** Of the history: what could not be read, and so is in no file of the pack. */
  refused: z.strictObject({ count, examples: z.array(z.string()).check(z.maxLength(5)) }),
  records: z.strictObject({ count, lastHash: hash }),
  files: z.array(z.strictObject({ name: z.enum(PACK_FILES), size: count, sha256: hash })),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** The longest manifest and signature, in bytes. */
export const MOST_BYTES = { manifest: 1_048_576, signature: 65_536 };

/** The manifest in a file of one; undefined for any other text. */
export const manifestIn = (text: string): Manifest | undefined => {
  const json = parseJson(text);
  const parsed = json.ok ? manifestSchema.safeParse(json.value) : undefined;
  return parsed?.success ? parsed.data : undefined;
};
