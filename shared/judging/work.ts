import type { PrincipalFact } from '../facts/facts.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Doubt } from '../iam/sets/answers.ts';
import { remembered } from '../memo.ts';

/**
 * What one look at a principal may compare, in patterns of 32 characters: about half a second. Twenty thousand needs under
 * fifty patterns come to a third of it.
 */
const MAX_WORK = 10_000_000;

/** What a question costs beside the patterns that it is held against. */
const QUESTION = 20;

const workOf = remembered((_principal: PrincipalFact) => ({ left: MAX_WORK }));

/**
 * Whether a question about the principal can still be asked, under these policies; once it cannot, no dearer one can.
 * Needs come from definitions of a mebibyte, and policies are as long as IAM takes them: each for itself is little.
 */
export const isAffordable = (principal: PrincipalFact, policies: Policies, action: string): boolean => {
  return spend(principal, QUESTION + patternsFor(policies, action));
};

/** Takes so many patterns from what one look may compare; false once there is nothing left. */
export const spend = (principal: PrincipalFact, patterns: number): boolean => {
  const work = workOf(principal);
  work.left -= patterns;
  return work.left >= 0;
};

/** Why nothing is said of what was not asked any more. */
export const TOO_MUCH_WORK = {
  kind: 'too-complex',
  reason:
    'what pipelines ask of the principal, under so many patterns of its policies, is too much to compare',
} as const satisfies Doubt;

const patternsFor = (
  { identity, boundary, resource, scps = [], rcps = [] }: Policies,
  action: string,
): number =>
  [identity, boundary, resource, ...scps, ...rcps].reduce(
    (sum, index) => sum + (index ? patternsIn(index)(action.toLowerCase()) : 0),
    0,
  );

const patternsIn = remembered((index: PolicyIndex) => {
  const known = new Map<string, number>();
  return (action: string): number => {
    const patterns = known.get(action) ?? countPatterns(index, action);
    known.set(action, patterns);
    return patterns;
  };
});

const countPatterns = (index: PolicyIndex, action: string): number => {
  const { allows, denies } = index.candidates(action);
  return [...allows, ...denies].reduce(
    (sum, { statement: { resources, conditions } }) =>
      sum +
      lengthOf(resources?.texts ?? []) +
      conditions.reduce((all, { texts }) => all + lengthOf(texts), 0),
    0,
  );
};

const lengthOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + 1 + Math.floor(text.length / 32), 0);
