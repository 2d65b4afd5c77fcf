import stringWidth from 'string-width';

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

const AFTER_PUNCTUATION = /[/:,;&=|]/;

/** The text in lines of at most `width` columns, broken at a space or, as ARNs have none, after punctuation. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line: string[] = [];
  let taken = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    const columns = stringWidth(segment);
    if (taken + columns > width && line.length > 0) {
      const end = segment === ' ' ? line.length : breakAt(line);
      lines.push(line.slice(0, end).join('').trimEnd());
      line = line.slice(end);
      taken = stringWidth(line.join(''));
      if (segment === ' ') continue;
    }
    line.push(segment);
    taken += columns;
  }
  return [...lines, line.join('')];
};

/** A space far to the left is still a better break than the middle of an ARN. */
const breakAt = (line: readonly string[]): number => {
  const space = line.lastIndexOf(' ') + 1;
  if (space > line.length / 4) return space;
  const punctuation = line.findLastIndex((grapheme) => AFTER_PUNCTUATION.test(grapheme)) + 1;
  return punctuation > line.length / 2 ? punctuation : line.length;
};

/** The text in one line of at most `width` columns, with an ellipsis where it is cut. */
export const oneRow = (text: string, width: number): string => {
  const [line = '', ...rest] = wrap(text, width - 1);
  return rest.length === 0 ? line : `${line}…`;
};
