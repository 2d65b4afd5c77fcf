import { severityRank } from '../domain/finding.ts';
import { coversPattern } from '../iam/policy/glob-relations.ts';
import type { JsonObject } from '../json/json.ts';
import { cut } from '../text/cut.ts';
import { type Meaning, meaningOf } from './change-meanings.ts';
import { differences, isIn, MOST_COMPARED, WHOLE } from './config-differences.ts';
import { type ControlSeverities, exceptionsOf, newExceptions, suppressionText } from './exceptions.ts';
import { isReordered, type Pair, type Part, pairsOf } from './override-pairs.ts';
import type { FileConfig, Suppression } from './schema.ts';

/** A reviewer reads the first ones; of more, the number is told. */
const MOST = 50;
const LONGEST = 400;

/**
 * A difference: its place, and what is there. `lets`: how severe it is that less is found because of it, and what it means; missing
 * where it lets nothing pass that did not pass before.
 */
export type ConfigChange = { at: string; found: string; lets?: Meaning };

/**
 * What a configuration changes against an earlier one: first what lets more pass, the gravest before the others, then the rest, key by
 * key. Empty where both say the same. Without an earlier one, what it excepts is new, and what it authorises is no change.
 */
export const configChanges = (
  before: FileConfig | undefined,
  after: FileConfig,
  severities: ControlSeverities,
): ConfigChange[] => {
  const told =
    before === undefined
      ? exceptionsOf(after, severities).map(excepting('it is excepted from what holds for others'))
      : changesOf(before, after, severities);
  const ordered = told.toSorted((one, other) => gravityOf(other) - gravityOf(one));
  const left = ordered.length - MOST;
  const lets = ordered[MOST]?.lets;
  return [
    ...ordered.slice(0, MOST).map((change) => ({ ...change, found: cut(change.found, LONGEST) })),
    ...(left > 0 ? [{ at: WHOLE, found: `${left} more differences`, ...(lets && { lets }) }] : []),
  ];
};

/** What a change does, and what it means. */
export const changeText = ({ found, lets }: ConfigChange): string =>
  lets ? `${found} (${lets.means})` : found;

const gravityOf = ({ lets }: ConfigChange): number => (lets ? severityRank(lets.severity) : -1);

const excepting =
  (means: string) =>
  ({ at, text }: { at: string; text: string }): ConfigChange => ({
    at,
    found: text,
    lets: { severity: 'MEDIUM', means },
  });

const changesOf = (before: FileConfig, after: FileConfig, severities: ControlSeverities): ConfigChange[] => {
  const pairs = pairsOf(before, after);
  const within = pairs.map(({ path, isNew, of, old, now }) => ({
    itself:
      isNew === undefined ? [] : [{ at: path, found: `it ${isNew ? 'adds' : 'takes out'} an override${of}` }],
    changes: differences(asJson(old), asJson(now), []).map(({ at, found, how, sides }): ConfigChange => {
      const lets = how && meaningOf(at, how, severities, sides);
      return { at: placeIn(path, at), found, ...(lets && { lets }) };
    }),
  }));
  const first = pairs.flatMap((pair) => [...switchedOff(pair), ...suppressedBy(pair)]);
  const places = [first, ...within.map(({ changes }) => changes)].flat().map(({ at }) => at);
  const all = [
    ...first,
    ...reachingMore(before, after, severities, places),
    ...ownLeft(before, after),
    ...(isReordered(before, after)
      ? [{ at: 'overrides', found: 'their order is another one, and a later override wins' }]
      : []),
    ...within.flatMap(({ itself, changes }) => [...itself, ...changes]),
  ];
  return [...new Map(all.map((change) => [JSON.stringify(change), change])).values()];
};

/** Exceptions that are for more accounts than before, though nothing has changed at their places: by a team, or another override. */
const reachingMore = (
  before: FileConfig,
  after: FileConfig,
  severities: ControlSeverities,
  places: readonly string[],
): ConfigChange[] => {
  const changed = new Set(places);
  const isWithin = (at: string): boolean =>
    changed.has(at) || [...at.matchAll(/[.[]/g)].some(({ index }) => changed.has(at.slice(0, index)));
  return newExceptions(before, after, severities)
    .filter(({ at }) => !isWithin(at))
    .map(excepting('it is excepted for more accounts than before'));
};

/** Without accounts and units, the account of the deployment is watched; with them, those that they name. */
const ownLeft = (before: FileConfig, after: FileConfig): ConfigChange[] =>
  namesAccounts(before) || !namesAccounts(after)
    ? []
    : [
        {
          at: 'organization',
          found: 'it names the accounts that are watched',
          lets: {
            severity: 'MEDIUM',
            means: 'that of the deployment is watched no more where it is not among them',
          },
        },
      ];

const namesAccounts = ({ organization: { accounts, organizationalUnits } = {} }: FileConfig): boolean =>
  accounts !== undefined || organizationalUnits !== undefined;

const placeIn = (path: string, at: string): string =>
  path === '' ? at : at === WHOLE ? path : `${path}.${at}`;

const asJson = (config: Part): JsonObject => JSON.parse(JSON.stringify(config)) as JsonObject;

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
  const [isOld, isStill] = [isIn(before), isIn(after)];
  const gone = before.filter((each) => !isStill(each));
  return [
    ...after.flatMap((each, index): ConfigChange[] => {
      if (isOld(each)) return [];
      const earlier = earlierForm(each, gone);
      const isNarrower = earlier !== undefined && isNarrowed(earlier, each);
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
  const same = gone.filter((each) => each.control === control).slice(0, MOST_COMPARED);
  return (
    same.find((each) => each.resource === resource && each.step === step) ??
    same.find((each) => each.resource === resource) ??
    same.find((each) => coversPattern(resource, each.resource) || coversPattern(each.resource, resource))
  );
};

/** Whether everything that the second suppresses is suppressed by the first, and as long. */
const isNarrowed = (first: Suppression, second: Suppression): boolean =>
  first.expires >= second.expires &&
  coversPattern(first.resource, second.resource) &&
  (first.step === undefined || (second.step !== undefined && coversPattern(first.step, second.step)));
