import type { GatherContext } from './gather.ts';
import type { Read } from './read.ts';

/** The context as one look uses it, and when the oldest of what the look was told was asked for, if not just now. */
export const watch = <T extends GatherContext>(
  context: T,
): { context: T; oldest: () => number | undefined } => {
  let oldest: number | undefined;
  const hear = (read: Read<unknown>): void => {
    if (read.ok && read.asOf !== undefined) oldest = Math.min(read.asOf, oldest ?? read.asOf);
  };
  const { reader, evidence } = context;
  return {
    context: { ...context, reader: heard(reader, hear), evidence: heard(evidence, hear) },
    oldest: () => oldest,
  };
};

/** The same members, of which every answer is heard before it is given. */
const heard = <T extends object>(members: T, hear: (read: Read<unknown>) => void): T => {
  const listen = (member: unknown): unknown =>
    typeof member === 'function'
      ? async (...asked: unknown[]): Promise<unknown> => {
          const read: Read<unknown> = await member.apply(members, asked);
          hear(read);
          return read;
        }
      : member;
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, listen(member)])) as T;
};
