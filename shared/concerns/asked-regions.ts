import { type AccountScope, inRegions, type Scope } from '../domain/scope.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { AnyAnswer } from '../iam/sets/answers.ts';
import { decidingKeys } from '../iam/sets/statements.ts';

/**
 * The answer to a question that is asked in several ways, such as by requests in each Region: one way that is allowed is
 * enough, and “none” takes all of them.
 */
export const inSome = <T>(
  [first, ...others]: readonly [T, ...T[]],
  ask: (way: T) => AnyAnswer,
): AnyAnswer => {
  let answer = ask(first);
  for (const way of others) {
    if (answer.answer === 'some') break;
    const next = ask(way);
    if (next.answer === 'some' || answer.answer === 'none') answer = next;
  }
  return answer;
};

/** The Regions for which a question may come out otherwise than for the first: all, where a policy asks for the Region. */
export const regionsThatMatter = (
  scope: AccountScope,
  policies: Policies,
  action: string,
): readonly [Scope, ...Scope[]] => {
  const [first, ...others] = inRegions(scope);
  return decidingKeys(policies, action.toLowerCase()).has('aws:requestedregion')
    ? [first, ...others]
    : [first];
};
