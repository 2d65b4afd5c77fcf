import { belowFloor, callsOutsideKey, type OutsideCall } from '../concerns/versions.ts';
import { groupBy } from '../group-by.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exemption } from '../judging/administrators.ts';
import { isShown, verdictOn, worstOf } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { VERSION_KEY, versionGuardrail } from '../policies/version-policy.ts';

export const control = defineControl({
  id: 'version-floor-enforced',
  system: 'Pipeline versions',
  title: 'Nobody may start or change a pipeline version below its floor',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal'],
  needs: ['versionFloors'],
  evaluate: ({ principal }, { versionFloors = [] }, shared) => {
    const exempt = exemption(principal);
    if (exempt) return exempt;
    const { arn } = principal.identity.principal;
    const floors = versionFloors.filter(({ except = [] }) => !matchesAny(except, arn));
    if (floors.length === 0) return doesNotApply('the floors except it');

    const judged = floors.map((floor) => ({ floor, byAction: belowFloor(floor, principal, shared) }));
    const concerns = judged.flatMap(({ byAction }) => byAction.flatMap(worstOf));
    const outside = [
      ...groupBy(
        floors.flatMap((floor) => callsOutsideKey(floor, principal, shared)),
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
        const guardrail = versionGuardrail(
          broken.map(({ floor }) => floor),
          principal.scope,
        );
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

const listOf = (calls: readonly OutsideCall[]): string =>
  [...new Set(calls.map(({ action, resource }) => `${action} on ${resource}`))].join(', ');
