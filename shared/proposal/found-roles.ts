import { arnName } from '../domain/arn.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { listed } from '../text/listed.ts';
import { isAdministrator } from './account-principals.ts';
import { counted, type Noted } from './noted.ts';
import { isRoleArn, type PipelineSurvey } from './survey.ts';

/** Roles in use, and administrators among them, which a proposal leaves out. */
export type FoundRoles = { roles: Noted<string>[]; administrators: Noted<string>[] };

/** AWS puts roles for any service under these paths. */
const SHARED_PATHS = ['service-role', 'aws-service-role', 'aws-reserved'];

/** The roles that pipelines run under. */
export const foundExecutionRoles = (
  pipelines: readonly PipelineSurvey[],
  principals: readonly AccountPrincipal[],
): FoundRoles =>
  rolesInUse(
    pipelines.map(({ roleArn, name }) => ({ roleArn, pipeline: name })),
    new Set(),
    principals,
  );

/**
 * The roles that steps name, without those that pipelines run under. EMR steps give a role's name, which is looked up
 * in the account.
 */
export const foundStepRoles = (
  pipelines: readonly PipelineSurvey[],
  principals: readonly AccountPrincipal[],
): FoundRoles => {
  const execution = new Set(pipelines.map(({ roleArn }) => roleArn));
  const byName = new Map(
    principals.flatMap(({ identity: { principal, name } }) =>
      principal.kind === 'role' ? [[name, principal.arn]] : [],
    ),
  );
  return rolesInUse(
    pipelines.flatMap(({ name, stepRoles }) =>
      stepRoles
        .map((role) => ({ roleArn: byName.get(role) ?? role, pipeline: name }))
        .filter(({ roleArn }) => !execution.has(roleArn)),
    ),
    execution,
    principals,
  );
};

type RoleInUse = { roleArn: string; pipeline: string };

/**
 * One pattern for roles that share a path, if no other role of the account is under it but those that are `allowed` as
 * well; otherwise their ARNs.
 */
const rolesInUse = (
  uses: readonly RoleInUse[],
  allowed: ReadonlySet<string>,
  principals: readonly AccountPrincipal[],
): FoundRoles => {
  const byArn = groupBy(
    uses.filter(({ roleArn }) => isRoleArn(roleArn)),
    ({ roleArn }) => roleArn,
  );
  const strong = new Set(
    principals
      .filter(({ identity }) => byArn.has(identity.principal.arn))
      .filter(isAdministrator)
      .map(({ identity }) => identity.principal.arn),
  );
  const others = principals
    .map(({ identity }) => identity.principal.arn)
    .filter((arn) => strong.has(arn) || !(byArn.has(arn) || allowed.has(arn)));
  const used = [...byArn.keys()].filter((arn) => !strong.has(arn)).toSorted();
  const byPath = groupBy(used, (arn) => arn.slice(0, arn.lastIndexOf('/') + 1));
  const usesOf = (arns: readonly string[]): string => usedBy(arns.flatMap((arn) => byArn.get(arn) ?? []));
  return {
    roles: [...byPath].flatMap(([path, arns]): Noted<string>[] => {
      const isPath = !path.endsWith(':role/') && !SHARED_PATHS.includes(path.split('/')[1] ?? '');
      return arns.length > 1 && isPath && !others.some((arn) => arn.startsWith(path))
        ? [{ value: `${path}*`, notes: [`${listed(arns.map(arnName))}: ${usesOf(arns)}`] }]
        : arns.map((arn) => ({ value: arn, notes: [usesOf([arn])] }));
    }),
    administrators: [...strong].toSorted().map((arn) => ({ value: arn, notes: [usesOf([arn])] })),
  };
};

const usedBy = (uses: readonly RoleInUse[]): string => {
  const pipelines = [...new Set(uses.map(({ pipeline }) => pipeline))];
  return `in ${counted(pipelines.length, 'pipeline')}: ${listed(pipelines, 3)}`;
};
