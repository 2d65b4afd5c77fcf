import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { linesOf } from './fit-record.ts';
import type { HistoryRecord } from './records.ts';

/** A text that no gzip makes shorter has four thirds of it as base64, which is still below the mebibyte that SQS takes. */
export const MAX_PLAIN_BYTES = 700_000;

/**
 * The records as bodies of messages, as few as hold them. All texts of records become well-formed Unicode.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const packRecords = (records: readonly HistoryRecord[]): string[] => {
  const bodies: string[] = [];
  let lines: string[] = [];
  let bytes = 0;
  const pack = () => {
    if (lines.length > 0) bodies.push(gzipSync(lines.join('\n')).toString('base64'));
    lines = [];
    bytes = 0;
  };
  for (const line of records.flatMap((record) => linesOf(record, MAX_PLAIN_BYTES))) {
    const more = Buffer.byteLength(line) + 1;
    if (bytes + more > MAX_PLAIN_BYTES) pack();
    lines.push(line);
    bytes += more;
  }
  pack();
  return bodies;
};
