import type { Unread } from '../../shared/domain/gap.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { once } from '../../shared/memo.ts';
import { isTooLargeToList, type ListingBound } from '../../shared/reader/listing-bound.ts';
import type { Read } from '../../shared/reader/read-result.ts';
import type { AccountReaders, Reader } from '../../shared/reader/reader.ts';

/**
 * What a look lists itself where there is no index: about 1,000 roles, and 200 pipelines. With so many of both the function needs
 * three quarters of its memory, and a cold look about 20 seconds of its part of a core.
 */
export const LISTED_BY_LOOKS: ListingBound = { iamCharacters: 2_000_000, pipelines: 200 };

const NOT_INDEXED = 'NotIndexedYet';

/** Whether a look could not be made because its account has no index yet, and is too large to be listed by a look. */
export const isNotIndexedYet = (error: unknown): boolean =>
  error instanceof Error && error.name === NOT_INDEXED;

/**
 * Readers that reject with `NotIndexedYet` where the account is too large to be listed by a look. Whoever can try again waits for the
 * index. Where AWS refuses the listing of IAM, there will be none, so that the look goes on without what nobody lists.
 */
export const waitingForIndex = (readers: AccountReaders): AccountReaders => {
  const [home, ...others] = readers;
  const isRefused = once(async () => {
    const identities = await home.readIdentities();
    return !identities.ok && !isTooLargeToList(identities);
  });
  const waiting = <T>(list: () => Promise<Read<T>>): (() => Promise<Read<T>>) => {
    return async () => {
      const read = await list();
      if (isTooLargeToList(read) && !(await isRefused())) throw notIndexedYet(read.unread, home.scope);
      return read;
    };
  };
  const of = (reader: Reader): Reader => ({
    ...reader,
    readIdentities: waiting(() => reader.readIdentities()),
    listPipelines: waiting(() => reader.listPipelines()),
  });
  return [of(home), ...others.map(of)];
};

const notIndexedYet = ({ call, message }: Unread, { account }: Pick<Scope, 'account'>): Error =>
  Object.assign(new Error(`the look waits for the index of the account ${account}: ${call}: ${message}`), {
    name: NOT_INDEXED,
  });
