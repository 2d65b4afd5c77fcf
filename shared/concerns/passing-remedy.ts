import type { TriedRemediation } from '../domain/finding.ts';
import type { AccountPrincipal, Facts, PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles } from '../iam/sets/universe.ts';
import { otherRegions, regionsText } from '../judging/other-regions.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { passingGuardrail } from '../policies/passing-policy.ts';
import { listed as joined } from '../text/listed.ts';
import { passing } from './pass-question.ts';
import type { Path } from './reach.ts';
import { servicesNamed } from './service-trust.ts';

/**
 * What mends the passing of roles: the authorised roles by name, or a Deny beside the statement. There is no command
 * without a list of authorised roles, nor where it would keep the principal from passing a role that a pipeline uses.
 */
export const passingRemedy = (
  { principal, roster, roles }: Pick<Facts, 'principal' | 'roster'> & { roles: readonly AccountPrincipal[] },
  listed: readonly string[],
  services: readonly string[],
  path: Path | undefined,
  shared: SharedWork,
): TriedRemediation => {
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
  const elsewhere = workingElsewhere(kept, services, roles, principal, shared);
  if (elsewhere.length > 0)
    return {
      text: `Let ${arn} pass the authorised roles alone.${close} No command is given, as it may pass roles today that work in other Regions and that roles.execution and roles.steps do not name: ${joined(elsewhere)}.`,
    };
  const trusted = roles
    .filter(({ identity }) => matchesAny(kept, identity.principal.arn))
    .flatMap(servicesNamed);
  return remedyBy(
    principal,
    putPolicy('pass-role-scoped', passingGuardrail(kept, services, trusted)),
    `Let ${arn} pass the authorised roles${kind === 'role' ? ' and itself' : ''} alone: name them in the statement, with iam:PassedToService, or put this Deny beside it.${close}`,
  );
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

/** Roles that trust one of the services, work in another Region and would no longer be passed, each with its Regions. */
const workingElsewhere = (
  kept: readonly string[],
  services: readonly string[],
  roles: readonly AccountPrincipal[],
  principal: PrincipalFact,
  shared: SharedWork,
): string[] =>
  roles
    .filter(({ identity }) => !matchesAny(kept, identity.principal.arn))
    .flatMap((role) => {
      const { arn } = role.identity.principal;
      const named = servicesNamed(role).filter((service) => services.includes(service));
      const others = named.length > 0 ? otherRegions(role) : [];
      const isPassed =
        others.length > 0 && named.some((service) => passed(service, [arn], principal, shared).length > 0);
      return isPassed ? [`${arn} in ${regionsText(others)}`] : [];
    });
