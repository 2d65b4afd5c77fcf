/** An exact decimal number: `units` × 10^-`scale`. The scale is never negative. */
export type Decimal = { units: bigint; scale: number };

/** Longer texts are not read as numbers. IAM compares no numbers with so many digits, and the bound limits the work. */
const MAX_LENGTH = 64;

/** At most three digits of exponent, because a hostile `1e999999999` would need endless work. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * The number in a text such as `6`, `-0.5`, `.5` or `1e+21`; undefined for other texts, such as hexadecimal or empty
 * ones. IAM's page mentions integers and decimals only, but JSON allows exponents, and large JSON numbers become
 * texts with one.
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

/** Negative, zero or positive where `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale);
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : Number(difference > 0n);
};

/** The units of a number at a larger (or the same) scale. */
const scaled = ({ units, scale }: Decimal, to: number): bigint => units * 10n ** BigInt(to - scale);
