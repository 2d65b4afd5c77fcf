import type { Finding } from '../domain/finding.ts';
import type { ReadTimes } from '../domain/read-times.ts';
import type { Observation, ResourceState } from './state.ts';

type Dated = Pick<Observation, 'observedAt' | 'readAt'>;

/** When the oldest piece of an observation’s evidence was read (ISO 8601). */
export const asOf = ({ observedAt, readAt = {} }: Dated): string =>
  new Date(Math.min(Date.parse(observedAt), ...Object.values(readAt))).toISOString();

/**
 * Whether the state already knows something newer than the observation. Each kind of evidence is compared by its own
 * time, because a look can be newer as a whole and still hold an older copy of a role. An observation of a finished job
 * is never too old, as it replaces only that job’s entry.
 */
export const isOvertaken = (
  { finishedArn, observedAt, readAt = {} }: Dated & Pick<Observation, 'finishedArn'>,
  state: Pick<ResourceState, 'observedAt' | 'readAt'>,
): boolean => {
  if (finishedArn !== undefined) return false;
  return timesOfKinds({ observedAt, readAt }, state).some(([of, known]) => of < known);
};

/**
 * Whether the state, which has overtaken the observation, may lack a change from before `since` (milliseconds since
 * 1970): it is older, or some kind of its evidence is, and the observation has read that kind since.
 */
export const lacksChange = (
  observation: Dated,
  state: Pick<ResourceState, 'observedAt' | 'readAt'>,
  since: number,
): boolean =>
  Date.parse(state.observedAt) < since ||
  timesOfKinds(observation, state).some(([of, known]) => known < since && of >= since);

/** For each kind of evidence, when the observation and when the state has read it (milliseconds since 1970). */
const timesOfKinds = (
  { observedAt, readAt = {} }: Dated,
  { observedAt: knownAt, readAt: known = {} }: Pick<ResourceState, 'observedAt' | 'readAt'>,
): [number, number][] => {
  const kinds = new Set([...Object.keys(readAt), ...Object.keys(known)]);
  return (kinds.size === 0 ? [undefined] : [...kinds]).map((kind) => [
    timeOf(kind, observedAt, readAt),
    timeOf(kind, knownAt, known),
  ]);
};

/** When the newest piece of a state’s evidence was read, in milliseconds since 1970. */
export const newestIn = ({ observedAt, readAt = {} }: Pick<ResourceState, 'observedAt' | 'readAt'>): number =>
  Math.max(Date.parse(observedAt), ...Object.values(readAt));

const timeOf = (kind: string | undefined, observedAt: string, readAt: ReadTimes): number =>
  (kind !== undefined && Object.hasOwn(readAt, kind) ? readAt[kind] : undefined) ?? Date.parse(observedAt);

/** Whether all evidence of findings is from before that of the others. What the configuration says is read anew in each run. */
export const isAllOlder = (findings: readonly Finding[], others: readonly Finding[]): boolean => {
  const [newest, oldest] = [timesOf(findings).at(-1), timesOf(others)[0]];
  return newest !== undefined && oldest !== undefined && newest < oldest;
};

const timesOf = (findings: readonly Finding[]): number[] =>
  findings
    .flatMap(({ evidenceAt, resource: { type } }) =>
      evidenceAt === undefined || type === 'configuration' ? [] : Date.parse(evidenceAt),
    )
    .toSorted((one, other) => one - other);
