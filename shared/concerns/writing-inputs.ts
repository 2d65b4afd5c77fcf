import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, worstOf } from '../judging/concern.ts';

/** Calls that change an object, or who may change it, by what is below the bucket in their resource. */
const CALLS = [
  { action: 's3:PutObject', isOnObject: true },
  { action: 's3:DeleteObject', isOnObject: true },
  { action: 's3:PutBucketPolicy', isOnObject: false },
] as const;

const EVERYTHING = indexPolicies([FULL_AWS_ACCESS]);

/** The principals of other accounts, or everybody, that an Allow of a bucket policy names. */
const strangersIn = ({ statements }: PolicyIndex, account: string): Principal[] => {
  const values = statements.flatMap(({ statement: { effect, principals } }) => {
    if (effect !== 'Allow' || !principals) return [];
    // Whoever is not named there is let in.
    if (principals.isNot) return '*';
    return principals.principals.flatMap(({ type, value }) => (type === 'AWS' ? value : []));
  });
  return [...new Set(values)].flatMap((value) => {
    const principal = principalOf(value);
    return principal && principal.account !== account ? principal : [];
  });
};

/** Whether an Allow of a bucket policy names everybody. */
export const letsInEverybody = (policy: PolicyIndex | undefined): boolean =>
  policy !== undefined && strangersIn(policy, '').some(({ arn }) => arn === '*');

/**
 * The concerns that a bucket policy lets principals of other accounts, or everybody, change some of these objects: one for
 * each of them. Their own account is taken to allow them everything, because nobody here knows its policies.
 */
export const writtenFromOutside = (
  bucket: string,
  objects: readonly string[],
  policy: PolicyIndex,
  { scope }: Pick<PrincipalFact, 'scope'>,
  shared: SharedWork,
): Concern[] => {
  const policies = { resource: policy, identity: EVERYTHING };
  const itself = `arn:${scope.partition}:s3:::${bucket}`;
  const context = contextOf({ 'aws:SecureTransport': 'true' });
  return strangersIn(policy, scope.account).flatMap((principal) =>
    worstOf(
      CALLS.flatMap(({ action, isOnObject }) =>
        (isOnObject ? objects : [itself]).flatMap((resource) => {
          const request = { principal, action, resourceAccount: scope.account, context };
          const universe = meantBy(resource, action);
          return concernsOf(
            allowedBeyond({ policies, request, universe }, shared),
            action,
            () => `${resource} to ${principal.arn === '*' ? 'everybody' : principal.arn}`,
            `principals of account ${scope.account} alone`,
          );
        }),
      ),
    ),
  );
};
