import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import { type RequestOf, unjudged } from './gather-principal.ts';
import type { GatherContext, Gathered } from './gathered.ts';

/** Those who stand behind a group or a managed policy, each to be looked at; the group or policy itself is not judged. */
export const gatherMembers = async (
  request: RequestOf<'group' | 'policy'>,
  { evidence }: GatherContext,
): Promise<Gathered> => {
  const identities = await evidence.identities();
  if (!identities.ok) return unjudged(request, [identities]);
  const { type, name, resource } = request;
  const has = (index: PolicyIndex | undefined): boolean =>
    index?.policies.some((policy) => policy.name === resource.arn) ?? false;
  const members = identities.value.identities.filter(({ groups, policies }) =>
    type === 'group' ? groups.includes(name) : has(policies.identity) || has(policies.boundary),
  );
  return {
    arn: resource.arn,
    facts: {},
    gone: false,
    executions: [],
    follow: members.flatMap(({ principal }) =>
      principalRequest(principal.arn, { trigger: request.trigger, changed: ['policy'] }),
    ),
  };
};
