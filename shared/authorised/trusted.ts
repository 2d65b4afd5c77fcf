import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { isPattern, matchesAny } from '../iam/policy/glob.ts';
import type { Condition, PrincipalElement, Statement } from '../iam/policy/policy.ts';

/**
 * Whether roles.trusted means whomever an entry of a trust policy lets in. An account may be written as its number or as
 * its root; of those whom an account or a star means, the statement's conditions may leave only some.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export const isTrusted = (
  { value }: PrincipalElement['principals'][number],
  { conditions }: Pick<Statement, 'conditions'>,
  { roles }: Config,
): boolean => {
  const trusted = (roles?.trusted ?? []).map(withoutRoot);
  const named = withoutRoot(value);
  if (matchesAny(trusted, named)) return true;
  return (named === '*' || ACCOUNT.test(named)) && conditions.some((each) => leavesTrusted(each, trusted));
};

const ACCOUNT = /^\d{12}$/;

const withoutRoot = (principal: string): string => {
  const arn = parseArn(principal);
  return arn?.service === 'iam' && arn.resource === 'root' ? arn.account : principal;
};

const BY_ARN: readonly Condition['base'][] = ['stringequals', 'stringlike', 'arnequals', 'arnlike'];

/** A star of the condition is held by a star of the configuration, and by no `?`. */
const leavesTrusted = (
  { base, set, isIfExists, keyName, texts }: Condition,
  trusted: readonly string[],
): boolean =>
  keyName === 'aws:principalarn' &&
  BY_ARN.includes(base) &&
  set !== 'all' &&
  !isIfExists &&
  texts.every((text) =>
    matchesAny(isPattern(text) ? trusted.filter((each) => !each.includes('?')) : trusted, text),
  );
