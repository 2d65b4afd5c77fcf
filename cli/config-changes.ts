import { isDeepStrictEqual } from 'node:util';
import {
  type ConfigException,
  exceptionsOf,
  newExceptions,
  suppressionText,
} from '../shared/config/exceptions.ts';
import type { FileConfig, Suppression } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { type Severity, severityRank } from '../shared/domain/finding.ts';
import { matchesGlob } from '../shared/iam/policy/glob.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { cut } from '../shared/text/cut.ts';
import { listed } from '../shared/text/listed.ts';

/** A reviewer reads the first ones; of more, the number is told. */
const MOST = 50;
const LONGEST = 400;

/**
 * A difference: its place, and what is there. `lets`: how severe it is that less is found because of it, and what it means; missing
 * where it lets nothing pass that did not pass before.
 */
export type ConfigChange = { at: string; found: string; lets?: { severity: Severity; means: string } };

/**
 * What a configuration changes against an earlier one: first what it switches off or suppresses, then the rest, key by key. Empty
 * where both say the same. Without an earlier one, what it excepts is new, and what it authorises is no change.
 */
export const configChanges = (before: FileConfig | undefined, after: FileConfig): ConfigChange[] => {
  const told =
    before === undefined ? exceptionsOf(after, OWN_SEVERITIES).map(introducedBy) : changesOf(before, after);
  const ordered = [...told.filter(({ lets }) => lets), ...told.filter(({ lets }) => !lets)];
  const left = ordered.length - MOST;
  const lets = ordered[MOST]?.lets;
  return [
    ...ordered.slice(0, MOST).map((change) => ({ ...change, found: cut(change.found, LONGEST) })),
    ...(left > 0 ? [{ at: WHOLE, found: `${left} more differences`, ...(lets && { lets }) }] : []),
  ];
};

const OWN_SEVERITIES = new Map(CONTROLS.map(({ id, severity }) => [id, severity]));

const introducedBy = ({ at, text }: ConfigException): ConfigChange => ({
  at,
  found: text,
  lets: { severity: 'MEDIUM', means: 'it is excepted from what holds for others' },
});

const changesOf = (before: FileConfig, after: FileConfig): ConfigChange[] => {
  const pairs = pairsOf(before, after);
  const within = pairs.map(({ path, isNew, of, old, now }) => ({
    itself:
      isNew === undefined ? [] : [{ at: path, found: `it ${isNew ? 'adds' : 'takes out'} an override${of}` }],
    changes: differences(asJson(old), asJson(now), []).map((change) => ({
      ...change,
      at: placeIn(path, change.at),
    })),
  }));
  const first = pairs.flatMap((pair) => [...switchedOff(pair), ...suppressedBy(pair)]);
  const places = [first, ...within.map(({ changes }) => changes)].flat().map(({ at }) => at);
  return [
    ...first,
    ...reachingMore(before, after, places),
    ...orderChanges(before, after),
    ...within.flatMap(({ itself, changes }) => [...itself, ...changes]),
  ];
};

/** Exceptions that are for more accounts than before, though nothing has changed at their places: by a team, or another override. */
const reachingMore = (before: FileConfig, after: FileConfig, places: readonly string[]): ConfigChange[] => {
  const changed = new Set(places);
  const isWithin = (at: string): boolean =>
    changed.has(at) || [...at.matchAll(/[.[]/g)].some(({ index }) => changed.has(at.slice(0, index)));
  return newExceptions(before, after, OWN_SEVERITIES)
    .filter(({ at }) => !isWithin(at))
    .map(({ at, text }) => ({
      at,
      found: text,
      lets: { severity: 'MEDIUM', means: 'it is excepted for more accounts than before' },
    }));
};

type Part = Omit<FileConfig, 'version' | 'overrides'>;
type Override = NonNullable<FileConfig['overrides']>[number];

/**
 * A part of both configurations: the top, or the override for the same accounts. `of`: these accounts, in words. Where an override has a
 * key in one of the two alone, the other one has there what holds at the top.
 */
type Pair = { path: string; of: string; old: Part; now: Part; isNew?: boolean };

/** Overrides are compared by the accounts that they are for, so that one that moves in the list is the same. */
const pairsOf = (before: FileConfig, after: FileConfig): Pair[] => {
  const [old, now] = [overridesOf(before), overridesOf(after)];
  const pair = (key: string): Pair => {
    const [was, is] = [old.get(key), now.get(key)];
    return {
      path: `overrides[${is?.index ?? was?.index ?? 0}]`,
      of: accountsText(is?.override ?? was?.override ?? {}),
      old: withTop(was?.part ?? {}, is?.part ?? {}, before),
      now: withTop(is?.part ?? {}, was?.part ?? {}, after),
      ...(is && was ? {} : { isNew: is !== undefined }),
    };
  };
  const { version: _, overrides: __, ...top } = after;
  const { version: ___, overrides: ____, ...topBefore } = before;
  return [
    { path: '', of: '', old: topBefore, now: top },
    ...[...new Set([...now.keys(), ...old.keys()])].map(pair),
  ];
};

/** Overrides replace the keys of the top, and controls one by one; suppressions they add. */
const withTop = (part: Part, other: Part, { controls, suppressions: _, ...top }: FileConfig): Part => {
  const ofTop = pick(controls ?? {}, other.controls ?? {});
  const isJudged = part.controls !== undefined || Object.keys(ofTop).length > 0;
  return { ...pick(top, other), ...part, ...(isJudged && { controls: { ...ofTop, ...part.controls } }) };
};

/** What is there under the keys that another object has. */
const pick = <T extends object>(from: T, other: object): T =>
  Object.fromEntries(Object.entries(from).filter(([key]) => Object.hasOwn(other, key))) as T;

type Placed = { index: number; override: Override; part: Part };

const overridesOf = ({ overrides = [] }: FileConfig): Map<string, Placed> => {
  const placed = new Map<string, Placed>();
  for (const [index, override] of overrides.entries()) {
    const { accounts, organizationalUnits, teams, ...part } = override;
    const named = JSON.stringify([accounts, organizationalUnits, teams].map((list) => list?.toSorted()));
    let key = named;
    for (let again = 2; placed.has(key); again++) key = `${named} ${again}`;
    placed.set(key, { index, override, part });
  }
  return placed;
};

const accountsText = ({ accounts = [], organizationalUnits = [], teams = [] }: Partial<Override>): string =>
  ` for ${listed([...accounts, ...organizationalUnits, ...teams.map((name) => `the team ${name}`)])}`;

const placeIn = (path: string, at: string): string =>
  path === '' ? at : at === WHOLE ? path : `${path}.${at}`;

const WHOLE = 'configuration';

/** A later override wins, so that the order of two means something. */
const orderChanges = (before: FileConfig, after: FileConfig): ConfigChange[] => {
  const [old, now] = [overridesOf(before), overridesOf(after)];
  const order = (one: Map<string, Placed>, other: Map<string, Placed>) =>
    [...one.keys()].filter((key) => other.has(key));
  return isDeepStrictEqual(order(old, now), order(now, old))
    ? []
    : [{ at: 'overrides', found: 'their order is another one, and a later override wins' }];
};

const asJson = (config: Part): JsonObject => JSON.parse(JSON.stringify(config)) as JsonObject;

/** Told above in words of their own. */
const isToldAbove = (path: readonly string[]): boolean =>
  path[0] === 'suppressions' || (path[0] === 'controls' && path[2] === 'enabled');

const switchedOff = ({
  path,
  of,
  old: { controls: before = {} },
  now: { controls: after = {} },
}: Pair): ConfigChange[] =>
  Object.entries(after).flatMap(([id, { enabled, reason }]) =>
    enabled === false && (!Object.hasOwn(before, id) || before[id]?.enabled !== false)
      ? {
          at: placeIn(path, `controls.${id}.enabled`),
          found: `it switches off ${id}${of}: ${reason ?? 'no reason is given'}`,
          lets: { severity: 'MEDIUM' as const, means: `nothing is judged by ${id} any more` },
        }
      : [],
  );

const suppressedBy = ({
  path,
  of,
  old: { suppressions: before = [] },
  now: { suppressions: after = [] },
}: Pair): ConfigChange[] => {
  const isIn = (list: readonly Suppression[], wanted: Suppression) =>
    list.some((each) => isDeepStrictEqual(each, wanted));
  const gone = before.filter((each) => !isIn(after, each));
  return [
    ...after.flatMap((each, index): ConfigChange[] => {
      if (isIn(before, each)) return [];
      const earlier = earlierForm(each, gone);
      const isNarrower = earlier !== undefined && covers(earlier, each);
      return [
        {
          at: placeIn(path, `suppressions[${index}]`),
          found: `it suppresses${of} ${suppressionText(each)}${earlier ? `; before: ${suppressionText(earlier)}` : ''}`,
          ...(!isNarrower && {
            lets: {
              severity: 'MEDIUM',
              means: `findings of ${each.control} are told no more where the suppression is about them`,
            },
          }),
        },
      ];
    }),
    ...gone.map((each) => ({
      at: placeIn(path, 'suppressions'),
      found: `it suppresses no longer${of} ${suppressionText(each)}`,
    })),
  ];
};

/** Of the suppressions that are gone, the one that this one takes the place of. */
const earlierForm = (
  { control, resource, step }: Suppression,
  gone: readonly Suppression[],
): Suppression | undefined => {
  const same = gone.filter((each) => each.control === control);
  return (
    same.find((each) => each.resource === resource && each.step === step) ??
    same.find((each) => each.resource === resource) ??
    same.find((each) => matchesGlob(resource, each.resource) || matchesGlob(each.resource, resource))
  );
};

/** Whether everything that the second suppresses is suppressed by the first, and as long. */
const covers = (first: Suppression, second: Suppression): boolean =>
  first.expires >= second.expires &&
  matchesGlob(first.resource, second.resource) &&
  (first.step === undefined || (second.step !== undefined && matchesGlob(first.step, second.step)));

/** The depth is that of the schema. */
const differences = (
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[],
): ConfigChange[] => {
  if (isToldAbove(path) || isDeepStrictEqual(before, after)) return [];
  const at = path.join('.') || WHOLE;
  if (isObject(before) || isObject(after)) {
    const [one, other] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    return [
      ...[...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
        differences(
          Object.hasOwn(one, key) ? one[key] : undefined,
          Object.hasOwn(other, key) ? other[key] : undefined,
          [...path, key],
        ),
      ),
      ...(isObject(before) && after === null
        ? [withMeaning({ at, found: 'null says that there is none' }, 'gone')]
        : []),
    ];
  }
  if (Array.isArray(before) || Array.isArray(after)) {
    const [one, other] = [Array.isArray(before) ? before : [], Array.isArray(after) ? after : []];
    const isIn = (list: readonly Json[], wanted: Json) =>
      list.some((each) => isDeepStrictEqual(each, wanted));
    const gone = one.filter((each) => !isIn(other, each));
    return [
      ...other.flatMap((each, index) =>
        isIn(one, each)
          ? []
          : withMeaning(
              { at: `${at}[${index}]`, found: `it adds ${JSON.stringify(each)}${widerText(each, gone)}` },
              'adds',
              {
                before: one,
                after: each,
              },
            ),
      ),
      ...gone.map((each) =>
        withMeaning({ at, found: `it takes out ${JSON.stringify(each)}` }, 'takes out', {
          before: each,
          after: other,
        }),
      ),
      ...(after === undefined ? [withMeaning({ at, found: 'the list is gone' }, 'gone')] : []),
      ...(before === undefined && other.length === 0 ? [{ at, found: 'the list is there, and empty' }] : []),
      // An empty list of roles for steps authorises none.
      ...(one.length > 0 &&
      after !== undefined &&
      other.length === 0 &&
      !/^roles\.(steps|execution)$/.test(at)
        ? [withMeaning({ at, found: 'the list is empty' }, 'gone')]
        : []),
    ];
  }
  const text = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return [
    withMeaning({ at, found: `${text(before)} becomes ${text(after)}` }, 'becomes', {
      before: before ?? null,
      after: after ?? null,
    }),
  ];
};

/** The patterns that a wider one takes the place of. */
const widerText = (added: Json, gone: readonly Json[]): string => {
  if (typeof added !== 'string') return '';
  const narrower = gone.filter((each) => typeof each === 'string' && matchesGlob(added, each));
  return narrower.length > 0
    ? `, which is wider than ${listed(narrower.map((each) => JSON.stringify(each)))}`
    : '';
};

type How = 'adds' | 'takes out' | 'gone' | 'becomes';
type Sides = { before: Json; after: Json };

/** Which differences let more pass, how severe that is, and what it means. `when`: only those. */
const MEANINGS: readonly {
  at: RegExp;
  how: How;
  severity?: Severity;
  means: string;
  when?: (sides: Sides, at: string) => boolean;
}[] = [
  { at: /^prefixes\[/, how: 'adds', severity: 'LOW', means: 'more names of jobs are authorised' },
  {
    at: /^roles\.(creators|execution|steps)\[/,
    how: 'adds',
    severity: 'LOW',
    means: 'more principals are authorised',
  },
  {
    at: /^roles\.(administrators|trusted)\[/,
    how: 'adds',
    means: 'more may change or assume execution and step roles',
  },
  { at: /^sharedWith\[/, how: 'adds', means: 'pipelines may be shared with more' },
  { at: /^imageBuckets\.extraRules\[/, how: 'adds', means: 'image buckets may have more CORS rules' },
  { at: /^imageBuckets\.names$/, how: 'takes out', means: 'the bucket may not be known as an image bucket' },
  { at: /^imageBuckets\.tags\./, how: 'becomes', means: 'buckets may not be known as image buckets' },
  { at: /^scpException\.taggers\[/, how: 'adds', means: 'more may set the tag that SCPs except' },
  {
    at: /^scpException\.tag/,
    how: 'becomes',
    means: 'another tag is the one that SCPs except',
    when: ({ after }) => after !== null,
  },
  {
    at: /^versionFloors$/,
    how: 'takes out',
    means: 'earlier versions may run',
    when: ({ before, after }) => !(after as Json[]).some((each) => isFloorKept(before, each)),
  },
  {
    at: /^versionFloors\[/,
    how: 'adds',
    means: 'more are excepted from a version floor',
    when: ({ before, after }) =>
      (before as Json[]).length > 0 &&
      exceptIn(after).length > 0 &&
      !(before as Json[]).some((each) => isFloorKept(each, after)),
  },
  {
    at: /^(prefixes|versionFloors|scpException|roles\.(creators|steps|execution))$/,
    how: 'gone',
    means: 'controls that need it do not judge any more',
  },
  {
    at: /^roles\.isolation$/,
    how: 'becomes',
    means: 'steps may share a role',
    when: ({ before }) => before === 'required',
  },
  { at: /^organization\.exclude\[/, how: 'adds', means: 'the account is not watched any more' },
  {
    at: /^organization\.(regions|accounts|organizationalUnits)$/,
    how: 'takes out',
    means: 'it may not be watched any more',
  },
  {
    at: /^alerts\.minimumSeverity$/,
    how: 'becomes',
    means: 'people are told of less',
    when: ({ before, after }) => rankOf(after, 'HIGH') > rankOf(before, 'HIGH'),
  },
  {
    at: /^securityHub\.findings$/,
    how: 'becomes',
    means: 'Security Hub gets no findings any more',
    when: ({ after }) => after === 'off',
  },
  {
    at: /^controls\.[^.]+\.severity$/,
    how: 'becomes',
    means: 'its findings are less severe, so that fewer are told of them',
    when: ({ before, after }, at) => {
      const own = OWN_SEVERITIES.get(at.split('.')[1] ?? '') ?? 'HIGH';
      return rankOf(after, own) < rankOf(before, own);
    },
  },
];

const withMeaning = (
  change: ConfigChange,
  how: How,
  sides: Sides = { before: null, after: null },
): ConfigChange => {
  const meaning = MEANINGS.find(
    (each) => each.how === how && each.at.test(change.at) && (each.when?.(sides, change.at) ?? true),
  );
  if (!meaning) return change;
  const { severity = 'MEDIUM', means } = meaning;
  return { ...change, lets: { severity, means } };
};

const rankOf = (value: Json, otherwise: Severity): number =>
  severityRank(typeof value === 'string' ? (value.toUpperCase() as Severity) : otherwise);

type Floor = { pipeline?: Json; minimum?: Json; except?: Json };

/** Whether the second floor holds for the same pipelines all that the first one does. */
const isFloorKept = (first: Json, second: Json): boolean => {
  const [one, other] = [first as Floor, second as Floor];
  return (
    one.pipeline === other.pipeline &&
    Number(other.minimum) >= Number(one.minimum) &&
    exceptIn(second).every((each) => exceptIn(first).includes(each))
  );
};

const exceptIn = (floor: Json): readonly Json[] => ((floor as Floor).except as Json[] | undefined) ?? [];
