/** Wrong usage, unreadable input or invalid configuration: exit status 2, its message alone on stderr. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Why the system could not read (or write) a file, without the stack and the syscall. */
export const fileProblem = (path: string, error: unknown, done = 'read'): UsageError => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder, and a file was expected',
    ENOTDIR: 'a part of the path is not a folder',
    EFBIG: 'it is too large',
  };
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return new UsageError(`${path}: cannot be ${done}: ${reason}`, { cause: error });
};
