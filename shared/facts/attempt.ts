import { found, notRead, type Read } from '../reader/read-result.ts';

/**
 * What is made of something that others wrote. Where that fails it is one thing that could not be read, and not the end
 * of all that is audited beside it.
 */
export const attempt = <T>(what: string, make: () => T): Read<T> => {
  try {
    return found(make());
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return notRead(what, name, message.slice(0, 500));
  }
};
