import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import { unjudged } from './gather-principal.ts';
import { type GatherContext, type Gathered, notApplicable, withoutFacts } from './gathered.ts';

/**
 * The principals that have a group or a managed policy are looked at next. The group or policy itself is not judged.
 */
export const gatherMembers = async (
  request: RequestOf<'group' | 'policy'>,
  { evidence }: GatherContext,
): Promise<Gathered<'group' | 'policy'>> => {
  const { type, name, resource } = request;
  const identities = await evidence.identities('outline', { type, name, arn: resource.arn });
  if (!identities.ok) return unjudged(type, resource.arn, [identities.unread]);
  const has = (index: PolicyIndex | undefined): boolean =>
    index?.policies.some((policy) => policy.name === resource.arn) ?? false;
  const members = identities.value.identities.filter(({ groups, policies }) =>
    type === 'group' ? groups.includes(name) : has(policies.identity) || has(policies.boundary),
  );
  return withoutFacts(type, notApplicable('the principals that have it are judged instead'), {
    arn: resource.arn,
    follow: members.flatMap(({ principal }) =>
      principalRequest(principal.arn, { trigger: request.trigger, changed: ['policy'] }),
    ),
  });
};
