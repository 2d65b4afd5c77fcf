import type { Severity } from '../domain/finding.ts';
import type { AccountPrincipal, PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { resourcesAllowed } from '../iam/decide/resources-allowed.ts';
import { anyMatcher, isPattern, matchesAny } from '../iam/policy/glob.ts';
import type { Policy } from '../iam/policy/policy.ts';
import type { Example } from '../iam/sets/answers.ts';
import { passedToService } from '../iam/sets/key-axis.ts';
import { allowedBeyond, allowedUnnamed, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles, rolesLike, type Universe } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, isShown, worstOf } from '../judging/concern.ts';
import { keepingLatest, once, oncePer, remembered } from '../memo.ts';
import type { RoleUses } from '../needs/roster.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';
import { PASS_ROLE, passing, waysOf } from './pass-question.ts';
import { servicesNamed, trusts } from './service-trust.ts';

/** SageMaker, and the services to which the principal's own pipelines pass roles. */
export const servicesTakingRoles = ({ needs, untold }: Pick<RoleUses, 'needs' | 'untold'>): string[] => [
  ...new Set([
    SAGEMAKER,
    ...[...needs, ...untold].flatMap(({ need }) =>
      [need, ...(need.or ?? [])].flatMap(({ context }) => context?.[PASSED_TO_SERVICE] ?? []),
    ),
  ]),
];

/**
 * The concern that a role outside these patterns, other than the principal’s own, may be passed to one of the services:
 * a role of the account that the service can assume, or one that is not there yet. `names` tells the principal the roles that it
 * should pass; it is asked only if there is a concern, as most principals have none.
 */
export const passingBeyond = (
  within: readonly string[],
  services: readonly string[],
  principal: PrincipalFact,
  roles: readonly AccountPrincipal[],
  shared: SharedWork,
  names = (): string => within.join(', '),
): Concern[] => {
  const own = principal.identity.principal.arn;
  const questions = services.flatMap((service) => {
    const universe = rolesBeyond(roles, within, service, principal);
    const except = [...within, own, ...patternsOfOthers(principal, roles, service)];
    return waysOf(principal, shared).flatMap((way) => [
      ...(universe ? [{ service, ...passing(principal, service, way), ...universe }] : []),
      { service, ...passing(principal, service, way), within: except },
    ]);
  });
  const concerns: Concern[] = [];
  for (const { service, ...question } of questions) {
    const found = allowedBeyond(question, shared);
    if (found.answer === 'none') continue;
    concerns.push(
      ...concernsOf(
        found,
        PASS_ROLE,
        (example) => (service === SAGEMAKER ? roleIn(example) : `${roleIn(example)} to ${service}`),
        `the authorised roles alone: ${names()}`,
      ),
    );
    if (concerns.some(isShown)) break;
  }
  return worstOf(concerns);
};

/** The roles of the account outside these patterns that a service can assume, other than the principal’s own. */
const rolesBeyond = (
  roles: readonly AccountPrincipal[],
  within: readonly string[],
  service: string,
  principal: AccountPrincipal,
): Pick<Question, 'universe' | 'within'> | undefined => {
  const own = arnOf(principal);
  const all = allBeyond(roles)(JSON.stringify({ within, service }));
  const meant = rolesMeant(principal);
  const others = all.meant(JSON.stringify(meant ?? null)).filter((arn) => arn !== own);
  if (others.length === 0) return undefined;
  // To make a universe of thousands of roles for each principal would take longer than to ask.
  return others.length < all.roles.length - 1
    ? { universe: amongRoles(others, principal.scope) }
    : { universe: all.universe(), within: [own] };
};

/** The patterns of the roles that the principal’s statements let it pass; undefined where they may mean any role. */
const rolesMeant = remembered(
  ({ policies: { identity } }: AccountPrincipal): string[] | undefined =>
    identity && resourcesAllowed(identity, [PASS_ROLE]),
);

/** Found once for all principals of an account, because an account has hundreds of roles and principals. */
const allBeyond = remembered((roles: readonly AccountPrincipal[]) =>
  oncePer((key) => {
    const { within, service } = JSON.parse(key) as { within: string[]; service: string };
    const isWithin = anyMatcher(within);
    const assumable = roles.filter(
      (role) => trusts(role, service) !== 'no' && !isWithin(arnOf(role)) && !isServiceLinkedRole(arnOf(role)),
    );
    const universe = once(() =>
      amongRoles(assumable.map(arnOf), assumable[0]?.scope ?? { partition: 'aws', account: '' }),
    );
    // Principals with the same statements, and one that is looked at again, mean the same roles.
    const meant = keepingLatest(MOST_MEANT, (patterns): readonly string[] => {
      const told = JSON.parse(patterns) as string[] | null;
      const isMeant = told && anyMatcher(told);
      return assumable.map(arnOf).filter((arn) => !isMeant || isMeant(arn));
    });
    return { roles: assumable, meant, universe };
  }),
);
const MOST_MEANT = 100;

/** The concern that every role, also one that nobody names, may be passed to every service; whoever is authorised. */
export const passingAnything = (principal: PrincipalFact, shared: SharedWork): Concern[] =>
  concernsOf(
    allowedUnnamed(passing(principal, null), shared),
    PASS_ROLE,
    (example) => `${roleIn(example)} to any service`,
    'the roles by name, and iam:PassedToService',
  );

/** Whether a service may be given a role of the account that it can assume. */
const isGivenAny = (
  service: string,
  principal: PrincipalFact,
  roles: readonly AccountPrincipal[],
  shared: SharedWork,
): boolean => {
  const arns = roles.filter((role) => trusts(role, service) !== 'no').map(arnOf);
  if (arns.length === 0) return false;
  const universe = amongRoles(arns, principal.scope);
  return allowedBeyond({ ...passing(principal, service), universe }, shared).answer !== 'none';
};

/** A concern, how grave it is, and whether it is a breach: a policy gives authorised roles to a service that it names. */
type GradedConcern = { concern: Concern; severity: Severity; isBreach: boolean };

/**
 * The concerns that the authorised roles and the principal’s own may be passed to other services. It matters as much as
 * the roles’ trust makes of it: a service that cannot assume a role gets nothing, and whoever may pass a role to SageMaker
 * gains nothing by passing it elsewhere.
 */
export const passingElsewhere = (
  within: readonly string[],
  services: readonly string[],
  principal: PrincipalFact,
  roles: readonly AccountPrincipal[],
  shared: SharedWork,
): GradedConcern[] => {
  const expected = `${PASSED_TO_SERVICE} is ${services.join(' or ')}`;
  const own = principal.identity.principal.arn;
  const authorised = rolesWithin(roles)(JSON.stringify(within));
  const isAuthorised = once(() => new Set(authorised));
  const meant = authorised.some((role) => arnOf(role) === own)
    ? authorised
    : roles.filter((role) => arnOf(role) === own || isAuthorised().has(role));
  const inPolicies = servicesInPolicies(principal);
  const inOwn = servicesInPolicies(principal, isOfOwner);
  const byName = rolesNamedToPass(principal);
  const elsewhere = [...new Set([...meant.flatMap(servicesNamed), ...inPolicies])].filter(
    (each) => !services.includes(each),
  );
  const graded = elsewhere.flatMap((service): GradedConcern[] => {
    const isNamed = inPolicies.includes(service);
    const others = meant.filter((role) => arnOf(role) !== own);
    const assumable = others.filter((role) => trusts(role, service) !== 'no');
    // Whoever gives a service all roles of a pattern gives it those that come, whatever the present ones trust; unless the
    // pattern is there for other roles, which the service can assume, or AWS wrote it for every account.
    const isForThoseToCome =
      inOwn.includes(service) && assumable.length === 0 && !isGivenAny(service, principal, roles, shared);
    const arns = (isForThoseToCome ? others.filter((role) => !byName.includes(arnOf(role))) : assumable).map(
      arnOf,
    );
    if (arns.length === 0) return [];
    const universe = amongRoles(arns, principal.scope);
    const gainsBy = (arn: string): boolean =>
      meant.some((role) => arnOf(role) === arn && trusts(role, service) !== 'no') &&
      !isPassable(arn, principal, shared);
    const found = allowedBeyond({ ...passing(principal, service), universe }, shared);
    const gains = found.answer === 'some' && gainsBy(found.example.resource);
    return concernsOf(found, PASS_ROLE, (example) => `${roleIn(example)} to ${service}`, expected).map(
      (concern) => ({ concern, severity: gains ? 'MEDIUM' : 'LOW', isBreach: isNamed }),
    );
  });
  const except = [
    ...patternsOfOthers(principal, roles, SAGEMAKER),
    ...rolesByNameAlone(principal, roles, services),
  ];
  const named = passedToService([...new Set([...services, ...elsewhere])]);
  const concernsOver = (question: Question, to: (example?: Example) => string): Concern[] =>
    concernsOf(
      allowedBeyond({ ...question, within: except }, shared),
      PASS_ROLE,
      (example) => `${roleIn(example)} to ${to(example)}`,
      expected,
    );
  // A request without the key tells no service, so that any role may reach any of them.
  const toAny = concernsOver(passing(principal, null), () => 'any service');
  const toMany = toAny.some(isShown)
    ? []
    : meantUniverses([...within, own], principal).flatMap((universe) =>
        concernsOver(
          { ...passing(principal), universe, keys: [named] },
          (example) => `services such as ${example?.values[PASSED_TO_SERVICE]}`,
        ),
      );
  return [
    ...graded,
    ...worstOf([...toAny, ...toMany]).map(
      (concern): GradedConcern => ({ concern, severity: 'LOW', isBreach: false }),
    ),
  ];
};

/** All roles that the patterns mean: those without a wildcard in one universe, each other pattern in its own. */
const meantUniverses = (patterns: readonly string[], { scope }: AccountPrincipal): Universe[] => {
  const [open, literal] = [patterns.filter(isPattern), patterns.filter((each) => !isPattern(each))];
  return [amongRoles(literal, scope), ...[...new Set(open)].map((pattern) => rolesLike(pattern, scope))];
};

/** The roles of the account within patterns, found once for all principals. */
const rolesWithin = remembered((roles: readonly AccountPrincipal[]) =>
  oncePer((key) => {
    const patterns = JSON.parse(key) as string[];
    return roles.filter((role) => matchesAny(patterns, arnOf(role)));
  }),
);

/** Most statements name roles without a pattern, and hundreds of principals do so. */
const rolesByArn = remembered((roles: readonly AccountPrincipal[]) => groupBy(roles, arnOf));

/** Whether the principal surely may pass a role to SageMaker. */
const isPassable = (roleArn: string, principal: AccountPrincipal, shared: SharedWork): boolean =>
  allowedBeyond(
    { ...passing(principal, SAGEMAKER), universe: amongRoles([roleArn], principal.scope) },
    shared,
  ).answer === 'some';

/**
 * The patterns of the principal’s statements that mean roles of other services: roles of the account match them, and the
 * service can assume none of these. A pattern that leaves the beginning of the name open means any role.
 */
const patternsOfOthers = (
  principal: AccountPrincipal,
  roles: readonly AccountPrincipal[],
  service: string,
): string[] => {
  const { scope } = principal;
  const beginning = `arn:${scope.partition}:iam::${scope.account}:role/`;
  return namedIn(principal).filter((text) => {
    if (!text.startsWith(beginning) || /^[*?]|\$\{|^$/.test(text.slice(beginning.length))) return false;
    const matched = isPattern(text)
      ? rolesWithin(roles)(JSON.stringify([text]))
      : (rolesByArn(roles).get(text) ?? []);
    return matched.length > 0 && matched.every((role) => trusts(role, service) === 'no');
  });
};

/**
 * The roles that the principal’s statements name one by one, and that nobody but these services can assume: to which
 * services they may be passed makes no difference.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
const rolesByNameAlone = (
  principal: AccountPrincipal,
  roles: readonly AccountPrincipal[],
  services: readonly string[],
): string[] =>
  namedIn(principal).filter((text) => {
    const named = rolesByArn(roles).get(text)?.[0]?.identity.principal.services;
    return named !== undefined && [...named].every((each) => services.includes(each));
  });

/** The roles that the principal’s statements about passing name one by one, without a pattern. */
export const rolesNamedToPass = (principal: AccountPrincipal): string[] =>
  namedIn(principal).filter((text) => !/[*?$]/.test(text));

/** The texts of the resources in the principal’s statements that allow passing roles. */
const namedIn = ({ policies: { identity } }: AccountPrincipal): string[] => [
  ...new Set(
    (identity?.candidates(PASS_ROLE.toLowerCase()).allows ?? []).flatMap(({ statement: { resources } }) =>
      resources && !resources.isNot ? resources.texts : [],
    ),
  ),
];

/** The services that conditions of the principal’s statements about passing name. */
const servicesInPolicies = (
  { policies: { identity } }: AccountPrincipal,
  isMeant: (policy: Policy) => boolean = () => true,
): string[] =>
  (identity?.candidates(PASS_ROLE.toLowerCase()).allows ?? []).flatMap(
    ({ policy, statement: { conditions } }) =>
      isMeant(policy)
        ? conditions
            .filter(({ keyName }) => keyName === PASSED_TO_SERVICE.toLowerCase())
            .flatMap(({ texts }) => texts.filter((text) => !/[*?$]/.test(text)))
        : [],
  );

/** Policies that AWS manages name services for every account. */
const isOfOwner = ({ name }: Policy): boolean => !/^arn:[^:]*:iam::aws:/.test(name);

const arnOf = ({ identity }: AccountPrincipal): string => identity.principal.arn;

/** Names the example's role, which need not exist. */
const roleIn = (example: Example | undefined): string =>
  example ? `a role such as ${example.resource}` : 'any role';
