import type { Unread } from '../domain/gap.ts';

/**
 * The answer to one question to AWS: the value, or why there is none. Denied, absent or throttled calls are values of
 * this type, never exceptions. `asOf`: when AWS was asked, in milliseconds since 1970; missing where that is now. `rest`: why there may be
 * more of a list than its value.
 */
export type Read<T> = { ok: true; value: T; asOf?: number; rest?: Unread } | { ok: false; unread: Unread };

/** The code of `Unread` for a resource that does not exist, whatever error code the service uses. */
export const ABSENT = 'Absent';

/** The code of `Unread` for what a snapshot does not hold. */
export const NOT_IN_SNAPSHOT = 'NotInSnapshot';

/** The code of `Unread` for what neither templates declare nor a snapshot or account beside them holds. */
export const NOT_DECLARED = 'NotDeclared';

/** Whether nobody asked for it, because what is read is a part of an account. */
export const isLeftOut = ({ code }: Unread): boolean => code === NOT_IN_SNAPSHOT || code === NOT_DECLARED;

/** Why a list could not be read, or not whole. */
export const unreadOf = (read: Read<unknown>): Unread | undefined => (read.ok ? read.rest : read.unread);

export const found = <T>(value: T, asOf?: number): Read<T> => ({
  ok: true,
  value,
  ...(asOf !== undefined && { asOf }),
});

export const notRead = (call: string, code: string, message: string): Read<never> => ({
  ok: false,
  unread: { call, code, message },
});
