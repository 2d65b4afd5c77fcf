import { createHash } from 'node:crypto';
import type { Framework } from '../../frameworks/framework.ts';
import type { DayOfRecords } from '../../history/history-days.ts';
import { cut } from '../../text/cut.ts';
import { csvFiles } from './csv-files.ts';
import type { Refused } from './gaps.ts';
import { MANIFEST_FILE, type Manifest, type PackFileName, SIGNATURE_FILE } from './manifest.ts';
import { type EvidenceModel, modelBuilder } from './model.ts';
import { oscalFiles } from './oscal-files.ts';
import { evidencePage } from './page.tsx';
import { type Asked, beginOf, endOf } from './period.ts';
import { CHAIN_BEGIN, chained, sortedDay, type TextRecord } from './record-text.ts';
import { fingerprintOf, type Signer, signatureOf, signatureText } from './signature.ts';

/** What a pack is made with, besides its records. The same gives the same files. */
export type PackMaking = {
  controls: readonly { id: string; title: string; requirements: readonly string[] }[];
  framework?: Framework;
  version: string;
};

/** Takes a file of a pack, piece by piece. */
export type WriteFile = (name: string, pieces: AsyncIterable<string>) => Promise<void>;

/**
 * Makes a pack of the records of a period, whose days come in order.
 * @throws {TooMuchHistory}
 */
export const makePack = async (
  days: AsyncIterable<DayOfRecords>,
  {
    asked,
    refused,
    signer,
    making,
    write,
  }: {
    asked: Asked;
    /** What of the history could not be used, once all days are read. */
    refused: () => Refused;
    signer: Signer;
    making: PackMaking;
    write: WriteFile;
  },
): Promise<{ model: EvidenceModel; manifest: Manifest }> => {
  const builder = recordsBuilder(asked);
  const files: Manifest['files'] = [];
  const put = async (name: PackFileName, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> => {
    const hashed = hashing(pieces);
    await write(name, hashed.pieces());
    files.push({ name, ...hashed.result() });
  };
  await put('records.jsonl', linesOf(days, asked, builder.add));
  const told = refused();
  const examples = told.examples.slice(0, MOST_EXAMPLES).map((example) => cut(example, MOST_EXAMPLE));
  const result = builder.end({ count: told.count, examples });
  for (const [name, pieces] of derivedFiles(result, making)) await put(name, pieces);
  const manifest = manifestOf(result, { making, files, signer });
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await write(MANIFEST_FILE, single(text));
  await write(SIGNATURE_FILE, single(signatureText(await signatureOf(Buffer.from(text), signer))));
  return { model: result.model, manifest };
};

async function* single(text: string): AsyncGenerator<string> {
  yield text;
}

async function* linesOf(
  days: AsyncIterable<DayOfRecords>,
  asked: Asked,
  add: (record: TextRecord) => string,
): AsyncGenerator<string> {
  let before = '';
  for await (const day of days) {
    if (day.day <= before) throw new Error(`${day.day} comes after ${before}`);
    before = day.day;
    for (const record of await sortedDay(day, asked)) yield `${add(record)}\n`;
  }
}

/** What a manifest lists at most, and how much of each: whoever may write to a bucket could make it too long to be read. */
const MOST_CONFIGURATIONS = 100;
const MOST_DIGEST = 64;
const MOST_EXAMPLES = 5;
const MOST_EXAMPLE = 300;

/** What the records of a pack came to. */
export type PackRecords = {
  model: EvidenceModel;
  refused: Refused;
  configurations: string[];
  records: Manifest['records'];
};

/** Takes the records of a pack in their order, chains them, and makes the model of them. */
export const recordsBuilder = (asked: Asked) => {
  const model = modelBuilder(asked);
  const configurations = new Set<string>();
  let previous = CHAIN_BEGIN;
  let count = 0;
  return {
    /** The line of the record. @throws {TooMuchHistory} */
    add: ({ text, record }: TextRecord): string => {
      model.add(record);
      configurations.add(cut(record.configuration, MOST_DIGEST));
      const { line, hash } = chained(previous, text);
      previous = hash;
      count += 1;
      return line;
    },
    end: (refused: Refused): PackRecords => ({
      model: model.model(refused),
      refused,
      configurations: [...configurations].toSorted().slice(0, MOST_CONFIGURATIONS),
      records: { count, lastHash: previous },
    }),
  };
};

/** The files that follow from the records: whoever verifies a pack makes them again. */
export const derivedFiles = (
  { model, refused, configurations, records }: PackRecords,
  { controls, framework, version }: PackMaking,
): [PackFileName, Iterable<string>][] => {
  const made = {
    tool: { name: 'pipewarden' as const, version },
    refused: { count: refused.count, examples: [...refused.examples] },
    configurations,
    records: records.count,
  };
  const page = evidencePage(model, { controls, made, ...(framework && { framework }) });
  return Object.entries({
    'index.html': [page],
    ...csvFiles(model),
    ...oscalFiles(model, { controls, version }),
  }) as [PackFileName, Iterable<string>][];
};

const manifestOf = (
  { model: { asked }, refused, configurations, records }: PackRecords,
  {
    making: { framework, version },
    files,
    signer,
  }: { making: PackMaking; files: Manifest['files']; signer: Signer },
): Manifest => ({
  schemaVersion: '1.0',
  tool: { name: 'pipewarden', version },
  madeAt: asked.madeAt,
  period: { from: asked.from, to: asked.to, begin: beginOf(asked), end: endOf(asked) },
  scope: { accounts: [...asked.accounts], regions: [...asked.regions] },
  ...(framework && { framework: framework.id }),
  key: {
    fingerprint: fingerprintOf(signer.publicKey),
    ...(signer.kmsKey !== undefined && { kmsKey: signer.kmsKey }),
  },
  configurations,
  refused: { count: refused.count, examples: [...refused.examples] },
  records,
  files,
});

/** Passes the pieces of a file on, and tells its size and hash once it is whole. */
export const hashing = (pieces: AsyncIterable<string> | Iterable<string>) => {
  const hash = createHash('sha256');
  let size = 0;
  return {
    async *pieces(): AsyncGenerator<string> {
      for await (const piece of pieces) {
        hash.update(piece);
        size += Buffer.byteLength(piece);
        yield piece;
      }
    },
    result: () => ({ size, sha256: hash.digest('hex') }),
  };
};
