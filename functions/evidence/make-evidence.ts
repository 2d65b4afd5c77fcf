import type { Logger } from '@aws-lambda-powertools/logger';
import { DESCRIBED_CONTROLS } from '../../shared/controls/texts.ts';
import { type HistorySource, historyDays } from '../../shared/history/history-days.ts';
import { makePack } from '../../shared/outputs/evidence/make-pack.ts';
import {
  MANIFEST_FILE,
  MOST_BYTES,
  manifestIn,
  SIGNATURE_FILE,
} from '../../shared/outputs/evidence/manifest.ts';
import { daysOf, monthBefore, monthOf } from '../../shared/outputs/evidence/period.ts';
import { refusals } from '../../shared/outputs/evidence/refusals.ts';
import {
  fingerprintOf,
  pemOf,
  type Signer,
  signatureIn,
  signatureProblem,
} from '../../shared/outputs/evidence/signature.ts';
import { VERSION } from '../../shared/version.ts';

/** What the making of a pack needs of its surroundings. */
export type EvidenceDependencies = {
  history: HistorySource;
  signer: Signer;
  /** Writes an object beside the history. */
  write: (key: string, contentType: string, pieces: AsyncIterable<string>) => Promise<void>;
  /** The text of an object beside the history; undefined where there is none or where it is larger. */
  read: (key: string, maxBytes: number) => Promise<string | undefined>;
  /** How long the function may still run. */
  remainingMillis: () => number;
  logger: Pick<Logger, 'info' | 'warn'>;
  now: () => Date;
};

/** Where packs are in the bucket of the history, each in the folder of its month. */
const FOLDER = 'evidence';
/** So much time is left for saying that it was not enough. */
const MARGIN_MILLIS = 20_000;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
};

/**
 * Makes the signed pack of a month of the history: of the last one that is over, unless its signed pack is there, as when a schedule fires
 * twice; or of one that somebody names. The signature comes last, so that a folder without one is no pack.
 * @throws {Error} where no month is named, or where one is too large for the time or the memory of the function.
 */
export const makeEvidence = async (
  named: string | undefined,
  { history, signer, write, read, remainingMillis, logger, now }: EvidenceDependencies,
): Promise<{ folder: string }> => {
  const time = now();
  const last = monthBefore(time);
  const month = named ?? last;
  const days = monthOf(month);
  if (!days || month > last)
    throw new Error(
      `${JSON.stringify(month)} is no month that is over: write it as ${JSON.stringify({ month: last })}`,
    );
  const folder = `${FOLDER}/${month}`;
  if (named === undefined && (await isSigned(folder, days.from, { signer, read }))) {
    logger.info('the pack is there', { folder });
    return { folder };
  }
  const checkTime = (): void => {
    if (remainingMillis() < MARGIN_MILLIS)
      throw new Error(
        `the history of ${month} is too large for this function: make packs of it by account, Region or week with \`pipewarden evidence --bucket\`, as docs/operations.md says under EvidenceErrors`,
      );
  };
  async function* inTime<T>(pieces: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const piece of pieces) {
      checkTime();
      yield piece;
    }
  }
  const refused = refusals((text) => logger.warn('not read of the history', { text }));
  const source: HistorySource = {
    names: (...of) => inTime(history.names(...of)),
    read: async (name) => {
      checkTime();
      return history.read(name);
    },
  };
  const asked = { ...days, accounts: [], regions: [], madeAt: time.toISOString() };
  await write(
    `${FOLDER}/keys/${fingerprintOf(signer.publicKey)}.pem`,
    'application/x-pem-file',
    only(pemOf(signer.publicKey)),
  );
  const { model, manifest } = await makePack(historyDays(source, daysOf(asked), refused.refuse), {
    asked,
    refused: refused.told,
    signer,
    making: { controls: DESCRIBED_CONTROLS, version: VERSION },
    write: (name, pieces) =>
      write(`${folder}/${name}`, CONTENT_TYPES[name.split('.').at(-1) ?? ''] ?? '', inTime(pieces)),
  });
  logger.info('made', {
    folder,
    records: manifest.records.count,
    resources: model.members.size,
    gaps: model.gaps.length,
    notRead: refused.told().count,
    key: manifest.key.fingerprint,
  });
  return { folder };
};

/** Whether there is a manifest of the month that this key has signed: whoever may write to the bucket can put anything there. */
const isSigned = async (
  folder: string,
  from: string,
  { signer, read }: Pick<EvidenceDependencies, 'signer' | 'read'>,
): Promise<boolean> => {
  const [manifest, signature] = await Promise.all([
    read(`${folder}/${MANIFEST_FILE}`, MOST_BYTES.manifest),
    read(`${folder}/${SIGNATURE_FILE}`, MOST_BYTES.signature),
  ]);
  const signed = signatureIn(signature ?? '');
  return (
    manifest !== undefined &&
    signed !== undefined &&
    signatureProblem(Buffer.from(manifest), signed, signer.publicKey) === undefined &&
    manifestIn(manifest)?.period.from === from
  );
};

async function* only(text: string): AsyncGenerator<string> {
  yield text;
}
