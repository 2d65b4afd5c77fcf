import { isPipelineRole } from '../authorised/roles.ts';
import { administratorFailed } from '../concerns/administrator.ts';
import { wayToAdministrator } from '../concerns/becoming-administrator.ts';
import { createsNothing, createsSomething } from '../concerns/creating.ts';
import { administratorReached, type Path, pathConcerns, toldOfThemselves } from '../concerns/reach.ts';
import { rolesAmong } from '../concerns/service-trust.ts';
import { isSure } from '../concerns/way.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { administratorGuardrail } from '../policies/administrator-policy.ts';

export const control = defineControl({
  id: 'execution-role-administrator',
  system: 'Execution roles',
  title: 'No execution or step role is an administrator, or can become one',
  severity: 'CRITICAL',
  on: ['role'],
  requires: ['principal', 'uses', 'recorded', 'roster', 'principals', 'directory', 'administrators'],
  evaluate: (
    { principal, uses, recorded, roster, principals, directory, administrators },
    config,
    shared,
  ) => {
    const { arn } = principal.identity.principal;
    if (!isPipelineRole(arn, uses, config))
      return doesNotApply('no pipeline uses the role, and the configuration does not name it');
    const { administrator } = principal;
    if (administrator.answer === 'yes')
      return [administratorFailed({ principal, uses, recorded }, administrator)];

    const way = wayToAdministrator(principal, { principals, directory }, shared);
    if (!way || !isSure(way)) {
      // pass-role-scoped tells this of roles that can create pipelines or jobs.
      const path = createsSomething(principal, shared)
        ? undefined
        : administratorReached(
            { roles: rolesAmong(principals), administrators },
            principal,
            toldOfThemselves(roster, config),
            shared,
          );
      // Where it is not known whether the role can create any, pass-role-scoped perhaps tells this.
      const isPerhapsToldThere = path && !path.doubt && !createsNothing(principal, shared);
      if (path && !(way && path.doubt))
        return [isPerhapsToldThere ? perhapsPasses(arn, path) : passesAdministrator(arn, path)];
    }
    if (!way) return [{ status: 'PASSED' }];
    const [first, ...others] = way.map(({ evidence }) => evidence) as [Evidence, ...Evidence[]];
    const evidence: [Evidence, ...Evidence[]] = [first, ...others];
    const text = `Take the permissions of this way from ${arn}, or put this Deny beside them: no pipeline needs to change IAM.`;
    if (!isSure(way))
      return [
        {
          status: 'NOT_AVAILABLE',
          severity: 'MEDIUM',
          evidence,
          remediation: {
            text: `Try the calls with pipewarden simulate and --context, or take them from ${arn}: no pipeline needs to change IAM.`,
          },
        },
      ];
    const taken = way.flatMap(({ by }) => (by === arn || !by.includes(':role/') ? [] : by));
    return [
      {
        status: 'FAILED',
        evidence,
        remediation: remedyBy(
          principal,
          putPolicy('execution-role-administrator', administratorGuardrail([...new Set(taken)])),
          text,
        ),
      },
    ];
  },
});

const perhapsPasses = (arn: string, { evidence }: Path): Verdict => ({
  status: 'NOT_AVAILABLE',
  evidence,
  remediation: {
    text: `See whether ${arn} can create pipelines or jobs: then pass-role-scoped tells of it.`,
  },
});

const passesAdministrator = (arn: string, path: Path): Verdict =>
  verdictOn(pathConcerns(path), {
    otherwise: `take one statement of this way from ${arn}`,
    breach: (evidence) => ({
      status: 'FAILED',
      evidence,
      remediation: {
        text: `Let ${arn} pass the roles that its pipelines need alone, with iam:PassedToService (pipewarden generate execution-role): any statement of this way that goes will do. No command is given, because nobody else can tell what it passes the role for.`,
      },
    }),
  });
