import type { Reader } from './reader.ts';

/** A Reader that waits for its turn before it asks. Readers that share their turns ask no more often than one. */
export const pacedReader = (reader: Reader, turn: () => Promise<void>): Reader => {
  const paced = (member: unknown): unknown =>
    typeof member === 'function'
      ? async (...asked: unknown[]): Promise<unknown> => {
          await turn();
          return member.apply(reader, asked);
        }
      : member;
  return Object.fromEntries(Object.entries(reader).map(([name, member]) => [name, paced(member)])) as Reader;
};
