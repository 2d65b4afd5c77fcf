import type { Unread } from '../domain/gap.ts';

/**
 * A fact, or why there is none. What AWS may well answer (denied, absent, throttled out) is a value, never an exception.
 * `asOf` = when it was asked for, in milliseconds since 1970; missing where that is now.
 */
export type Read<T> = { ok: true; value: T; asOf?: number } | { ok: false; unread: Unread };

/** The code of `Unread` for something that does not exist, whatever the service calls it. */
export const ABSENT = 'Absent';

export const found = <T>(value: T, asOf?: number): Read<T> => ({
  ok: true,
  value,
  ...(asOf !== undefined && { asOf }),
});

export const notRead = (call: string, code: string, message: string): Read<never> => ({
  ok: false,
  unread: { call, code, message },
});
