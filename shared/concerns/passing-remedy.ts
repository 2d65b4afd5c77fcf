import type { TriedRemediation } from '../domain/finding.ts';
import type { AccountPrincipal, Facts, PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles } from '../iam/sets/universe.ts';
import { otherRegions, regionsText } from '../judging/other-regions.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { remembered } from '../memo.ts';
import { passingGuardrail } from '../policies/passing-policy.ts';
import { listed as joined } from '../text/listed.ts';
import { field } from '../text/one-line.ts';
import { usedLately } from './last-use.ts';
import { passing } from './pass-question.ts';
import type { Path } from './reach.ts';
import { servicesNamed, trusts } from './service-trust.ts';

/**
 * What mends the passing of roles: the authorised roles by name, or a Deny beside the statement. There is no command
 * without a list of authorised roles, nor where it would keep the principal from passing a role that a pipeline uses or may
 * use in another Region, or that something else used lately: a notebook or a Studio domain, say.
 */
export const passingRemedy = (
  around: Pick<Facts, 'principal' | 'uses' | 'recorded' | 'roster'> & { roles: readonly AccountPrincipal[] },
  listed: readonly string[],
  services: readonly string[],
  path: Path | undefined,
  shared: SharedWork,
): TriedRemediation => {
  const { principal, roster, roles } = around;
  const { arn, kind } = principal.identity.principal;
  const reached = path?.to;
  const close =
    reached === undefined ? '' : ` Take the way to ${reached} from it: any statement on the way will do.`;
  if (listed.length === 0)
    return {
      text: `Name in the statement the roles that ${arn} needs to pass, and add iam:PassedToService.${close} Name the roles in roles.execution and roles.steps of pipewarden.yaml.`,
    };
  if (path && !(path.passedTo !== undefined && services.includes(path.passedTo)))
    return {
      text: `Let ${arn} pass the authorised roles alone: name them in the statement, with iam:PassedToService.${close}`,
    };
  const kept = kind === 'role' ? [...new Set([...listed, arn])] : [...listed];
  const inUse = lostUses(kept, roster, principal, shared);
  if (inUse.length > 0)
    return {
      text: `Let ${arn} pass the authorised roles alone.${close} No command is given, as pipelines use ${joined(inUse)}, which it may pass today and roles.execution and roles.steps do not name.`,
    };
  const left = roles.filter(({ identity: { principal: role } }) => {
    return !matchesAny(kept, role.arn) && !isServiceLinkedRole(role.arn);
  });
  const elsewhere = passedElsewhere(left, services, around, shared);
  if (elsewhere.length > 0)
    return {
      text: `Let ${arn} pass the authorised roles alone.${close} No command is given, as it may pass roles today that roles.execution and roles.steps do not name, and that pipelines of other Regions may use: ${joined(elsewhere)}.`,
    };
  const lately = passedLately(left, services, principal, shared);
  if (lately.length > 0)
    return {
      text: `Let ${arn} pass the authorised roles alone.${close} No command is given, as it may pass roles today that roles.execution and roles.steps do not name, and that were used lately: ${joined(lately)}. See first that nobody needs to pass them.`,
    };
  const trusted = roles
    .filter(({ identity }) => matchesAny(kept, identity.principal.arn))
    .flatMap(servicesNamed);
  const remedy = remedyBy(
    principal,
    putPolicy('pass-role-scoped', passingGuardrail(kept, services, trusted)),
    `Let ${arn} pass the authorised roles${kind === 'role' ? ' and itself' : ''} alone: name them in the statement, with iam:PassedToService, or put this Deny beside it.${close}`,
  );
  const lost = passedOf(left, services, principal, shared);
  return remedy.changes === undefined || lost.length === 0
    ? remedy
    : {
        ...remedy,
        changes: `${remedy.changes} It may no longer pass other roles to ${services.join(', ')}, such as ${joined(lost, 3)}.`,
      };
};

/** Roles of pipelines that the principal may pass, or perhaps may, and would no longer. */
const lostUses = (
  kept: readonly string[],
  roster: Facts['roster'],
  principal: PrincipalFact,
  shared: SharedWork,
): string[] => {
  const used = [...roster.roles.values()].filter(
    ({ roleArn }) => roleArn.startsWith('arn:') && !matchesAny(kept, roleArn),
  );
  const pairs = used.flatMap(({ roleArn, services }) =>
    [...services].map((service) => ({ roleArn, service })),
  );
  return [...groupBy(pairs, ({ service }) => service)].flatMap(([service, of]) =>
    passed(
      service,
      of.map(({ roleArn }) => roleArn),
      principal,
      shared,
    ),
  );
};

/** Of these roles, those that the principal may pass to the service, or perhaps may: one of them where there are some. */
const passed = (
  service: string,
  arns: readonly string[],
  principal: PrincipalFact,
  shared: SharedWork,
): readonly string[] => {
  const universe = amongRoles(arns, principal.scope);
  const found = allowedBeyond({ ...passing(principal, service), universe }, shared);
  switch (found.answer) {
    case 'none':
      return [];
    case 'some':
      return [found.example.resource];
    case 'unknown':
      return arns;
  }
};

/** Of these roles, those that one of the services can assume, or perhaps can, and that the principal may pass to it. */
const passedOf = (
  roles: readonly AccountPrincipal[],
  services: readonly string[],
  principal: PrincipalFact,
  shared: SharedWork,
): string[] => {
  const arns = services.flatMap((service) => {
    const taking = roles
      .filter((role) => servicesNamed(role).includes(service) || trusts(role, service) !== 'no')
      .map(({ identity }) => identity.principal.arn);
    return taking.length > 0 ? passed(service, taking, principal, shared) : [];
  });
  return [...new Set(arns)];
};

/** Roles that would no longer be passed, where the role or the principal is known to work in another Region, each with that. */
const passedElsewhere = (
  left: readonly AccountPrincipal[],
  services: readonly string[],
  { principal, uses, recorded }: Parameters<typeof passingRemedy>[0],
  shared: SharedWork,
): string[] => {
  const { identity, scope } = principal;
  const ofPrincipal = otherRegions({ identity, scope, uses, recorded });
  const roles = left.filter((role) => ofPrincipal.length > 0 || regionsOf(role).length > 0);
  return passedOf(roles, services, principal, shared).map((arn) => {
    const role = roles.find((each) => each.identity.principal.arn === arn);
    const ofRole = role ? regionsOf(role) : [];
    const why =
      ofRole.length > 0 ? `which works in ${regionsText(ofRole)}` : `it works in ${regionsText(ofPrincipal)}`;
    return `${arn} (${why})`;
  });
};

const regionsOf = remembered((role: AccountPrincipal) => otherRegions(role));

/** Roles that would no longer be passed, and that IAM saw in use lately, each with the day and the Region. */
const passedLately = (
  left: readonly AccountPrincipal[],
  services: readonly string[],
  principal: PrincipalFact,
  shared: SharedWork,
): string[] => {
  const roles = left.filter((role) => usedLately(role, principal) !== undefined);
  return passedOf(roles, services, principal, shared).map((arn) => {
    const role = roles.find((each) => each.identity.principal.arn === arn);
    const { lastUsed = '', lastUsedIn } = role?.identity ?? {};
    return `${arn} (on ${lastUsed.slice(0, 10)}${lastUsedIn === undefined ? '' : ` in ${field(lastUsedIn, 64)}`})`;
  });
};
