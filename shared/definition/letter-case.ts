import { isObject, type Json, pointerToken } from '../json/json.ts';
import { keeping, remembered } from '../memo.ts';

/**
 * JSON pointers to members of a value whose names differ from the names in `paths` only in letter case. A path looks
 * like `Arguments.InputDataConfig[].S3Uri`. Such members are not read, and AWS does not document what SageMaker does
 * with them.
 */
export const misspeltMembers = (value: Json, paths: readonly string[]): string[] => {
  const found: string[] = [];
  search(value, treeOf(paths), [], found);
  return found;
};

/** The member names that the paths expect at one place, by their lower case, with what they expect below each. */
type Names = Map<string, { name: string; below: Names }>;

/** The trees are remembered by list: all paths come from this program's own tables, one list for each step type. */
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

/** Definitions have few names of members, again and again. */
const keptLower = keeping<string>(5000);
const lowerCase = (name: string): string => keptLower(name, toLowerCase);
const toLowerCase = (name: string): string => name.toLowerCase();

/** Walks the value once for all paths. The tokens of the walk become the pointer of a misspelt member. */
const search = (value: Json, names: Names, tokens: (string | number)[], found: string[]): void => {
  if (names.size === 0 || !isObject(value)) return;
  for (const key of Object.keys(value)) {
    const known = names.get(key) ?? names.get(lowerCase(key));
    if (!known) continue;
    const member = value[key] as Json;
    tokens.push(key);
    if (key !== known.name) found.push(tokens.map((token) => `/${pointerToken(token)}`).join(''));
    else if (!Array.isArray(member)) search(member, known.below, tokens, found);
    else
      for (let index = 0; index < member.length; index++) {
        tokens.push(index);
        search(member[index] as Json, known.below, tokens, found);
        tokens.pop();
      }
    tokens.pop();
  }
};
