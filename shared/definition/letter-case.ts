import { isObject, type Json, pointerToken } from '../json/json.ts';
import { remembered } from '../memo.ts';

/**
 * JSON pointers to the members below a value whose names differ from one of the paths in letter case alone. A path is
 * as `Arguments.InputDataConfig[].S3Uri`. Such a member is not read, and what SageMaker does with it is not known.
 */
export const misspeltMembers = (value: Json, paths: readonly string[]): string[] => {
  const found: string[] = [];
  search(value, treeOf(paths), [], found);
  return found;
};

/** The names that paths have at one place, by how they are written without letter case, and what comes below each. */
type Names = Map<string, { name: string; below: Names }>;

/** The paths are those of this program's own tables, each list of them the same for all steps of a type. */
const treeOf = remembered((paths: readonly string[]): Names => {
  const root: Names = new Map();
  for (const path of paths) {
    let names = root;
    for (const segment of path.split('.')) {
      const name = segment.replace('[]', '');
      const known = names.get(name.toLowerCase()) ?? { name, below: new Map() };
      names.set(name.toLowerCase(), known);
      names = known.below;
    }
  }
  return root;
});

/** One walk for all paths; a list has what is told of its elements. */
const search = (value: Json, names: Names, tokens: (string | number)[], found: string[]): void => {
  if (names.size === 0 || !isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const known = names.get(key) ?? names.get(key.toLowerCase());
    if (!known) continue;
    tokens.push(key);
    if (key !== known.name) found.push(tokens.map((token) => `/${pointerToken(token)}`).join(''));
    else if (!Array.isArray(member)) search(member, known.below, tokens, found);
    else
      for (const [index, each] of member.entries()) {
        tokens.push(index);
        search(each, known.below, tokens, found);
        tokens.pop();
      }
    tokens.pop();
  }
};
