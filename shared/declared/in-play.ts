import { isObject } from '../json/json.ts';

/** All texts of a configuration, which may tell values of holes apart; also as what begins with them, as prefixes are names’ beginnings. */
export const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value, `${value}*`];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isObject(value) ? Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)]) : [];
};
