import { jobNamesOf } from '../concerns/job-names.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exemption } from '../judging/administrators.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { prefixGuardrail } from '../policies/prefix-policy.ts';

export const control = defineControl({
  id: 'prefix-policy-enforced',
  system: 'Job prefixes',
  title: 'Principals bound to a prefix create jobs under that prefix alone',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses'],
  needs: ['prefixes'],
  evaluate: ({ principal, uses }, { prefixes = [] }, shared) => {
    const { arn } = principal.identity.principal;
    const own = prefixes.filter(({ roles }) => matchesAny(roles ?? [], arn));
    if (own.length === 0) return doesNotApply('no prefix is bound to it');
    const exempt = exemption(principal);
    if (exempt) return exempt;

    const kinds = jobNamesOf(own, principal, uses, shared);
    const missing = kinds.flatMap((kind) => kind.missing);
    const concerns = [...kinds.flatMap(({ beyond }) => beyond), ...missing.map(({ concern }) => concern)];
    const verdict = verdictOn(concerns, {
      otherwise: 'see what the requests carry for the keys of that condition',
      breach: (evidence) => {
        const wide = kinds.filter(({ beyond }) => beyond.some(isShown));
        const lacking = missing.filter(({ concern }) => isShown(concern));
        return {
          status: 'FAILED',
          evidence,
          remediation: remedyBy(
            principal,
            putPolicy('prefix-policy-enforced', prefixGuardrail(wide, lacking, principal.scope)),
            `Let ${arn} create jobs under ${own.map(({ prefix }) => `${prefix}-`).join(', ')} alone.`,
          ),
        };
      },
    });
    return [verdict];
  },
});
