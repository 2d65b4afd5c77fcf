import type { ReadTimes } from '../domain/read-times.ts';
import type { Read } from '../reader/read-result.ts';
import type { GatherContext } from './gathered.ts';

/**
 * The context for one look, which notes the age of the evidence that the look uses: for each kind of evidence the
 * oldest time of reading. `readAt` is undefined if all evidence was read for this look. `isJudged` tells which kinds
 * the verdicts of the look depend on; without it, they depend on all.
 */
export const watch = <T extends GatherContext>(
  context: T,
  isJudged: (kind: string) => boolean = () => true,
): { context: T; readAt: () => ReadTimes | undefined } => {
  const readAt = new Map<string, number>();
  const hear = (kind: string, read: Read<unknown>): void => {
    if (read.ok && read.asOf !== undefined && isJudged(kind))
      readAt.set(kind, Math.min(read.asOf, readAt.get(kind) ?? read.asOf));
  };
  const { reader, evidence } = context;
  return {
    context: { ...context, reader: heard(reader, hear), evidence: heard(evidence, hear) },
    readAt: () => (readAt.size > 0 ? Object.fromEntries(readAt) : undefined),
  };
};

/** Members of which each function answers with a read, or its promise; of others nobody would know how old they are. */
type Answering<T> = {
  [K in keyof T]: T[K] extends (...asked: never[]) => unknown
    ? (...asked: never[]) => Promise<Read<unknown>>
    : unknown;
};

/** The same members; each answer is passed to `hear` before the caller gets it. */
const heard = <T extends Answering<T>>(members: T, hear: (kind: string, read: Read<unknown>) => void): T => {
  const listen = (kind: string, member: unknown): unknown =>
    typeof member === 'function'
      ? async (...asked: unknown[]): Promise<unknown> => {
          const read: Read<unknown> = await member.apply(members, asked);
          hear(kind, read);
          return read;
        }
      : member;
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, listen(name, member)]),
  ) as T;
};
