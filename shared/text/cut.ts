/**
 * The text in at most `max` UTF-16 units, of which an ellipsis is the last where it was cut; no surrogate pair is
 * broken. A `max` below 1 counts as 1.
 */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;
