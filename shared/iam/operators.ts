import { compareDecimals, parseDecimal } from './decimal.ts';
import { ANY, type Glob, globMatcher } from './glob.ts';
import { isInRange, parseAddress, parseRange } from './ip-range.ts';
import type { BaseOperator } from './policy.ts';
import { parseDate } from './policy-date.ts';

/** The operators in their positive form: a negated one is answered by the caller as the negation. */
export type Test =
  | 'string'
  | 'string-ignore-case'
  | 'string-like'
  | 'numeric-equals'
  | 'numeric-less'
  | 'numeric-less-equals'
  | 'numeric-greater'
  | 'numeric-greater-equals'
  | 'date-equals'
  | 'date-less'
  | 'date-less-equals'
  | 'date-greater'
  | 'date-greater-equals'
  | 'bool'
  | 'binary'
  | 'ip'
  | 'arn';

/**
 * How each operator is answered; ArnEquals is the same as ArnLike.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const TESTS: Readonly<Record<Exclude<BaseOperator, 'null'>, { test: Test; isNegated: boolean }>> = {
  stringequals: { test: 'string', isNegated: false },
  stringnotequals: { test: 'string', isNegated: true },
  stringequalsignorecase: { test: 'string-ignore-case', isNegated: false },
  stringnotequalsignorecase: { test: 'string-ignore-case', isNegated: true },
  stringlike: { test: 'string-like', isNegated: false },
  stringnotlike: { test: 'string-like', isNegated: true },
  numericequals: { test: 'numeric-equals', isNegated: false },
  numericnotequals: { test: 'numeric-equals', isNegated: true },
  numericlessthan: { test: 'numeric-less', isNegated: false },
  numericlessthanequals: { test: 'numeric-less-equals', isNegated: false },
  numericgreaterthan: { test: 'numeric-greater', isNegated: false },
  numericgreaterthanequals: { test: 'numeric-greater-equals', isNegated: false },
  dateequals: { test: 'date-equals', isNegated: false },
  datenotequals: { test: 'date-equals', isNegated: true },
  datelessthan: { test: 'date-less', isNegated: false },
  datelessthanequals: { test: 'date-less-equals', isNegated: false },
  dategreaterthan: { test: 'date-greater', isNegated: false },
  dategreaterthanequals: { test: 'date-greater-equals', isNegated: false },
  bool: { test: 'bool', isNegated: false },
  binaryequals: { test: 'binary', isNegated: false },
  ipaddress: { test: 'ip', isNegated: false },
  notipaddress: { test: 'ip', isNegated: true },
  arnequals: { test: 'arn', isNegated: false },
  arnlike: { test: 'arn', isNegated: false },
  arnnotequals: { test: 'arn', isNegated: true },
  arnnotlike: { test: 'arn', isNegated: true },
};

/** One value of a policy after its variables were put in: as it reads, and as a pattern. */
export type PolicyValue = { text: string; glob: Glob };

/** Whether a value of the request fits; undefined where it is not of the operator's type at all. */
export type ValueTest = (value: string) => boolean | undefined;

/** A test of one value of the request against all of a policy's; a value of the policy that is of another type fits nothing. */
export const compileTest = (test: Test, values: readonly PolicyValue[]): ValueTest => {
  const texts = values.map(({ text }) => text);
  switch (test) {
    case 'string':
      return oneOf(texts, (text) => text);
    case 'string-ignore-case':
      return oneOf(texts, (text) => text.toLowerCase());
    case 'string-like':
      return some(values.map(({ glob }) => globMatcher(glob)));
    case 'bool':
      return oneOf(texts, parseBool);
    case 'binary':
      return oneOf(texts, parseBinary);
    case 'ip':
      return compared(texts, parseRange, parseAddress, isInRange);
    case 'arn':
      return arnTest(values.map(({ glob }) => glob));
    case 'numeric-equals':
    case 'numeric-less':
    case 'numeric-less-equals':
    case 'numeric-greater':
    case 'numeric-greater-equals': {
      const holds = COMPARISONS[test.slice('numeric-'.length)] ?? never;
      return compared(texts, parseDecimal, parseDecimal, (a, b) => holds(compareDecimals(a, b)));
    }
    case 'date-equals':
    case 'date-less':
    case 'date-less-equals':
    case 'date-greater':
    case 'date-greater-equals': {
      const holds = COMPARISONS[test.slice('date-'.length)] ?? never;
      return compared(texts, parseDate, parseDate, (a, b) => holds(a - b));
    }
  }
};

const never = (): boolean => false;

/** What a comparison says of the difference between the request's value and the policy's. */
const COMPARISONS: Readonly<Record<string, (difference: number) => boolean>> = {
  equals: (difference) => difference === 0,
  less: (difference) => difference < 0,
  'less-equals': (difference) => difference <= 0,
  greater: (difference) => difference > 0,
  'greater-equals': (difference) => difference >= 0,
};

const some =
  (tests: readonly ((value: string) => boolean)[]): ValueTest =>
  (value) => {
    for (const test of tests) if (test(value)) return true;
    return false;
  };

/** Equality after both sides were brought to one form. */
const oneOf = (texts: readonly string[], form: (text: string) => string | undefined): ValueTest => {
  const forms = new Set(texts.map(form));
  return (value) => {
    const formed = form(value);
    return formed === undefined ? undefined : forms.has(formed);
  };
};

const compared = <Wanted, Found>(
  texts: readonly string[],
  readWanted: (text: string) => Wanted | undefined,
  readFound: (text: string) => Found | undefined,
  fits: (found: Found, wanted: Wanted) => boolean,
): ValueTest => {
  const wanted = texts.map(readWanted).filter((value) => value !== undefined);
  return (value) => {
    const found = readFound(value);
    return found === undefined ? undefined : wanted.some((each) => fits(found, each));
  };
};

const parseBool = (text: string): string | undefined => {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : undefined;
};

/** Base64 without its padding: the same bytes have one such text, but for unused bits in the last character. */
const parseBinary = (text: string): string | undefined => {
  const bare = text.replace(/={1,2}$/, '');
  return /^[A-Za-z0-9+/]*$/.test(bare) && bare.length % 4 !== 1 ? bare : undefined;
};

const COLON = 58;

/**
 * ARNs are compared part by part, so that a wildcard in one of the first five does not reach over a colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
const arnTest = (globs: readonly Glob[]): ValueTest => {
  const tests = globs.map((glob) => {
    if (glob.length === 1 && glob[0] === ANY) return () => true;
    const parts = arnParts(glob).map(globMatcher);
    return (found: readonly string[]) =>
      parts.length === ARN_PARTS && parts.every((matches, index) => matches(found[index] ?? ''));
  });
  return (value) => {
    const [a, b, c, d, e, ...rest] = value.split(':');
    if (
      a === undefined ||
      b === undefined ||
      c === undefined ||
      d === undefined ||
      e === undefined ||
      rest.length === 0
    )
      return undefined;
    const found = [a, b, c, d, e, rest.join(':')];
    return tests.some((test) => test(found));
  };
};

const ARN_PARTS = 6;

/** A pattern cut at its first five colons. */
export const arnParts = (glob: Glob): Glob[] => {
  const parts: Glob[] = [];
  let from = 0;
  for (
    let at = glob.indexOf(COLON);
    at >= 0 && parts.length < ARN_PARTS - 1;
    at = glob.indexOf(COLON, from)
  ) {
    parts.push(glob.slice(from, at));
    from = at + 1;
  }
  return [...parts, glob.slice(from)];
};

/** What is wrong with a value that stands in a policy and can fit nothing; undefined where it can fit. */
export const valueProblem = (test: Test, text: string): string | undefined => {
  if (test.startsWith('numeric')) return parseDecimal(text) ? undefined : 'is no number';
  if (test.startsWith('date')) return parseDate(text) === undefined ? 'is no date' : undefined;
  if (test === 'bool') return parseBool(text) ? undefined : 'is neither true nor false';
  if (test === 'binary') return parseBinary(text) === undefined ? 'is not base64' : undefined;
  if (test === 'ip') return parseRange(text) ? undefined : 'is no IP address or range (CIDR)';
  if (test === 'arn') return text === '*' || text.split(':').length >= ARN_PARTS ? undefined : 'is no ARN';
  return undefined;
};
