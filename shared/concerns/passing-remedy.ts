import { isOfIam } from '../domain/arn.ts';
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
import type { TeamRoles } from './team-roles.ts';

/**
 * What mends the passing of roles: the authorised roles of the principal’s team by name, or a Deny beside the statement. There
 * is no command without a list of authorised roles, nor where it would keep the principal from passing a role that a pipeline
 * uses or may use in another Region, or that something else used lately: a notebook or a Studio domain, say.
 */
export const passingRemedy = (
  around: Around,
  { listed, team, services, path, isBeyond }: Passing,
  shared: SharedWork,
): TriedRemediation => {
  const { principal, roster, roles } = around;
  const { arn, kind } = principal.identity.principal;
  const isOtherWay = path && !(path.passedTo !== undefined && services.includes(path.passedTo));
  const otherWay = isOtherWay ? wayText(arn, path) : '';
  const close =
    path === undefined
      ? ''
      : isOtherWay
        ? ` ${otherWay}`
        : ` Take the way to ${path.to} from it: any statement on the way will do.`;
  if (isOtherWay && !isBeyond) return { text: otherWay };
  if (listed.length === 0)
    return {
      text: `Name in the statement the roles that ${arn} needs to pass, and add iam:PassedToService.${close} Name the roles in roles.execution and roles.steps of pipewarden.yaml.`,
    };
  const isForItself = kind === 'role' && services.some((service) => trusts(principal, service) !== 'no');
  const kept = [...new Set([...team.patterns, ...(isForItself ? [arn] : [])])];
  if (kept.length === 0)
    return {
      text: `Let ${arn} pass no roles to SageMaker: the authorised ones are those of other teams’ pipelines.${close}`,
    };
  const isLimited = team.patterns.length < listed.length || team.except.length > 0;
  const which = isLimited ? 'the authorised roles of its own pipelines' : 'the authorised roles';
  if (isOtherWay)
    return {
      text: `Let ${arn} pass ${which} alone: name them in the statement, with iam:PassedToService.${close}`,
    };
  const only = `Let ${arn} pass ${which} alone`;
  const [unread] = team.unread;
  if (unread !== undefined)
    return {
      text: `${only}.${close} No command is given, as it is not known which roles the pipeline ${field(unread, MAX_NAME)} uses.`,
    };
  const all = kind === 'role' ? [...new Set([...listed, arn])] : [...listed];
  const inUse = lostUses(all, roster, principal, shared);
  if (inUse.length > 0)
    return {
      text: `${only}.${close} No command is given, as pipelines use ${joined(inUse)}, which it may pass today and roles.execution and roles.steps do not name.`,
    };
  const left = roles.filter(({ identity: { principal: role } }) => {
    return (!matchesAny(kept, role.arn) || team.except.includes(role.arn)) && !isServiceLinkedRole(role.arn);
  });
  const elsewhere = passedElsewhere(left, services, around, shared);
  if (elsewhere.length > 0)
    return {
      text: `${only}.${close} No command is given, as it may pass roles today that roles.execution and roles.steps do not name${isLimited ? ' for its team' : ''}, and that pipelines of other Regions may use: ${joined(elsewhere)}.`,
    };
  // Roles of other teams’ pipelines were used by these.
  const unlisted = left.filter(({ identity }) => !matchesAny(all, identity.principal.arn));
  const lately = passedLately(unlisted, services, principal, shared);
  if (lately.length > 0)
    return {
      text: `${only}.${close} No command is given, as it may pass roles today that roles.execution and roles.steps do not name, and that were used lately: ${joined(lately)}. See first that nobody needs to pass them.`,
    };
  const trusted = roles
    .filter(({ identity }) => matchesAny(all, identity.principal.arn))
    .flatMap(servicesNamed);
  const said = `Let ${arn} pass ${which}${isForItself ? ' and itself' : ''} alone: name them in the statement, with iam:PassedToService`;
  const guardrail = passingGuardrail(kept, services, trusted, { except: team.except, authorised: all });
  const remedy = remedyBy(
    principal,
    putPolicy('pass-role-scoped', guardrail),
    `${said}, or put this Deny beside it.${close}`,
    `${said}.${close}`,
  );
  const lost = passedOf(left, services, principal, shared);
  return remedy.changes === undefined || lost.length === 0
    ? remedy
    : {
        ...remedy,
        changes: `${remedy.changes} It may no longer pass other roles to ${services.join(', ')}, such as ${joined(lost, 3)}.`,
      };
};

type Around = Pick<Facts, 'principal' | 'uses' | 'recorded' | 'roster'> & {
  roles: readonly AccountPrincipal[];
};

/** What is authorised, what of it concerns the principal’s team, and what was found. */
type Passing = {
  listed: readonly string[];
  team: TeamRoles;
  services: readonly string[];
  path: Path | undefined;
  /** Whether the principal passes, or perhaps passes, roles beyond those that are authorised. */
  isBeyond: boolean;
};

const MAX_NAME = 256;

/**
 * How to close a way to an administrator on which the principal assumes another role, or passes the administrator’s to a service
 * that its pipelines do not need: the first call of the way, and where it is denied.
 */
const wayText = (arn: string, { to, assumed, passedTo, evidence: [{ at }] }: Path): string => {
  const call =
    assumed === undefined
      ? `iam:PassRole on ${to}${passedTo === undefined ? '' : ` to ${passedTo}`}`
      : `sts:AssumeRole on ${assumed}`;
  const set = permissionSetOf(arn);
  const where = set === undefined ? 'in its policies' : `in the permission set ${set} of IAM Identity Center`;
  const managed = OF_AWS.exec(at)?.[1];
  const why = managed === undefined ? '' : ` AWS manages ${managed}, which nobody else can change.`;
  return `Take the way to ${to} from ${arn}: deny ${call} ${where}, unless that is its task.${why}`;
};

/**
 * The permission set for which IAM Identity Center made the role, by the role’s name.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
const permissionSetOf = (arn: string): string | undefined => {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  return isOfIam(arn, 'role/aws-reserved/sso.amazonaws.com/') && name.startsWith(SET_ROLE)
    ? name.slice(SET_ROLE.length, name.lastIndexOf('_'))
    : undefined;
};

const SET_ROLE = 'AWSReservedSSO_';

const OF_AWS = /^(arn:[^:]*:iam::aws:policy\/[^ ]*?)(?:\/Statement\/|$)/;

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
  { principal, uses, recorded }: Around,
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
