import { asList, isObject, type Json, pointerToken } from '../json/json.ts';

/**
 * JSON pointers to the members below a value whose names differ from one of the paths in letter case alone. A path is
 * as `Arguments.InputDataConfig[].S3Uri`. Such a member is not read, and what SageMaker does with it is not known.
 */
export const misspeltMembers = (value: Json, paths: readonly string[]): string[] => {
  const found = new Set<string>();
  for (const path of paths) search(value, path.split('.'), '', found);
  return [...found];
};

const search = (
  value: Json,
  [segment, ...rest]: readonly string[],
  pointer: string,
  found: Set<string>,
): void => {
  if (segment === undefined || !isObject(value)) return;
  const name = segment.replace('[]', '');
  for (const [key, member] of Object.entries(value)) {
    const at = `${pointer}/${pointerToken(key)}`;
    if (key === name) {
      if (!Array.isArray(member)) search(member, rest, at, found);
      else for (const [index, each] of asList(member).entries()) search(each, rest, `${at}/${index}`, found);
    } else if (key.length === name.length && key.toLowerCase() === name.toLowerCase()) found.add(at);
  }
};
