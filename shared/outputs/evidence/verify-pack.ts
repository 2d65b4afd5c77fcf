import { createHash, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { FRAMEWORKS } from '../../frameworks/frameworks.ts';
import { historyRecordSchema } from '../../history/records.ts';
import { canonicalText } from '../../json/canonical-text.ts';
import { parseJson } from '../../json/json-text.ts';
import { counted } from '../../text/counted.ts';
import { listed } from '../../text/listed.ts';
import { visibleText } from '../../text/visible-text.ts';
import { derivedFiles, hashing, type PackMaking, recordsBuilder } from './make-pack.ts';
import {
  MANIFEST_FILE,
  type Manifest,
  MOST_BYTES,
  manifestIn,
  PACK_FILES,
  SIGNATURE_FILE,
} from './manifest.ts';
import { beginOf, daysOf, endOf, periodProblem } from './period.ts';
import { CHAIN_BEGIN, compare, isAsked, type TextRecord, TooMuchHistory } from './record-text.ts';
import { fingerprintOf, publicKeyIn, signatureIn, signatureProblem } from './signature.ts';

/** Reads a pack. Whoever implements it opens plain files of the folder only. */
export type PackReader = {
  /** All entries of the folder: the size of a plain file, and what another entry is. */
  entries: readonly { name: string; size?: number; problem?: string }[];
  read: (name: string) => AsyncIterable<Uint8Array>;
};

export type Verification = {
  /** What speaks against the pack; nothing where it is good. */
  faults: string[];
  /** What could not be checked: without it, nobody knows whether the pack is good. */
  unchecked: string[];
  /** What a good pack does not prove. */
  remarks: string[];
  manifest?: Manifest;
};

/** The longest record. A file is never longer than its manifest says. */
const MOST_RECORD_BYTES = 16 * 1_048_576;
const MOST_FAULTS = 20;

/**
 * Whether a pack is as it was made: each file, the chain of its records, what the other files say of these, and the signature by `key`, or by
 * the key in the pack where none is given. Nothing of the pack is trusted before it was checked.
 */
export const verifyPack = async (
  pack: PackReader,
  {
    key,
    making,
  }: {
    key?: KeyObject;
    /** What this version makes packs with. */
    making: Omit<PackMaking, 'framework'>;
  },
): Promise<Verification> => {
  const faults: string[] = [];
  const unchecked: string[] = [];
  const remarks: string[] = [];
  const fault = (name: string, text: string): void => {
    if (faults.length < MOST_FAULTS) faults.push(`${visibleText(name)}: ${text}`);
  };
  const sizes = new Map<string, number>();
  const known = new Set<string>([...PACK_FILES, MANIFEST_FILE, SIGNATURE_FILE]);
  for (const { name, size, problem } of pack.entries) {
    if (size === undefined) fault(name, problem ?? 'it is no plain file');
    else if (known.has(name)) sizes.set(name, size);
    else fault(name, 'it is not of the pack');
  }
  for (const name of known) if (!sizes.has(name)) fault(name, 'it is missing');

  const bytes = await smallFile(pack, MANIFEST_FILE, sizes, MOST_BYTES.manifest);
  const manifest = bytes && manifestIn(bytes.toString());
  if (!bytes || !manifest) {
    fault(MANIFEST_FILE, 'it is not the manifest of a pack');
    return { faults, unchecked, remarks };
  }
  await checkSignature(pack, { sizes, bytes, manifest, key, fault, remarks });
  const whole = await checkFiles(pack, { sizes, manifest, fault });
  if (whole) await checkRecords(pack, { manifest, making, fault, unchecked, remarks });
  return { faults, unchecked, remarks, manifest };
};

type Fault = (name: string, text: string) => void;

const checkSignature = async (
  pack: PackReader,
  {
    sizes,
    bytes,
    manifest,
    key,
    fault,
    remarks,
  }: {
    sizes: ReadonlyMap<string, number>;
    bytes: Uint8Array;
    manifest: Manifest;
    key: KeyObject | undefined;
    fault: Fault;
    remarks: string[];
  },
): Promise<void> => {
  const text = await smallFile(pack, SIGNATURE_FILE, sizes, MOST_BYTES.signature);
  const signature = text && signatureIn(text.toString());
  if (!signature) return fault(SIGNATURE_FILE, 'it is not the signature of a pack');
  const own = publicKeyIn(signature.publicKey);
  const by = key ?? own;
  const problem = by ? signatureProblem(bytes, signature, by) : 'it names no key that may sign packs';
  if (problem !== undefined) return fault(SIGNATURE_FILE, problem);
  if (own && fingerprintOf(own) !== manifest.key.fingerprint)
    fault(MANIFEST_FILE, `it names the key ${manifest.key.fingerprint}, and another one signed it`);
  if (!key)
    remarks.push(
      `no public key was given: the signature proves only that the pack belongs to the key that lies in it, ${manifest.key.fingerprint}. Whoever makes another pack signs it with another key; get the public key from whoever signs, and give it with --public-key`,
    );
};

/** Whether each file is as the manifest says. */
const checkFiles = async (
  pack: PackReader,
  { sizes, manifest, fault }: { sizes: ReadonlyMap<string, number>; manifest: Manifest; fault: Fault },
): Promise<boolean> => {
  if (manifest.files.map(({ name }) => name).join() !== PACK_FILES.join()) {
    fault(MANIFEST_FILE, `it does not list the files of a pack: ${PACK_FILES.join(', ')}`);
    return false;
  }
  let isWhole = true;
  for (const { name, size, sha256 } of manifest.files) {
    const isSame = sizes.get(name) === size && (await hashOf(pack.read(name), size)) === sha256;
    if (!isSame && sizes.has(name)) fault(name, 'it is not as the manifest says: somebody has changed it');
    isWhole &&= isSame;
  }
  return isWhole;
};

const checkRecords = async (
  pack: PackReader,
  {
    manifest,
    making,
    fault,
    unchecked,
    remarks,
  }: {
    manifest: Manifest;
    making: Omit<PackMaking, 'framework'>;
    fault: Fault;
    unchecked: string[];
    remarks: string[];
  },
): Promise<void> => {
  const { period, scope, madeAt, tool, refused, framework: id } = manifest;
  const asked = { from: period.from, to: period.to, madeAt, ...scope };
  if (periodProblem(asked) !== undefined || period.begin !== beginOf(asked) || period.end !== endOf(asked))
    return fault(MANIFEST_FILE, 'its period is none');
  const builder = recordsBuilder(asked);
  const days = new Set(daysOf(asked));
  let previous = CHAIN_BEGIN;
  let before: TextRecord | undefined;
  let number = 0;
  try {
    for await (const line of linesIn(pack.read('records.jsonl'))) {
      number += 1;
      const record = line === undefined ? undefined : recordIn(line, previous);
      if (!record || (before && compare(before, record) >= 0) || !days.has(record.record.at.slice(0, 10)))
        return fault('records.jsonl', `record ${number} is not the next one of the chain`);
      if (!isAsked(record.record, asked))
        return fault('records.jsonl', `record ${number} is of something else than the manifest says`);
      builder.add(record);
      previous = createHash('sha256')
        .update(line ?? '')
        .digest('hex');
      before = record;
    }
  } catch (error) {
    if (!(error instanceof TooMuchHistory)) throw error;
    return fault('records.jsonl', error.message);
  }
  const result = builder.end(refused);
  if (
    result.records.count !== manifest.records.count ||
    result.records.lastHash !== manifest.records.lastHash
  )
    return fault('records.jsonl', 'its chain does not end as the manifest says');
  if (result.configurations.join() !== manifest.configurations.join())
    fault(MANIFEST_FILE, 'it names other configurations than the records');
  if (refused.count > 0)
    remarks.push(
      `${counted(refused.count, 'record or file', 'records or files')} of the history could not be read when the pack was made, and none of its counts has them`,
    );
  const framework = FRAMEWORKS.find((each) => each.id === id);
  const { version } = tool;
  const say = `whether its pages and tables say what its records say`;
  if (id !== undefined && !framework) {
    unchecked.push(`${say}: this version, ${making.version}, does not know the framework ${visibleText(id)}`);
    return;
  }
  const files = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]));
  const others: string[] = [];
  for (const [name, pieces] of derivedFiles(result, {
    ...making,
    version,
    ...(framework && { framework }),
  })) {
    const hashed = hashing(pieces);
    for await (const _piece of hashed.pieces());
    if (hashed.result().sha256 !== files.get(name)) others.push(name);
  }
  // Another version may write the same otherwise. Whoever signs names the version, so that naming one makes nothing good.
  if (version === making.version)
    for (const name of others) fault(name, 'it does not say what the records say');
  else if (others.length > 0)
    unchecked.push(
      `${say}: the pack was made by version ${visibleText(version)}, and this is ${making.version}, which writes ${listed(others)} otherwise; verify it with that version`,
    );
};

const lineSchema = z.strictObject({ previous: z.string(), record: historyRecordSchema });

/** The record of a line that stands in a chain after `previous`, written as this program writes it. */
const recordIn = (line: string, previous: string): TextRecord | undefined => {
  const json = parseJson(line);
  const parsed = json.ok ? lineSchema.safeParse(json.value) : undefined;
  if (!parsed?.success) return undefined;
  const { record } = parsed.data;
  const text = canonicalText(record);
  return line === `{"previous":"${previous}","record":${text}}` ? { text, record } : undefined;
};

/** The lines of a file, each ended by a line feed; undefined for one that is too long or not ended. */
async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString();
      rest = [];
      length = 0;
      start = end + 1;
    }
    rest.push(Buffer.from(chunk.subarray(start)));
    length += chunk.length - start;
    if (length > MOST_RECORD_BYTES) return yield undefined;
  }
  if (length > 0) yield undefined;
}

/** The bytes of a file that must be small; undefined where it is missing or is not. */
const smallFile = async (
  pack: PackReader,
  name: string,
  sizes: ReadonlyMap<string, number>,
  most: number,
): Promise<Buffer | undefined> => {
  if ((sizes.get(name) ?? most + 1) > most) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of pack.read(name)) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** The SHA-256 of a file; undefined as soon as it is longer than it should be. */
const hashOf = async (chunks: AsyncIterable<Uint8Array>, size: number): Promise<string | undefined> => {
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of chunks) {
    read += chunk.length;
    if (read > size) return undefined;
    hash.update(chunk);
  }
  return hash.digest('hex');
};
