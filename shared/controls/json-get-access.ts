import { assume, type Context } from '../iam/decide/context.ts';
import { outsideNetworks, withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { keeping } from '../memo.ts';

/** What is known of a request that SageMaker makes in a Region from its own network. */
const fromOutside = (region: string): Context =>
  keptContexts(region, () => assume(serviceContext(region), outsideNetworks()));

const keptContexts = keeping<Context>(64);

export const control = defineControl({
  id: 'json-get-access',
  system: 'Execution roles',
  title: 'Execution roles may read the files that JsonGet reads',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  hangsOn: ['execution role'],
  satisfiedBy: ownStatements(['s3:GetObject']),
  evaluate: ({ principal, uses, resourcePolicies }, _config, shared) =>
    needsVerdict(
      'json-get-access',
      'json-get',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies),
        resourcePolicies,
        contextIn: fromOutside,
        shared,
      },
      { purpose: 'read the files of JsonGet', expected: 'allowed' },
    ),
});
