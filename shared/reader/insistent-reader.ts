import { isNativeError } from 'node:util/types';
import type { Unread } from '../domain/gap.ts';
import type { Read } from './read-result.ts';
import type { Reader } from './reader.ts';

/** The error for an answer that AWS may still give: all attempts were throttled, failed or timed out. */
export type NotReadYet = Error & { name: 'NotReadYet' };

export const isNotReadYet = (error: unknown): error is NotReadYet =>
  isNativeError(error) && error.name === 'NotReadYet';

/**
 * A Reader that rejects with `NotReadYet` where AWS may still answer. A caller that can try again needs no verdict now:
 * a NOT_AVAILABLE would close or replace findings. `insists`: whether it does so for this answer.
 */
export const insistentReader = (
  reader: Reader,
  insists: (unread: Unread) => boolean = () => true,
): Reader => {
  const insist = (member: unknown): unknown =>
    typeof member === 'function'
      ? async (...asked: unknown[]): Promise<unknown> => {
          const read: Read<unknown> = await member.apply(reader, asked);
          if (!read.ok && read.unread.isTransient && insists(read.unread)) throw notReadYet(read.unread);
          return read;
        }
      : member;
  const members = Object.entries(reader).map(([name, member]) => [name, insist(member)]);
  return Object.fromEntries(members) as Reader;
};

/** The error for an answer that AWS may still give. */
export const notReadYet = ({ call, code, message }: Unread): NotReadYet =>
  Object.assign(new Error(`${call} was not answered (${code}): ${message}`), { name: 'NotReadYet' as const });
