const [LIST, OBJECT, COMMA] = [0x5b, 0x7b, 0x2c];

/** So many values any text may hold, and one more for so many of its bytes: AWS's answers have one for each twenty. */
const FREE_VALUES = 1_000_000;
const BYTES_EACH = 6;

/** About how many values a JSON text holds, by its signs: some of them stand in texts, so that it may be fewer. */
export const countValues = (bytes: Uint8Array): number => {
  let values = 0;
  for (const byte of bytes) if (byte === LIST || byte === OBJECT || byte === COMMA) values++;
  return values;
};

/**
 * Whether a text is made to take memory: each bracket of it takes 60 bytes once it is parsed, so that a file of some
 * megabytes takes a gigabyte.
 */
export const isDense = (bytes: Uint8Array): boolean =>
  bytes.length > FREE_VALUES && countValues(bytes) > FREE_VALUES + bytes.length / BYTES_EACH;
