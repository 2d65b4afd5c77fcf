import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import { exampleOf } from '../iam/sets/questions.ts';
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
  const values = statements.flatMap(({ statement: { effect, principals } }) =>
    effect === 'Allow' && principals && !principals.isNot
      ? principals.principals.flatMap(({ type, value }) => (type === 'AWS' ? value : []))
      : [],
  );
  return [...new Set(values)].flatMap((value) => {
    const principal = principalOf(value);
    return principal && principal.account !== account ? principal : [];
  });
};

/** Whether an Allow of a bucket policy names everybody. */
export const letsInEverybody = (policy: PolicyIndex | undefined): boolean =>
  policy !== undefined && strangersIn(policy, '').some(({ arn }) => arn === '*');

/**
 * The concerns that a bucket policy lets principals of other accounts, or everybody, change an object: one for each of
 * them. Their own account is taken to allow them everything, because nobody here knows its policies.
 */
export const writtenFromOutside = (
  bucket: string,
  object: string,
  policy: PolicyIndex,
  { scope }: Pick<PrincipalFact, 'scope'>,
): Concern[] =>
  strangersIn(policy, scope.account).flatMap((principal) =>
    worstOf(
      CALLS.flatMap(({ action, isOnObject }) => {
        const resource = isOnObject ? object : `arn:${scope.partition}:s3:::${bucket}`;
        const example = exampleOf(
          { resource: policy, identity: EVERYTHING },
          {
            principal,
            action,
            resource,
            resourceAccount: scope.account,
            context: contextOf({ 'aws:SecureTransport': 'true' }),
          },
        );
        const found =
          example.decision === 'Allow'
            ? ({ answer: 'some', example } as const)
            : example.decision === 'Unknown'
              ? ({ answer: 'unknown', doubt: { kind: 'hangs', example } } as const)
              : undefined;
        return found === undefined
          ? []
          : concernsOf(
              found,
              action,
              () => `${resource} to ${principal.arn === '*' ? 'everybody' : principal.arn}`,
              `principals of account ${scope.account} alone`,
            );
      }),
    ),
  );
