/** A decimal number, exactly: `units` × 10^-`scale`; the scale is never negative. */
export type Decimal = { units: bigint; scale: number };

/** Longer texts are taken as no numbers: nothing that IAM compares has so many digits. */
const MAX_LENGTH = 64;

/** Three digits of exponent bound the work of a hostile `1e999999999`. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * The number of a text such as `6`, `-0.5`, `.5` or `1e+21`; undefined where it is none (hexadecimal, empty). IAM's page
 * speaks of integers and decimals only, but JSON allows an exponent, and a big number becomes text with one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric
 */
export const parseDecimal = (text: string): Decimal | undefined => {
  const match = text.length <= MAX_LENGTH ? DECIMAL.exec(text) : null;
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  const units = digits * 10n ** BigInt(Math.max(-scale, 0));
  return { units: sign === '-' ? -units : units, scale: Math.max(scale, 0) };
};

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale);
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
};

/** The units of a number at a scale, which is at least its own. */
const scaled = ({ units, scale }: Decimal, to: number): bigint => units * 10n ** BigInt(to - scale);
