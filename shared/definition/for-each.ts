import { asText, isObject, type Json, member } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { remembered } from '../memo.ts';
import type { Step } from './parse.ts';

const ITEM = 'ForEach.CurrentItem';

/** SageMaker takes so many items; of more, nobody says which run. */
const MAX_ITEMS = 100;

/** A value with more objects and texts than this is not filled in. */
const MAX_PARTS = 1000;

/**
 * The values that stand in place of one that names the current item of a ForEach: one for each item. A value that names
 * none, or whose items only a run tells, is itself.
 * Source: the ForEach step of the SageMaker Python SDK (sagemaker-mlops).
 */
export const itemValues = (step: Step, value: Json): readonly Json[] => {
  if (!isExpression(value)) return [value];
  const items = itemsAround(step);
  if (items.length === 0 || !namesItem(value)) return [value];
  const filled = items.map((item) => filledIn(value, item));
  return [...new Map(filled.map((each) => [JSON.stringify(each), each])).values()];
};

/** The items of the nearest ForEach that holds the step; none where they are not in the definition. */
const itemsAround = remembered((step: Step): readonly Json[] => {
  let { parent } = step;
  while (parent && parent.type !== 'ForEach') parent = parent.parent;
  const items = parent && member(parent.arguments, 'IterableItems');
  return Array.isArray(items) && items.length <= MAX_ITEMS ? items : [];
});

/** Roles, names and places are expressions of one member; what holds them is not, so that its parts stay together. */
const isExpression = (value: Json): boolean =>
  isObject(value) && ['Get', 'Std:Join'].some((form) => member(value, form) !== undefined);

/** Whether the value names the item, and is small enough to be filled in. */
const namesItem = (value: Json): boolean => {
  const pending: Json[] = [value];
  let [parts, isNamed] = [0, false];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (++parts > MAX_PARTS) return false;
    if (typeof next !== 'object' || next === null) continue;
    if (isItem(asText(member(next, 'Get')))) isNamed = true;
    for (const inner of Object.values(next)) pending.push(inner);
  }
  return isNamed;
};

const isItem = (reference: string | undefined): reference is string =>
  reference !== undefined && (reference === ITEM || /^ForEach\.CurrentItem[.[]/.test(reference));

/** Nesting is bounded by `namesItem`, which has counted all parts. */
const filledIn = (value: Json, item: Json): Json => {
  if (Array.isArray(value)) return value.map((each) => filledIn(each, item));
  if (!isObject(value)) return value;
  const reference = asText(member(value, 'Get'));
  if (isItem(reference) && Object.keys(value).length === 1)
    return itemAt(item, reference.slice(ITEM.length)) ?? value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledIn(inner, item)]));
};

const TOKEN = /\.([^.[\]]{1,256})|\[(?:'([^']{0,256})'|"([^"]{0,256})"|(\d{1,6}))\]/g;

/** What stands at a path of an item, whose fields are those of a JSON object as text; undefined where nothing known does. */
const itemAt = (item: Json, path: string): Json | undefined => {
  if (path === '') return item;
  const text = asText(item);
  const parsed = text === undefined ? undefined : parseJson(text);
  if (!parsed?.ok) return undefined;
  const tokens = [...path.matchAll(TOKEN)];
  if (tokens.map(([token]) => token).join('') !== path) return undefined;
  const found = tokens.reduce<Json | undefined>((at, [, field, single, double, index]) => {
    if (index !== undefined) return Array.isArray(at) ? at[Number(index)] : undefined;
    return member(at, field ?? single ?? double ?? '');
  }, parsed.value);
  return asText(found);
};
