import { isNativeError } from 'node:util/types';
import type { Unread } from '../domain/gap.ts';
import type { Read } from './read-result.ts';
import type { Reader } from './reader.ts';

/** AWS was throttled, failed or timed out after all attempts: nothing is known, and the same may be read later. */
export type NotReadYet = Error & { name: 'NotReadYet' };

export const isNotReadYet = (error: unknown): error is NotReadYet =>
  isNativeError(error) && error.name === 'NotReadYet';

/**
 * A Reader that rejects with `NotReadYet` where an answer may well come later. For whoever can try again, no verdict is
 * better than one that says NOT_AVAILABLE and closes or replaces what was known.
 */
export const insistentReader = (reader: Reader): Reader => {
  const insist = (member: unknown): unknown =>
    typeof member === 'function'
      ? async (...asked: unknown[]): Promise<unknown> => {
          const read: Read<unknown> = await member.apply(reader, asked);
          if (!read.ok && read.unread.isTransient) throw notReadYet(read.unread);
          return read;
        }
      : member;
  const members = Object.entries(reader).map(([name, member]) => [name, insist(member)]);
  return Object.fromEntries(members) as Reader;
};

const notReadYet = ({ call, code, message }: Unread): NotReadYet =>
  Object.assign(new Error(`${call} was not answered (${code}): ${message}`), { name: 'NotReadYet' as const });
