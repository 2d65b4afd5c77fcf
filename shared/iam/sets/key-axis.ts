import type { ContextValue } from '../decide/context.ts';
import { type Decimal, parseDecimal } from '../policy/decimal.ts';
import { ANY, type Glob, literalGlob, ONE, parseGlob } from '../policy/glob.ts';
import type { Test } from '../policy/operators.ts';
import { parseDate } from '../policy/policy-date.ts';
import {
  accountIds,
  type Comparison,
  everyOf,
  globLanguage,
  integerLanguage,
  jobNames,
  SERVICE_LETTERS,
  someOf,
} from './language.ts';
import { arnPattern, globPattern, opaque, type Pattern } from './pattern.ts';

/** What a condition compares values with: a text of a policy, its variables put in, and the pattern of it. */
export type Comparand = { text: string; glob: Glob };

/**
 * Which texts of an axis a comparand fits. `never`: the operator takes none of the texts for a value of its type; `open`:
 * that cannot be told for all of them together.
 */
export type Fit = Pattern | 'nothing' | 'never' | 'open';

/** Condition keys whose values a question leaves open, all told by one text. */
export type KeyAxis = {
  universe: readonly Pattern[];
  /** Texts that are left out. */
  without: readonly Pattern[];
  /** What a comparand of each key fits, by the key in lower case. */
  fits: Readonly<Record<string, (test: Test, comparand: Comparand, isNegated: boolean) => Fit>>;
  /** The values that a key has beside that of the axis. */
  beside: readonly string[];
  /** The context that a text stands for. */
  contextOf: (text: string) => Readonly<Record<string, ContextValue>>;
};

/** What texts fit that are no ARN, number, date, address or base64, such as the names of services. */
const nameFit = (test: Test, { text, glob }: Comparand): Fit => {
  switch (test) {
    case 'string':
      return globPattern(literalGlob(text));
    case 'string-ignore-case':
      return globPattern(literalGlob(text.toLowerCase()), 'folded');
    case 'string-like':
      return globPattern(glob);
    case 'bool':
      return /^(?:true|false)$/i.test(text) ? globPattern(literalGlob(text), 'folded') : 'nothing';
    default:
      return 'never';
  }
};

/**
 * The services to which roles can be passed, but those.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */
export const passedToService = (without: readonly string[]): KeyAxis => ({
  universe: [SERVICE_NAMES],
  without: without.map((service) => globPattern(literalGlob(service))),
  fits: { 'iam:passedtoservice': nameFit },
  beside: [],
  contextOf: (text) => ({ 'iam:PassedToService': text }),
});

const SERVICE_NAMES = opaque(() =>
  everyOf([
    SERVICE_LETTERS,
    someOf(
      ['amazonaws.com', 'amazonaws.com.cn', 'amazon.com', 'aws.internal'].map((domain) =>
        globLanguage(parseGlob(`?*.${domain}`)),
      ),
    ),
  ]),
);

const versions = (universe: readonly Pattern[], areDates: boolean): KeyAxis => ({
  universe,
  without: [],
  fits: { 'sagemaker:pipelineversionid': (test, comparand) => integerFit(test, comparand, areDates) },
  beside: [],
  contextOf: (text) => ({ 'sagemaker:PipelineVersionId': text }),
});

/** Greater numbers are seconds of no date. */
const MOST_SECONDS = 8_640_000_000_000;

/** The versions of a pipeline below one; they are counted from 1. */
export const versionsBelow = (minimum: number): KeyAxis =>
  versions([integers('greater-equals', '1'), integers('less', String(minimum))], minimum <= MOST_SECONDS);

/** The versions from one on. */
export const versionsFrom = (minimum: number): KeyAxis =>
  versions([integers('greater-equals', String(minimum))], false);

const integers = (comparison: Comparison, text: string): Pattern => compared(comparison, parseDecimal(text));

const compared = (comparison: Comparison, limit: Decimal | undefined): Pattern =>
  limit ? opaque(() => integerLanguage(comparison, limit)) : NOTHING;

/** As whole numbers are seconds where dates are compared. */
const secondsOf = (text: string): Decimal | undefined => {
  const instant = parseDate(text);
  return instant === undefined ? undefined : { units: BigInt(instant), scale: 3 };
};

const NOTHING = opaque(() => someOf([]));

/** What whole numbers fit. They are seconds as well, and so may be dates, and bytes in base64. */
const integerFit = (test: Test, comparand: Comparand, areDates: boolean): Fit => {
  switch (test) {
    case 'numeric-equals':
    case 'numeric-less':
    case 'numeric-less-equals':
    case 'numeric-greater':
    case 'numeric-greater-equals':
      return integers(test.slice('numeric-'.length) as Comparison, comparand.text);
    case 'date-equals':
    case 'date-less':
    case 'date-less-equals':
    case 'date-greater':
    case 'date-greater-equals':
      return areDates
        ? compared(test.slice('date-'.length) as Comparison, secondsOf(comparand.text))
        : 'open';
    case 'binary':
      return 'open';
    default:
      return nameFit(test, comparand);
  }
};

/** What ARNs fit: no number, date, address or base64 has so many colons. */
const arnFit = (test: Test, comparand: Comparand): Fit =>
  test === 'arn' ? arnPattern(comparand.glob) : nameFit(test, comparand);

/** The ARNs whose account fits: 12 digits, which may be a number, a date or bytes in base64 as well. */
const accountFit = (test: Test, { text, glob }: Comparand): Fit => {
  switch (test) {
    case 'string':
    case 'string-ignore-case':
      return ofAccount(literalGlob(text));
    case 'string-like':
      return ofAccount(glob);
    case 'bool':
      return 'nothing';
    case 'arn':
    case 'ip':
      return 'never';
    default:
      return 'open';
  }
};

const COLON = 58;

const ofAccount = (account: Glob): Fit =>
  account.includes(COLON) ? 'nothing' : arnPattern([...parseGlob('*:*:*:*:'), ...account, COLON, ANY]);

const SOURCE: Omit<KeyAxis, 'universe' | 'without'> = {
  fits: { 'aws:sourcearn': arnFit, 'aws:sourceaccount': accountFit },
  beside: [],
  contextOf: (text) => ({ 'aws:SourceArn': text, 'aws:SourceAccount': text.split(':')[4] ?? '' }),
};

const ACCOUNT_IDS = opaque(accountIds);

type Account = { partition: string; account: string };

/** The resources of a service in an account, on whose behalf it may act. */
export const sourcesOf = (service: string, { partition, account }: Account): KeyAxis => ({
  universe: [arnPattern(parseGlob(`arn:${partition}:${service}:*:${account}:?*`))],
  without: [],
  ...SOURCE,
});

/** Its resources in all other accounts. */
export const sourcesBeyond = (service: string, { partition, account }: Account): KeyAxis => ({
  universe: [arnPattern(parseGlob(`arn:${partition}:${service}:*:*:?*`)), ACCOUNT_IDS],
  without: [arnPattern(parseGlob(`*:*:*:*:${account}:*`))],
  ...SOURCE,
});

/** What lies under a resource: the executions of a pipeline. */
export const sourcesUnder = (arn: string): KeyAxis => ({
  universe: [
    arnPattern([...literalGlob(`${arn}/execution/`), ONE, ANY]),
    opaque(() => jobNames(`${arn}/execution/`.split('/').length - 1)),
  ],
  without: [],
  ...SOURCE,
});

/** A second tag key in a request that has one already, whatever its letter case. */
export const tagKeysBeside = (key: string): KeyAxis => ({
  universe: [globPattern(parseGlob('?*'))],
  without: [globPattern(literalGlob(key), 'folded')],
  fits: { 'aws:tagkeys': tagFit },
  beside: [key],
  contextOf: (text) => ({ 'aws:TagKeys': [key, text] }),
});

/** What the keys of tags fit, which can be any text. */
const tagFit = (test: Test, comparand: Comparand, isNegated: boolean): Fit => {
  switch (test) {
    case 'string':
    case 'string-like':
    case 'bool':
      return nameFit(test, comparand);
    case 'string-ignore-case':
      return /^[ -~]*$/.test(comparand.text) ? nameFit(test, comparand) : 'open';
    case 'arn':
      return isNegated ? 'open' : arnPattern(comparand.glob);
    default:
      return 'open';
  }
};
