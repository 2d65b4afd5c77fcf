import { creatorContext } from '../authorised/creators.ts';
import type { CreatorsEntry } from '../config/creators.ts';
import type { Prefix } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { arnName, sagemakerArn } from '../domain/arn.ts';
import { groupBy } from '../group-by.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { administratorAnswer, allowedBeyond, allowedForAll } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { listed } from '../text/listed.ts';
import { counted, type Noted, pipelinePatterns } from './found-prefixes.ts';
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
 * The principals that may create or update pipelines and pass an execution role, each tied to the pipelines that it may
 * make whose role it may pass as well. Administrators are left out: they may do anything and are not anybody's pipeline
 * creators.
 */
export const foundCreators = (
  pipelines: readonly PipelineSurvey[],
  identities: readonly Identity[],
  layers: AccountLayers,
  scope: { partition: string; region: string; account: string },
): Noted<CreatorsEntry>[] => {
  const roles = [...new Set(pipelines.map(({ roleArn }) => roleArn))].filter(isRoleArn).slice(0, MAX_ROLES);
  const names = pipelines.map(({ name }) => name);
  const everyPipeline = namedIn(sagemakerArn(scope, 'pipeline/*'));
  const context = creatorContext(scope.region);
  const passing = creatorContext(scope.region, 'sagemaker.amazonaws.com');
  return identities
    .flatMap(({ principal, policies: own }): Noted<CreatorsEntry>[] => {
      const policies = { ...own, ...layers };
      const allows = (action: string): boolean => (own.identity?.candidates(action).allows.length ?? 0) > 0;
      const actions = ['sagemaker:CreatePipeline', 'sagemaker:UpdatePipeline'].filter((action) =>
        allows(action.toLowerCase()),
      );
      if (actions.length === 0 || !allows('iam:passrole')) return [];
      if (isServiceLinkedRole(principal.arn)) return [];
      const shared = sharedWork();
      if (administratorAnswer(policies, principal, shared).answer === 'yes') return [];
      const passed = roles.filter(
        (resource) =>
          decide(policies, { principal, action: 'iam:PassRole', resource, context: passing }) === 'Allow',
      );
      const asked = (action: string) => ({
        policies,
        request: { principal, action, context },
        universe: everyPipeline,
      });
      const may =
        passed.length === 0
          ? []
          : actions.filter((action) => !isRuledOut(allowedBeyond(asked(action), shared)));
      if (may.length === 0) return [];
      const makesAll = may.some((action) => allowedForAll(asked(action), shared).answer === 'all');
      const makes = (name: string): boolean =>
        makesAll ||
        may.some((action) => {
          const resource = sagemakerArn(scope, `pipeline/${name}`);
          return !decide(policies, { principal, action, resource, context }).endsWith('Deny');
        });
      const made = pipelines.filter(({ roleArn, name }) => passed.includes(roleArn) && makes(name));
      const note = `may ${may.join(' and ')}, and pass ${passed.length} of ${counted(roles.length, 'execution role')}`;
      if (made.length === 0) return [{ value: { roles: [principal.arn] }, notes: [note] }];
      const patterns =
        made.length === pipelines.length
          ? ['*']
          : pipelinePatterns(
              made.map(({ name }) => name),
              names,
            );
      return [{ value: { roles: [principal.arn], pipelines: patterns }, notes: [note] }];
    })
    .toSorted((one, other) => ((one.value.roles[0] ?? '') < (other.value.roles[0] ?? '') ? -1 : 1));
};

/**
 * The roles that may create jobs only under these prefixes, whatever the type of the job. A prefix that is bound to
 * another role would ask its owner to narrow the role, which nobody asked for.
 */
export const rolesKeptTo = (
  prefixes: readonly Pick<Prefix, 'prefix' | 'roles'>[],
  identities: readonly Identity[],
  layers: AccountLayers,
  scope: { partition: string; region: string; account: string },
): Set<string> => {
  const context = contextOf({ 'aws:RequestedRegion': scope.region });
  const named = new Set(prefixes.flatMap(({ roles = [] }) => roles));
  const kept = identities.filter(({ principal, policies: own }) => {
    if (!named.has(principal.arn)) return false;
    const shared = sharedWork();
    const within = prefixes
      .filter(({ roles = [] }) => roles.includes(principal.arn))
      .map(({ prefix }) => `arn:${scope.partition}:sagemaker:*:*/${prefix}-*`);
    return Object.values(JOB_KINDS).every(({ noun, arnType }) => {
      const request = { principal, action: `sagemaker:Create${noun}`, context };
      const universe = namedIn(sagemakerArn(scope, `${arnType}/*`));
      return isRuledOut(
        allowedBeyond({ policies: { ...own, ...layers }, request, universe, within }, shared),
      );
    });
  });
  return new Set(kept.map(({ principal }) => principal.arn));
};
