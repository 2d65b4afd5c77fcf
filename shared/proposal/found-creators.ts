import { creatorContext } from '../authorised/creators.ts';
import { namesPipeline } from '../authorised/pipeline-names.ts';
import type { CreatorsEntry } from '../config/creators.ts';
import type { Prefix } from '../config/schema.ts';
import { sagemakerArn } from '../domain/arn.ts';
import { inRegions } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { assume } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { allowedBeyond, allowedForAll } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { isAdministrator } from '../judging/administrators.ts';
import { oncePer, remembered } from '../memo.ts';
import { VERSION_KEY } from '../policies/version-policy.ts';
import { counted } from '../text/counted.ts';
import { pipelinePatterns } from './found-prefixes.ts';
import type { Noted } from './noted.ts';
import { isRoleArn, type PipelineSurvey } from './survey.ts';
import { assumingOutsiders, trustedAccounts } from './trust-notes.ts';

/** Bounds the work: creators are found by whether they may pass at least one of this many roles. */
const MAX_ROLES = 100;

/** Nobody reads a longer list: who works on all pipelines is then written with `*`. */
const MAX_PATTERNS = 20;

/** A principal and the pipelines that it makes or starts, by their names. */
export type Worker = { principal: AccountPrincipal; pipelines: readonly string[]; notes: string[] };

/**
 * The principals that may create or update pipelines and pass their execution roles, with the pipelines that they may
 * make so. Administrators are left out, and so is whom everybody may assume.
 */
export const foundCreators = (
  pipelines: readonly PipelineSurvey[],
  principals: readonly AccountPrincipal[],
): Worker[] => {
  const roles = [...new Set(pipelines.map(({ roleArn }) => roleArn))].filter(isRoleArn).slice(0, MAX_ROLES);
  return principals
    .flatMap((principal): Worker[] => {
      const actions = ['sagemaker:CreatePipeline', 'sagemaker:UpdatePipeline'].filter((action) =>
        isNamedIn(principal, action),
      );
      if (actions.length === 0 || !isNamedIn(principal, 'iam:PassRole') || isLeftOut(principal)) return [];
      const { policies, identity, scope } = principal;
      const context = creatorContext(scope.regions[0], 'sagemaker.amazonaws.com');
      const passed = roles.filter(
        (resource) =>
          decide(policies, {
            principal: identity.principal,
            action: 'iam:PassRole',
            resource,
            context,
          }) === 'Allow',
      );
      if (passed.length === 0) return [];
      const may = actions.filter((action) => reachOf(principal, action) !== 'none');
      const made = pipelines.filter(
        ({ roleArn, name }) =>
          passed.includes(roleArn) && may.some((action) => !refuses(principal, action, name)),
      );
      const note = `may ${may.join(' and ')}, and pass ${passed.length} of ${counted(roles.length, 'execution role')}`;
      return made.length === 0
        ? []
        : [{ principal, pipelines: made.map(({ name }) => name), notes: notesOf(principal, note) }];
    })
    .toSorted(byArn);
};

/** The administrators, who may make pipelines as anybody else may: nothing shows which of them do. */
export const makingAdministrators = (principals: readonly AccountPrincipal[]): string[] =>
  principals
    .filter(
      (principal) => isAdministrator(principal) && !isServiceLinkedRole(principal.identity.principal.arn),
    )
    .map(({ identity }) => identity.principal.arn)
    .toSorted();

/** The calls by which somebody runs a pipeline that others make, by what is below the pipeline in their resource. */
const RUNNING = [
  { action: 'sagemaker:StartPipelineExecution', below: '' },
  { action: 'sagemaker:RetryPipelineExecution', below: '/execution/any' },
  { action: 'sagemaker:StopPipelineExecution', below: '/execution/any' },
  { action: 'sagemaker:UpdatePipelineVersion', below: '' },
] as const;

const CHANGING = ['sagemaker:UpdatePipeline', 'sagemaker:DeletePipeline'] as const;

/**
 * The principals that may start pipelines of one team and change none: schedules, releases and people who run what others
 * make. Whoever reaches the pipelines of several teams is left out, because that may be a mistake.
 */
export const foundStarters = (
  pipelines: readonly PipelineSurvey[],
  principals: readonly AccountPrincipal[],
  creators: readonly Worker[],
  prefixes: readonly Noted<Prefix>[],
): Worker[] => {
  const ofPipelines = new Set(pipelines.flatMap(({ roleArn, stepRoles }) => [roleArn, ...stepRoles]));
  const makers = new Set(creators.map(({ principal }) => principal.identity.principal.arn));
  const teamOf = teamsBy(
    creators.filter(({ principal }) => !ofPipelines.has(principal.identity.principal.arn)),
    prefixes,
    pipelines.length,
  );
  return principals
    .flatMap((principal): Worker[] => {
      const { arn } = principal.identity.principal;
      if (!isNamedIn(principal, 'sagemaker:StartPipelineExecution')) return [];
      if (ofPipelines.has(arn) || makers.has(arn) || isLeftOut(principal)) return [];
      if (CHANGING.some((action) => reachOf(principal, action) !== 'none')) return [];
      const run = pipelines.filter(({ name }) => callsOn(principal, name).length > 0);
      const teams = new Set(run.map(({ name }) => teamOf(name)));
      if (teams.size !== 1 || teams.has(undefined)) return [];
      const calls = RUNNING.flatMap(({ action }) =>
        run.some(({ name }) => callsOn(principal, name).includes(action)) ? action : [],
      );
      const note = `changes no pipeline; may ${calls.join(', ')}`;
      return [{ principal, pipelines: run.map(({ name }) => name), notes: notesOf(principal, note) }];
    })
    .toSorted(byArn);
};

/** The calls by which a principal may run a pipeline. */
const callsOn = ({ policies, identity, scope }: AccountPrincipal, name: string): string[] => {
  const context = assume(creatorContext(scope.regions[0]), { [VERSION_KEY]: '999999999' });
  return RUNNING.flatMap(({ action, below }) => {
    const resource = sagemakerArn(inRegions(scope)[0], `pipeline/${name}${below}`);
    const asked = { principal: identity.principal, action, resource, context };
    return decide(policies, asked) === 'Allow' ? action : [];
  });
};

/**
 * A function that tells the team of a pipeline: those who make it and do not make all pipelines, and the prefixes that are
 * bound to roles for it. Undefined where nobody is known to make it.
 */
const teamsBy = (
  creators: readonly Worker[],
  prefixes: readonly Noted<Prefix>[],
  all: number,
): ((name: string) => string | undefined) => {
  const bound = prefixes.flatMap(({ value: { prefix, roles, pipelines } }) =>
    roles && pipelines ? [{ prefix, pipelines }] : [],
  );
  return (name) => {
    const makers = creators.filter(({ pipelines }) => pipelines.includes(name));
    const ofName = bound.filter(({ pipelines }) => namesPipeline(pipelines, name));
    if (makers.length + ofName.length === 0) return undefined;
    return [
      ...makers
        .filter(({ pipelines }) => pipelines.length < all)
        .map(({ principal }) => principal.identity.principal.arn),
      ...ofName.map(({ prefix }) => prefix),
    ].join(' ');
  };
};

/** The entries of `roles.creators` for who makes or starts pipelines. */
export const creatorEntries = (
  workers: readonly Worker[],
  all: readonly PipelineSurvey[],
): Noted<CreatorsEntry>[] =>
  workers.map(({ principal, pipelines, notes }) => {
    const patterns = pipelinePatterns(
      pipelines,
      all.map(({ name }) => name),
    );
    const isAll = pipelines.length === all.length && patterns.length > MAX_PATTERNS;
    return {
      value: { roles: [principal.identity.principal.arn], pipelines: isAll ? ['*'] : patterns },
      notes,
    };
  });

const notesOf = ({ identity, scope }: AccountPrincipal, note: string): string[] => [
  note,
  ...assumingOutsiders(identity, scope.account),
];

const isLeftOut = (principal: AccountPrincipal): boolean =>
  isServiceLinkedRole(principal.identity.principal.arn) ||
  trustedAccounts(principal.identity, principal.scope.account).includes('*') ||
  isAdministrator(principal);

const isNamedIn = ({ policies }: AccountPrincipal, action: string): boolean =>
  (policies.identity?.candidates(action.toLowerCase()).allows.length ?? 0) > 0;

/** Whether a principal may make a call on all pipelines of the account, on none, or on some or perhaps some. */
const reachOf = (principal: AccountPrincipal, action: string): Reach => reaches(principal)(action);

type Reach = 'all' | 'some' | 'none';

const reaches = remembered(({ policies, identity, scope }: AccountPrincipal) =>
  oncePer((action): Reach => {
    const request = { principal: identity.principal, action, context: creatorContext(scope.regions[0]) };
    const asked = { policies, request, universe: namedIn(sagemakerArn(inRegions(scope)[0], 'pipeline/*')) };
    const shared = sharedWork();
    if (allowedForAll(asked, shared).answer === 'all') return 'all';
    return isRuledOut(allowedBeyond(asked, shared)) ? 'none' : 'some';
  }),
);

const refuses = (principal: AccountPrincipal, action: string, name: string): boolean => {
  const reach = reachOf(principal, action);
  if (reach !== 'some') return reach === 'none';
  const { policies, identity, scope } = principal;
  return decide(policies, {
    principal: identity.principal,
    action,
    resource: sagemakerArn(inRegions(scope)[0], `pipeline/${name}`),
    context: creatorContext(scope.regions[0]),
  }).endsWith('Deny');
};

const byArn = ({ principal: one }: Worker, { principal: other }: Worker): number =>
  one.identity.principal.arn < other.identity.principal.arn ? -1 : 1;
