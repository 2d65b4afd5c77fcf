import type { Finding } from '../shared/domain/finding.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { errorText, UsageError } from './errors.ts';

/** The most characters of one answer as JSON: about 10,000 tokens, which clients take without a warning. */
export const MAX_CHARACTERS = 40_000;

/** A part of a list: its items, where the next part begins, and how many of it are too large for any answer. */
type Part<T> = { items: T[]; next: number | undefined; tooLarge: number };

/** The items from `offset` on that `characters` of JSON have room for. An item that is too large alone is left out. */
export const partOf = <T>(
  all: readonly T[],
  { offset = 0, limit = all.length, characters }: { offset?: number; limit?: number; characters: number },
): Part<T> => {
  const items: T[] = [];
  let [left, tooLarge, at] = [characters, 0, offset];
  for (const item of all.slice(offset, offset + limit)) {
    const size = lengthOf(item);
    if (size > characters) tooLarge++;
    else if (size > left) break;
    else {
      items.push(item);
      left -= size;
    }
    at++;
  }
  return { items, next: at < all.length ? at : undefined, tooLarge };
};

const lengthOf = (value: unknown): number => JSON.stringify(visibleIn(value)).length + 1;

/**
 * The value with an escape for each invisible character of its texts: whatever an answer quotes, the reader sees, and no model is told
 * what no person can see. Line ends stay, because commands have them.
 */
export const visibleIn = (value: unknown): unknown => {
  if (typeof value === 'string') return value.split('\n').map(visibleText).join('\n');
  if (Array.isArray(value)) return value.map(visibleIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [visibleText(key), visibleIn(each)]));
};

/** What a tool has to say: the answer, notes beside it, and in words what was left out of it. */
export type Answer = { [name: string]: unknown; notes?: readonly string[]; cut?: string };

/**
 * The results with as many findings as fit, and in words how to ask for the others. What only other commands read is left out: digests of
 * what was looked at, and how the findings of a previous report ended.
 * @throws {UsageError} if the results are too large even without findings.
 */
export const resultsAnswer = (
  { looks: _, ended: _ended, findings, ...whole }: Results,
  { offset, limit, notes = [] }: { offset: number; limit: number; notes?: readonly string[] },
): Answer => {
  const told = partOf(notes, { characters: MAX_CHARACTERS / 8 });
  const { overview, scopes, controlsOff, ...small } = whole;
  const half = MAX_CHARACTERS / 2;
  const isSmall = lengthOf(whole) <= half;
  const frame = isSmall ? whole : small;
  if (lengthOf(frame) > half)
    throw new UsageError(
      'the results are too large for an answer even without their findings: read them with `pipewarden report --in FILE -o FILE.html`',
    );
  if (offset > 0 && offset >= findings.length)
    throw new UsageError(`offset ${offset}: there are ${findings.length} findings; ask for a smaller offset`);
  const characters = MAX_CHARACTERS - lengthOf(frame) - lengthOf(told.items);
  const part = partOf<Finding>(findings, { offset, limit, characters });
  const cut = [
    ...(part.items.length < findings.length
      ? [
          `findings ${part.items.length} of ${findings.length}, from offset ${offset}${part.next === undefined ? '' : `; ask with offset ${part.next} for more, or for less with severity, control or resource`}`,
        ]
      : []),
    ...(part.tooLarge > 0
      ? [
          `${part.tooLarge} too large for an answer; \`pipewarden fix\` prints one, and --format json writes all`,
        ]
      : []),
    ...(isSmall ? [] : ['left out as too large: overview, scopes, controlsOff']),
  ];
  return {
    results: { ...frame, findings: part.items },
    ...(told.items.length > 0 && { notes: told.items }),
    ...(cut.length > 0 && { cut: cut.join('. ') }),
  };
};

/**
 * An answer with lists, each of which is cut to its share of what fits. `how`: how to ask for less.
 * @throws {UsageError} if the rest alone is too large.
 */
export const listsAnswer = (
  lists: Readonly<Record<string, readonly unknown[]>>,
  { rest = {}, how }: { rest?: Readonly<Record<string, unknown>>; how: string },
): Answer => {
  const left = MAX_CHARACTERS - lengthOf(rest);
  if (left < MAX_CHARACTERS / 4)
    throw new UsageError(`the answer has more than ${MAX_CHARACTERS} characters: ${how}`);
  const names = Object.entries(lists);
  const parts = names.map(([name, all]) => {
    const { items } = partOf(all, { characters: left / names.length });
    return { name, items, left: all.length - items.length, all: all.length };
  });
  const cut = parts.filter((part) => part.left > 0).map((part) => `${part.left} of ${part.all} ${part.name}`);
  return {
    ...rest,
    ...Object.fromEntries(parts.map(({ name, items }) => [name, items])),
    ...(cut.length > 0 && { cut: `left out, as they do not fit: ${cut.join(', ')}. To get them, ${how}` }),
  };
};

/** A tool’s answer as the protocol has it: once for programs, and once as the same JSON in a text. */
export const toolResult = (answer: Answer) => {
  const structuredContent = visibleIn(answer) as Record<string, unknown>;
  const text = JSON.stringify(structuredContent);
  return { content: [{ type: 'text' as const, text }], structuredContent };
};

/** A tool’s answer where it failed: what happened, where, and what to do. */
export const toolError = (error: unknown) => {
  const message = errorText(error);
  const text = String(visibleIn(message.slice(0, MAX_CHARACTERS)));
  return { content: [{ type: 'text' as const, text }], isError: true };
};
