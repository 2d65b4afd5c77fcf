/** A decimal number, exactly: `units` × 10^-`scale`. */
export type Decimal = { units: bigint; scale: number };

/** Longer texts are taken as no numbers: nothing that IAM compares has so many digits. */
const MAX_LENGTH = 64;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** The number of a text such as `6`, `-0.5` or `.5`; undefined where it is none (hexadecimal, exponent, empty). */
export const parseDecimal = (text: string): Decimal | undefined => {
  const [, sign = '', whole = '', fraction = ''] = (text.length <= MAX_LENGTH && DECIMAL.exec(text)) || [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  return { units: sign === '-' ? -digits : digits, scale: fraction.length };
};

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale);
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
};

const scaled = ({ units, scale }: Decimal, to: number): bigint => units * 10n ** BigInt(to - scale);
