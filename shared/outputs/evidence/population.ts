import type { Resource } from '../../domain/resource.ts';
import { expires } from '../../findings/closing-changes.ts';
import type { LookRecord } from '../../history/records.ts';

/** When something was seen, by the times of looks (ISO 8601). */
export type Seen = { first: string; last: string; looks: number };

/** A resource of the period. One without a look in the period is in no population. */
export type Member = {
  account: string;
  resource: Resource;
  /** Missing where each look of the period found it gone. */
  seen?: Seen;
  /** The last look before the period that saw it. */
  seenBefore?: string;
  /** When a look found it gone, if nothing has seen it since. */
  goneAt?: string;
  /** The versions of a pipeline that were judged, or that executions ran, where AWS told them. */
  versions: ReadonlyMap<number, Seen>;
};

type Growing = Omit<Member, 'versions'> & { versions: Map<number, Seen>; isInPeriod: boolean };

/** The same for all looks at a resource by one account, in whatever case its ARN is. */
export const memberKey = ({ account, resource }: Pick<LookRecord, 'account' | 'resource'>): string =>
  JSON.stringify([account, resource.type, resource.arn.toLowerCase()]);

/** Takes looks in the order of their times, and tells who was there. */
export const populationBuilder = (begin: string) => {
  const members = new Map<string, Growing>();
  return {
    size: () => members.size,
    add: (look: LookRecord): void => {
      const { at, account, resource, gone, pipelineVersion } = look;
      const key = memberKey(look);
      const member: Growing = members.get(key) ?? {
        account,
        resource,
        versions: new Map(),
        isInPeriod: false,
      };
      members.set(key, member);
      const isInPeriod = Date.parse(at) >= Date.parse(begin);
      member.isInPeriod ||= isInPeriod;
      if (gone) {
        member.goneAt ??= at;
        return;
      }
      delete member.goneAt;
      if (!isInPeriod) member.seenBefore = at;
      else {
        member.seen = later(member.seen, at);
        if (pipelineVersion !== undefined)
          member.versions.set(pipelineVersion, later(member.versions.get(pipelineVersion), at));
      }
    },
    /** Those of the period, by account, type and ARN. */
    members: (): Map<string, Member> =>
      new Map(
        [...members]
          .filter(([, { isInPeriod }]) => isInPeriod)
          .toSorted(([one], [other]) => (one < other ? -1 : 1)),
      ),
    /** Those that were there shortly before the period, and that nobody looked at in it. What has run is looked at once. */
    notLookedAt: (): Member[] =>
      [...members.values()].filter(
        ({ isInPeriod, goneAt, resource }) => !isInPeriod && goneAt === undefined && !expires(resource),
      ),
  };
};

const later = (seen: Seen | undefined, at: string): Seen =>
  seen ? { ...seen, last: at, looks: seen.looks + 1 } : { first: at, last: at, looks: 1 };
