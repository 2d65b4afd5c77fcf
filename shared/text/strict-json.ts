/**
 * The value as JSON that every parser takes: half a surrogate pair, which `JSON.stringify` writes as an escape and
 * strict parsers refuse, becomes U+FFFD.
 */
export const toJsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, each) => (typeof each === 'string' ? each.toWellFormed() : each), indent);
