import type { Prefix } from '../config/schema.ts';
import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { stepType, stepTypesOf } from '../definition/step-types.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { Scope } from '../domain/scope.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedBeyond, allowedForAll } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { isExempt } from '../judging/administrators.ts';
import { type Concern, concernsOf, openVerdict, refusals, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import type { RoleUses } from '../needs/roster.ts';

export const control = defineControl({
  id: 'prefix-policy-enforced',
  system: 'Job prefixes',
  title: 'Principals bound to a prefix create jobs under that prefix alone',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses'],
  needs: ['prefixes'],
  evaluate: ({ principal, uses }, { prefixes = [] }, shared) => {
    const { arn } = principal.identity.principal;
    const own = prefixes.filter(({ roles }) => matchesAny(roles ?? [], arn));
    if (own.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'no prefix is bound to it' }];
    if (isExempt(principal))
      return [{ status: 'NOT_APPLICABLE', because: 'pass-role-scoped tells that it is an administrator' }];
    const kinds = KINDS.map((kind) => judgeKind(kind, own, principal, uses, shared));
    const wide = kinds.filter(({ beyond }) => sorted(beyond).shown.length > 0);
    const missing = kinds.flatMap((kind) => kind.missing);
    const concerns = [...kinds.flatMap(({ beyond }) => beyond), ...missing.map(({ concern }) => concern)];
    const {
      shown: [first, ...others],
      open,
    } = sorted(concerns);
    if (!first)
      return open ? [openVerdict(open, 'allow jobs without that condition')] : [{ status: 'PASSED' }];
    const lacking = missing.filter(({ concern }) => concern.is === 'shown');
    const change = putPolicy('prefix-policy-enforced', boundary(wide, lacking, principal.scope));
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: {
          text: `Let ${arn} create jobs under ${own.map(({ prefix }) => `${prefix}-`).join(', ')} alone.`,
          patch: changeCommand(principal, change),
          change,
        },
      },
    ];
  },
});

const KINDS = Object.values(JOB_KINDS).filter(({ id }) => stepTypesOf(id).length > 0);

type JudgedKind = {
  kind: JobKind;
  /** The patterns of jobs that it may create. */
  allowed: string[];
  /** Jobs beyond them that it may create. */
  beyond: Concern[];
  /** Jobs under its own prefixes that it may not create. */
  missing: { action: string; resource: string; concern: Concern }[];
};

const judgeKind = (
  kind: JobKind,
  own: readonly Prefix[],
  principal: PrincipalFact,
  uses: RoleUses,
  shared: SharedWork,
): JudgedKind => {
  const { partition, region, account } = principal.scope;
  const action = `sagemaker:Create${kind.noun}`;
  const begin = `arn:${partition}:sagemaker:${region}:${account}:${kind.arnType}/`;
  const makers = stepTypesOf(kind.id);
  const fitting = own.filter(
    ({ stepTypes }) => !stepTypes || stepTypes.some((type) => makers.some((maker) => maker === type)),
  );
  const needed = uses.needs.filter(({ need }) => need.action === action).map(({ need }) => need.resource);
  const prefixed = fitting.map(({ prefix }) => `${begin}${prefix}-*`);
  const allowed = [...new Set([...prefixed, ...needed])];
  const request = {
    principal: principal.identity.principal,
    action,
    context: contextOf({ 'aws:RequestedRegion': region }),
  };
  const any = fitting.map(({ prefix }) => `arn:${partition}:sagemaker:*:*/${prefix}-*`);
  const { policies } = principal;
  const universe = namedIn(`${begin}*`);
  const beyond = allowedBeyond({ policies, request, universe, within: [...allowed, ...any] }, shared);
  const names = fitting.map(({ prefix }) => `${prefix}-*`).join(', ') || `none of type ${makers.join(', ')}`;
  const missing =
    uses.executes.length > 0
      ? []
      : fitting.filter(isUsable(kind)).flatMap(({ prefix }) => {
          const resource = `${begin}${prefix}-*`;
          const expected = `allowed: ${resource} is under its own prefix`;
          const found = allowedForAll({ policies, request, universe: namedIn(resource) }, shared);
          return refusals(found, action, resource, expected).map((concern) => ({
            action,
            resource,
            concern,
          }));
        });
  return {
    kind,
    allowed,
    missing,
    beyond: concernsOf(beyond, action, (job) => job?.resource ?? `${begin}*`, `jobs under ${names} alone`),
  };
};

/**
 * Whether pipelines can give a job of that kind a name under the prefix: not where it is too long, and none of their
 * steps makes an AutoML job of version 2 alone.
 */
const isUsable =
  ({ id }: JobKind) =>
  ({ prefix }: Prefix): boolean =>
    id !== JOB_KINDS['auto-ml-job-v2'].id &&
    stepTypesOf(id).some((type) => prefix.length <= (stepType(type).name?.maxPrefixLength ?? 0));

/** Denies for what is too wide, Allows for what is missing. A Deny leaves the prefixes out in every Region. */
const boundary = (
  wide: readonly { kind: JobKind; allowed: string[] }[],
  missing: readonly { action: string; resource: string }[],
  { partition, region }: Scope,
): PolicyText => {
  const own = `arn:${partition}:sagemaker:${region}:`;
  const denies = [...groupBy(wide, ({ allowed }) => JSON.stringify(allowed))].map(([, kinds]) => {
    const allowed = (kinds[0]?.allowed ?? []).map((arn) =>
      arn.startsWith(own) ? `arn:${partition}:sagemaker:*:${arn.slice(own.length)}` : arn,
    );
    return {
      Effect: 'Deny' as const,
      Action: [...new Set(kinds.map(({ kind }) => `sagemaker:Create${kind.noun}`))],
      ...(allowed.length > 0 ? { NotResource: allowed } : { Resource: ['*'] }),
    };
  });
  const allows = [...groupBy(missing, ({ resource }) => resource)].map(([resource, needs]) => ({
    Effect: 'Allow' as const,
    Action: [...new Set(needs.map(({ action }) => action))],
    Resource: [resource],
  }));
  return { Version: '2012-10-17', Statement: [...denies, ...allows] };
};
