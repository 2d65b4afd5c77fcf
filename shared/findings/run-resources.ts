import type { Resource, ResourceType } from '../domain/resource.ts';
import type { Trigger } from '../domain/trigger.ts';
import { nameInRun } from './run-places.ts';

/** A resource that a run was to look at, or looked at; the account in a run over several. */
export type RunResource = Resource & { account?: string };

/** The resources of a run, each once. */
export type RunResources = { asked: readonly RunResource[]; looked: readonly RunResource[] };

/** Collects what a run was to look at, and what it looked at. */
export const runResourcesBuilder = () => {
  const asked = new Map<string, RunResource>();
  const looked = new Map<string, RunResource>();
  const adding =
    (known: Map<string, RunResource>) =>
    ({ type, arn }: Resource, account?: string): void => {
      const name = nameInRun(arn, account).toLowerCase();
      if (!known.has(name)) known.set(name, { type, arn, ...(account !== undefined && { account }) });
    };
  return {
    ask: adding(asked),
    look: adding(looked),
    resources: (): RunResources => ({ asked: [...asked.values()], looked: [...looked.values()] }),
  };
};

/** How many resources of each type a run was to look at, where somebody has listed or named them, and how many it looked at. */
export const countedByType = ({
  asked,
  looked,
}: {
  asked?: readonly RunResource[];
  looked: readonly RunResource[];
}): Partial<Record<ResourceType, { askedFor?: number; lookedAt: number }>> => {
  const countIn = (of: readonly RunResource[], wanted: ResourceType): number =>
    of.filter(({ type }) => type === wanted).length;
  const types = new Set([...(asked ?? []), ...looked].map(({ type }) => type));
  return Object.fromEntries(
    [...types]
      .toSorted()
      .map((type) => [
        type,
        { ...(asked && { askedFor: countIn(asked, type) }), lookedAt: countIn(looked, type) },
      ]),
  );
};

/** The time that records of events are from; undefined where none of them tells it. */
export const windowOf = (
  records: readonly { trigger?: Trigger }[],
): { from: string; to: string } | undefined => {
  const times = records
    .flatMap(({ trigger }) => Date.parse(trigger?.eventTime ?? ''))
    .filter((time) => !Number.isNaN(time))
    .toSorted((one, other) => one - other);
  const [from, to] = [times[0], times.at(-1)];
  return from === undefined || to === undefined
    ? undefined
    : { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
};
