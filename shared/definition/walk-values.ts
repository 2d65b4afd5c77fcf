import { isObject, type Json, type JsonObject } from '../json/json.ts';

/** A place below another one, as a chain, so that no pointer is made where nobody asks for it. */
type Place = { token: string | number; above: Place | undefined };

/** The tokens of a JSON pointer, from the outermost on. */
const tokensOf = (place: Place | undefined): (string | number)[] => {
  const tokens: (string | number)[] = [];
  for (let at = place; at; at = at.above) tokens.push(at.token);
  return tokens.reverse();
};

/** An object somewhere in a value, and where: `tokens()` from the value on. */
export type ObjectWithin = { object: JsonObject; tokens: () => (string | number)[] };

/**
 * All objects in a value, in document order. `enters` says which members of an object are walked. Keeps its own stack, because
 * values can be nested deeper than the call stack.
 */
export function* objectsIn(
  root: Json,
  enters: (object: JsonObject, key: string) => boolean = () => true,
): Generator<ObjectWithin> {
  const stack: { value: Json; place: Place | undefined }[] = [{ value: root, place: undefined }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { value, place } = next;
    if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--)
        stack.push({ value: value[index] as Json, place: { token: index, above: place } });
      continue;
    }
    if (!isObject(value)) continue;
    yield { object: value, tokens: () => tokensOf(place) };
    for (const [key, inner] of Object.entries(value).reverse())
      if (enters(value, key)) stack.push({ value: inner, place: { token: key, above: place } });
  }
}
