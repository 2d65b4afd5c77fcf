/** The values of a key in a request; `null` where the request is known not to carry the key. */
export type ContextValue = string | readonly string[] | null;

/**
 * What is known about the condition keys of a request. Keys are compared without letter case, including the tag's own
 * key in `aws:PrincipalTag/team`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export type Context = {
  /** Values by key in lower case; null where the request does not carry the key. */
  readonly keys: ReadonlyMap<string, readonly string[] | null>;
  /** What is assumed of every key that `keys` does not list. */
  readonly others: 'unknown' | 'absent';
};

/** A context from keys and values. A key that is not listed is unknown or, with `'absent'`, not in the request. */
export const contextOf = (
  values: Readonly<Record<string, ContextValue>> = {},
  others: Context['others'] = 'unknown',
): Context => ({ keys: keysOf(values), others });

/** The same context with further values, which replace earlier values of the same keys. */
export const assume = (
  context: Context,
  values: Readonly<Record<string, ContextValue>>,
  others = context.others,
): Context => ({ keys: keysOf(values, new Map(context.keys)), others });

const keysOf = (
  values: Readonly<Record<string, ContextValue>>,
  keys = new Map<string, readonly string[] | null>(),
): Context['keys'] => {
  for (const [key, value] of Object.entries(values))
    keys.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  return keys;
};
