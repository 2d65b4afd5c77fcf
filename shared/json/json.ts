/** Any value of a JSON text. Everything from outside has this type until a schema or a reader narrows it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. Read it through `member` only, as its keys are hostile (`__proto__`, `constructor`). */
export type JsonObject = { [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object’s own member of exactly that name; never an inherited one. */
export const member = (value: unknown, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/**
 * The object’s own member, whose name is compared without case. CloudTrail lower-cases the first letter of a request
 * field, and AWS does not document how it writes acronyms, so that no exact spelling can be relied on.
 */
export const memberAnyCase = (value: unknown, key: string): Json | undefined => {
  const exact = member(value, key);
  if (exact !== undefined || !isObject(value)) return exact;
  const wanted = key.toLowerCase();
  const found = Object.keys(value).find((name) => name.toLowerCase() === wanted);
  return found === undefined ? undefined : value[found];
};

/** The elements as a list. CloudTrail writes a single XML element as an object instead of a list. */
export const asList = (value: Json | undefined): Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** A scalar as text; undefined for anything else. CloudTrail turns `"true"` into `true` and `"3000"` into `3000`. */
export const asText = (value: Json | undefined): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

/** One token of a JSON pointer, escaped (RFC 6901). */
export const pointerToken = (token: string | number): string =>
  typeof token === 'string' && /[~/]/.test(token)
    ? token.replaceAll('~', '~0').replaceAll('/', '~1')
    : String(token);
