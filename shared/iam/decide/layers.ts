import { contextValues } from './context-values.ts';
import { MAYBE, type Match, NO, YES } from './match.ts';
import { isServiceLinked, isServiceLinkedRole, ownershipOf, resourceOwner } from './ownership.ts';
import type { PolicyIndex } from './policy-index.ts';
import { SERVICES_WITH_RCPS } from './rcp-services.ts';
import { type Request, serviceOf } from './request.ts';

/**
 * All policies that may affect a request. An absent field means that no such policy exists: no boundary, no
 * organization and so on.
 */
export type Policies = {
  /** The principal's inline and attached policies, and those of its groups. */
  identity?: PolicyIndex;
  boundary?: PolicyIndex;
  session?: PolicyIndex;
  /** One entry for each level: root, organizational units, account. Every level must allow the request. */
  scps?: readonly PolicyIndex[];
  /** One entry for each level, as for the SCPs. AWS attaches RCPFullAWSAccess to every level; it need not be listed. */
  rcps?: readonly PolicyIndex[];
  /**
   * The account to whose path through the organization the SCPs and RCPs belong. Where it is absent, the SCPs belong
   * to the principal's account. The RCPs then belong to the account that owns the resource, if the principal is of
   * that account or of none.
   */
  memberAccount?: string;
  /** The resource's own policy: a bucket policy, a key policy or a role's trust policy. */
  resource?: PolicyIndex;
  /** The policy of the VPC endpoint through which the request passes. */
  endpoint?: PolicyIndex;
  /** The organization's management account: neither SCPs nor RCPs limit it. */
  managementAccount?: string;
};

export type LayerName = 'rcp' | 'scp' | 'resource' | 'identity' | 'boundary' | 'session' | 'endpoint';

/** A group of policies, and whether it affects the request. `level` counts from the root, which is 0. */
export type Layer = { name: LayerName; level?: number; index: PolicyIndex; bears: Match };

/** The layers that affect a request, in the order in which AWS evaluates them. */
export const layersOf = (policies: Policies, request: Request): Layer[] => {
  const { identity, boundary, session, resource, endpoint } = policies;
  const isOfAccount = request.principal.account !== undefined;
  const layer = (name: LayerName, index: PolicyIndex | undefined): Layer[] =>
    index ? [{ name, index, bears: YES }] : [];
  return [
    ...levelsOf('rcp', policies.rcps, (level) => rcpBears(policies, request, level)),
    ...levelsOf('scp', policies.scps, () => scpBears(policies, request)),
    ...(isForRootAlone(request) ? [] : layer('resource', resource)),
    ...(isOfAccount ? [...layer('identity', identity), ...layer('boundary', boundary)] : []),
    ...(isOfAccount ? layer('session', session) : []),
    ...layer('endpoint', endpoint),
  ];
};

const levelsOf = (
  name: 'rcp' | 'scp',
  levels: readonly PolicyIndex[] = [],
  bearsAt: (level: number) => Match,
): Layer[] =>
  levels.flatMap((index, level) => {
    const bears = bearsAt(level);
    return bears === NO ? [] : { name, level, index, bears };
  });

/**
 * SCPs limit the principals of member accounts, except service-linked roles.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
const scpBears = (policies: Policies, request: Request): Match => {
  const { principal } = request;
  if (principal.account === undefined || isServiceLinked(principal)) return NO;
  if (principal.account === policies.managementAccount) return NO;
  if (policies.memberAccount === undefined || policies.memberAccount === principal.account) return YES;
  return organizationIn(request, 'aws:principalorgid') === null ? NO : MAYBE;
};

/**
 * RCPs limit access to the resources of member accounts, for some services only. They do not limit what
 * service-linked roles do, who assumes a service-linked role, or access to resources that AWS owns or manages.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
 */
const rcpBears = (policies: Policies, request: Request, level: number): Match => {
  const { principal, resource } = request;
  const action = request.action.toLowerCase();
  if (!SERVICES_WITH_RCPS.has(serviceOf(action)) || action === 'kms:retiregrant') return NO;
  if (isServiceLinked(principal) || isServiceLinkedRole(resource) || isAwsManagedKey(resource)) return NO;
  const ownership = ownershipOf(request);
  if (ownership === 'aws') return NO;
  const owner = resourceOwner(request) ?? (ownership === 'own' ? principal.account : undefined);
  if (owner !== undefined && owner === policies.managementAccount) return NO;
  return isOverOwner(policies, request, owner, level);
};

/** Only an alias shows that AWS manages a key: the key's own ARN looks like any other. */
const isAwsManagedKey = (resource: string): boolean =>
  /^arn:[^:]*:kms:[^:]*:[^:]*:alias\/aws\//.test(resource);

/**
 * Whether a level of the RCPs stands above the account that owns the resource. An account other than `memberAccount`
 * may be in the same organization; then at least the root's RCPs (level 0) apply to it.
 */
const isOverOwner = (
  { memberAccount }: Policies,
  request: Request,
  owner: string | undefined,
  level: number,
): Match => {
  const { account } = request.principal;
  const member = memberAccount ?? (account === undefined || account === owner ? owner : undefined);
  // A service names no account. If nothing tells the owner, the resource is taken for one of the account with these
  // RCPs.
  if (owner === undefined ? account === undefined : owner === member) return YES;
  const ofResource = organizationIn(request, 'aws:resourceorgid');
  const ofPrincipal = organizationIn(request, 'aws:principalorgid');
  if (ofResource === null) return NO;
  if (ofResource === undefined || ofPrincipal === undefined) return MAYBE;
  if (ofResource === ofPrincipal) return level === 0 ? YES : MAYBE;
  // The owner is in another organization than the principal. If the principal is in none, the RCPs must be the owner's.
  if (member === undefined) return ofPrincipal === null ? YES : MAYBE;
  return member === account ? NO : MAYBE;
};

/** The organization id under a context key; null: in no organization, undefined: unknown. */
const organizationIn = (request: Request, keyName: string): string | null | undefined => {
  const values = contextValues(request, keyName);
  return values === null ? null : values?.[0];
};

const ROOT_ALONE: ReadonlySet<string> = new Set([
  's3:getbucketpolicy',
  's3:putbucketpolicy',
  's3:deletebucketpolicy',
]);

/**
 * The root user of a bucket's account may read and change the bucket policy even where that policy denies it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
const isForRootAlone = (request: Request): boolean =>
  request.principal.kind === 'root' &&
  ROOT_ALONE.has(request.action.toLowerCase()) &&
  ownershipOf(request) === 'own';
