import { namesPipeline } from '../authorised/pipeline-names.ts';
import { belowFloor, callsOutsideKey, type OutsideCall } from '../concerns/versions.ts';
import { parseArn } from '../domain/arn.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { AccountScope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exemption } from '../judging/administrators.ts';
import { isShown, verdictOn, worstOf } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import type { Roster } from '../needs/roster.ts';
import { VERSION_KEY, versionGuardrail } from '../policies/version-policy.ts';

export const control = defineControl({
  id: 'version-floor-enforced',
  system: 'Pipeline versions',
  title: 'Nobody may start or change a pipeline version below its floor',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'roster'],
  needs: ['versionFloors'],
  satisfiedBy: ownStatements(['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipeline']),
  evaluate: ({ principal, roster }, { versionFloors = [] }, shared) => {
    const exempt = exemption(principal);
    if (exempt) return exempt;
    const { arn } = principal.identity.principal;
    const floors = versionFloors.filter(({ except = [] }) => !matchesAny(except, arn));
    if (floors.length === 0) return doesNotApply('the floors except it');

    const judged = floors.map((floor) => {
      const by = { ...principal, scope: whereItIs(floor, principal.scope, roster) };
      return { floor, by, byAction: belowFloor(floor, by, shared) };
    });
    const concerns = judged.flatMap(({ byAction }) => byAction.flatMap(worstOf));
    const outside = [
      ...groupBy(
        judged.flatMap(({ floor, by }) => callsOutsideKey(floor, by, shared)),
        ({ action }) => action,
      ),
    ];
    const listed = outside.map(([, calls]) => listOf(calls)).join(', ');
    const verdict = verdictOn(concerns, {
      otherwise: 'see what the requests carry for the keys of that condition',
      fine: {
        status: 'PASSED',
        ...(listed && { because: `outside the key’s reach, it may call ${listed}` }),
      },
      breach: (evidence) => {
        const broken = judged.filter(({ byAction }) => byAction.flat().some(isShown));
        const guardrail: PolicyText = {
          Version: '2012-10-17',
          Statement: broken.flatMap(({ floor, by }) => versionGuardrail([floor], by.scope).Statement),
        };
        const known = outside.map(([action, calls]) => ({
          at: action,
          found: `it may call ${listOf(calls)}`,
          expected: `known: ${VERSION_KEY} does not reach it`,
        }));
        return {
          status: 'FAILED',
          evidence: [...evidence, ...known],
          remediation: remedyBy(
            principal,
            putPolicy('version-floor-enforced', guardrail),
            `Keep ${arn} to the versions from the floor on, also in requests that name no version.`,
          ),
        };
      },
    });
    return [verdict];
  },
});

/**
 * The account in the Regions where there is such a pipeline, or may be one: each Region counts the versions of its pipelines
 * itself, and a floor says nothing of a Region without the pipeline. Where there is none anywhere, the first Region is asked.
 */
const whereItIs = ({ pipeline }: { pipeline: string }, scope: AccountScope, roster: Roster): AccountScope => {
  const [home] = scope.regions;
  if (scope.regions.length === 1 || roster.unread.length > 0) return scope;
  const there = new Set(
    roster.pipelines.flatMap(({ name, arn }) =>
      namesPipeline([pipeline], name) ? (parseArn(arn)?.region ?? []) : [],
    ),
  );
  const [first = home, ...others] = scope.regions.filter((region) => there.has(region));
  return { ...scope, regions: [first, ...others] };
};

const listOf = (calls: readonly OutsideCall[]): string =>
  [...new Set(calls.map(({ action, resource }) => `${action} on ${resource}`))].join(', ');
