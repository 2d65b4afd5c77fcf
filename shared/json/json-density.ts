const [LIST, OBJECT, COMMA] = [0x5b, 0x7b, 0x2c];

/**
 * How many values any text may hold. A longer text may hold one more for each `BYTES_EACH` bytes; AWS’s answers hold
 * one for about each twenty.
 */
const FREE_VALUES = 1_000_000;
const BYTES_EACH = 6;

/**
 * About how many values a JSON text holds, by counting brackets and commas. Some of those stand inside strings, so that
 * the real number may be smaller.
 */
export const countValues = (bytes: Uint8Array): number => {
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LIST || byte === OBJECT || byte === COMMA) values++;
  }
  return values;
};

/**
 * Whether a text was made to use up memory. A parsed bracket takes 60 bytes, so that a file of some megabytes can take
 * a gigabyte.
 */
export const isDense = (bytes: Uint8Array): boolean =>
  bytes.length > FREE_VALUES && countValues(bytes) > FREE_VALUES + bytes.length / BYTES_EACH;
