import { isObject, type Json, member } from '../json/json.ts';
import { type PathSegment, pathSegments } from './path-segments.ts';

/**
 * Forms of expressions, known and to come: SageMaker’s own (`Get`, `Std:…`), and conditions and omissions, whose JSON AWS
 * does not document.
 */
const FORM = /^(?:Get|Std:.*|If.*|Omit.*|Fn::.*)$/;

/** A definition that is made of expressions has few of them; of more, the first are told. */
const MAX_UNTOLD = 50;

/**
 * The places on the way to what is judged (`Arguments.InputDataConfig[].…`) where an expression stands in place of an
 * object or a list, so that nobody knows what is in it.
 */
export const untoldParts = (root: Json, paths: readonly string[]): (string | number)[][] => {
  const found = new Map<string, (string | number)[]>();
  const place: (string | number)[] = [];
  const walk = (holder: Json, wanted: readonly PathSegment[], depth: number): void => {
    const { key, isListField } = wanted[depth] as PathSegment;
    const value = depth + 1 < wanted.length ? member(holder, key) : undefined;
    if (value === undefined) return;
    place.push(key);
    if (isListField && Array.isArray(value))
      for (let index = 0; index < value.length && found.size < MAX_UNTOLD; index++) {
        place.push(index);
        reach(value[index] as Json, wanted, depth);
        place.pop();
      }
    else reach(value, wanted, depth);
    place.pop();
  };
  const reach = (value: Json, wanted: readonly PathSegment[], depth: number): void => {
    if (found.size >= MAX_UNTOLD) return;
    if (isExpression(value)) found.set(JSON.stringify(place), [...place]);
    else walk(value, wanted, depth + 1);
  };
  for (const path of paths) walk(root, pathSegments(path), 0);
  return [...found.values()];
};

const isExpression = (value: Json): boolean => {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && FORM.test(keys[0] as string);
};
