import type { Unread } from '../../domain/gap.ts';
import type { AccountReaders, Reader } from '../../reader/reader.ts';
import { isAwsAccessError, isRefusedByRegion } from './access-error.ts';

/**
 * The same readers. Those of further Regions answer why nothing can be read where the Region does not take the account’s
 * credentials, as one that is off there, so that such a Region stops nobody who asks all of them. That of the first Region rejects, as
 * then nothing of the account can be read.
 */
export const answeringReaders = ([home, ...others]: AccountReaders): AccountReaders => [
  home,
  ...others.map(answeringReader),
];

const answeringReader = (reader: Reader): Reader => {
  const answering = (name: string, member: unknown): unknown =>
    typeof member === 'function'
      ? async (...asked: unknown[]): Promise<unknown> => {
          try {
            return await member.apply(reader, asked);
          } catch (error) {
            if (!isAwsAccessError(error) || !isRefusedByRegion(error)) throw error;
            const call = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
            return { ok: false, unread: regionRefused(call, error, reader.scope) };
          }
        }
      : member;
  return Object.fromEntries(
    Object.entries(reader).map(([name, member]) => [name, answering(name, member)]),
  ) as Reader;
};

/** Why nothing can be read in a Region that does not take the account’s credentials. */
export const regionRefused = (
  call: string,
  { message }: Pick<Error, 'message'>,
  { region }: Pick<Reader['scope'], 'region'>,
): Unread => ({
  call,
  code: 'NoAccess',
  message: `${message}. See that the Region ${region} is on in the account`,
});
