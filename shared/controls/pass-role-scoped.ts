import { authorisedRoles, isPipelineRole } from '../authorised/roles.ts';
import { administratorFailed, perhapsAdministrator } from '../concerns/administrator.ts';
import { createsNothing } from '../concerns/creating.ts';
import {
  passingAnything,
  passingBeyond,
  passingElsewhere,
  rolesNamedToPass,
  servicesTakingRoles,
} from '../concerns/passing.ts';
import { passingRemedy } from '../concerns/passing-remedy.ts';
import { administratorReached, pathConcerns } from '../concerns/reach.ts';
import { rolesAmong } from '../concerns/service-trust.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { once } from '../memo.ts';

export const control = defineControl({
  id: 'pass-role-scoped',
  system: 'Execution roles',
  title: 'Who can create pipelines or jobs reaches by passing roles what is authorised, and no administrator',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses', 'roster', 'principals', 'administrators'],
  evaluate: ({ principal, uses, roster, principals, administrators }, config, shared) => {
    const standing = principal.administrator;
    const isOfPipelines = isPipelineRole(principal.identity.principal.arn, uses, config);
    if (standing.answer === 'yes')
      return principal.isGoverned && !isOfPipelines
        ? [administratorFailed(principal, standing)]
        : doesNotApply('an administrator gains nothing by passing roles');
    if (createsNothing(principal, shared)) return doesNotApply('it can create neither pipelines nor jobs');

    const listed = authorisedRoles(config);
    const services = servicesTakingRoles(uses);
    const roles = rolesAmong(principals);
    const isToldOfItself = (arn: string): boolean =>
      isPipelineRole(arn, roster.roles.get(arn) ?? NO_USES, config);
    const path = administratorReached({ roles, administrators }, principal, isToldOfItself, shared);
    const perhaps = isOfPipelines ? [] : perhapsAdministrator(principal);
    const beyond =
      listed.length > 0
        ? passingBeyond(listed, services, principal, roles, shared)
        : passingAnything(principal, shared);
    const elsewhere = listed.length > 0 ? passingElsewhere(listed, services, principal, roles, shared) : [];
    const remedy = once(() => passingRemedy({ principal, roster, roles }, listed, services, path, shared));
    // Whoever named a role meant it: it is told, and no command takes it away.
    const isByName = once(
      () =>
        listed.length > 0 &&
        beyond.some(isShown) &&
        passingBeyond([...listed, ...rolesNamedToPass(principal)], services, principal, roles, shared)
          .length === 0,
    );
    const isUnlisted = listed.length === 0 && beyond.length === 0;
    const lesser = elsewhere.filter(({ concern }) => isShown(concern));
    const isWorse = path !== undefined || perhaps.length > 0;
    const verdict = verdictOn([...beyond, ...pathConcerns(path), ...perhaps], {
      otherwise: 'name the roles in the statement',
      breach: (evidence) => ({
        status: 'FAILED',
        ...(isWorse ? { severity: 'CRITICAL' } : isByName() && { severity: 'MEDIUM' }),
        evidence: [
          ...evidence,
          ...lesser.map(({ concern }) => concern.evidence),
          ...(path?.doubt ? path.evidence : []),
          ...perhaps.map((each) => each.evidence),
        ],
        remediation: !isWorse && isByName() ? { text: BY_NAME } : remedy(),
      }),
      fine: verdictOn(
        elsewhere.map(({ concern }) => concern),
        {
          otherwise: 'add iam:PassedToService to the statement',
          breach: (evidence) => ({
            status: 'WARNING',
            severity: lesser.some(({ severity }) => severity === 'MEDIUM') ? 'MEDIUM' : 'LOW',
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

const BY_NAME =
  'Add the role to roles.steps in pipewarden.yaml if it is meant for jobs, or take it out of the statement. The statement names it, so no command is given.';
const NO_USES = { executes: [], runsSteps: [] };
