import { once } from '../../memo.ts';
import { type Glob, matchesGlob, parseGlob } from '../policy/glob.ts';
import reference from './service-reference.generated.json' with { type: 'json' };

/** The type of a condition key's value. */
export type KeyType = 'String' | 'ARN' | 'Bool' | 'Numeric' | 'Date' | 'IPAddress';

/** A condition key. A star in its name stands for a part that the caller chooses, such as the key of a tag. */
export type ConditionKey = { name: string; type: KeyType; isMultiValued: boolean };

/** A type of resources that an action takes: its name in the reference, and the pattern of its ARNs. */
export type ActionResource = { name: string; pattern: Glob };

/** An action. If it has no resource types, only `*` can allow it. */
export type Action = {
  name: string;
  types: readonly ActionResource[];
  /** Whether every request for the action names a resource. */
  needsResource: boolean;
  /** The keys of the action and of its resource types; every request can carry the global keys as well. */
  keys: readonly ConditionKey[];
};

/** The actions, resource types and condition keys of one service. Actions are listed by their names in lower case. */
export type Service = {
  actions: ReadonlyMap<string, Action>;
  types: readonly ActionResource[];
  keys: readonly ConditionKey[];
};

/** The actions of a service by name in lower case, with whether each takes a resource. */
export type ActionNames = ReadonlyMap<string, { name: string; takesResource: boolean }>;

/** The date of the reference: it lacks whatever AWS added later. */
export const REFERENCE_DATE = reference.date;

/**
 * The services whose actions are described in full, by prefix. Each table is read when it is first needed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const SERVICES: ReadonlyMap<string, () => Service> = new Map(
  Object.entries(reference.services).map(([prefix, table]) => [
    prefix,
    once(() => readService(prefix, table)),
  ]),
);

/** The actions of a service by name in lower case; undefined for a service of which the reference lists no actions. */
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

/** The prefixes of all AWS services, including those whose actions the reference does not list. */
export const servicePrefixes = once((): ReadonlySet<string> => new Set(readNames(reference.prefixes)));

/** The condition keys that a request for any action can carry. */
export const globalKeys = once((): readonly ConditionKey[] => readKeys(reference.globals, ''));

/** The key with that name, compared without letter case; `aws:RequestTag/team` finds `aws:RequestTag/*`. */
export const keyNamed = (keys: readonly ConditionKey[], name: string): ConditionKey | undefined => {
  const lower = name.toLowerCase();
  return keys.find((key) => matchesGlob(key.name.toLowerCase(), lower));
};

type Table = { keys: string; types: string; uses: string; actions: string; useOf: string };

/** Each action takes two characters of `useOf`. */
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

/** `''.split(',')` would give one empty entry. */
const list = (text: string): string[] => (text === '' ? [] : text.split(','));

/** The entry that a number in base 36 points to; undefined for an empty text. */
const at = <T>(entries: readonly T[], ref: string): T | undefined =>
  ref === '' ? undefined : entries[Number.parseInt(ref, 36)];

/**
 * Decodes sorted names: each is stored as the number of characters that it shares with the previous name, followed by
 * the rest.
 */
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

/**
 * Decodes keys: each is stored as a letter for its type (lower case if the key has several values), followed by its
 * name.
 */
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
