import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { isPattern, matchesAny } from '../iam/policy/glob.ts';
import type { Condition, PrincipalElement, Statement } from '../iam/policy/policy.ts';
import { openIssuer } from './oidc-subject.ts';

/**
 * Whether `roles.trusted` covers a principal of a trust policy. An account may be written as its number or as its root.
 * A principal `*` or an account is also covered where a condition admits only trusted ARNs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export const isTrusted = (
  principal: PrincipalElement['principals'][number],
  statement: Pick<Statement, 'conditions'>,
  config: Config,
): boolean => isNamed(principal, statement, config) && openIssuer(principal, statement) === undefined;

const isNamed = (
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

/** The account of an account’s root; any other principal as it is. */
export const withoutRoot = (principal: string): string => {
  const arn = parseArn(principal);
  return arn?.service === 'iam' && arn.resource === 'root' ? arn.account : principal;
};

const BY_ARN: readonly Condition['base'][] = ['stringequals', 'stringlike', 'arnequals', 'arnlike'];

/**
 * A pattern in the condition is covered by a pattern of the configuration only if the latter has no `?`: a star stands
 * for longer texts than `?` matches.
 */
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
