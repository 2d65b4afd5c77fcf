import { matchesGlob } from '../iam/policy/glob.ts';

/**
 * Whether a text can name files by their relative path: folders, and a name with an ending. In a segment, `*` and `?`
 * stand for characters; `**` stands for any folders. A name without an ending is refused, because it is mostly a
 * resource whose ARN was forgotten.
 */
export const isPathPattern = (text: string): boolean => {
  const segments = text.split('/');
  const dot = segments.at(-1)?.lastIndexOf('.') ?? -1;
  return (
    !/^arn:/i.test(text) &&
    !/[\\\p{C}]/u.test(text) &&
    segments.every((segment) => !['', '.', '..'].includes(segment)) &&
    dot > 0 &&
    !text.endsWith('.')
  );
};

/**
 * Whether a relative path, written with `/`, matches such a pattern. The work is bounded by the segments of both
 * multiplied.
 */
export const matchesPath = (pattern: string, path: string): boolean => {
  const segments = path.split('/');
  // Where in the path the pattern's segments so far may have ended.
  let ends = new Set([0]);
  for (const piece of pattern.split('/')) {
    const next = new Set<number>();
    for (const end of ends) {
      if (piece === '**') for (let at = end; at <= segments.length; at++) next.add(at);
      else if (end < segments.length && matchesGlob(piece, segments[end] ?? '')) next.add(end + 1);
    }
    ends = next;
  }
  return ends.has(segments.length);
};
