/**
 * The text in at most `max` UTF-16 units. A cut text ends in an ellipsis, and no surrogate pair is broken. A `max`
 * below 1 counts as 1.
 */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;
