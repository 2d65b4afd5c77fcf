/** A key's values in a request; `null` where it is known that the request does not carry the key. */
export type ContextValue = string | readonly string[] | null;

/**
 * What is known of a request's condition context. Keys compare without case, the key of a tag
 * (`aws:PrincipalTag/team`) included.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export type Context = {
  /** By the key in lower case; null: the request does not carry it. */
  readonly keys: ReadonlyMap<string, readonly string[] | null>;
  /** What holds for every key that is not listed. */
  readonly others: 'unknown' | 'absent';
};

/** The context of keys and values; whatever is not listed is unknown, or with `'absent'` not in the request. */
export const contextOf = (
  values: Readonly<Record<string, ContextValue>> = {},
  others: Context['others'] = 'unknown',
): Context => ({ keys: keysOf(values), others });

/** The same context with more keys stated, which win over those that it had. */
export const assume = (
  context: Context,
  values: Readonly<Record<string, ContextValue>>,
  others = context.others,
): Context => ({ keys: new Map([...context.keys, ...keysOf(values)]), others });

const keysOf = (values: Readonly<Record<string, ContextValue>>): Map<string, readonly string[] | null> =>
  new Map(
    Object.entries(values).map(([key, value]) => [
      key.toLowerCase(),
      typeof value === 'string' ? [value] : value,
    ]),
  );
