/** Something that could not be read, or a part of a definition that could not be judged. */
export type Gap = Unread & {
  subject?: string;
  /**
   * The audit role may do without this permission. Decisions are then made without the fact, and the output says so.
   */
  isOptional?: true;
};

/**
 * Why a fact is missing: the call that was tried (or the file), AWS’s error code, and its message. `isTransient`: AWS
 * throttled the call, failed or timed out, so that the same call may well succeed a little later.
 */
export type Unread = { call: string; code: string; message: string; isTransient?: true };

/** Why a fact is missing, as one sentence of a reason. */
export const unreadText = ({ call, code, message }: Unread): string => `${call}: ${code}: ${message}`;

const DENIED_CODES = [
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'NotAuthorized',
  'AuthorizationError', // SNS
  'AuthorizationErrorException',
];

/** Whether an error code says that the caller lacks a permission, whatever service it is of. */
export const isDenied = (code: string): boolean => DENIED_CODES.some((denied) => code.endsWith(denied));
