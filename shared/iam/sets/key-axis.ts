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

/** A text with which a condition compares values, after its variables are replaced, and the pattern of this text. */
export type Comparand = { text: string; glob: Glob };

/**
 * The texts of an axis that a comparand matches. `never`: no text of the axis has the operator's type; `open`: the
 * answer is not the same for all texts and cannot be computed.
 */
export type Fit = Pattern | 'nothing' | 'never' | 'open';

/** Condition keys whose values a question leaves open. One text on the axis determines all their values. */
export type KeyAxis = {
  universe: readonly Pattern[];
  /** Texts that the axis leaves out. */
  without: readonly Pattern[];
  /** What a comparand of each key (in lower case) matches. */
  fits: Readonly<Record<string, (test: Test, comparand: Comparand, isNegated: boolean) => Fit>>;
  /** The context that a text of the axis stands for. */
  contextOf: (text: string) => Readonly<Record<string, ContextValue>>;
};

/**
 * What a comparand matches among texts that are not ARNs, numbers, dates, addresses or base64, such as names of
 * services.
 */
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
 * All services to which roles can be passed, except the given ones.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
 */
export const passedToService = (without: readonly string[]): KeyAxis => ({
  universe: [SERVICE_NAMES],
  without: without.map((service) => globPattern(literalGlob(service))),
  fits: { 'iam:passedtoservice': nameFit },
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
  contextOf: (text) => ({ 'sagemaker:PipelineVersionId': text }),
});

/** Greater numbers, read as seconds, are beyond any date. */
const MOST_SECONDS = 8_640_000_000_000;

/** The versions of a pipeline below a minimum; versions count from 1. */
export const versionsBelow = (minimum: number): KeyAxis =>
  versions([integers('greater-equals', '1'), integers('less', String(minimum))], minimum <= MOST_SECONDS);

/** The versions of a pipeline from a minimum on. */
export const versionsFrom = (minimum: number): KeyAxis =>
  versions([integers('greater-equals', String(minimum))], false);

const integers = (comparison: Comparison, text: string): Pattern => compared(comparison, parseDecimal(text));

const compared = (comparison: Comparison, limit: Decimal | undefined): Pattern =>
  limit ? opaque(() => integerLanguage(comparison, limit)) : NOTHING;

/** A date as seconds, because whole numbers mean seconds where dates are compared. */
const secondsOf = (text: string): Decimal | undefined => {
  const instant = parseDate(text);
  return instant === undefined ? undefined : { units: BigInt(instant), scale: 3 };
};

const NOTHING = opaque(() => someOf([]));

/**
 * What a comparand matches among whole numbers. Whole numbers can also be read as seconds (dates) and as bytes in
 * base64.
 */
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

/**
 * What a comparand matches among ARNs. With so many colons, no ARN can be read as a number, date, address or base64.
 */
const arnFit = (test: Test, comparand: Comparand): Fit =>
  test === 'arn' ? arnPattern(comparand.glob) : nameFit(test, comparand);

/**
 * The ARNs whose account matches. The 12 digits of an account can also be read as a number, a date or bytes in
 * base64.
 */
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
  contextOf: (text) => ({ 'aws:SourceArn': text, 'aws:SourceAccount': text.split(':')[4] ?? '' }),
};

const ACCOUNT_IDS = opaque(accountIds);

type Account = { partition: string; account: string };

/** The resources of a service in an account, on whose behalf the service may act. */
export const sourcesOf = (service: string, { partition, account }: Account): KeyAxis => ({
  universe: [arnPattern(parseGlob(`arn:${partition}:${service}:*:${account}:?*`))],
  without: [],
  ...SOURCE,
});

/** The resources of a service in all other accounts. */
export const sourcesBeyond = (service: string, { partition, account }: Account): KeyAxis => ({
  universe: [arnPattern(parseGlob(`arn:${partition}:${service}:*:*:?*`)), ACCOUNT_IDS],
  without: [arnPattern(parseGlob(`*:*:*:*:${account}:*`))],
  ...SOURCE,
});

/** The executions of a pipeline. */
export const sourcesUnder = (arn: string): KeyAxis => ({
  universe: [
    arnPattern([...literalGlob(`${arn}/execution/`), ONE, ANY]),
    opaque(() => jobNames(`${arn}/execution/`.split('/').length - 1)),
  ],
  without: [],
  ...SOURCE,
});

/**
 * A tag key in a request, in any letter case: IAM minds no case in the keys of its tags, and conditions on aws:TagKeys do.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 */
export const tagKeyInAnyCase = (key: string): KeyAxis => ({
  ...TAG_KEYS,
  universe: [anyCaseOf(key)],
  without: [],
});

/** A further tag key in a request that has one; another letter case of the first key does not count. */
export const tagKeysBeside = (key: string): KeyAxis => ({
  ...TAG_KEYS,
  universe: [globPattern(parseGlob('?*'))],
  without: [anyCaseOf(key)],
});

const anyCaseOf = (key: string): Pattern => globPattern(literalGlob(key.toLowerCase()), 'folded');

/** What a comparand matches among tag keys, which can be any text. */
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

const TAG_KEYS: Omit<KeyAxis, 'universe' | 'without'> = {
  fits: { 'aws:tagkeys': tagFit },
  contextOf: (text) => ({ 'aws:TagKeys': [text] }),
};
