import { once } from '../../memo.ts';
import { type Glob, matchesGlob, parseGlob } from '../policy/glob.ts';
import reference from './service-reference.generated.json' with { type: 'json' };

/** What the value of a condition key is. */
export type KeyType = 'String' | 'ARN' | 'Bool' | 'Numeric' | 'Date' | 'IPAddress';

/** A condition key; a star in its name stands for what the caller chooses, such as the key of a tag. */
export type ConditionKey = { name: string; type: KeyType; isMultiValued: boolean };

/** Resources that an action takes: their name in the reference, and what their ARNs look like. */
export type ActionResource = { name: string; pattern: Glob };

/** An action; one without resource types can be allowed on `*` only. */
export type Action = {
  name: string;
  types: readonly ActionResource[];
  /** Whether every request for it names a resource. */
  needsResource: boolean;
  /** Those of its resources too; besides them any request can carry the global keys. */
  keys: readonly ConditionKey[];
};

/** The actions, resource types and condition keys of one service, actions by their names in lower case. */
export type Service = {
  actions: ReadonlyMap<string, Action>;
  types: readonly ActionResource[];
  keys: readonly ConditionKey[];
};

/** What is known of the actions of a service: whether each takes a resource at all. */
export type ActionNames = ReadonlyMap<string, { name: string; takesResource: boolean }>;

/** The day of the reference: what AWS added since is not in it. */
export const REFERENCE_DATE = reference.date;

/**
 * The services whose actions are known, by prefix. Each is read when it is first asked for.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const SERVICES: ReadonlyMap<string, () => Service> = new Map(
  Object.entries(reference.services).map(([prefix, table]) => [
    prefix,
    once(() => readService(prefix, table)),
  ]),
);

/** The names of a service's actions, by the names in lower case; undefined for a service whose actions are not known here. */
export const actionNames = (prefix: string): ActionNames | undefined => {
  const service = SERVICES.get(prefix)?.();
  if (!service) return NAMES.get(prefix)?.();
  return new Map(
    [...service.actions].map(([lower, { name, types }]) => [
      lower,
      { name, takesResource: types.length > 0 },
    ]),
  );
};

const NAMES: ReadonlyMap<string, () => ActionNames> = new Map(
  Object.entries(reference.names).map(([prefix, text]) => [
    prefix,
    once(
      () =>
        new Map(
          readNames(text).map((entry) => {
            const name = entry.replace('!', '');
            return [name.toLowerCase(), { name, takesResource: name === entry }];
          }),
        ),
    ),
  ]),
);

/** The prefix of every service of AWS, known by its actions or not. */
export const servicePrefixes = once((): ReadonlySet<string> => new Set(readNames(reference.prefixes)));

/** The condition keys that a request for any action can carry. */
export const globalKeys = once((): readonly ConditionKey[] => readKeys(reference.globals, ''));

/** The key of that name, compared without case; of `aws:RequestTag/team` it is `aws:RequestTag/*`. */
export const keyNamed = (keys: readonly ConditionKey[], name: string): ConditionKey | undefined => {
  const lower = name.toLowerCase();
  return keys.find((key) => matchesGlob(key.name.toLowerCase(), lower));
};

type Table = { keys: string; types: string; uses: string; actions: string; useOf: string };

/** Two characters of `useOf` belong to each action. */
const USE_LENGTH = 2;

const readService = (prefix: string, table: Table): Service => {
  const keys = readKeys(table.keys, prefix);
  const keysAt = (refs: string): ConditionKey[] => refs.split('.').flatMap((ref) => at(keys, ref) ?? []);
  const types = list(table.types).map((text) => {
    const [name = '', arn = '', refs = ''] = text.split('=');
    const resource = arn || `${name}/*`;
    const pattern = parseGlob(resource.startsWith('arn:') ? resource : `arn:*:${prefix}:*:*:${resource}`);
    return { name, pattern, keys: keysAt(refs) };
  });
  const uses = list(table.uses).map((text): Omit<Action, 'name'> => {
    const [typeRefs = '', keyRefs = ''] = text.split(';');
    const taken = typeRefs.split('.').flatMap((ref) => at(types, ref.replace('!', '')) ?? []);
    return {
      types: taken,
      needsResource: typeRefs.includes('!'),
      keys: [...new Set([...keysAt(keyRefs), ...taken.flatMap((type) => type.keys)])],
    };
  });
  const actions = readNames(table.actions).flatMap((name, index): [string, Action][] => {
    const use = at(uses, table.useOf.slice(index * USE_LENGTH, (index + 1) * USE_LENGTH));
    return use ? [[name.toLowerCase(), { name, ...use }]] : [];
  });
  return { actions: new Map(actions), types, keys };
};

/** An empty text is an empty list. */
const list = (text: string): string[] => (text === '' ? [] : text.split(','));

/** The entry that a number in base 36 points to; none for an empty text. */
const at = <T>(entries: readonly T[], ref: string): T | undefined =>
  ref === '' ? undefined : entries[Number.parseInt(ref, 36)];

/** Sorted names, each written as the number of characters that it shares with the one before it, and the rest. */
const readNames = (text: string): string[] => {
  let before = '';
  return list(text).map((entry) => {
    before = before.slice(0, Number.parseInt(entry.charAt(0), 36)) + entry.slice(1);
    return before;
  });
};

const KEY_TYPES: Readonly<Record<string, KeyType>> = {
  s: 'String',
  a: 'ARN',
  b: 'Bool',
  n: 'Numeric',
  d: 'Date',
  i: 'IPAddress',
};

/** A key is written as the letter of its type, small where it holds several values, and its name. */
const readKeys = (text: string, prefix: string): ConditionKey[] =>
  list(text).map((entry) => {
    const letter = entry.charAt(0);
    const name = entry.slice(1);
    return {
      name: name.startsWith(':') ? prefix + name : name,
      type: KEY_TYPES[letter.toLowerCase()] ?? 'String',
      isMultiValued: letter === letter.toLowerCase(),
    };
  });
