import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { knownText, patternOf, type ResolveScope, resolveText } from './expression.ts';
import type { Located } from './step-values.ts';

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

/**
 * What a text in a field of a step calls, an instance profile or a role, and the ARN of the role that the account tells by
 * it. The ARN of a role calls the role itself, and tells nothing new.
 */
export const calledRole = (
  field: string,
  written: string,
  named: NamedRoles | undefined,
): { isProfile: boolean; arn: string | undefined } => {
  const isProfile = field === PROFILE_FIELD && !parseArn(written)?.resource.startsWith('role/');
  return { isProfile, arn: (isProfile ? named?.profiles : named?.roles)?.get(written) };
};

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
  const called = calledRole(field, written, named);
  if (called.arn !== undefined) return { arn: called.arn };
  if (called.isProfile) return { profile: written };
  return { arn: parseArn(text) ? text : `arn:${partition}:iam::${account}:role/${text}` };
};

/**
 * What a field of a step calls a role or an instance profile, where only the account tells which role that is; undefined for the ARN of a
 * role, and for what only a run tells.
 */
export const calledBy = ({ value }: Pick<Located, 'value'>, scope: ResolveScope): string | undefined => {
  const written = knownText(resolveText(value, scope));
  return written && !parseArn(written)?.resource.startsWith('role/') ? written : undefined;
};
