import { isObject, type Json, member } from '../json/json.ts';

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
  const walk = (holder: Json, wanted: readonly string[], at: readonly (string | number)[]): void => {
    const [segment = '', ...rest] = wanted;
    const key = segment.endsWith('[]') ? segment.slice(0, -2) : segment;
    const value = member(holder, key);
    if (rest.length === 0 || value === undefined || found.size >= MAX_UNTOLD) return;
    const reach = (each: Json, place: readonly (string | number)[]): void => {
      if (found.size >= MAX_UNTOLD) return;
      if (isExpression(each)) found.set(JSON.stringify(place), [...place]);
      else walk(each, rest, place);
    };
    const place = [...at, key];
    if (segment.endsWith('[]') && Array.isArray(value))
      for (const [index, element] of value.entries()) reach(element, [...place, index]);
    else reach(value, place);
  };
  for (const path of paths) walk(root, path.split('.'), []);
  return [...found.values()];
};

const isExpression = (value: Json): boolean => {
  if (!isObject(value)) return false;
  const [key, ...others] = Object.keys(value);
  return key !== undefined && others.length === 0 && FORM.test(key);
};
