import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import { usedRoles } from '../needs/roster.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import { MOST_FOLLOWED, unjudged } from './gather-principal.ts';
import { type GatherContext, type Gathered, notApplicable, withoutFacts } from './gathered.ts';

/**
 * The principals that have a group or a managed policy are looked at next. The group or policy itself is not judged. Where a group
 * has no users, or only such a group has the policy, the roles of pipelines are looked at: somebody may put a user into the group.
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
  const { directory } = identities.value;
  const groups = directory.groups.filter((group) =>
    type === 'group' ? group.name === name : group.policies().some((policy) => policy.name === resource.arn),
  );
  const members = identities.value.identities.filter(({ groups, policies }) =>
    type === 'group' ? groups.includes(name) : has(policies.identity) || has(policies.boundary),
  );
  const roster = members.length === 0 && groups.length > 0 ? await evidence.roster('outline') : undefined;
  if (roster && !roster.ok) return unjudged(type, resource.arn, [roster.unread]);
  const { trigger } = request;
  const others = trigger && roster ? usedRoles(roster.value).slice(0, MOST_FOLLOWED) : [];
  return withoutFacts(type, notApplicable('the principals that have it are judged instead'), {
    arn: resource.arn,
    follow: [
      ...members.flatMap(({ principal }) =>
        principalRequest(principal.arn, { trigger, changed: ['policy'] }),
      ),
      ...others.flatMap((role) => principalRequest(role, { trigger, changed: ['uses'] })),
    ],
  });
};
