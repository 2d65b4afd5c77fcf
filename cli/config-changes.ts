import { isDeepStrictEqual } from 'node:util';
import type { FileConfig, Suppression } from '../shared/config/schema.ts';
import type { Evidence } from '../shared/domain/finding.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { cut } from '../shared/text/cut.ts';
import { listed } from '../shared/text/listed.ts';

/** A reviewer reads the first ones; of more, the number is told. */
const MOST = 50;
const LONGEST = 300;

const REVIEWED = 'a change of the configuration that is reviewed on its own';

/**
 * What a configuration changes against an earlier one, as evidence: first what it switches off or suppresses, then the rest, key by
 * key. Empty where both say the same.
 */
export const configChanges = (before: FileConfig, after: FileConfig): Evidence[] => {
  const pairs = pairsOf(before, after);
  const told = [
    ...pairs.flatMap((pair) => [...switchedOff(pair), ...suppressedBy(pair)]),
    ...orderChanges(before, after),
    ...pairs.flatMap(({ path, isNew, of, old, now }) => [
      ...(isNew === undefined
        ? []
        : [{ at: path, found: `it ${isNew ? 'adds' : 'takes out'} an override${of}` }]),
      ...differences(asJson(old), asJson(now), []).map(({ at, found }) => ({ at: placeIn(path, at), found })),
    ]),
  ];
  const shown = told
    .slice(0, MOST)
    .map(({ at, found }) => ({ at, found: cut(found, LONGEST), expected: REVIEWED }));
  const left = told.length - shown.length;
  return left > 0
    ? [...shown, { at: 'configuration', found: `${left} more differences`, expected: REVIEWED }]
    : shown;
};

type Change = Pick<Evidence, 'at' | 'found'>;

type Part = Omit<FileConfig, 'version' | 'overrides'>;
type Override = NonNullable<FileConfig['overrides']>[number];

/** A part of both configurations: the top, or the override for the same accounts. `of`: these accounts, in words. */
type Pair = { path: string; of: string; old: Part; now: Part; isNew?: boolean };

/** Overrides are compared by the accounts that they are for, so that one that moves in the list is the same. */
const pairsOf = (before: FileConfig, after: FileConfig): Pair[] => {
  const [old, now] = [overridesOf(before), overridesOf(after)];
  const pair = (key: string): Pair => {
    const [was, is] = [old.get(key), now.get(key)];
    return {
      path: `overrides[${is?.index ?? was?.index ?? 0}]`,
      of: accountsText(is?.override ?? was?.override ?? {}),
      old: was?.part ?? {},
      now: is?.part ?? {},
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
const orderChanges = (before: FileConfig, after: FileConfig): Change[] => {
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
}: Pair): Change[] =>
  Object.entries(after).flatMap(([id, { enabled, reason }]) =>
    enabled === false && (!Object.hasOwn(before, id) || before[id]?.enabled !== false)
      ? {
          at: placeIn(path, `controls.${id}.enabled`),
          found: `it switches off ${id}${of}: ${reason ?? 'no reason is given'}`,
        }
      : [],
  );

const suppressedBy = ({
  path,
  of,
  old: { suppressions: before = [] },
  now: { suppressions: after = [] },
}: Pair): Change[] => {
  const isIn = (list: readonly Suppression[], wanted: Suppression) =>
    list.some((each) => isDeepStrictEqual(each, wanted));
  return [
    ...after.flatMap((each, index) =>
      isIn(before, each)
        ? []
        : {
            at: placeIn(path, `suppressions[${index}]`),
            found: `it suppresses${of} ${suppressionText(each)}`,
          },
    ),
    ...before.flatMap((each) =>
      isIn(after, each)
        ? []
        : {
            at: placeIn(path, 'suppressions'),
            found: `it suppresses no longer${of} ${suppressionText(each)}`,
          },
    ),
  ];
};

/** A suppression in words. One in a definition names no resource. */
export const suppressionText = ({
  control,
  resource = 'its own definition',
  step,
  expires,
  reason,
}: Omit<Suppression, 'resource'> & { resource?: string }): string =>
  `${control} on ${resource}${step === undefined ? '' : `, step ${step},`} until ${expires}: ${reason}`;

/** The depth is that of the schema. */
const differences = (
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[],
): Change[] => {
  if (isToldAbove(path) || isDeepStrictEqual(before, after)) return [];
  const at = path.join('.') || WHOLE;
  if (isObject(before) || isObject(after)) {
    const [one, other] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
      differences(
        Object.hasOwn(one, key) ? one[key] : undefined,
        Object.hasOwn(other, key) ? other[key] : undefined,
        [...path, key],
      ),
    );
  }
  if (Array.isArray(before) || Array.isArray(after)) {
    const [one, other] = [Array.isArray(before) ? before : [], Array.isArray(after) ? after : []];
    const isIn = (list: readonly Json[], wanted: Json) =>
      list.some((each) => isDeepStrictEqual(each, wanted));
    return [
      ...other.flatMap((each) => (isIn(one, each) ? [] : { at, found: `it adds ${JSON.stringify(each)}` })),
      ...one.flatMap((each) =>
        isIn(other, each) ? [] : { at, found: `it takes out ${JSON.stringify(each)}` },
      ),
      ...(after === undefined ? [{ at, found: 'the list is gone' }] : []),
      ...(before === undefined && other.length === 0 ? [{ at, found: 'the list is there, and empty' }] : []),
    ];
  }
  const text = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value));
  return [{ at, found: `${text(before)} becomes ${text(after)}` }];
};
