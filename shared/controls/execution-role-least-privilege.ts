import { surplusOf } from '../concerns/surplus.ts';
import { exemption } from '../judging/administrators.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { narrowing } from '../judging/narrowing.ts';
import { CREATE, ownStatements } from '../judging/satisfying-statements.ts';
import { unknownUse } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'execution-role-least-privilege',
  system: 'Execution roles',
  title: 'Execution roles can do little that their pipelines do not need',
  severity: 'MEDIUM',
  on: ['role'],
  requires: ['principal', 'uses', 'recorded'],
  hangsOn: ['execution role'],
  satisfiedBy: ownStatements(['s3:PutObject', 's3:GetObject', ...CREATE]),
  evaluate: ({ principal, uses, recorded }, config, shared) => {
    const unknown = unknownUse(uses.unread, ['execution role']);
    if (unknown) return [unknown];
    if (uses.executes.length === 0) return doesNotApply('no pipeline runs under it');
    const exempt = exemption(principal);
    if (exempt) return exempt;

    const verdict = verdictOn(surplusOf(principal, uses, config, shared), {
      otherwise: 'see what the requests carry for the keys of that condition',
      breach: (evidence) => ({
        status: 'WARNING',
        evidence,
        remediation: { text: narrowing(principal, uses, recorded) },
      }),
    });
    return [verdict];
  },
});
