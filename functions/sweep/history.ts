import { type HistoryQueue, sendRecords } from '../../shared/aws/keep/history-queue.ts';
import { readObject } from '../../shared/aws/keep/object-reader.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { type Gap, unreadText } from '../../shared/domain/gap.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { wholeDigest } from '../../shared/findings/configuration-digest.ts';
import { watchRecord } from '../../shared/history/make-records.ts';
import { historyRecordSchema } from '../../shared/history/records.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import type { Swept } from '../../shared/sweep/sweep-account.ts';
import { VERSION } from '../../shared/version.ts';
import type { SweepConnection } from './connection.ts';

/** A sweep of an account, or the part of one that an account is, by the folder of its lists. */
type Part = { part: string; scope: Scope; queueUrl: string };

const keyOf = (part: string): string => `sweeps/${part}/history.json`;

const madeBy = async ({ config }: Pick<SweepConnection, 'config'>) => ({
  version: VERSION,
  configuration: wholeDigest(await config()),
});

/** Keeps what a sweep has listed until its looks are sent: only then it is told. */
export const noteListed = async (
  { part, scope }: Omit<Part, 'queueUrl'>,
  { until, gaps, listed, isPartial }: Pick<Swept, 'until' | 'gaps' | 'listed'> & { isPartial: boolean },
  connection: SweepConnection,
): Promise<void> => {
  const because = [
    ...gaps.map(gapText),
    ...(isPartial ? ['the pipelines of a Region could not be listed'] : []),
  ].join('; ');
  const record = watchRecord(
    because === '' ? 'sweep-complete' : 'sweep-incomplete',
    { at: new Date(until), scope, listed, ...(because !== '' && { because }) },
    await madeBy(connection),
  );
  const object = { Bucket: connection.bucket, Key: keyOf(part), ContentType: 'application/json' };
  await writeObject(await connection.s3(), object, only(JSON.stringify(record)));
};

const gapText = ({ subject, ...unread }: Gap): string =>
  subject === undefined ? unreadText(unread) : `${subject}: ${unreadText(unread)}`;

const MAX_RECORD = 4 * 1024 * 1024;

/** Tells of a sweep whose looks were all sent. One of which nobody knows what it has listed is not complete. */
export const tellSwept = async (
  { part, scope, queueUrl }: Part,
  connection: SweepConnection,
): Promise<void> => {
  const place = { bucket: connection.bucket, key: keyOf(part) };
  const text = await readObject(await connection.s3(), place, MAX_RECORD);
  const parsed = text === undefined ? undefined : parseJson(text);
  const { data: record } = historyRecordSchema.safeParse(parsed?.ok ? parsed.value : undefined);
  if (record) await sendRecords(queueOf(queueUrl, connection), [record]);
  else await tellUnswept({ scope, queueUrl }, `s3://${place.bucket}/${place.key} cannot be read`, connection);
};

/** Tells of a sweep that could not be made. */
export const tellUnswept = async (
  { scope, queueUrl }: Omit<Part, 'part'>,
  because: string,
  connection: SweepConnection,
): Promise<void> => {
  const about = { at: connection.now(), scope, because };
  await sendRecords(queueOf(queueUrl, connection), [
    watchRecord('sweep-incomplete', about, await madeBy(connection)),
  ]);
};

const queueOf = (queueUrl: string, { sqs }: Pick<SweepConnection, 'sqs'>): HistoryQueue => ({
  client: sqs,
  queueUrl,
});

async function* only(text: string): AsyncGenerator<string> {
  yield text;
}
