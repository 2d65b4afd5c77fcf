import { isAssumedForOwn } from '../concerns/assuming.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { defineControl } from '../judging/control.ts';
import { remedyBy } from '../judging/role-change.ts';
import { roleEntry } from '../judging/satisfying-entries.ts';
import { few } from '../judging/satisfying-statements.ts';
import { unknownUse } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'scp-exception-unique',
  system: 'Service control policies',
  title: 'The tag of the SCP exception is on execution roles of pipelines alone',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses'],
  needs: ['scpException'],
  satisfiedBy: ({ principal, uses }, config) => {
    const { arn = '' } = principal?.identity.principal ?? {};
    const { tagKey, tagValue } = config.scpException ?? {};
    return [
      {
        at: `tags of ${arn}`,
        found: `${tagKey}=${tagValue}; run under it: ${few((uses?.executes ?? []).map(({ name }) => name)) || 'no pipeline'}`,
      },
      ...roleEntry(arn, config, ['execution']),
    ];
  },
  evaluate: ({ principal, uses }, { scpException, roles }, shared) => {
    if (!scpException) return [];
    const { tagKey, tagValue } = scpException;
    const { identity, scope } = principal;
    const { arn, tags } = identity.principal;
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
    const { trust } = identity;
    const trusted =
      trust &&
      isAssumedForOwn(SAGEMAKER, { roleArn: arn, identity, scope, policy: trust }, uses, shared) !== 'no';
    if (trusted && uses.runsSteps.length === 0)
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [
            {
              ...evidence,
              found: `${tagKey}=${tagValue}, and no pipeline of ${listed(scope.regions, 3)} runs under it; it trusts ${SAGEMAKER}, so that pipelines of other Regions may`,
            },
          ],
          remediation: {
            text: `List ${arn} in roles.execution if pipelines of another Region run under it; if none do, take the tag from it.`,
          },
        },
      ];
    const change = { type: 'untag', key: tagKey } as const;
    return [
      {
        status: 'FAILED',
        evidence: [evidence],
        remediation: trusted
          ? { text: `Take the tag from ${arn}, unless pipelines of another Region run under it.` }
          : remedyBy(principal, change, `Take the tag from ${arn}.`),
      },
    ];
  },
});
