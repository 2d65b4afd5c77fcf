/**
 * The value as JSON that every parser accepts. Half a surrogate pair becomes U+FFFD, because `JSON.stringify` writes it
 * as an escape that strict parsers refuse.
 */
export const toJsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, each) => (typeof each === 'string' ? each.toWellFormed() : each), indent);
