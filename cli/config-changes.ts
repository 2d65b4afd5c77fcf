import { isDeepStrictEqual } from 'node:util';
import type { FileConfig, Suppression } from '../shared/config/schema.ts';
import type { Evidence } from '../shared/domain/finding.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { cut } from '../shared/text/cut.ts';

/** A reviewer reads the first ones; of more, the number is told. */
const MOST = 50;
const LONGEST = 300;

const REVIEWED = 'a change of the configuration that is reviewed on its own';

/**
 * What a configuration changes against an earlier one, as evidence: first what it switches off or suppresses, then the rest, key by
 * key. Empty where both say the same.
 */
export const configChanges = (before: FileConfig, after: FileConfig): Evidence[] => {
  const told = [
    ...switchedOff(before, after),
    ...suppressedBy(before.suppressions ?? [], after.suppressions ?? []),
    ...differences(asJson(before), asJson(after), []),
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

const asJson = (config: FileConfig): JsonObject => JSON.parse(JSON.stringify(config)) as JsonObject;

/** Told above in words of their own. */
const isToldAbove = (path: readonly string[]): boolean =>
  path[0] === 'suppressions' || (path[0] === 'controls' && path[2] === 'enabled');

const switchedOff = ({ controls: before = {} }: FileConfig, { controls: after = {} }: FileConfig): Change[] =>
  Object.entries(after).flatMap(([id, { enabled, reason }]) =>
    enabled === false && (!Object.hasOwn(before, id) || before[id]?.enabled !== false)
      ? { at: `controls.${id}.enabled`, found: `it switches off ${id}: ${reason ?? 'no reason is given'}` }
      : [],
  );

const suppressedBy = (before: readonly Suppression[], after: readonly Suppression[]): Change[] => {
  const isIn = (list: readonly Suppression[], wanted: Suppression) =>
    list.some((each) => isDeepStrictEqual(each, wanted));
  return [
    ...after.flatMap((each, index) =>
      isIn(before, each)
        ? []
        : { at: `suppressions[${index}]`, found: `it suppresses ${suppressionText(each)}` },
    ),
    ...before.flatMap((each) =>
      isIn(after, each)
        ? []
        : { at: 'suppressions', found: `it suppresses no longer ${suppressionText(each)}` },
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
  const at = path.join('.') || 'configuration';
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
