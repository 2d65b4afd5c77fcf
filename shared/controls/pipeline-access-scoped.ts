import { othersPipelines } from '../authorised/creators.ts';
import { homeOf, pipelinesOfTeams, teamsIn } from '../authorised/teams.ts';
import { isOfProjects, OF_PROJECTS_ADVICE } from '../concerns/made-by-aws.ts';
import { mayReach, PIPELINE_CALLS, reachedOf } from '../concerns/reaching-pipelines.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exemption } from '../judging/administrators.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { unknownNeeds } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import type { PipelineRef } from '../needs/roster.ts';
import { pipelineAccessGuardrail } from '../policies/pipeline-access-policy.ts';

export const control = defineControl({
  id: 'pipeline-access-scoped',
  system: 'Execution roles',
  title: 'Nobody may change, start, retry, stop or delete another team’s pipelines',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses', 'roster', 'creators'],
  satisfiedBy: ownStatements([
    'sagemaker:UpdatePipeline',
    'sagemaker:StartPipelineExecution',
    'sagemaker:DeletePipeline',
  ]),
  evaluate: ({ principal, uses, roster, creators }, config) => {
    const exempt = exemption(principal);
    if (exempt) return exempt;
    const { arn } = principal.identity.principal;
    const teams = teamsIn(config);
    const own = new Set([...uses.executes, ...uses.runsSteps].map(({ name }) => name));
    const isAtHome = homeOf(arn, config);
    const isOther = ({ name }: PipelineRef): boolean =>
      teams.length === 0 || (!own.has(name) && !isAtHome(name));
    const among =
      teams.length > 0 ? pipelinesOfTeams(roster.pipelines, config) : othersPipelines(arn, creators, roster);
    if (!among.some(isOther)) return doesNotApply('there is no pipeline of another team');

    const reached = mayReach(principal) ? reachedOf(principal, among.filter(isOther)) : [];
    const isOfTeam = own.size > 0 || teams.length === 0 || teams.some(({ roles }) => matchesAny(roles, arn));
    const shown = reached.filter(({ concern }) => isShown(concern));
    const isForStopping = (shown.length > 0 ? shown : reached).every(({ actions }) =>
      actions.every((action) => action.includes(':Stop')),
    );
    const guardrail = () =>
      remedyBy(
        principal,
        putPolicy(
          'pipeline-access-scoped',
          pipelineAccessGuardrail(
            PIPELINE_CALLS.map(({ action }) => action),
            shown.map(({ pipeline }) => pipeline.arn),
          ),
        ),
        `Name the pipelines that are ${arn}’s own in the statement, or put this Deny beside it. ${MEANT}`,
        `Name the pipelines that are ${arn}’s own in the statement. ${MEANT}`,
      );
    const told = (evidence: [Evidence, ...Evidence[]]): Verdict => {
      if (isOfProjects(principal))
        return { status: 'WARNING', severity: 'LOW', evidence, remediation: { text: OF_PROJECTS_ADVICE } };
      if (isOfTeam)
        return {
          status: 'FAILED',
          ...(isForStopping && { severity: 'MEDIUM' }),
          evidence,
          remediation: guardrail(),
        };
      // A schedule or a deployment may be meant to work on them.
      const text = `Name the pipelines that ${arn} works on in the statement. ${MEANT}`;
      return { status: 'WARNING', severity: 'MEDIUM', evidence, remediation: { text } };
    };
    const verdict = verdictOn(
      reached.map(({ concern }) => concern),
      {
        otherwise: 'name the pipelines of its team in the statement',
        fine: unknownNeeds(roster.unread) ?? { status: 'PASSED' },
        breach: told,
      },
    );
    // Whoever is in no team is named by no list: what hangs on a condition there is told quietly.
    const isQuiet = !isOfTeam && verdict.status === 'NOT_AVAILABLE';
    return [isQuiet ? { ...verdict, severity: 'LOW' } : verdict];
  },
});

const MEANT = 'If it is meant to work on these pipelines, name it in roles.creators with them.';
