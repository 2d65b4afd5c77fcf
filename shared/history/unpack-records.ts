import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '../json/json-text.ts';
import { MAX_PLAIN_BYTES } from './pack-records.ts';
import { type HistoryRecord, historyRecordSchema } from './records.ts';

/** The largest message of SQS. */
const MAX_MESSAGE = 1024 * 1024;

/**
 * The records in the body of a message. Whoever may send to the queue may send anything, so that sizes are bounded before anything is
 * unpacked, and each record is parsed by its schema.
 * @throws {Error} that says what is wrong with the message.
 */
export const unpackRecords = (body: string): HistoryRecord[] => {
  if (body.length > MAX_MESSAGE) throw new Error(`the message has ${body.length} characters`);
  const text = gunzipSync(Buffer.from(body, 'base64'), { maxOutputLength: 2 * MAX_PLAIN_BYTES }).toString();
  return text.split('\n').map((line, index) => {
    const parsed = parseJson(line);
    if (!parsed.ok)
      throw new Error(`record ${index + 1} of the message is ${parsed.error.fault}: ${parsed.error.message}`);
    const { success, data, error } = historyRecordSchema.safeParse(parsed.value);
    if (success) return data;
    const [issue] = error.issues;
    throw new Error(
      `record ${index + 1} of the message is wrong at /${issue?.path.join('/')}: ${issue?.message}`,
    );
  });
};
