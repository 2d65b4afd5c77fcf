import { matchesAny } from '../iam/policy/glob.ts';
import { defineControl } from '../judging/control.ts';
import { remedyBy } from '../judging/role-change.ts';
import { unknownUse } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'scp-exception-unique',
  system: 'Service control policies',
  title: 'The tag of the SCP exception is on execution roles of pipelines alone',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses'],
  needs: ['scpException'],
  evaluate: ({ principal, uses }, { scpException, roles }) => {
    if (!scpException) return [];
    const { tagKey, tagValue } = scpException;
    const { arn, tags } = principal.identity.principal;
    if (tags?.get(tagKey.toLowerCase()) !== tagValue) return doesNotApply('it does not carry the tag');
    if (uses.executes.length > 0 || matchesAny(roles?.execution ?? [], arn)) return [{ status: 'PASSED' }];
    const evidence = {
      at: `tags of ${arn}`,
      found: `${tagKey}=${tagValue}, and no pipeline runs under it`,
      expected: 'the tag on execution roles of pipelines alone',
    };
    const unknown = unknownUse(uses.unread, ['execution role']);
    if (unknown)
      return [
        {
          ...unknown,
          evidence: [
            { ...evidence, found: `${evidence.found} of those that could be read` },
            ...unknown.evidence,
          ],
        },
      ];
    const change = { type: 'untag', key: tagKey } as const;
    return [
      {
        status: 'FAILED',
        evidence: [evidence],
        remediation: remedyBy(principal, change, `Take the tag from ${arn}.`),
      },
    ];
  },
});
