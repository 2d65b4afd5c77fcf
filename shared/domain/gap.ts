/** Something that could not be read, or a part of a definition that could not be judged. */
export type Gap = Unread & {
  subject?: string;
  /** Nobody must have it: decisions are made without, which is said and is no failure to read. */
  isOptional?: true;
};

/**
 * Why a fact is missing: the call that was tried (or the file), AWS's error code, and its message. What is transient
 * (throttled, a failure of AWS, timed out) says nothing of the fact, and may well be read a little later.
 */
export type Unread = { call: string; code: string; message: string; isTransient?: true };
