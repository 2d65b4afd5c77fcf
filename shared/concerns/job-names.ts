import type { Prefix } from '../config/schema.ts';
import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { stepType, stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import { inRegions, type Scope } from '../domain/scope.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { allowedBeyond, allowedForAll } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, inAnyRegion, refusals, worstOf } from '../judging/concern.ts';
import { oncePer } from '../memo.ts';
import type { RoleUses } from '../needs/roster.ts';

/** What a principal that is bound to prefixes may create of one kind of job. */
export type JobNames = {
  action: string;
  /** The patterns of jobs that it should be able to create. */
  allowed: string[];
  /** Jobs outside these patterns that it may create. */
  beyond: Concern[];
  /** Jobs under its own prefixes that it may not create. */
  missing: Concern[];
};

/** The same of one kind, with what it lacks under each prefix that jobs of this kind can have. */
type NamesOfKind = Omit<JobNames, 'missing'> & { under: { prefix: Prefix; missing: Concern[] }[] };

/**
 * For each kind of job that steps make: what a principal may create under its own prefixes, and beyond them. A prefix that
 * names no step types says nothing of the kinds that its users need: they lack something if they may create none of them.
 */
export const jobNamesOf = (
  own: readonly Prefix[],
  principal: PrincipalFact,
  uses: RoleUses,
  shared: SharedWork,
): JobNames[] => {
  const kinds = Object.values(JOB_KINDS)
    .filter(({ id }) => stepTypesOf(id).length > 0)
    .map((kind) => namesOfKind(kind, own, principal, uses, shared));
  const used = new Set(
    kinds.flatMap(({ under }) =>
      under.flatMap(({ prefix, missing }) => (!prefix.stepTypes && missing.length === 0 ? prefix : [])),
    ),
  );
  return kinds.map(({ under, ...kind }) => ({
    ...kind,
    missing: under.flatMap(({ prefix, missing }) => (used.has(prefix) ? [] : missing)),
  }));
};

const namesOfKind = (
  kind: JobKind,
  own: readonly Prefix[],
  { policies, identity, scope }: PrincipalFact,
  uses: RoleUses,
  shared: SharedWork,
): NamesOfKind => {
  const action = `sagemaker:Create${kind.noun}`;
  const makers = stepTypesOf(kind.id);
  const fitting = own.filter(
    ({ stepTypes }) => !stepTypes || stepTypes.some((type) => makers.some((maker) => maker === type)),
  );
  const jobsIn = (place: Scope, names: string): string => sagemakerArn(place, `${kind.arnType}/${names}`);
  const anywhere = fitting.map(({ prefix }) => `arn:${scope.partition}:sagemaker:*:*/${prefix}-*`);
  const needed = uses.needs.filter(({ need }) => need.action === action).map(({ need }) => need.resource);
  const allowed = [
    ...new Set([
      ...inRegions(scope).flatMap((place) => fitting.map(({ prefix }) => jobsIn(place, `${prefix}-*`))),
      ...needed,
    ]),
  ];

  const askedIn = oncePer((region: string) => {
    const context = contextOf({ 'aws:RequestedRegion': region });
    return { policies, request: { principal: identity.principal, action, context } };
  });
  const names = fitting.map(({ prefix }) => `${prefix}-*`).join(', ') || `none of type ${makers.join(', ')}`;
  // If pipelines run under the role, the controls on its needs report missing permissions.
  const usable = uses.executes.length > 0 ? [] : fitting.filter((prefix) => isUsable(kind, prefix));
  return {
    action,
    allowed,
    beyond: inAnyRegion(scope, (place) => {
      const all = jobsIn(place, '*');
      const asked = { ...askedIn(place.region), universe: namedIn(all), within: [...allowed, ...anywhere] };
      const found = allowedBeyond(asked, shared);
      return concernsOf(found, action, (job) => job?.resource ?? all, `jobs under ${names} alone`);
    }),
    under: usable.map((prefix) => {
      const answers = inRegions(scope).map((place) => {
        const resource = jobsIn(place, `${prefix.prefix}-*`);
        const found = allowedForAll({ ...askedIn(place.region), universe: namedIn(resource) }, shared);
        return { found, missing: refusals(found, action, resource, expectedOf(resource)) };
      });
      // IAM is one for all Regions: a role that makes these jobs in another Region lacks nothing in this one.
      const inSome =
        answers.find(({ found }) => found.answer === 'all') ??
        answers.find(({ found }) => found.answer !== 'none');
      if (inSome) return { prefix, missing: inSome.missing };
      const everywhere = `arn:${scope.partition}:sagemaker:*:${scope.account}:${kind.arnType}/${prefix.prefix}-*`;
      const request = { principal: identity.principal, action, context: contextOf({}) };
      const elsewhere = allowedBeyond({ policies, request, universe: namedIn(everywhere) }, shared);
      if (elsewhere.answer === 'some') return { prefix, missing: [] };
      if (elsewhere.answer === 'unknown')
        return { prefix, missing: concernsOf(elsewhere, action, () => everywhere, expectedOf(everywhere)) };
      return { prefix, missing: worstOf(answers.flatMap(({ missing }) => missing)) };
    }),
  };
};

const expectedOf = (resource: string): string => `allowed: ${resource} is under its own prefix`;

/**
 * Whether pipelines can give such a job a name under the prefix: the prefix must not be too long, and no step makes
 * an AutoML job of version 2 only.
 */
const isUsable = ({ id }: JobKind, { prefix }: Prefix): boolean =>
  id !== JOB_KINDS['auto-ml-job-v2'].id &&
  stepTypesOf(id).some((type) => prefix.length <= (stepType(type).name?.maxPrefixLength ?? 0));
