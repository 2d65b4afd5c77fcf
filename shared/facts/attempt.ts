import { found, notRead, type Read } from '../reader/read-result.ts';

/** Runs code on hostile input. A failure becomes one unread thing and does not stop the audit of everything else. */
export const attempt = <T>(what: string, make: () => T): Read<T> => {
  try {
    return found(make());
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return notRead(what, name, message.slice(0, 500));
  }
};
