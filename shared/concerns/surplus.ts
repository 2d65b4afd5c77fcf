import type { Config } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedUnnamed } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf, namedIn, rolesIn, type Universe } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, inAnyRegion, isShown } from '../judging/concern.ts';
import { oncePer } from '../memo.ts';
import type { RoleUses } from '../needs/roster.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';

/** What a role may do to resources that neither a statement nor a need of its pipelines names. */
export const surplusOf = (
  principal: PrincipalFact,
  uses: RoleUses,
  config: Config,
  shared: SharedWork,
): Concern[] => {
  const { policies, identity, scope } = principal;
  const contextIn = oncePer((region: string) =>
    contextOf({ [PASSED_TO_SERVICE]: SAGEMAKER, 'aws:RequestedRegion': region }),
  );
  return askedOf(principal, config).flatMap(({ action, universeIn, means }) => {
    const within = uses.needs.flatMap(({ need }) => (need.action === action ? need.resource : []));
    return inAnyRegion(scope, (place) => {
      const request = { principal: identity.principal, action, context: contextIn(place.region) };
      const found = allowedUnnamed({ policies, request, universe: universeIn(place), within }, shared);
      return concernsOf(found, action, () => ANY_NAME, 'what its pipelines need').map((concern) =>
        isShown(concern)
          ? { ...concern, evidence: { ...concern.evidence, found: `it may ${means} (${action})` } }
          : concern,
      );
    });
  });
};

const ANY_NAME = 'a resource that nobody names';

type Asked = { action: string; universeIn: (place: Scope) => Universe; means: string };

/** Leaves out what prefix-policy-enforced or pass-role-scoped reports. */
const askedOf = ({ policies, identity }: PrincipalFact, { prefixes = [], roles }: Config): Asked[] => {
  const isBound = prefixes.some((entry) => matchesAny(entry.roles ?? [], identity.principal.arn));
  const jobs = JOBS.map(({ noun, arnType }) => ({
    action: `sagemaker:Create${noun}`,
    universeIn: (place: Scope) => namedIn(sagemakerArn(place, `${arnType}/*`)),
    means: `create ${/^[aeiou]/.test(arnType) ? 'an' : 'a'} ${arnType} under any name`,
  }));
  const canCreate = jobs.some(
    ({ action }) => (policies.identity?.candidates(action.toLowerCase()).allows.length ?? 0) > 0,
  );
  const isScoped = canCreate && (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;
  const reading = {
    action: 's3:GetObject',
    universeIn: ({ partition }: Scope) => arnsOf(`arn:${partition}:s3:::?*/?*`),
    means: 'read any bucket',
  };
  const passing = { action: 'iam:PassRole', universeIn: rolesIn, means: 'pass any role' };
  return [...(isBound ? [] : jobs), reading, ...(isScoped ? [] : [passing])];
};

const JOBS = Object.values(JOB_KINDS).filter(({ id }) => stepTypesOf(id).length > 0);
