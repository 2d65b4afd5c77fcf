import {
  decoded,
  entriesOf,
  isEncoded,
  isEqual,
  isList,
  Mistake,
  memberOf,
  textOf,
  Untold,
  type Value,
} from './values.ts';

/** What of texts only the deployment tells. */
export type OpenTexts = {
  /** Where in a text something stands that only the deployment tells: beginnings and ends, in order. */
  partsOf: (text: string) => readonly (readonly [start: number, end: number])[];
  /** Whether two texts are the same. Throws Untold where only the deployment tells it. */
  isSame: (one: string, other: string) => boolean;
  /** Whether a text is one of which only the deployment tells whether it is there at all. */
  mayBeNull: (text: string) => boolean;
  /** Whether what only the deployment tells in a text may have this part in it. */
  mayHold: (text: string, part: string) => boolean;
};

const MAX_DEPTH = 100;

/** Takes the work of looking at all of a value off what is left: lists that hold others several times are looked at as often. */
export const weigh = (value: Value, work: { left: number }, depth = 0): void => {
  if (--work.left < 0 || depth > MAX_DEPTH)
    throw new Untold('there is more to evaluate than is evaluated here');
  if (value === null || typeof value !== 'object') return;
  const inner = isEncoded(value) ? [decoded(value)] : Object.values(value);
  for (const each of inner) if (typeof each !== 'function') weigh(each as Value, work, depth + 1);
};

/** Whether a value holds a text of which only the deployment tells a part. Resources and modules are not looked into. */
export const holdsOpen = (value: Value, open: OpenTexts, depth = 0): boolean => {
  if (typeof value === 'string') return open.partsOf(value).length > 0;
  if (value === null || typeof value !== 'object') return false;
  if (depth > MAX_DEPTH) return true;
  if (isEncoded(value)) return holdsOpen(decoded(value), open, depth + 1);
  if (isList(value)) return value.some((each) => holdsOpen(each, open, depth + 1));
  return Object.entries(value).some(
    ([key, each]) =>
      open.partsOf(key).length > 0 ||
      (typeof each !== 'function' && holdsOpen(each as Value, open, depth + 1)),
  );
};

/** Whether only the deployment tells if a key is among those of a value. */
export const bearsOpen = (key: Value, value: Value, open: OpenTexts): boolean =>
  holdsOpen(key, open) || entriesOf(value).some(([name]) => open.partsOf(name).length > 0);

/**
 * What an action makes of these values. What is a mistake of a value that only the deployment tells is none, but untold: the value may be
 * a number, a list or an object.
 */
export const telling = (given: readonly Value[], open: OpenTexts, act: () => Value): Value => {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Mistake) || !given.some((each) => holdsOpen(each, open))) throw error;
    throw new Untold(`it hangs on what only the deployment tells: ${error.message}`);
  }
};

/** Functions that leave texts in what they make as they are, or put them together. */
export const LEAVES_OPEN: ReadonlySet<string> = new Set([
  'chomp',
  'chunklist',
  'coalesce',
  'coalescelist',
  'compact',
  'concat',
  'distinct',
  'element',
  'flatten',
  'format',
  'formatlist',
  'indent',
  'join',
  'jsondecode',
  'jsonencode',
  'keys',
  'lower',
  'merge',
  'nonsensitive',
  'one',
  'reverse',
  'sensitive',
  'setproduct',
  'setunion',
  'slice',
  'sort',
  'tolist',
  'tomap',
  'toset',
  'tostring',
  'trimspace',
  'values',
  'yamldecode',
  'zipmap',
]);

/** Functions whose result is a text, so that it is an unknown text where they are given one. */
export const MAKES_TEXT: ReadonlySet<string> = new Set([
  'abspath',
  'base64decode',
  'base64encode',
  'basename',
  'dirname',
  'replace',
  'strrev',
  'substr',
  'title',
  'trim',
  'trimprefix',
  'trimsuffix',
  'upper',
  'urlencode',
]);

type IsTold = (open: OpenTexts, ...given: Value[]) => boolean;

const textIn = (value: Value | undefined): string | undefined =>
  value === undefined || value === null || (typeof value === 'object' && !isEncoded(value))
    ? undefined
    : textOf(value);

/** Whether the beginning of a text tells if it begins with the part. */
const tellsStart: IsTold = ({ partsOf }, whole = null, part = null) => {
  const [text, start] = [textIn(whole), textIn(part)];
  if (text === undefined || start === undefined || partsOf(start).length > 0) return false;
  const [[first] = [text.length]] = partsOf(text);
  return first >= start.length || !start.startsWith(text.slice(0, first));
};

const tellsEnd: IsTold = ({ partsOf }, whole = null, part = null) => {
  const [text, end] = [textIn(whole), textIn(part)];
  if (text === undefined || end === undefined || partsOf(end).length > 0) return false;
  const [, last = 0] = partsOf(text).at(-1) ?? [];
  return text.length - last >= end.length || !end.endsWith(text.slice(last));
};

const isWithout =
  (wholeAt: number, partAt: number): IsTold =>
  (open, ...given) => {
    const [text, part] = [textIn(given[wholeAt]), textIn(given[partAt])];
    return (
      text !== undefined && part !== undefined && open.partsOf(part).length === 0 && !open.mayHold(text, part)
    );
  };

/** When other functions tell their result all the same. */
const TOLD: Readonly<Record<string, IsTold>> = {
  basename: (open, whole = null) => !open.mayHold(textIn(whole) ?? '', '/'),
  contains: (_open, list = null, value = null) => isList(list) && list.some((each) => isEqual(each, value)),
  dirname: (open, whole = null) => !open.mayHold(textIn(whole) ?? '', '/'),
  endswith: tellsEnd,
  length: (_open, value = null) => typeof value !== 'string',
  lookup: (open, map = null, key = null) =>
    !holdsOpen(key, open) &&
    typeof map !== 'string' &&
    (memberOf(map, textOf(key)) !== undefined || !bearsOpen(key, map, open)),
  replace: isWithout(0, 1),
  split: isWithout(1, 0),
  startswith: tellsStart,
  substr: ({ partsOf }, whole = null, offset = null, length = null) => {
    const [[first] = [0]] = partsOf(textIn(whole) ?? '');
    return Number(offset) >= 0 && Number(length) >= 0 && Number(offset) + Number(length) <= first;
  },
  trimprefix: tellsStart,
  trimsuffix: tellsEnd,
};

/** Whether a function tells its result, although only the deployment tells some of what it is given. */
export const isToldOf = (name: string, given: readonly Value[], open: OpenTexts): boolean =>
  Object.hasOwn(TOLD, name) && TOLD[name]?.(open, ...given) === true;
