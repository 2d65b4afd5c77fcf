import type { Config } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedUnnamed } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf, namedIn, rolesIn, type Universe } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, isShown } from '../judging/concern.ts';
import type { RoleUses } from '../needs/roster.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';

/** What a role may do to resources that neither a statement names nor a need of its pipelines. */
export const surplusOf = (
  principal: PrincipalFact,
  uses: RoleUses,
  config: Config,
  shared: SharedWork,
): Concern[] => {
  const { policies, identity, scope } = principal;
  const context = contextOf({ [PASSED_TO_SERVICE]: SAGEMAKER, 'aws:RequestedRegion': scope.region });
  return askedOf(principal, config).flatMap(({ action, universe, means }) => {
    const request = { principal: identity.principal, action, context };
    const within = uses.needs.flatMap(({ need }) => (need.action === action ? need.resource : []));
    const found = allowedUnnamed({ policies, request, universe, within }, shared);
    return concernsOf(found, action, () => ANY_NAME, 'what its pipelines need').map((concern) =>
      isShown(concern)
        ? { ...concern, evidence: { ...concern.evidence, found: `it may ${means} (${action})` } }
        : concern,
    );
  });
};

const ANY_NAME = 'a resource that nobody names';

type Asked = { action: string; universe: Universe; means: string };

/** What prefix-policy-enforced or pass-role-scoped tells is not told twice. */
const askedOf = ({ policies, identity, scope }: PrincipalFact, { prefixes = [], roles }: Config): Asked[] => {
  const isBound = prefixes.some((entry) => matchesAny(entry.roles ?? [], identity.principal.arn));
  const jobs = JOBS.map(({ noun, arnType }) => ({
    action: `sagemaker:Create${noun}`,
    universe: namedIn(sagemakerArn(scope, `${arnType}/*`)),
    means: `create a ${arnType} under any name`,
  }));
  const canCreate = jobs.some(
    ({ action }) => (policies.identity?.candidates(action.toLowerCase()).allows.length ?? 0) > 0,
  );
  const isScoped = canCreate && (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;
  const reading = {
    action: 's3:GetObject',
    universe: arnsOf(`arn:${scope.partition}:s3:::?*/?*`),
    means: 'read any bucket',
  };
  const passing = { action: 'iam:PassRole', universe: rolesIn(scope), means: 'pass any role' };
  return [...(isBound ? [] : jobs), reading, ...(isScoped ? [] : [passing])];
};

const JOBS = Object.values(JOB_KINDS).filter(({ id }) => stepTypesOf(id).length > 0);
