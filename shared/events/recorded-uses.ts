import { parseArn } from '../domain/arn.ts';
import { asText, type Json, memberAnyCase } from '../json/json.ts';
import { type RecordedRequest, recordedCall } from './recorded-call.ts';

/** Requests of one principal that differ only in their times, as CloudTrail recorded them. */
export type RecordedUse = RecordedRequest & {
  /** Who assumed a role; absent for the other uses, and where the record does not tell it. */
  by?: string;
  times: number;
  /** When it was last recorded (ISO 8601); absent where no record tells a time. */
  last?: string;
};

/** Which records were looked at. */
export type RecordsSeen = {
  records: number;
  /** The times of the first and the last record (ISO 8601), where records tell their times. */
  span?: { from: string; to: string };
  /** Whether they hold data events of S3, which few trails log: without them nobody is seen to read or write objects. */
  tellsObjects: boolean;
  /** Why the records do not tell everything, as sentences without a full stop. */
  unread: readonly string[];
};

/** What records show of one role or user: what it did, and who assumed it. */
export type RecordedUses = RecordsSeen & {
  uses: readonly RecordedUse[];
  assumptions: readonly RecordedUse[];
  /** What somebody of the account did, and the records do not tell who: it may have been this role or user. */
  untold: readonly RecordedUse[];
};

/** What is known where there are no records. */
export const NO_RECORDS: RecordedUses = {
  records: 0,
  tellsObjects: false,
  unread: [],
  uses: [],
  assumptions: [],
  untold: [],
};

/** What records show of everybody. */
export type Recorded = RecordsSeen & {
  /** What they show of the role or user with one of these ARNs. */
  of: (...arns: readonly string[]) => RecordedUses;
};

/** The bounds of what is kept. Whatever is over a bound counts as known less exactly, and never as not needed. */
export type RecordBounds = {
  /** The records that are looked at. */
  records: number;
  /** The uses that are kept. */
  uses: number;
  /** The resources that are told apart for one action of a principal. */
  resources: number;
};

const BOUNDS: RecordBounds = { records: 1_000_000, uses: 200_000, resources: 500 };

/** The number of reasons that anybody reads. */
const MAX_UNREAD = 20;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const MAX_ID_LENGTH = 64;

/** Takes CloudTrail records one by one, and why others could not be read. */
export type RecordedBuilder = {
  add: (record: Json) => void;
  addUnread: (reason: string) => void;
  recorded: () => Recorded;
};

/** Collects what CloudTrail records show. */
export const recordedBuilder = (bounds: RecordBounds = BOUNDS): RecordedBuilder => {
  const unread: string[] = [];
  const done = new Map<string, KeptUses>();
  const assumed = new Map<string, KeptUses>();
  /** By account. */
  const untold = new Map<string, KeptUses>();
  const ids = new Set<string>();
  let [records, uses] = [0, 0];
  let span: RecordsSeen['span'];
  let tellsObjects = false;
  const addUnread = (reason: string): void => {
    if (unread.length < MAX_UNREAD && !unread.includes(reason)) unread.push(reason);
  };
  const keep = (of: Map<string, KeptUses>, arn: string, use: NewUse, isNew: boolean): void => {
    const kept = of.get(arn.toLowerCase()) ?? { byKey: new Map(), resources: new Map() };
    const known = kept.resources.get(use.action) ?? 0;
    const own = keyOf(use);
    const isOver = known >= bounds.resources && !kept.byKey.has(own);
    const one = isOver ? anyUseLike(use) : use;
    const key = isOver ? keyOf(one) : own;
    const before = kept.byKey.get(key);
    if (before) {
      if (isNew) before.times++;
      if (use.last !== undefined && (before.last === undefined || before.last < use.last))
        before.last = use.last;
    } else if (uses >= bounds.uses) addUnread(`they show more than ${bounds.uses} uses`);
    else {
      uses++;
      kept.byKey.set(key, { ...one, times: 1 });
      kept.resources.set(use.action, known + 1);
      of.set(arn.toLowerCase(), kept);
    }
  };
  const add = (record: Json): void => {
    if (records >= bounds.records) {
      addUnread(`they are more than ${bounds.records}`);
      return;
    }
    records++;
    const told = asText(memberAnyCase(record, 'eventTime')) ?? '';
    const last = TIME.test(told) ? told : undefined;
    if (last !== undefined)
      span = {
        from: span && span.from < last ? span.from : last,
        to: span && span.to > last ? span.to : last,
      };
    const call = recordedCall(record);
    if (!call) return;
    if (call.isRoleUntold) addUnread('a record of an assumed role does not tell which role it is');
    if (call.requests.some(isOnObject)) tellsObjects = true;
    const id = asText(memberAnyCase(record, 'eventID')) ?? '';
    const isNew = id === '' || id.length > MAX_ID_LENGTH || !ids.has(id);
    if (id !== '' && id.length <= MAX_ID_LENGTH) ids.add(id);
    const { principalArn, untoldIn, requests, assumption } = call;
    const at = last === undefined ? {} : { last };
    if (principalArn !== undefined)
      for (const request of requests) keep(done, principalArn, { ...request, ...at }, isNew);
    if (untoldIn !== undefined)
      for (const request of requests) keep(untold, untoldIn, { ...request, ...at }, isNew);
    if (assumption) {
      const { roleArn, by } = assumption;
      const who = by === undefined ? {} : { by };
      for (const request of assumption.requests) keep(assumed, roleArn, { ...request, ...who, ...at }, isNew);
    }
  };
  const seen = (): RecordsSeen => ({
    records,
    ...(span && { span }),
    tellsObjects,
    unread,
  });
  const listOf = (of: Map<string, KeptUses>, arns: readonly string[]): RecordedUse[] =>
    [...new Set(arns.map((arn) => arn.toLowerCase()))].flatMap((arn) => [
      ...(of.get(arn)?.byKey.values() ?? []),
    ]);
  return {
    add,
    addUnread,
    recorded: () => ({
      ...seen(),
      of: (...arns) => ({
        ...seen(),
        uses: listOf(done, arns),
        assumptions: listOf(assumed, arns),
        untold: listOf(untold, ['', ...arns.map((arn) => parseArn(arn)?.account ?? '')]),
      }),
    }),
  };
};

const isOnObject = ({ action, resource }: RecordedRequest): boolean =>
  action.startsWith('s3:') && resource !== undefined && /^arn:[^:]*:s3:::[^/]+\//.test(resource);

type KeptUses = {
  byKey: Map<string, RecordedUse>;
  /** How many different uses are kept of each action. */
  resources: Map<string, number>;
};

type NewUse = Omit<RecordedUse, 'times'>;

const keyOf = ({ action, resource, keys, by }: NewUse): string =>
  JSON.stringify([action, resource ?? null, keys, by ?? null]);

/** The use of an action in which neither resource nor keys are known. */
const anyUseLike = ({ action, last }: NewUse): NewUse => ({
  action,
  keys: {},
  ...(last !== undefined && { last }),
});
