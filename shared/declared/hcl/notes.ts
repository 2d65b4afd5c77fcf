import type { Node } from 'web-tree-sitter';
import type { TextPosition } from '../../json/json-text.ts';

/** A line of a comment. `row`: the first row of the outermost block that it stands in, or directly above. */
export type CommentLine = { text: string; index: number; position: TextPosition; row?: number };

/** A person writes and renews them. */
const MOST = 1000;

/** Before a comment, a text in the same line may hold the mark as well. */
const MOST_IN_LINE = 10;

/** How many lines of comments may lie between a comment and the block that it stands above. */
const MOST_BETWEEN = 100;

/** Where an outermost block begins and ends. */
type Extent = { start: number; end: number; firstRow: number; lastRow: number };

/** The lines of comments that hold a mark. A text that only looks like a comment, as in a heredoc, is none. */
export const notesIn = (text: string, root: Node, mark: string): CommentLine[] => {
  if (!text.includes(mark)) return [];
  const found: CommentLine[] = [];
  const blocks = extentsOf(root);
  let start = 0;
  for (const [row, line] of text.split('\n').entries()) {
    const at = line.includes(mark)
      ? marksIn(line, mark).find((index) => commentAt(root, start + index))
      : undefined;
    const comment = at === undefined ? undefined : commentAt(root, start + at);
    if (at !== undefined && comment) {
      const from = Math.max(start, comment.startIndex);
      const said = text.slice(from, Math.min(start + line.length, comment.endIndex)).trim();
      const of =
        blocks.find((block) => block.start <= start + at && start + at < block.end) ??
        blocks.find(({ firstRow, lastRow }) => firstRow === row || lastRow === row) ??
        blockBelow(text, root, comment, blocks);
      found.push({
        text: said
          .replace(/^(?:#+|\/\/+|\/?\*+)/, '')
          .replace(/\*\/$/, '')
          .trim(),
        index: from,
        position: { line: row + 1, column: from - start + 1 },
        ...(of && { row: of.firstRow }),
      });
      if (found.length === MOST) return found;
    }
    start += line.length + 1;
  }
  return found;
};

const marksIn = (line: string, mark: string): number[] => {
  const found: number[] = [];
  for (let at = line.indexOf(mark); at >= 0 && found.length < MOST_IN_LINE; at = line.indexOf(mark, at + 1))
    found.push(at);
  return found;
};

const commentAt = (root: Node, index: number): Node | undefined => {
  const node = root.descendantForIndex(index);
  return node?.type === 'comment' ? node : undefined;
};

const extentsOf = (root: Node): Extent[] =>
  root.namedChildren
    .filter((each) => each?.type === 'body')
    .flatMap((body) => body?.namedChildren ?? [])
    .flatMap((each) =>
      each?.type === 'block'
        ? [
            {
              start: each.startIndex,
              end: each.endIndex,
              firstRow: each.startPosition.row,
              lastRow: each.endPosition.row,
            },
          ]
        : [],
    );

/** The block below a comment, with nothing but comments between them, and no empty line. */
const blockBelow = (
  text: string,
  root: Node,
  comment: Node,
  blocks: readonly Extent[],
): Extent | undefined => {
  let last = comment;
  for (let count = 0; count < MOST_BETWEEN; count++) {
    const end = last.text.endsWith('\n') ? last.endIndex : text.indexOf('\n', last.endIndex) + 1;
    const next = end === 0 ? null : /^[ \t]*(?=\S)/.exec(text.slice(end, end + 1000));
    if (!next) return undefined;
    const index = end + next[0].length;
    const below = commentAt(root, index);
    if (!below) return blocks.find(({ start }) => start === index);
    last = below;
  }
  return undefined;
};
