import { once } from '../memo.ts';
import type { Declare, DeclaredProblem, DeclaredResource, Hole } from './declared.ts';
import { type KnownOfHoles, mayHoldToken } from './fill.ts';
import { waysOf } from './ways.ts';
import { keysOf } from './what-stays.ts';

/** What a source declared before. */
export type Before = {
  declare: Declare;
  /** Whether a resource stays in the account once the source leaves it out, or beside what replaces it, by its logical id; undefined where nobody tells. */
  isKept: (id: string, because: 'left out' | 'replaced') => boolean | undefined;
};

/** The values with which the source was deployed before, with which it may have declared other things. */
const OTHER_VALUES: Hole = {
  name: 'other values before',
  by: 'given',
  values: ['false', 'true'],
  tell: 'nothing; CloudFormation does not tell the parameters that the stack had before',
};

/**
 * What a source declares, with what it declared before. Both have the same values for the same holes; where the source may have declared
 * something else with other values, that is one more thing that only the deployment tells. What is taken away and has no known name is a
 * problem, because nobody finds it in the account.
 */
export const withEarlier = (
  now: Declare,
  { declare: before, isKept }: Before,
  given: KnownOfHoles['given'],
): Declare => {
  // Most of what other ways declare is the same.
  const inOtherWays = once(() => {
    const { first, others, untried } = waysOf(before, given, []);
    const resources = [first, ...others].flatMap(({ declared }) => declared.resources);
    const found = new Map(resources.map((each) => [identityOf(each), each]));
    return { found, isWhole: untried.length === 0 };
  });
  return (fill) => {
    const declared = now(fill);
    const then = before(fill);
    const known = new Set(then.resources.map(identityOf));
    const { found, isWhole } = inOtherWays();
    const more = [...found].flatMap(([identity, each]) => (known.has(identity) ? [] : each));
    const all =
      more.length > 0 && fill(OTHER_VALUES) === 'true' ? [...then.resources, ...more] : then.resources;
    const ids = new Set(declared.resources.map(idOf));
    const addresses = new Set(declared.resources.map(({ address }) => address));
    const keys = new Set(declared.resources.flatMap(keysOf));
    const staying = (each: DeclaredResource): boolean | undefined => {
      if (keysOf(each).some((key) => keys.has(key))) return false;
      const id = idOf(each);
      if (!ids.has(id)) return isKept(id, 'left out');
      return isReplaced(each) && isKept(id, 'replaced');
    };
    const taken = all.filter((each) => staying(each) === false);
    return {
      ...declared,
      earlier: taken.filter((each) => !isNameless(keysOf(each)[0])),
      problems: [
        ...declared.problems,
        ...newProblems(then.problems, declared.problems),
        ...(isWhole ? [] : [...found.values()].slice(0, 1)).map(({ origin }) => ({
          ...origin,
          message:
            'what was declared before hangs on more values than are tried; what of it is taken away is not judged whole',
        })),
        ...all
          .filter((each) => staying(each) === undefined)
          .map(({ origin, address }) => ({
            ...origin,
            message: `nobody tells whether ${address} stays in the account; what its end changes is not judged`,
          })),
        ...taken
          .filter(({ type, address }) => type === 'key' && !addresses.has(address))
          .map(({ origin, address }) => ({
            ...origin,
            message: `the key ${address} is deleted, if nobody prevents it within its waiting period; what is encrypted with it is not judged`,
          })),
        ...taken
          .filter((each) => keysOf(each).some((key) => isNameless(key) && !keys.has(key)))
          .map(({ origin, address }) => ({
            ...origin,
            message: `${address} is taken away or changed, and nobody tells which thing of the account it is; what that changes is not judged`,
          })),
      ],
    };
  };
};

const newProblems = (
  then: readonly DeclaredProblem[],
  now: readonly DeclaredProblem[],
): DeclaredProblem[] => {
  const known = new Set(now.map(({ message }) => message));
  return then.filter(({ message }) => !known.has(message));
};

const identityOf = (resource: DeclaredResource): string =>
  JSON.stringify([resource.address, ...keysOf(resource)]);

/** The logical id, which the addresses of what a policy is attached to begin with. */
const idOf = ({ address }: DeclaredResource): string => address.split(' ', 1)[0] ?? '';

/** Whether another name makes another resource; a policy that leaves one of its roles is the same one. */
const isReplaced = ({ type }: DeclaredResource): boolean =>
  type === 'role' || type === 'user' || type === 'group' || type === 'pipeline' || type === 'bucket';

/** Whether only the deployment tells what something is called. */
const isNameless = (key = ''): boolean => mayHoldToken(key.toLowerCase());
