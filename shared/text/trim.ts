/** The text without any `character` at its end: `s3://b/x//` without `/` is `s3://b/x`. */
export const withoutTrailing = (text: string, character: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
};

/** The text before the first `mark`; the whole text where there is none. */
export const before = (text: string, mark: string): string => {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(0, at);
};
