import { arnName, sagemakerArn } from '../domain/arn.ts';
import { groupBy } from '../group-by.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { administratorAnswer, allowedBeyond } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { listed } from '../text/listed.ts';
import { counted, type Noted } from './found-prefixes.ts';
import { isRoleArn, type PipelineSurvey } from './survey.ts';

/** The policies that affect all principals of an account, besides their own. */
export type AccountLayers = Pick<Policies, 'scps' | 'rcps' | 'memberAccount' | 'managementAccount'>;

/** Bounds the work: creators are found by whether they may pass at least one of this many roles. */
const MAX_ROLES = 100;

/** AWS puts roles for any service under these paths. */
const SHARED_PATHS = ['service-role', 'aws-service-role', 'aws-reserved'];

/** The roles that pipelines run under. */
export const foundExecutionRoles = (
  pipelines: readonly PipelineSurvey[],
  identities: readonly Identity[],
  layers: AccountLayers,
): Noted<string>[] =>
  rolePatterns(
    pipelines.map(({ roleArn, name }) => ({ roleArn, pipeline: name })),
    identities,
    layers,
  );

/**
 * The roles that steps name, without those that pipelines run under. EMR steps give a role's name, which is looked up
 * in the account.
 */
export const foundStepRoles = (
  pipelines: readonly PipelineSurvey[],
  identities: readonly Identity[],
  layers: AccountLayers,
): Noted<string>[] => {
  const execution = new Set(pipelines.map(({ roleArn }) => roleArn));
  const byName = new Map(
    identities.flatMap(({ principal, name }) => (principal.kind === 'role' ? [[name, principal.arn]] : [])),
  );
  return rolePatterns(
    pipelines.flatMap(({ name, stepRoles }) =>
      stepRoles
        .map((role) => ({ roleArn: byName.get(role) ?? role, pipeline: name }))
        .filter(({ roleArn }) => !execution.has(roleArn)),
    ),
    identities,
    layers,
  );
};

type RoleInUse = { roleArn: string; pipeline: string };

/** One pattern for roles that share a path, if no other role of the account is under it; otherwise their ARNs. */
const rolePatterns = (
  uses: readonly RoleInUse[],
  identities: readonly Identity[],
  layers: AccountLayers,
): Noted<string>[] => {
  const byArn = groupBy(
    uses.filter(({ roleArn }) => isRoleArn(roleArn)),
    ({ roleArn }) => roleArn,
  );
  const arns = identities.map(({ principal }) => principal.arn);
  const administrators = new Set(
    identities
      .filter(({ principal }) => byArn.has(principal.arn))
      .filter(
        ({ principal, policies }) =>
          administratorAnswer({ ...policies, ...layers }, principal, sharedWork()).answer === 'yes',
      )
      .map(({ principal }) => principal.arn),
  );
  const byPath = groupBy([...byArn.keys()].toSorted(), (arn) => arn.slice(0, arn.lastIndexOf('/') + 1));
  return [...byPath].flatMap(([path, roles]): Noted<string>[] => {
    const isPath = !path.endsWith(':role/') && !SHARED_PATHS.includes(path.split('/')[1] ?? '');
    const takesOthers = arns.some(
      (arn) => arn.startsWith(path) && (!byArn.has(arn) || administrators.has(arn)),
    );
    if (roles.length < 2 || !isPath || takesOthers)
      return roles.map((arn) => ({
        value: arn,
        notes: [usedBy(byArn.get(arn) ?? []), ...(administrators.has(arn) ? [ADMINISTRATOR] : [])],
      }));
    const all = roles.flatMap((arn) => byArn.get(arn) ?? []);
    return [{ value: `${path}*`, notes: [`${listed(roles.map(arnName))}: ${usedBy(all)}`] }];
  });
};

/** The note on a role that no pipeline should have. */
export const ADMINISTRATOR =
  'an administrator: it can give itself whatever it lacks; take it out, unless it is meant';

const usedBy = (uses: readonly RoleInUse[]): string => {
  const pipelines = [...new Set(uses.map(({ pipeline }) => pipeline))];
  return `in ${counted(pipelines.length, 'pipeline')}: ${listed(pipelines, 3)}`;
};

/**
 * The principals that may create or update pipelines and pass one of their execution roles. Administrators are left
 * out: they may do anything and are not anybody's pipeline creators.
 */
export const foundCreators = (
  pipelines: readonly PipelineSurvey[],
  identities: readonly Identity[],
  layers: AccountLayers,
  scope: { partition: string; region: string; account: string },
): Noted<string>[] => {
  const roles = [...new Set(pipelines.map(({ roleArn }) => roleArn))].filter(isRoleArn).slice(0, MAX_ROLES);
  const everyPipeline = namedIn(sagemakerArn(scope, 'pipeline/*'));
  const around = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': scope.region };
  const context = contextOf(around);
  const passing = contextOf({ ...around, 'iam:PassedToService': 'sagemaker.amazonaws.com' });
  return identities
    .flatMap(({ principal, policies: own }): Noted<string>[] => {
      const policies = { ...own, ...layers };
      const allows = (action: string): boolean => (own.identity?.candidates(action).allows.length ?? 0) > 0;
      const actions = ['sagemaker:CreatePipeline', 'sagemaker:UpdatePipeline'].filter((action) =>
        allows(action.toLowerCase()),
      );
      if (actions.length === 0 || !allows('iam:passrole')) return [];
      if (principal.arn.includes(':role/aws-service-role/')) return [];
      const shared = sharedWork();
      if (administratorAnswer(policies, principal, shared).answer === 'yes') return [];
      const passed = roles.filter(
        (resource) =>
          decide(policies, { principal, action: 'iam:PassRole', resource, context: passing }) === 'Allow',
      );
      const may =
        passed.length === 0
          ? []
          : actions.filter(
              (action) =>
                !isRuledOut(
                  allowedBeyond(
                    { policies, request: { principal, action, context }, universe: everyPipeline },
                    shared,
                  ),
                ),
            );
      if (may.length === 0) return [];
      const note = `may ${may.join(' and ')}, and pass ${passed.length} of ${counted(roles.length, 'execution role')}`;
      return [{ value: principal.arn, notes: [note] }];
    })
    .toSorted((one, other) => (one.value < other.value ? -1 : 1));
};
