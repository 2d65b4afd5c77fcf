import type { Prefix } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import { inRegions } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { listed } from '../text/listed.ts';
import type { Noted } from './noted.ts';

/**
 * The prefixes, each bound to its roles only if these keep to their prefixes already. A prefix that is bound to another
 * role would ask its owner to narrow the role, which nobody asked for and which may stop a job. If a role creates jobs of
 * other types under its prefixes as well, these are bound to it for all step types.
 */
export const keptPrefixes = (
  prefixes: readonly Noted<Prefix>[],
  principals: readonly AccountPrincipal[],
): Noted<Prefix>[] => {
  const ofRole = (arn: string): Prefix[] =>
    prefixes.flatMap(({ value }) => (value.roles?.includes(arn) ? value : []));
  const named = new Set(prefixes.flatMap(({ value: { roles = [] } }) => roles));
  const keeping = new Map<string, 'by type' | 'for all types'>();
  for (const principal of principals) {
    const { arn } = principal.identity.principal;
    if (!named.has(arn)) continue;
    const own = ofRole(arn);
    const forAllTypes = own.map(({ prefix }) => ({ prefix }));
    if (keepsTo(own, principal)) keeping.set(arn, 'by type');
    else if (keepsTo(forAllTypes, principal)) keeping.set(arn, 'for all types');
  }
  return prefixes.map(({ value, notes }): Noted<Prefix> => {
    const { roles, ...free } = value;
    const beyond = (roles ?? []).filter((role) => !keeping.has(role));
    if (!roles || beyond.length > 0)
      return {
        value: free,
        notes: roles ? [...notes, `bound to no role, as a role may do more: ${listed(beyond, 3)}`] : notes,
      };
    if (roles.every((role) => keeping.get(role) === 'by type')) return { value, notes };
    const { stepTypes = [], ...anyType } = value;
    return {
      value: anyType,
      notes: [
        ...notes,
        `for all step types, as a role may create others than ${stepTypes.join(', ')} under it`,
      ],
    };
  });
};

/** Whether a role can create jobs of each kind only under those of the prefixes that are for this kind. */
const keepsTo = (
  prefixes: readonly Pick<Prefix, 'prefix' | 'stepTypes'>[],
  { policies, identity: { principal }, scope }: AccountPrincipal,
): boolean => {
  const context = contextOf({ 'aws:RequestedRegion': scope.regions[0] });
  const shared = sharedWork();
  return Object.values(JOB_KINDS).every(({ id, noun, arnType }) => {
    const makers = stepTypesOf(id);
    const fitting = prefixes.filter(
      ({ stepTypes }) =>
        !stepTypes || makers.length === 0 || makers.some((maker) => stepTypes.some((type) => type === maker)),
    );
    const request = { principal, action: `sagemaker:Create${noun}`, context };
    const universe = namedIn(sagemakerArn(inRegions(scope)[0], `${arnType}/*`));
    const within = fitting.map(({ prefix }) => `arn:${scope.partition}:sagemaker:*:*/${prefix}-*`);
    return isRuledOut(allowedBeyond({ policies, request, universe, within }, shared));
  });
};
