import type { Json } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';

const ENCODED = Symbol('encoded');
const LAZY = Symbol('lazy');

/** A text of JSON that nobody has asked for as a text yet, so that its objects keep their origins. */
export type Encoded = { readonly [ENCODED]: Value };

/** An object whose members are evaluated when they are asked for: a resource, a module, `var`. */
export type Lazy = {
  readonly [LAZY]: true;
  /** The value of a member; undefined where there is none. */
  get: (name: string) => Value | undefined;
  /** The names of all members, where they are known. */
  names: () => readonly string[];
};

export type ValueObject = { readonly [key: string]: Value };

/** A value of an expression. Sets are lists that `isSet` knows. */
export type Value = null | boolean | number | string | Encoded | Lazy | readonly Value[] | ValueObject;

const sets = new WeakSet<readonly Value[]>();

export const encoded = (value: Value): Encoded => ({ [ENCODED]: value });
export const lazy = (get: Lazy['get'], names: Lazy['names'] = () => []): Lazy => ({
  [LAZY]: true,
  get,
  names,
});

export const isEncoded = (value: Value): value is Encoded =>
  typeof value === 'object' && value !== null && ENCODED in value;
const isLazy = (value: Value): value is Lazy => typeof value === 'object' && value !== null && LAZY in value;
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
const isPlainObject = (value: Value): value is ValueObject =>
  typeof value === 'object' && value !== null && !isList(value) && !isLazy(value) && !isEncoded(value);

/** What an encoded text holds. */
export const decoded = (value: Encoded): Value => value[ENCODED];

/** Why something cannot be told before the deployment, or is not evaluated here. */
export class Untold extends Error {
  override name = 'Untold';
}

/** What Terraform itself would call an error, so that `try` goes on to what it is given next. */
export class Mistake extends Untold {
  override name = 'Mistake';
}

/** The longest text that is made. */
const MAX_TEXT = 4_000_000;

/** Ends an evaluation whose texts would fill the memory. */
export const boundedLength = (length: number): void => {
  if (length > MAX_TEXT) throw new Untold(`it makes a text of more than ${MAX_TEXT} characters`);
};

/** A number as Terraform writes it. */
const numberText = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 1e21 ? BigInt(value).toString() : String(value);

/** A value as text, as Terraform converts it; Untold where it has none. */
export const textOf = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (value !== null && isEncoded(value)) return escapedJson(jsonText(decoded(value)));
  throw new Mistake(`a text is wanted, and this is ${typeName(value)}`);
};

/** A value as a number. */
export const numberOf = (value: Value): number => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return Number(value);
  throw new Mistake(`a number is wanted, and this is ${typeName(value)}`);
};

/** A value as a condition. */
export const truthOf = (value: Value): boolean => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Mistake(`true or false is wanted, and this is ${typeName(value)}`);
};

/** What a value is, for a message; never what it holds. */
const typeName = (value: Value): string => {
  if (value === null) return 'null';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'a truth value';
  if (typeof value === 'string') return 'a text';
  if (isList(value)) return 'a list';
  return isEncoded(value) ? 'a text' : 'an object';
};

/** The elements of a list or set. */
export const listOf = (value: Value): readonly Value[] => {
  if (value !== null && typeof value === 'object' && isList(value)) return value;
  throw new Mistake(`a list is wanted, and this is ${typeName(value)}`);
};

/** The members of an object or map. */
export const entriesOf = (value: Value): (readonly [string, Value])[] => {
  if (isLazy(value)) return value.names().map((name) => [name, value.get(name) ?? null]);
  if (isPlainObject(value)) return Object.entries(value);
  throw new Mistake(`an object is wanted, and this is ${typeName(value)}`);
};

/** Keys and elements of what `for` and `for_each` go through. */
export const pairsOf = (value: Value): (readonly [Value, Value])[] => {
  if (isList(value)) return value.map((each, index) => [isSet(value) ? each : index, each]);
  // Terraform goes through the members in the order of their names.
  return entriesOf(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
};

/** The value of a member; undefined where there is none. */
export const memberOf = (value: Value, name: string): Value | undefined => {
  if (isLazy(value)) return value.get(name);
  return isPlainObject(value) && Object.hasOwn(value, name) ? (value as ValueObject)[name] : undefined;
};

/** A set of the elements: each once. Texts are in order, as Terraform has them. */
export const setOf = (list: readonly Value[]): readonly Value[] => {
  const keyed = new Map(list.map((each) => [typeof each === 'string' ? `"${each}` : jsonText(each), each]));
  const made = [...keyed].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  sets.add(made);
  return made;
};
export const isSet = (value: Value): boolean => isList(value) && sets.has(value);

/** How deep a value may be nested. */
const MAX_DEPTH = 300;

/** How many values one document may hold. A few lists, each of which holds the one before twice, would hold more than any memory. */
const MAX_NODES = 300_000;

/** A value as JSON, with the same lists and objects where nothing in them needs to be changed, as these have origins. */
export const jsonOf = (value: Value, depth = 0, work = { left: MAX_NODES }): Json => {
  if (depth > MAX_DEPTH) throw new Untold('it is nested too deeply');
  if (--work.left < 0) throw new Untold(`it holds more than ${MAX_NODES} values`);
  if (value === null || typeof value !== 'object') return value;
  if (isEncoded(value)) return textOf(value);
  if (isList(value)) {
    const made = value.map((each) => jsonOf(each, depth + 1, work));
    return made.every((each, index) => each === value[index]) ? (value as Json[]) : made;
  }
  const entries = entriesOf(value);
  const made = entries.map(([name, each]) => [name, jsonOf(each, depth + 1, work)] as const);
  const isSame = isPlainObject(value) && made.every(([, each], index) => each === entries[index]?.[1]);
  return isSame ? (value as { [key: string]: Json }) : Object.fromEntries(made);
};

/** As Go writes JSON, which Terraform’s jsonencode does. */
const escapedJson = (text: string): string =>
  text.replaceAll(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const jsonText = (value: Value): string => {
  const text = JSON.stringify(jsonOf(value));
  boundedLength(text.length);
  return text;
};

/** The value of a JSON text; Untold where it is none. */
export const ofJsonText = (text: string): Value => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Mistake('the text is not JSON');
  return parsed.value;
};

/** Whether two values are equal, as `==` has it. */
export const isEqual = (one: Value, other: Value): boolean => {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') {
    const texts = [one, other].every(
      (each) => typeof each === 'string' || (each !== null && isEncoded(each as Value)),
    );
    return texts && textOf(one) === textOf(other);
  }
  return canonical(jsonOf(one)) === canonical(jsonOf(other));
};

const canonical = (value: Json): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
