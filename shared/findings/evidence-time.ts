import type { ReadTimes } from '../domain/read-times.ts';
import type { Observation, ResourceState } from './state.ts';

type Dated = Pick<Observation, 'observedAt' | 'readAt'>;

/** When the oldest of an observation's evidence was read. */
export const asOf = ({ observedAt, readAt = {} }: Dated): string =>
  new Date(Math.min(Date.parse(observedAt), ...Object.values(readAt))).toISOString();

/**
 * Whether the state has seen the resource as it was later; what finishedArn is never too late. Each kind of evidence is
 * held against its own: one may be younger on the whole, and yet hold a role as it was before its change.
 */
export const isOvertaken = (
  { finishedArn, observedAt, readAt = {} }: Dated & Pick<Observation, 'finishedArn'>,
  state: Pick<ResourceState, 'observedAt' | 'readAt'>,
): boolean => {
  if (finishedArn !== undefined) return false;
  const seen = state.readAt ?? {};
  const isEarlier = (kind?: string): boolean =>
    timeOf(kind, observedAt, readAt) < timeOf(kind, state.observedAt, seen);
  const kinds = new Set([...Object.keys(readAt), ...Object.keys(seen)]);
  return kinds.size === 0 ? isEarlier() : [...kinds].some(isEarlier);
};

/** When the newest of a state's evidence was read, in milliseconds since 1970. */
export const newestIn = ({ observedAt, readAt = {} }: Pick<ResourceState, 'observedAt' | 'readAt'>): number =>
  Math.max(Date.parse(observedAt), ...Object.values(readAt));

const timeOf = (kind: string | undefined, observedAt: string, readAt: ReadTimes): number =>
  (kind !== undefined && Object.hasOwn(readAt, kind) ? readAt[kind] : undefined) ?? Date.parse(observedAt);
