import { isPipelineRole } from '../authorised/roles.ts';
import { administratorFailed } from '../concerns/administrator.ts';
import { inEffect, wayByRunning, wayToAdministrator } from '../concerns/becoming-administrator.ts';
import { creation } from '../concerns/creating.ts';
import { administratorReached, type Path, pathConcerns, toldOfThemselves } from '../concerns/reach.ts';
import { rolesAmong } from '../concerns/service-trust.ts';
import { isSure, type Way } from '../concerns/way.ts';
import { isOfIam } from '../domain/arn.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { administratorGuardrail } from '../policies/administrator-policy.ts';

export const control = defineControl({
  id: 'execution-role-administrator',
  system: 'Execution roles',
  title: 'No execution or step role is an administrator, or can become one',
  severity: 'CRITICAL',
  on: ['role'],
  requires: ['principal', 'uses', 'recorded', 'roster', 'principals', 'directory', 'administrators'],
  satisfiedBy: ownStatements([
    'iam:PutRolePolicy',
    'iam:AttachRolePolicy',
    'iam:CreatePolicyVersion',
    'iam:UpdateAssumeRolePolicy',
    'iam:PassRole',
  ]),
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
      return [administratorFailed({ principal, uses, recorded }, administrator, 'pipelines')];

    const account = { principals, directory };
    const way = wayToAdministrator(principal, account, shared);
    if (way && isSure(way)) return [becomesAdministrator(principal, way)];
    const isToldOfItself = toldOfThemselves(roster, config);
    const running = wayByRunning(principal, account, isToldOfItself, shared);
    if (running && isSure(running)) return [takesOver(arn, running)];

    const creates = creation(principal, shared);
    const path = administratorReached(
      { roles: rolesAmong(principals), administrators, becoming: inEffect(account) },
      principal,
      isToldOfItself,
      shared,
    );
    // pass-role-scoped tells what roles reach by passing that can create pipelines or jobs.
    const isToldThere = creates === 'yes' && path !== undefined;
    const open = way ?? (isToldThere && !path.doubt ? undefined : running);
    if (path && creates !== 'yes' && !(open && path.doubt))
      return [path.doubt || creates === 'no' ? passesAdministrator(arn, path) : perhapsPasses(arn, path)];
    if (isToldThere && !open) return doesNotApply(TOLD_THERE);
    return [open ? perhapsBecomes(arn, open) : { status: 'PASSED' }];
  },
});

const TOLD_THERE = 'pass-role-scoped tells which administrator it reaches, or may reach, by passing roles';

const evidenceOf = ([first, ...others]: Way): [Evidence, ...Evidence[]] => [
  first.evidence,
  ...others.map(({ evidence }) => evidence),
];

const becomesAdministrator = (principal: PrincipalFact, way: Way): Verdict => {
  const { arn } = principal.identity.principal;
  const taken = way.flatMap(({ by }) => (by === arn || !isOfIam(by, 'role/') ? [] : by));
  return {
    status: 'FAILED',
    evidence: evidenceOf(way),
    remediation: remedyBy(
      principal,
      putPolicy('execution-role-administrator', administratorGuardrail([...new Set(taken)])),
      `Take the permissions of this way from ${arn}, or put this Deny beside them: no pipeline needs to change IAM.`,
      `Take the permissions of this way from ${arn}: no pipeline needs to change IAM.`,
    ),
  };
};

const takesOver = (arn: string, way: Way): Verdict => ({
  status: 'FAILED',
  evidence: evidenceOf(way),
  remediation: {
    text: `${adviceOn(arn, way)} No command is given, because nobody else can tell what else ${arn} makes these calls for.`,
  },
});

const perhapsBecomes = (arn: string, way: Way): Verdict => ({
  status: 'NOT_AVAILABLE',
  severity: 'MEDIUM',
  evidence: evidenceOf(way),
  remediation: { text: adviceOn(arn, way) },
});

const adviceOn = (arn: string, way: Way): string =>
  way.find(({ advice }) => advice !== undefined)?.advice ??
  `Try the calls with pipewarden simulate and --context, or take them from ${arn}: no pipeline needs to change IAM.`;

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
