import { jobNamesOf } from '../concerns/job-names.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exemption } from '../judging/administrators.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { CREATE, ownStatements } from '../judging/satisfying-statements.ts';
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
  satisfiedBy: ownStatements(CREATE),
  evaluate: ({ principal, uses }, { prefixes = [] }, shared) => {
    const { arn } = principal.identity.principal;
    const own = prefixes.filter(({ roles }) => matchesAny(roles ?? [], arn));
    if (own.length === 0) return doesNotApply('no prefix is bound to it');
    const exempt = exemption(principal);
    if (exempt) return exempt;

    const kinds = jobNamesOf(own, principal, uses, shared);
    const otherwise = 'see what the requests carry for the keys of that condition';
    const beyond = kinds.flatMap((kind) => kind.beyond);
    if (beyond.length === 0) {
      const lacking = verdictOn(
        kinds.flatMap(({ missing }) => missing),
        {
          otherwise,
          // Who may create too little breaks no rule of names, and nobody may need what a command would give.
          breach: (evidence) => ({
            status: 'WARNING',
            severity: 'LOW',
            evidence,
            remediation: {
              text: `Allow ${arn} to create such jobs if it is meant to; else name in stepTypes of the prefix what it is for, or bind it to no prefix.`,
            },
          }),
        },
      );
      return [lacking];
    }
    const verdict = verdictOn(beyond, {
      otherwise,
      breach: (evidence) => ({
        status: 'FAILED',
        evidence,
        remediation: remedyBy(
          principal,
          putPolicy(
            'prefix-policy-enforced',
            prefixGuardrail(
              kinds.filter((kind) => kind.beyond.some(isShown)),
              principal.scope,
            ),
          ),
          `Let ${arn} create jobs under ${own.map(({ prefix }) => `${prefix}-`).join(', ')} alone.`,
        ),
      }),
    });
    return [verdict];
  },
});
