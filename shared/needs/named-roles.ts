import { knownText, patternOf, type ResolveScope, resolveText } from '../definition/expression.ts';
import type { Located } from '../definition/step-values.ts';
import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';

/**
 * The ARNs of an account’s roles by what steps on EMR may call them: roles by their names, which are unique in an account,
 * and the roles of instance profiles by the names and ARNs of the profiles.
 */
export type NamedRoles = {
  roles: ReadonlyMap<string, string>;
  profiles: ReadonlyMap<string, string>;
};

/**
 * A role that a step names: by the pattern of its ARN, by an instance profile of which it is not known whose role it holds,
 * or so that only a run tells it.
 */
export type NamedRole = { arn: string } | { profile: string } | 'only known in a run';

/**
 * The field of a step on EMR that names an instance profile, by its name or its ARN, and no role.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role-for-ec2.html
 */
export const PROFILE_FIELD = 'Arguments.ClusterConfig.JobFlowRole';

/** The role that a field of a step means. Where the account’s roles are not known, a bare name is taken for a role without path. */
export const namedRole = (
  { field, value }: Pick<Located, 'field' | 'value'>,
  scope: ResolveScope,
  { partition, account }: Scope,
  named: NamedRoles | undefined,
): NamedRole => {
  const resolved = resolveText(value, scope);
  const text = patternOf(resolved);
  // A role that is not wholly known would be a pattern of roles.
  if (text === '' || resolved.parts.some((part) => 'unknown' in part)) return 'only known in a run';
  const written = knownText(resolved) ?? text;
  const arn = parseArn(text);
  if (field === PROFILE_FIELD && !arn?.resource.startsWith('role/')) {
    const held = named?.profiles.get(written);
    return held === undefined ? { profile: written } : { arn: held };
  }
  return { arn: arn ? text : (named?.roles.get(written) ?? `arn:${partition}:iam::${account}:role/${text}`) };
};
