import { isPattern } from '../iam/policy/glob.ts';
import { coversPattern } from '../iam/policy/glob-relations.ts';
import { canonicalText } from '../json/canonical-text.ts';
import { isObject, type Json } from '../json/json.ts';
import { listed } from '../text/listed.ts';
import type { How, Sides } from './change-meanings.ts';

/** The place of what is no part of anything. */
export const WHOLE = 'configuration';

/** A difference within a part, and what decides whether it lets more pass. */
export type Difference = { at: string; found: string; how?: How; sides?: Sides };

/** `configChanges` tells these in words of its own. */
const isToldElsewhere = (path: readonly string[]): boolean =>
  path[0] === 'suppressions' || (path[0] === 'controls' && path[2] === 'enabled');

/** How two parts of configurations differ, key by key. The depth is that of the schema. */
export const differences = (
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[],
): Difference[] => {
  if (isToldElsewhere(path) || canonicalText(before) === canonicalText(after)) return [];
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
        ? [{ at, found: 'null says that there is none', how: 'gone' as const }]
        : []),
      ...(isObject(before) && after === undefined && at === 'scpException'
        ? [{ at, found: 'it is gone', how: 'gone' as const }]
        : []),
    ];
  }
  if (Array.isArray(before) || Array.isArray(after))
    return listDifferences(
      at,
      Array.isArray(before) ? before : undefined,
      Array.isArray(after) ? after : undefined,
    );
  const text = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value));
  const sides = { before: before ?? null, after: after ?? null };
  return [{ at, found: `${text(before)} becomes ${text(after)}`, how: 'becomes', sides }];
};

const listDifferences = (at: string, before: Json[] | undefined, after: Json[] | undefined): Difference[] => {
  const [one, other] = [before ?? [], after ?? []];
  const [isOld, isStill] = [isIn(one), isIn(other)];
  const gone = one.filter((each) => !isStill(each));
  return [
    ...other.flatMap((each, index): Difference[] =>
      isOld(each)
        ? []
        : [
            {
              at: `${at}[${index}]`,
              found: `it adds ${JSON.stringify(each)}${widerText(each, gone)}`,
              how: 'adds',
              sides: { before: one, after: each },
            },
          ],
    ),
    ...gone.map(
      (each): Difference => ({
        at,
        found: `it takes out ${JSON.stringify(each)}`,
        how: 'takes out',
        sides: { before: each, after: other },
      }),
    ),
    ...(after === undefined ? [{ at, found: 'the list is gone', how: 'gone' as const }] : []),
    ...(before === undefined && other.length === 0 ? [{ at, found: 'the list is there, and empty' }] : []),
    // An empty list of roles for steps authorises none.
    ...(one.length > 0 && after !== undefined && other.length === 0 && !/^roles\.(steps|execution)$/.test(at)
      ? [{ at, found: 'the list is empty', how: 'gone' as const }]
      : []),
  ];
};

/** Of so many entries that are gone it is asked whether a new one takes their place. */
export const MOST_COMPARED = 100;

/** Whether a list has an entry that says the same. */
export const isIn = (list: readonly unknown[]): ((wanted: unknown) => boolean) => {
  const texts = new Set(list.map(canonicalText));
  return (wanted) => texts.has(canonicalText(wanted));
};

/** The patterns that a wider one takes the place of. */
const widerText = (added: Json, gone: readonly Json[]): string => {
  if (typeof added !== 'string' || !isPattern(added)) return '';
  const narrower = gone
    .slice(0, MOST_COMPARED)
    .filter((each) => typeof each === 'string' && coversPattern(added, each));
  return narrower.length > 0
    ? `, which is wider than ${listed(narrower.map((each) => JSON.stringify(each)))}`
    : '';
};
