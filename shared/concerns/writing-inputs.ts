import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, concernsOf } from '../judging/concern.ts';

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
  const asked = CALLS.flatMap(({ action, isOnObject }) =>
    (isOnObject ? objects : [itself]).map((resource) => ({ action, resource })),
  );
  const concerns: Concern[] = [];
  for (const principal of strangersIn(policy, scope.account)) {
    let worst: Concern | undefined;
    for (const { action, resource } of asked) {
      const request = { principal, action, resourceAccount: scope.account, context };
      const [concern] = concernsOf(
        allowedBeyond({ policies, request, universe: meantBy(resource, action) }, shared),
        action,
        () => `${resource} to ${principal.arn === '*' ? 'everybody' : principal.arn}`,
        `principals of account ${scope.account} alone`,
      );
      // Without work left, every further question is open as well.
      if (concern?.is === 'open' && concern.doubt.kind === 'too-complex') return [...concerns, concern];
      if (concern?.is === 'shown') worst = concern;
      worst ??= concern;
      if (worst?.is === 'shown') break;
    }
    if (worst) concerns.push(worst);
  }
  return concerns;
};
