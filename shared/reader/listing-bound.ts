import { notRead, type Read } from './read-result.ts';
import type { Reader } from './reader.ts';

/** The most that a reader lists of an account: characters of what IAM tells, and pipelines of one Region. */
export type ListingBound = { iamCharacters: number; pipelines: number };

/** The code of a listing that was given up because the account has more than the reader’s bound. */
export const TOO_LARGE_TO_LIST = 'TooLargeToList';

/** `what` there is more of than `most`. */
export const tooLargeToList = (call: string, what: string, most: string): Read<never> =>
  notRead(
    call,
    TOO_LARGE_TO_LIST,
    `the account has more ${what} than a look lists (${most}), and no index, which the inventory function makes`,
  );

export const isTooLargeToList = (read: Read<unknown>): read is Extract<Read<never>, { ok: false }> =>
  !read.ok && read.unread.code === TOO_LARGE_TO_LIST;

/** An account does not become small in less. */
const REMEMBERED_MS = 15 * 60 * 1000;

/**
 * The same reader, which remembers for a quarter of an hour that a listing is too large: messages that wait for an index come again
 * and again, and must not list a part of the account each time beside the inventory.
 */
export const rememberingTooLarge = (reader: Reader, now: () => Date): Reader => {
  const remembering = <T>(list: () => Promise<Read<T>>): (() => Promise<Read<T>>) => {
    let known: { read: Read<T>; at: number } | undefined;
    return async () => {
      const time = now().valueOf();
      if (known && time < known.at + REMEMBERED_MS) return known.read;
      const read = await list();
      known = isTooLargeToList(read) ? { read, at: time } : undefined;
      return read;
    };
  };
  return {
    ...reader,
    readIdentities: remembering(() => reader.readIdentities()),
    listPipelines: remembering(() => reader.listPipelines()),
  };
};
