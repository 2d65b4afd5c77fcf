import type { Json } from '../json/json.ts';

/**
 * Takes the place of a value that CloudTrail hides. Readers find neither a text nor a member in it, so that nobody takes
 * what is hidden for a name or a role; and it is not undefined, so that nobody takes it for absent.
 */
export const HIDDEN: Json = Object.freeze({});

/** Whether the value is there, and CloudTrail does not tell it. */
export const isHidden = (value: Json | undefined): boolean => value === HIDDEN;

/**
 * What AWS writes in place of what it does not tell in a record.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
 * https://docs.aws.amazon.com/athena/latest/ug/monitor-with-cloudtrail.html
 */
const PLACEHOLDER = /^(?:HIDDEN_(?:DUE_TO|FOR)_SECURITY_REASONS|<?sensitiveDataRemoved>?|\*{3,64})$/;

const isPlaceholder = (value: Json): boolean =>
  typeof value === 'string' && value.length <= 64 && PLACEHOLDER.test(value);

/** The same value with `HIDDEN` for each placeholder; the value itself where there is none. */
export const withHidden = (value: Json): Json => {
  if (isPlaceholder(value)) return HIDDEN;
  return holdsPlaceholder(value) ? copied(value) : value;
};

// Both go by a list of their own: how deeply a record is nested is its writer’s choice.
const holdsPlaceholder = (root: Json): boolean => {
  const pending: Json[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Object.values(value)) {
      if (isPlaceholder(inner)) return true;
      if (typeof inner === 'object' && inner !== null) pending.push(inner);
    }
  }
  return false;
};

type Holder = Record<string, Json>;

const copied = (root: Json): Json => {
  const whole = emptyLike(root);
  const pending: [from: Json, to: Holder][] = [[root, whole as Holder]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [from, to] = next;
    for (const [key, inner] of Object.entries(from as Holder)) {
      const isHolder = typeof inner === 'object' && inner !== null;
      const copy = isPlaceholder(inner) ? HIDDEN : isHolder ? emptyLike(inner) : inner;
      to[key] = copy;
      if (isHolder) pending.push([inner, copy as Holder]);
    }
  }
  return whole;
};

/** Without a prototype, so that the key `__proto__` is a key like any other. */
const emptyLike = (value: Json): Json => (Array.isArray(value) ? [] : (Object.create(null) as Holder));
