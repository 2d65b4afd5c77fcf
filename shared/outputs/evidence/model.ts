import { statusWeight } from '../../domain/status.ts';
import { groupBy } from '../../group-by.ts';
import type { ChangeRecord, HistoryRecord, LookRecord } from '../../history/records.ts';
import { type Exception, exceptionsIn } from './exceptions.ts';
import { type Gap, gapsBuilder, type Refused } from './gaps.ts';
import { type Asked, beginOf, endOf } from './period.ts';
import { type Member, memberKey, populationBuilder } from './population.ts';
import { TooMuchHistory } from './record-text.ts';
import { type Stretch, stretchesBuilder } from './stretches.ts';

/** A version and configuration by which the auditor judged, with the first and last record of it in the period. */
export type Deployment = {
  account: string;
  version: string;
  configuration: string;
  first: string;
  last: string;
  records: number;
};

/**
 * A change, and who and what led to the look that found it. The finding itself keeps the event of an earlier look where nothing was
 * judged any more, as when its resource is gone.
 */
export type ToldChange = ChangeRecord & { by: Pick<LookRecord, 'trigger' | 'principal'> | 'not recorded' };

/** Everything that a pack tells of a period. */
export type EvidenceModel = {
  asked: Asked;
  begin: string;
  end: string;
  places: { accounts: string[]; regions: string[] };
  /** By `memberKey`. */
  members: ReadonlyMap<string, Member>;
  stretches: readonly Stretch[];
  changes: readonly ToldChange[];
  exceptions: readonly Exception[];
  gaps: readonly Gap[];
  deployments: readonly Deployment[];
  looks: number;
};

/** How many resources, stretches and changes a pack may hold. Each takes about a kilobyte of memory. */
const MOST_ENTRIES = 1_000_000;

/** Takes records in their order (`compare`), and makes the model of them. */
export const modelBuilder = (asked: Asked) => {
  const [begin, end] = [beginOf(asked), endOf(asked)];
  const population = populationBuilder(begin);
  const verdicts = stretchesBuilder(begin);
  const gaps = gapsBuilder(asked);
  const changes: ToldChange[] = [];
  let pendingChanges: ChangeRecord[] = [];
  const deployments = new Map<string, Deployment>();
  let looks = 0;
  let pending: LookRecord[] = [];
  const addLooks = (): void => {
    const looked = wholeLooks(pending);
    changes.push(...pendingChanges.map((change) => ({ ...change, by: byWhom(change, looked) })));
    pendingChanges = [];
    for (const look of looked) {
      population.add(look);
      verdicts.add(look);
      if (look.at >= begin) looks += 1;
    }
    pending = [];
  };
  return {
    /** @throws {TooMuchHistory} */
    add: (told: HistoryRecord): void => {
      // Times in one form can be compared as texts.
      const record = { ...told, at: new Date(told.at).toISOString() };
      const isInPeriod = record.at >= begin;
      gaps.add(record);
      if ((pending[0] ?? pendingChanges[0] ?? record).at !== record.at) addLooks();
      if (record.kind === 'look') pending.push(record);
      if (record.kind === 'change' && isInPeriod) pendingChanges.push(record);
      if (isInPeriod) noteDeployment(deployments, record);
      const entries = population.size() + verdicts.size() + gaps.size() + changes.length + deployments.size;
      if (entries > MOST_ENTRIES)
        throw new TooMuchHistory(
          `the period has more than ${MOST_ENTRIES} resources, verdicts and changes: make a pack for each account, Region or week, or ask Athena`,
        );
    },
    model: (refused: Refused): EvidenceModel => {
      addLooks();
      const members = population.members();
      const stretches = verdicts
        .stretches(end)
        .filter(({ account, resource }) => members.has(memberKey({ account, resource })));
      return {
        asked,
        begin,
        end,
        places: gaps.places(),
        members,
        stretches,
        changes,
        exceptions: exceptionsIn(stretches, begin),
        gaps: gaps.gaps(members.values(), population.notLookedAt(), refused),
        deployments: [...deployments.values()].toSorted((one, other) => (one.first < other.first ? -1 : 1)),
        looks,
      };
    },
  };
};

/**
 * The looks of one moment. A look with very many verdicts is several records, each with a part of them. Of two verdicts under one id the
 * graver one is told.
 */
const wholeLooks = (parts: readonly LookRecord[]): LookRecord[] =>
  [...groupBy(parts, memberKey).values()].flatMap((group) => {
    const [first] = group;
    if (!first || group.length === 1) return group;
    const verdicts = group
      .flatMap((each) => each.verdicts)
      .toSorted((one, other) => statusWeight(one.status) - statusWeight(other.status));
    return {
      ...first,
      gone: group.every(({ gone }) => gone),
      verdicts: [...new Map(verdicts.map((verdict) => [verdict.id, verdict])).values()],
      notJudged: group.flatMap((each) => each.notJudged),
    };
  });

/** Who and what led to a change: as the look of the same moment says, else as the finding does where that look judged it. */
const byWhom = (change: ChangeRecord, looks: readonly LookRecord[]): ToldChange['by'] => {
  const { account, finding, ended } = change;
  const key = memberKey({ account, resource: finding.resource });
  const look = looks.find((each) => memberKey(each) === key);
  if (look) return look;
  const isJudged = !ended || ended.how === 'mended' || ended.how === 'not-applicable';
  return isJudged && (finding.trigger || finding.principal !== undefined) ? finding : 'not recorded';
};

const noteDeployment = (deployments: Map<string, Deployment>, record: HistoryRecord): void => {
  const { account, version, configuration, at } = record;
  const key = JSON.stringify([account, version, configuration]);
  const known = deployments.get(key);
  if (known) {
    known.last = at;
    known.records += 1;
  } else deployments.set(key, { account, version, configuration, first: at, last: at, records: 1 });
};
