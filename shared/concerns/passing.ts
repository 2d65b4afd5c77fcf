import type { Evidence } from '../domain/finding.ts';
import type { Facts, PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import type { Example } from '../iam/sets/answers.ts';
import { passedToService } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles, rolesIn } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, worstOf } from '../judging/concern.ts';
import type { RoleUses } from '../needs/roster.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';

const ACTION = 'iam:PassRole';

/** SageMaker, and the services that the principal's own pipelines hand roles to. */
export const servicesTakingRoles = ({ needs }: RoleUses): string[] => [
  ...new Set([
    SAGEMAKER,
    ...needs.flatMap(({ need }) =>
      [need, ...(need.or ?? [])].flatMap(({ context }) => context?.[PASSED_TO_SERVICE] ?? []),
    ),
  ]),
];

/** A role beyond these patterns that may be passed to one of the services. */
export const passingBeyond = (
  within: readonly string[],
  services: readonly string[],
  principal: PrincipalFact,
  shared: SharedWork,
): Concern[] =>
  worstOf(
    services.flatMap((service) =>
      concernsOf(
        allowedBeyond({ ...passing(principal, service), within }, shared),
        ACTION,
        (example) => (service === SAGEMAKER ? roleIn(example) : `${roleIn(example)} to ${service}`),
        `the authorised roles alone: ${within.join(', ')}`,
      ),
    ),
  );

/** Any role that may be passed to a service beyond these: an authorised role is no more meant for it than any other. */
export const passingElsewhere = (
  services: readonly string[],
  principal: PrincipalFact,
  shared: SharedWork,
): Concern[] => {
  const expected = `${PASSED_TO_SERVICE} is ${services.join(' or ')}`;
  const toAny = concernsOf(
    allowedBeyond(passing(principal, null), shared),
    ACTION,
    (example) => `${roleIn(example)} to any service`,
    expected,
  );
  if (toAny.some(({ is }) => is === 'shown')) return toAny;
  const toAnother = concernsOf(
    allowedBeyond({ ...passing(principal), keys: [passedToService(services)] }, shared),
    ACTION,
    (example) => `${roleIn(example)} to ${example?.values[PASSED_TO_SERVICE] ?? 'another service'}`,
    expected,
  );
  return worstOf([...toAnother, ...toAny]);
};

/**
 * What makes a breach as bad as can be: an administrator’s role may be passed, to whatever service, as it is one wherever
 * it runs. It is told also where that is not known: no doubt makes a breach milder.
 */
export const administratorPassed = (
  administrators: Facts['administrators'],
  principal: PrincipalFact,
  shared: SharedWork,
): Evidence | undefined => {
  const { arn } = principal.identity.principal;
  const rolesThat = (are: 'yes' | 'unknown'): string[] =>
    [...administrators].flatMap(([role, answer]) => (answer === are && role !== arn ? role : []));
  const sure = passableAmong(rolesThat('yes'), principal, shared);
  if (sure.is === 'shown') return { at: sure.role, found: CAN_PASS, expected: NO_SUCH_ROLE };
  const perhaps = passableAmong(rolesThat('unknown'), principal, shared);
  const open = [sure, perhaps].find(({ is }) => is !== 'ruled out');
  return open && open.is !== 'ruled out'
    ? { at: open.role, found: MAY_PASS, expected: NO_SUCH_ROLE }
    : undefined;
};

const CAN_PASS = 'a role that may write any role’s policies can be passed';
const MAY_PASS = 'whether it may write any role’s policies, and can be passed, is not known';
const NO_SUCH_ROLE = 'no such role';

type Passable = { is: 'shown' | 'open'; role: string } | { is: 'ruled out' };

/** The first of some roles that may be passed, or of which that is not known. */
const passableAmong = (roles: readonly string[], principal: PrincipalFact, shared: SharedWork): Passable => {
  const [first] = roles;
  if (first === undefined) return { is: 'ruled out' };
  const universe = amongRoles(roles, principal.scope);
  const answers = [
    allowedBeyond({ ...passing(principal), universe, keys: [passedToService([])] }, shared),
    allowedBeyond({ ...passing(principal, null), universe }, shared),
  ];
  const shown = answers.find((found) => found.answer === 'some');
  if (shown) return { is: 'shown', role: shown.example.resource };
  const open = answers.find((found) => found.answer === 'unknown');
  if (!open) return { is: 'ruled out' };
  return { is: 'open', role: open.doubt.kind === 'hangs' ? open.doubt.example.resource : first };
};

/** It need not exist. */
const roleIn = (example: Example | undefined): string =>
  example ? `a role such as ${example.resource}` : 'any role';

/** The question which roles may be passed: to a service, in a request that names none (null), or to one that is left open. */
const passing = ({ policies, identity, scope }: PrincipalFact, service?: string | null): Question => ({
  policies,
  request: {
    principal: identity.principal,
    action: ACTION,
    context: contextOf(service === undefined ? {} : { [PASSED_TO_SERVICE]: service }),
  },
  universe: rolesIn(scope),
});
