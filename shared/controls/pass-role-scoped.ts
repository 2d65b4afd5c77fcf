import { authorisedRoles, isPipelineRole } from '../authorised/roles.ts';
import { administratorFailed, perhapsAdministrator } from '../concerns/administrator.ts';
import { inEffect } from '../concerns/becoming-administrator.ts';
import { createsNothing } from '../concerns/creating.ts';
import { lesserPassing } from '../concerns/lesser-passing.ts';
import { isForProducts } from '../concerns/made-by-aws.ts';
import {
  passingAnything,
  passingBeyond,
  passingElsewhere,
  servicesTakingRoles,
} from '../concerns/passing.ts';
import { passingRemedy } from '../concerns/passing-remedy.ts';
import { administratorReached, pathConcerns, toldOfThemselves } from '../concerns/reach.ts';
import { rolesAmong } from '../concerns/service-trust.ts';
import { rolesOfTeam, teamRolesText } from '../concerns/team-roles.ts';
import { isLimitedBySCPsAlone } from '../judging/administrators.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { CREATE, ownStatements } from '../judging/satisfying-statements.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { once } from '../memo.ts';

export const control = defineControl({
  id: 'pass-role-scoped',
  system: 'Execution roles',
  title: 'Who can create pipelines or jobs reaches by passing roles what is authorised, and no administrator',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses', 'recorded', 'roster', 'principals', 'directory', 'administrators'],
  satisfiedBy: ownStatements(['iam:PassRole', 'sagemaker:CreatePipeline', ...CREATE]),
  evaluate: (
    { principal, uses, recorded, roster, principals, directory, administrators },
    config,
    shared,
  ) => {
    const standing = principal.administrator;
    const isOfPipelines = isPipelineRole(principal.identity.principal.arn, uses, config);
    if (standing.answer === 'yes')
      return principal.isGoverned && !isOfPipelines
        ? [administratorFailed({ principal, uses, recorded }, standing, 'creators')]
        : doesNotApply('an administrator gains nothing by passing roles');
    if (isLimitedBySCPsAlone(principal))
      return doesNotApply('an administrator whom SCPs alone limit is one by design');
    if (isForProducts(principal) && !principal.isGoverned)
      return doesNotApply('Service Catalog alone assumes it, to make what products describe');
    if (createsNothing(principal, shared)) return doesNotApply('it can create neither pipelines nor jobs');

    const listed = authorisedRoles(config);
    const services = servicesTakingRoles(uses);
    const roles = rolesAmong(principals);
    const team = once(() => rolesOfTeam(listed, { principal, uses, roster, roles }, config));
    const isToldOfItself = toldOfThemselves(roster, config);
    const becoming = inEffect({ principals, directory });
    const account = { roles, administrators, becoming };
    const path = administratorReached(account, principal, isToldOfItself, shared);
    const perhaps = isOfPipelines ? [] : perhapsAdministrator(principal);
    const beyond =
      listed.length > 0
        ? passingBeyond(listed, services, principal, roles, shared, () => teamRolesText(team()))
        : passingAnything(principal, shared);
    const elsewhere = listed.length > 0 ? passingElsewhere(listed, services, principal, roles, shared) : [];
    const remedy = once(() =>
      passingRemedy(
        { principal, uses, recorded, roster, roles },
        { listed, team: team(), services, path, isBeyond: beyond.length > 0 },
        shared,
      ),
    );
    const isUnlisted = listed.length === 0 && beyond.length === 0;
    const besides = elsewhere.filter(({ concern }) => isShown(concern));
    const isWorse = path !== undefined || perhaps.length > 0;
    const verdict = verdictOn([...beyond, ...pathConcerns(path), ...perhaps], {
      otherwise: 'name the roles in the statement',
      breach: (evidence) => ({
        status: 'FAILED',
        ...(isWorse
          ? { severity: 'CRITICAL', remediation: remedy() }
          : (lesserPassing(principal, roles, { listed, services, beyond }, shared) ?? {
              remediation: remedy(),
            })),
        evidence: [
          ...evidence,
          ...besides.map(({ concern }) => concern.evidence),
          ...(path?.doubt ? path.evidence : []),
          ...perhaps.map((each) => each.evidence),
        ],
      }),
      fine: verdictOn(
        elsewhere.map(({ concern }) => concern),
        {
          otherwise: 'add iam:PassedToService to the statement',
          breach: (evidence) => ({
            status: besides.some(({ isBreach }) => isBreach) ? 'FAILED' : 'WARNING',
            severity: besides.some(({ severity }) => severity === 'MEDIUM') ? 'MEDIUM' : 'LOW',
            evidence,
            remediation: remedy(),
          }),
          fine: isUnlisted
            ? { status: 'NOT_APPLICABLE', because: 'the configuration gives no roles.steps' }
            : { status: 'PASSED' },
        },
      ),
    });
    return [verdict];
  },
});
