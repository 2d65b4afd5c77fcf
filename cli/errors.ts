import { isNativeError } from 'node:util/types';
import { visibleText } from '../shared/text/visible-text.ts';

/**
 * Wrong usage, unreadable input or invalid configuration. The command prints the message alone to stderr and exits
 * with 2.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What a person is told of an error. Errors that a user can act on say everything in their message, and a stack trace would hide it;
 * any other is a defect of this program.
 */
export const errorText = (error: unknown): string => {
  if (isExpected(error)) return error.message;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `a defect of this program, please report it: ${what}`;
};

/** Whether a user can act on the error. */
export const isExpected = (error: unknown): error is Error =>
  error instanceof Error && ['UsageError', 'AwsAccessError'].includes(error.name);

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
