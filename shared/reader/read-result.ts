import type { Unread } from '../domain/gap.ts';

/**
 * The answer to one question to AWS: the value, or why there is none. Denied, absent or throttled calls are values of
 * this type, never exceptions. `asOf`: when AWS was asked, in milliseconds since 1970; missing where that is now.
 */
export type Read<T> = { ok: true; value: T; asOf?: number } | { ok: false; unread: Unread };

/** The code of `Unread` for a resource that does not exist, whatever error code the service uses. */
export const ABSENT = 'Absent';

/** The code of `Unread` for what a snapshot does not hold. */
export const NOT_IN_SNAPSHOT = 'NotInSnapshot';

/** The code of `Unread` for what neither templates declare nor a snapshot or account beside them holds. */
export const NOT_DECLARED = 'NotDeclared';

/** Whether nobody asked for it, because what is read is a part of an account. */
export const isLeftOut = ({ code }: Unread): boolean => code === NOT_IN_SNAPSHOT || code === NOT_DECLARED;

export const found = <T>(value: T, asOf?: number): Read<T> => ({
  ok: true,
  value,
  ...(asOf !== undefined && { asOf }),
});

export const notRead = (call: string, code: string, message: string): Read<never> => ({
  ok: false,
  unread: { call, code, message },
});
