import { isNativeError } from 'node:util/types';
import { visibleText } from '../shared/text/visible-text.ts';

/**
 * Wrong usage, unreadable input or invalid configuration. The command prints the message alone to stderr and exits
 * with 2.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Explains why a file could not be read or written, without stack and system call. */
export const fileProblem = (path: string, error: unknown, done = 'read'): UsageError => {
  const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: done === 'read' ? 'there is no such file' : 'there is no such folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENAMETOOLONG: 'its name is too long',
    EMFILE: 'too many files are open',
    EISDIR: 'it is a folder, and a file was expected',
    ENOTDIR: 'a part of the path is not a folder',
    EEXIST: 'a part of the path is not a folder',
    ELOOP: 'its links lead in a circle',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space is left on the device',
    EFBIG: 'it is too large',
  };
  const reason = reasons[code] ?? (isNativeError(error) ? error.message : String(error));
  return new UsageError(`${visibleText(path) || '""'}: cannot be ${done}: ${reason}`, { cause: error });
};
