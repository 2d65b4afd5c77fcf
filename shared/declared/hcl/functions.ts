import { parse as parseYaml } from 'yaml';
import type { Json } from '../../json/json.ts';
import { excessIn, type YamlLimits } from '../../json/yaml-excess.ts';
import {
  boundedLength,
  decoded,
  encoded,
  entriesOf,
  isEncoded,
  isEqual,
  isList,
  jsonText,
  listOf,
  Mistake,
  memberOf,
  numberOf,
  ofJsonText,
  pairsOf,
  setOf,
  textOf,
  truthOf,
  Untold,
  type Value,
} from './values.ts';

type Function = (...given: Value[]) => Value;

/** The longest list that a function makes. */
const MAX_LIST = 100_000;

const bounded = <T>(list: T[]): T[] => {
  if (list.length > MAX_LIST) throw new Untold(`it makes a list of more than ${MAX_LIST} elements`);
  return list;
};

const textsOf = (value: Value | undefined): string[] => listOf(given(value)).map(textOf);
const given = (value: Value | undefined): Value => {
  if (value === undefined) throw new Mistake('a function is given too little');
  return value;
};
const text = (value: Value | undefined): string => textOf(given(value));
const number = (value: Value | undefined): number => numberOf(given(value));

const joined = (separator: string, texts: readonly string[]): string => {
  boundedLength(texts.reduce((sum, each) => sum + each.length + separator.length, 0));
  return texts.join(separator);
};

const flattened = (list: readonly Value[], depth = 0): Value[] => {
  if (depth > 100) throw new Untold('it is nested too deeply');
  return bounded(list.flatMap((each) => (isList(each) ? flattened(each, depth + 1) : [each])));
};

/** Each element once, in the order of their first. */
const unique = (list: readonly Value[]): Value[] => {
  const seen = new Set<string>();
  return list.filter((each) => {
    const key = jsonText(each);
    return !seen.has(key) && seen.add(key);
  });
};

/** Parts of `%s`, `%d`, `%q`, `%v`. Other verbs are not evaluated. https://developer.hashicorp.com/terraform/language/functions/format */
const formatted = (pattern: string, values: readonly Value[]): string => {
  let next = 0;
  let length = pattern.length;
  const made = pattern.replaceAll(
    /%(?:%|(?:\[(\d+)\])?([-0]?)(\d*)([a-zA-Z]))/g,
    (whole, place: string | undefined, flag: string, width: string, verb: string) => {
      if (whole === '%%') return '%';
      if (place !== undefined) next = Number(place) - 1;
      const value = values[next++];
      if (value === undefined) throw new Mistake('format() is given fewer values than it needs');
      const least = Math.min(Number(width || '0'), 1000);
      const plain = verbText(verb, value);
      const shown = flag === '-' ? plain.padEnd(least) : plain.padStart(least, flag || ' ');
      length += shown.length;
      boundedLength(length);
      return shown;
    },
  );
  return made;
};

const verbText = (verb: string, value: Value): string => {
  if (verb === 's') return textOf(value);
  if (verb === 'd') return String(Math.trunc(numberOf(value)));
  if (verb === 'q') return JSON.stringify(textOf(value));
  if (verb === 'v')
    return value === null || (typeof value === 'object' && !isEncoded(value))
      ? jsonText(value)
      : textOf(value);
  if (verb === 't') return String(truthOf(value));
  throw new Untold(`the verb %${verb} of format() is not evaluated here`);
};

const replaced = (whole: string, part: string, by: string): string => {
  // Terraform takes /…/ for a regular expression, whose rules are those of RE2.
  if (part.length > 1 && part.startsWith('/') && part.endsWith('/'))
    throw new Untold('replace() with a regular expression is not evaluated here');
  return joined(by, whole.split(part));
};

const trimmed = (whole: string, characters: string, start: boolean, end: boolean): string => {
  const cut = new Set(characters);
  const all = [...whole];
  let from = 0;
  let to = all.length;
  while (start && from < to && cut.has(all[from] ?? '')) from++;
  while (end && to > from && cut.has(all[to - 1] ?? '')) to--;
  return all.slice(from, to).join('');
};

const merged = (values: readonly Value[]): Value =>
  Object.fromEntries(values.flatMap((each) => (each === null ? [] : entriesOf(each))));

const ofKeys = (keys: readonly string[], values: readonly Value[]): Value =>
  Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));

const range = (...bounds: number[]): number[] => {
  const [start = 0, limit = 0, step = start <= limit ? 1 : -1] =
    bounds.length === 1 ? [0, ...bounds] : bounds;
  if (step === 0 || Math.abs((limit - start) / step) > MAX_LIST)
    throw new Untold('range() makes too long a list');
  const list: number[] = [];
  for (let at = start; step > 0 ? at < limit : at > limit; at += step) list.push(at);
  return list;
};

/** Each way to take one element of each list. */
const products = (lists: readonly (readonly Value[])[]): Value[][] =>
  lists.reduce<Value[][]>(
    (ways, list) => {
      if (ways.length * list.length > MAX_LIST)
        throw new Untold(`it makes a list of more than ${MAX_LIST} elements`);
      return ways.flatMap((way) => list.map((each) => [...way, each]));
    },
    [[]],
  );

const firstOf = (values: readonly Value[], isWanted: (value: Value) => boolean): Value => {
  const found = values.find(isWanted);
  if (found === undefined) throw new Mistake('no value is left to take');
  return found;
};

const YAML_LIMITS: YamlLimits = { tokens: 100_000, aliases: 100, brackets: 50 };

const yamlOf = (source: string): Value => {
  if (excessIn(source, YAML_LIMITS)) throw new Untold('the text of YAML is longer than what is read');
  try {
    return parseYaml(source, { maxAliasCount: 100, schema: 'core', logLevel: 'silent' }) as Json;
  } catch {
    throw new Mistake('the text is not YAML');
  }
};

const isEmpty = (value: Value): boolean => value === null || value === '';

/** Functions of Terraform whose result is what they are given to compute. https://developer.hashicorp.com/terraform/language/functions */
export const FUNCTIONS: Readonly<Record<string, Function>> = {
  jsonencode: (value) => encoded(given(value)),
  jsondecode: (value) => (isEncodedValue(value) ? decoded(value) : ofJsonText(text(value))),
  yamldecode: (value) => yamlOf(text(value)),
  format: (pattern, ...values) => formatted(text(pattern), values),
  formatlist: (pattern, ...values) => {
    const lists = values.map((value) => (isList(value) ? value : undefined));
    const length = Math.max(0, ...lists.map((list) => list?.length ?? 0));
    return bounded(Array.from({ length: lists.some(Boolean) ? length : 1 })).map((_, index) =>
      formatted(
        text(pattern),
        values.map((value, at) => lists[at]?.[index] ?? value),
      ),
    );
  },
  join: (separator, ...lists) => joined(text(separator), lists.flatMap(textsOf)),
  split: (separator, whole) => (text(whole) === '' ? [''] : bounded(text(whole).split(text(separator)))),
  concat: (...lists) => bounded(lists.flatMap((list) => [...listOf(list)])),
  merge: (...values) => merged(values),
  lookup: (map, key, otherwise) => {
    const found = memberOf(given(map), text(key)) ?? otherwise;
    if (found === undefined) throw new Mistake('lookup() finds nothing');
    return found;
  },
  replace: (whole, part, by) => replaced(text(whole), text(part), text(by)),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  title: (value) => text(value).replaceAll(/\b\p{Ll}/gu, (letter) => letter.toUpperCase()),
  toset: (value) => setOf(listOf(given(value))),
  tolist: (value) => [...listOf(given(value))],
  tomap: (value) => Object.fromEntries(entriesOf(given(value))),
  tostring: (value) => (value === null ? null : text(value)),
  tonumber: (value) => (value === null ? null : number(value)),
  tobool: (value) => (value === null ? null : truthOf(given(value))),
  keys: (value) =>
    entriesOf(given(value))
      .map(([name]) => name)
      .toSorted(),
  values: (value) => pairsOf(given(value)).map(([, each]) => each),
  flatten: (value) => flattened(listOf(given(value))),
  distinct: (value) => unique(listOf(given(value))),
  compact: (value) => listOf(given(value)).filter((each) => !isEmpty(each)),
  coalesce: (...values) => firstOf(values, (value) => !isEmpty(value)),
  coalescelist: (...values) => firstOf(values, (value) => listOf(value).length > 0),
  length: (value) =>
    isList(given(value))
      ? listOf(given(value)).length
      : typeof value === 'string'
        ? [...value].length
        : entriesOf(given(value)).length,
  contains: (list, value) => listOf(given(list)).some((each) => isEqual(each, given(value))),
  index: (list, value) => {
    const at = listOf(given(list)).findIndex((each) => isEqual(each, given(value)));
    if (at < 0) throw new Mistake('index() finds nothing');
    return at;
  },
  element: (list, at) => {
    const all = listOf(given(list));
    const found = all[((number(at) % all.length) + all.length) % all.length];
    if (found === undefined) throw new Mistake('element() is given an empty list');
    return found;
  },
  slice: (list, from, to) => listOf(given(list)).slice(number(from), number(to)),
  reverse: (list) => listOf(given(list)).toReversed(),
  sort: (list) => textsOf(list).toSorted(),
  one: (list) => {
    const all = listOf(given(list));
    if (all.length > 1) throw new Mistake('one() is given more than one element');
    return all[0] ?? null;
  },
  range: (...bounds) => range(...bounds.map(numberOf)),
  chunklist: (list, size) => {
    const [all, length] = [listOf(given(list)), Math.max(1, number(size))];
    return Array.from({ length: Math.ceil(all.length / length) }, (_, index) =>
      all.slice(index * length, (index + 1) * length),
    );
  },
  zipmap: (keys, values) => ofKeys(textsOf(keys), listOf(given(values))),
  setunion: (...lists) => setOf(lists.flatMap((list) => [...listOf(list)])),
  setintersection: (first, ...others) =>
    setOf(
      listOf(given(first)).filter((each) =>
        others.every((list) => listOf(list).some((one) => isEqual(one, each))),
      ),
    ),
  setsubtract: (first, second) =>
    setOf(listOf(given(first)).filter((each) => !listOf(given(second)).some((one) => isEqual(one, each)))),
  setproduct: (...lists) => products(lists.map(listOf)),
  substr: (whole, offset, length) => {
    const all = [...text(whole)];
    const from = number(offset) < 0 ? Math.max(0, all.length + number(offset)) : number(offset);
    return all.slice(from, number(length) < 0 ? undefined : from + number(length)).join('');
  },
  trimprefix: (whole, part) =>
    text(whole).startsWith(text(part)) ? text(whole).slice(text(part).length) : text(whole),
  trimsuffix: (whole, part) =>
    text(part) !== '' && text(whole).endsWith(text(part))
      ? text(whole).slice(0, -text(part).length)
      : text(whole),
  trim: (whole, characters) => trimmed(text(whole), text(characters), true, true),
  trimspace: (whole) => text(whole).trim(),
  chomp: (whole) => trimmed(text(whole), '\r\n', false, true),
  indent: (spaces, whole) =>
    replaced(text(whole), '\n', `\n${' '.repeat(Math.min(1000, Math.max(0, number(spaces))))}`),
  strrev: (whole) => [...text(whole)].toReversed().join(''),
  startswith: (whole, part) => text(whole).startsWith(text(part)),
  endswith: (whole, part) => text(whole).endsWith(text(part)),
  strcontains: (whole, part) => text(whole).includes(text(part)),
  base64encode: (value) => Buffer.from(text(value), 'utf8').toString('base64'),
  base64decode: (value) => Buffer.from(text(value), 'base64').toString('utf8'),
  urlencode: (value) => encodeURIComponent(text(value)).replaceAll('%20', '+'),
  max: (...values) => Math.max(...values.map(numberOf)),
  min: (...values) => Math.min(...values.map(numberOf)),
  abs: (value) => Math.abs(number(value)),
  ceil: (value) => Math.ceil(number(value)),
  floor: (value) => Math.floor(number(value)),
  alltrue: (list) => listOf(given(list)).every((each) => each !== null && truthOf(each)),
  anytrue: (list) => listOf(given(list)).some((each) => each !== null && truthOf(each)),
  sensitive: (value) => given(value),
  nonsensitive: (value) => given(value),
  basename: (value) => text(value).split('/').at(-1) ?? '',
  dirname: (value) => text(value).split('/').slice(0, -1).join('/') || '.',
  abspath: (value) => text(value),
};

const isEncodedValue = (value: Value | undefined): value is Extract<Value, ReturnType<typeof encoded>> =>
  value !== undefined && isEncoded(value);

/** Functions whose result is a text that is not computed here. */
export const TEXT_FUNCTIONS: ReadonlySet<string> = new Set([
  'base64gzip',
  'base64sha256',
  'base64sha512',
  'bcrypt',
  'cidrhost',
  'cidrsubnet',
  'filebase64',
  'filebase64sha256',
  'filebase64sha512',
  'filemd5',
  'filesha1',
  'filesha256',
  'filesha512',
  'formatdate',
  'md5',
  'pathexpand',
  'plantimestamp',
  'regexreplace',
  'rsadecrypt',
  'sha1',
  'sha256',
  'sha512',
  'textencodebase64',
  'timeadd',
  'timestamp',
  'uuid',
  'uuidv5',
  'yamlencode',
]);
