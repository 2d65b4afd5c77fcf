import { compareDecimals, parseDecimal } from './decimal.ts';
import { ANY, type Glob, globMatcher } from './glob.ts';
import { isInRange, parseAddress, parseRange } from './ip-range.ts';
import type { BaseOperator } from './policy.ts';
import { parseDate } from './policy-date.ts';

type Comparison = 'equals' | 'less' | 'less-equals' | 'greater' | 'greater-equals';

/** The tests of condition operators in their positive form; the caller negates the answer for a negated operator. */
export type Test =
  | 'string'
  | 'string-ignore-case'
  | 'string-like'
  | `numeric-${Comparison}`
  | `date-${Comparison}`
  | 'bool'
  | 'binary'
  | 'ip'
  | 'arn';

/**
 * The test of each operator. AWS documents that ArnEquals and ArnLike behave the same.
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

/** One value of a condition, after its variables are replaced: as text and as a pattern. */
export type PolicyValue = { text: string; glob: Glob };

/** Whether a value of the request matches; undefined if the value is not of the operator's type. */
export type ValueTest = (value: string) => boolean | undefined;

/**
 * Tests one value of the request against all values of a condition. A value of the condition that is of another type
 * matches nothing.
 */
export const compileTest = (test: Test, values: readonly PolicyValue[]): ValueTest =>
  OPERATORS[test].compile(values);

/** Why a value in a policy can match nothing; undefined if it can match. */
export const valueProblem = (test: Test, text: string): string | undefined => OPERATORS[test].problem?.(text);

type Operator = {
  compile: (values: readonly PolicyValue[]) => ValueTest;
  /** Absent where any text can match. */
  problem?: (text: string) => string | undefined;
};

const unreadable =
  (parse: (text: string) => unknown, problem: string) =>
  (text: string): string | undefined =>
    parse(text) === undefined ? problem : undefined;

const stringTest = (values: readonly PolicyValue[]): ValueTest => {
  const [first] = values;
  if (first && values.length === 1) return (value) => value === first.text;
  const texts = new Set(values.map(({ text }) => text));
  return (value) => texts.has(value);
};

/** Compares two texts after converting both to one form. */
const sameForm =
  (form: (text: string) => string | undefined) =>
  (values: readonly PolicyValue[]): ValueTest => {
    const forms = new Set(values.map(({ text }) => form(text)));
    return (value) => {
      const formed = form(value);
      return formed === undefined ? undefined : forms.has(formed);
    };
  };

type TextTest = (text: string) => boolean;

const hasWildcard = (glob: Glob): boolean => glob.some((unit) => unit < 0);

/** Values without wildcards are looked up in a set; only patterns are tried one by one. */
const likeTest = (values: readonly PolicyValue[], compile: (glob: Glob) => TextTest): TextTest => {
  const texts = new Set(values.map(({ text }) => text));
  const patterns = values.flatMap(({ glob }) => (hasWildcard(glob) ? [compile(glob)] : []));
  return (value) => {
    if (texts.has(value)) return true;
    for (const matches of patterns) if (matches(value)) return true;
    return false;
  };
};

const compared =
  <Wanted, Found>(
    parseWanted: (text: string) => Wanted | undefined,
    parseFound: (text: string) => Found | undefined,
    fits: (found: Found, wanted: Wanted) => boolean,
  ) =>
  (values: readonly PolicyValue[]): ValueTest => {
    const wanted = values.map(({ text }) => parseWanted(text)).filter((value) => value !== undefined);
    return (text) => {
      const found = parseFound(text);
      if (found === undefined) return undefined;
      for (const each of wanted) if (fits(found, each)) return true;
      return false;
    };
  };

const COLON = 58;
const ARN_PARTS = 6;

/**
 * ARNs are compared part by part, so a wildcard in one of the first five parts does not match a colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
const arnTest = (values: readonly PolicyValue[]): ValueTest => {
  const matches = likeTest(values, arnMatcher);
  return (value) => (isArn(value) ? matches(value) : undefined);
};

const arnMatcher = (glob: Glob): TextTest => {
  if (glob.length === 1 && glob[0] === ANY) return () => true;
  const parts = arnParts(glob);
  if (parts.length < ARN_PARTS) return () => false;
  // Without wildcards in the first five parts, the pattern's first five colons can only match those of the ARN.
  if (!parts.slice(0, -1).some(hasWildcard)) return globMatcher(glob);
  const matchers = parts.map(globMatcher);
  return (arn) => {
    let from = 0;
    for (let index = 0; index < ARN_PARTS; index++) {
      const end = index < ARN_PARTS - 1 ? arn.indexOf(':', from) : arn.length;
      if (!matchers[index]?.(arn.slice(from, end))) return false;
      from = end + 1;
    }
    return true;
  };
};

/** Splits a pattern at its first five colons. */
export const arnParts = (glob: Glob): Glob[] => {
  const parts: Glob[] = [];
  let from = 0;
  while (parts.length < ARN_PARTS - 1) {
    const colon = glob.indexOf(COLON, from);
    if (colon < 0) break;
    parts.push(glob.slice(from, colon));
    from = colon + 1;
  }
  return [...parts, glob.slice(from)];
};

/** Whether a text has the six parts of an ARN; their content is not checked. */
const isArn = (text: string): boolean => {
  let colon = -1;
  for (let part = 1; part < ARN_PARTS; part++) {
    colon = text.indexOf(':', colon + 1);
    if (colon < 0) return false;
  }
  return true;
};

const parseBool = (text: string): string | undefined => {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : undefined;
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The canonical base64 text (without padding) of the same bytes; undefined if the text is not base64. */
const parseBinary = (text: string): string | undefined => {
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text);
  if (!match) return undefined;
  const [, bare = '', padding] = match;
  const rest = bare.length % 4;
  if (rest === 1 || (padding && text.length % 4 !== 0)) return undefined;
  if (rest === 0) return bare;
  // Only the first two or four bits of the last character carry data.
  const last = BASE64.indexOf(bare.slice(-1));
  return bare.slice(0, -1) + BASE64.charAt(last - (last % (rest === 2 ? 16 : 4)));
};

const ordered =
  <Value>(
    parse: (text: string) => Value | undefined,
    compare: (a: Value, b: Value) => number,
    problem: string,
  ) =>
  (holds: (order: number) => boolean): Operator => ({
    compile: compared(parse, parse, (found, wanted) => holds(compare(found, wanted))),
    problem: unreadable(parse, problem),
  });
const numeric = ordered(parseDecimal, compareDecimals, 'is not a number');
const date = ordered(parseDate, (a, b) => a - b, 'is not a date');

const OPERATORS: Readonly<Record<Test, Operator>> = {
  string: { compile: stringTest },
  'string-ignore-case': { compile: sameForm((text) => text.toLowerCase()) },
  'string-like': { compile: (values) => likeTest(values, globMatcher) },
  'numeric-equals': numeric((order) => order === 0),
  'numeric-less': numeric((order) => order < 0),
  'numeric-less-equals': numeric((order) => order <= 0),
  'numeric-greater': numeric((order) => order > 0),
  'numeric-greater-equals': numeric((order) => order >= 0),
  'date-equals': date((order) => order === 0),
  'date-less': date((order) => order < 0),
  'date-less-equals': date((order) => order <= 0),
  'date-greater': date((order) => order > 0),
  'date-greater-equals': date((order) => order >= 0),
  bool: { compile: sameForm(parseBool), problem: unreadable(parseBool, 'is neither true nor false') },
  binary: { compile: sameForm(parseBinary), problem: unreadable(parseBinary, 'is not base64') },
  ip: {
    compile: compared(parseRange, parseAddress, isInRange),
    problem: unreadable(parseRange, 'is not an IP address or range (CIDR)'),
  },
  arn: { compile: arnTest, problem: (text) => (text === '*' || isArn(text) ? undefined : 'is not an ARN') },
};
