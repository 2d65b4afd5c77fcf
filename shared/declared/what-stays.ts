import { inlineName } from '../iam/decide/authorization-details.ts';
import { asList, asText, type Json, member } from '../json/json.ts';
import type { DeclaredResource, PolicyHolder } from './declared.ts';
import { ofType } from './of-type.ts';

/** What stays of an account beneath what is declared. */
export type Staying = {
  /** Whether something was declared before and is not declared any more. */
  isGone: (key: string) => boolean;
  /** Whether what the source declares was there before, so that it keeps what others gave it. */
  isUpdated: (type: PolicyHolder['type'] | 'bucket', name: string) => boolean;
  /**
   * Whether a policy that a principal has stays: `name` is its ARN, or that of an inline policy with the principal’s ARN before it.
   */
  isKept: (holder: PolicyHolder, arn: string, name: string) => boolean;
  /** Whether a user stays in a group. */
  isMember: (user: string, group: string) => boolean;
};

/**
 * What takes something away: the source declared it before and does so no more, or says that there is nothing else. What no source
 * has ever declared stays.
 */
export const whatStays = (
  resources: readonly DeclaredResource[],
  earlier: readonly DeclaredResource[] = [],
): Staying => {
  const now = new Set(resources.flatMap(keysOf));
  const before = new Set(earlier.flatMap(keysOf));
  const exclusive = ofType(resources, 'exclusive');
  const gone = (key: string): boolean => before.has(key) && !now.has(key);
  const isExcluded = (holder: PolicyHolder, policy: string, isInline: boolean): boolean =>
    exclusive.some(
      (each) =>
        each.kind === (isInline ? 'inline' : 'attached') &&
        each.holder.type === holder.type &&
        each.holder.name.toLowerCase() === holder.name.toLowerCase() &&
        !each.names.includes(policy),
    );
  return {
    isGone: gone,
    isUpdated: (type, name) => before.has(keyOfNamed(type, name)) && now.has(keyOfNamed(type, name)),
    isKept: (holder, arn, name) => {
      const start = inlineName(arn, '');
      const isInline = name.startsWith(start);
      const policy = isInline ? name.slice(start.length) : name;
      const key = attachedKey(holder, policy);
      return now.has(key) || !(before.has(key) || isExcluded(holder, policy, isInline));
    },
    isMember: (user, group) => !gone(membershipKey(user, group)),
  };
};

/** The key of something that has a name in its account. */
export const keyOfNamed = (
  type: PolicyHolder['type'] | 'bucket' | 'bucket-cors' | 'bucket-policy',
  name: string,
): string => `${type} ${name.toLowerCase()}`;
const attachedKey = ({ type, name }: PolicyHolder, policy: string): string =>
  `${keyOfNamed(type, name)} has ${policy}`;
const membershipKey = (user: string, group: string): string =>
  `${keyOfNamed('user', user)} in ${group.toLowerCase()}`;
export const pipelineKey = (region: string, name: string): string =>
  `pipeline ${region} ${name.toLowerCase()}`;

/** What a resource says is there, so that it is found again among what was declared before. */
export const keysOf = (resource: DeclaredResource): string[] => {
  switch (resource.type) {
    case 'role':
    case 'user':
    case 'group':
      return [keyOfNamed(resource.type, resource.name), ...keysOfEntry(resource, resource.entry)];
    case 'attached-policy': {
      const { holder, policy } = resource;
      return [attachedKey(holder, 'arn' in policy ? policy.arn : policy.name)];
    }
    case 'membership':
      return [membershipKey(resource.user, resource.group)];
    case 'pipeline':
      return [pipelineKey(resource.scope.region, resource.name)];
    case 'bucket': {
      // CORS rules may be a part of the bucket, or declared apart from it.
      const own = resource.cors === null ? [] : [keyOfNamed('bucket-cors', resource.name)];
      return [keyOfNamed('bucket', resource.name), ...own];
    }
    case 'bucket-cors':
    case 'bucket-policy':
      return [keyOfNamed(resource.type, resource.bucket)];
    case 'managed-policy':
    case 'exclusive':
    case 'job':
    case 'key':
      return [];
  }
};

/** The policies and groups that a principal’s own entry lists. */
const keysOfEntry = ({ type, name }: PolicyHolder, entry: Json): string[] => [
  ...namesIn(entry, INLINE_LISTS[type], 'PolicyName').map((each) => attachedKey({ type, name }, each)),
  ...namesIn(entry, 'AttachedManagedPolicies', 'PolicyArn').map((each) => attachedKey({ type, name }, each)),
  ...asList(member(entry, 'GroupList')).flatMap((each) => membershipKey(name, asText(each) ?? '')),
];

/** How IAM’s listing calls the inline policies of principals. */
export const INLINE_LISTS = {
  role: 'RolePolicyList',
  user: 'UserPolicyList',
  group: 'GroupPolicyList',
} as const;

const namesIn = (entry: Json, list: string, name: string): string[] =>
  asList(member(entry, list)).flatMap((each) => asText(member(each, name)) ?? []);
