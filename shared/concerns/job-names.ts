import type { Prefix } from '../config/schema.ts';
import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { stepType, stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { allowedBeyond, allowedForAll } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, refusals } from '../judging/concern.ts';
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
  const jobs = (names: string): string => sagemakerArn(scope, `${kind.arnType}/${names}`);
  const anywhere = fitting.map(({ prefix }) => `arn:${scope.partition}:sagemaker:*:*/${prefix}-*`);
  const needed = uses.needs.filter(({ need }) => need.action === action).map(({ need }) => need.resource);
  const allowed = [...new Set([...fitting.map(({ prefix }) => jobs(`${prefix}-*`)), ...needed])];

  const context = contextOf({ 'aws:RequestedRegion': scope.region });
  const asked = { policies, request: { principal: identity.principal, action, context } };
  const beyond = allowedBeyond(
    { ...asked, universe: namedIn(jobs('*')), within: [...allowed, ...anywhere] },
    shared,
  );
  const names = fitting.map(({ prefix }) => `${prefix}-*`).join(', ') || `none of type ${makers.join(', ')}`;
  // If pipelines run under the role, the controls on its needs report missing permissions.
  const usable = uses.executes.length > 0 ? [] : fitting.filter((prefix) => isUsable(kind, prefix));
  return {
    action,
    allowed,
    beyond: concernsOf(beyond, action, (job) => job?.resource ?? jobs('*'), `jobs under ${names} alone`),
    under: usable.map((prefix) => {
      const resource = jobs(`${prefix.prefix}-*`);
      const expected = `allowed: ${resource} is under its own prefix`;
      const found = allowedForAll({ ...asked, universe: namedIn(resource) }, shared);
      if (found.answer === 'none') {
        // IAM is one for all Regions: a role that makes these jobs in another Region lacks nothing in this one.
        const everywhere = `arn:${scope.partition}:sagemaker:*:${scope.account}:${kind.arnType}/${prefix.prefix}-*`;
        const request = { ...asked.request, context: contextOf({}) };
        const elsewhere = allowedBeyond({ policies, request, universe: namedIn(everywhere) }, shared);
        if (elsewhere.answer === 'some') return { prefix, missing: [] };
        if (elsewhere.answer === 'unknown')
          return { prefix, missing: concernsOf(elsewhere, action, () => everywhere, expected) };
      }
      return { prefix, missing: refusals(found, action, resource, expected) };
    }),
  };
};

/**
 * Whether pipelines can give such a job a name under the prefix: the prefix must not be too long, and no step makes
 * an AutoML job of version 2 only.
 */
const isUsable = ({ id }: JobKind, { prefix }: Prefix): boolean =>
  id !== JOB_KINDS['auto-ml-job-v2'].id &&
  stepTypesOf(id).some((type) => prefix.length <= (stepType(type).name?.maxPrefixLength ?? 0));
