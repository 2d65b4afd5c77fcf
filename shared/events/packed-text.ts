import { gunzipSync } from 'node:zlib';
import { isDense } from '../json/json-density.ts';

/** What one packed message may hold; CloudWatch Logs sends a mebibyte of packed text at most. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What all packed messages of one input may hold together. */
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;

/** How much has been unpacked of one input, in bytes. */
export type Unpacked = { bytes: number };

const BASE64 = /^[A-Za-z0-9+/\r\n]+={0,2}$/;

/** The text of a message in Base64, gzip or not; or why it is not read. */
export const packedText = (
  data: string,
  unpacked: Unpacked,
): { text: string; fault?: undefined } | { fault: string } => {
  if (!BASE64.test(data)) return { fault: 'it is not Base64' };
  const left = Math.min(MAX_MESSAGE_BYTES, MAX_TOTAL_BYTES - unpacked.bytes);
  if (left <= 0) return { fault: `all messages together hold more than ${MAX_TOTAL_BYTES} bytes` };
  const bytes = Buffer.from(data, 'base64');
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: left }) : bytes;
    unpacked.bytes += plain.length;
    if (plain.length > left) return { fault: `it holds more than ${left} bytes` };
    if (isDense(plain)) return { fault: 'it holds more values than can be read' };
    return { text: new TextDecoder('utf-8').decode(plain) };
  } catch (error) {
    unpacked.bytes += left;
    return { fault: `it cannot be unpacked: ${error instanceof Error ? error.message : String(error)}` };
  }
};
