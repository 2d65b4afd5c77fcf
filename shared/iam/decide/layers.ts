import { contextValues } from './context-values.ts';
import { MAYBE, type Match, NO, YES } from './match.ts';
import { isServiceLinked, isServiceLinkedRole, ownershipOf, resourceOwner } from './ownership.ts';
import type { PolicyIndex } from './policy-index.ts';
import { SERVICES_WITH_RCPS } from './rcp-services.ts';
import { type Request, serviceOf } from './request.ts';

/** All policies that bear on a request. What is left out does not exist: no boundary, no organization, ... */
export type Policies = {
  /** Inline, attached and group policies of the principal. */
  identity?: PolicyIndex;
  boundary?: PolicyIndex;
  session?: PolicyIndex;
  /** One entry for each level: root, organizational units, account. Each level must allow. */
  scps?: readonly PolicyIndex[];
  /** As the SCPs; AWS's own policy that allows everything is on every level and need not be listed. */
  rcps?: readonly PolicyIndex[];
  /**
   * The account on whose way through its organization these SCPs and RCPs are. Without it the SCPs are those of the
   * principal's account, and the RCPs those of the account that principal and resource share, or of the resource's
   * where the principal has none.
   */
  memberAccount?: string;
  /** The policy of the resource: a bucket's, a key's, a role's trust policy. */
  resource?: PolicyIndex;
  /** The policy of the VPC endpoint that the request goes through. */
  endpoint?: PolicyIndex;
  /** The organization's management account, which neither SCPs nor RCPs limit. */
  managementAccount?: string;
};

export type LayerName = 'rcp' | 'scp' | 'resource' | 'identity' | 'boundary' | 'session' | 'endpoint';

/** A layer that bears on a request, or may do so; `level` counts from the root, 0. */
export type Layer = { name: LayerName; level?: number; index: PolicyIndex; bears: Match };

/** The layers that bear on a request, in the order in which AWS asks them. */
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
 * SCPs limit the principals of member accounts, but not roles that are linked to a service.
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
 * RCPs limit the resources of member accounts whoever comes, but not roles that are linked to a service, nor who may
 * assume those, nor what is AWS's, and for some services only.
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

/** Of the keys that AWS manages in an account only the alias tells. */
const isAwsManagedKey = (resource: string): boolean =>
  /^arn:[^:]*:kms:[^:]*:[^:]*:alias\/aws\//.test(resource);

/**
 * Whether a level of RCPs is on the way to the account that owns the resource. Another account than the one whose RCPs
 * they are may be a member of the same organization, and is then under its root at least.
 */
const isOverOwner = (
  { memberAccount }: Policies,
  request: Request,
  owner: string | undefined,
  level: number,
): Match => {
  const { account } = request.principal;
  const member = memberAccount ?? (account === undefined || account === owner ? owner : undefined);
  // What a service comes for is theirs who have the policies, unless something else is said.
  if (owner === undefined ? account === undefined : owner === member) return YES;
  const ofResource = organizationIn(request, 'aws:resourceorgid');
  const ofPrincipal = organizationIn(request, 'aws:principalorgid');
  if (ofResource === null) return NO;
  if (ofResource === undefined || ofPrincipal === undefined) return MAYBE;
  if (ofResource === ofPrincipal) return level === 0 ? YES : MAYBE;
  // Where nobody says whose the RCPs are, they can only be the owner's if the principal is in no organization.
  if (member === undefined) return ofPrincipal === null ? YES : MAYBE;
  return member === account ? NO : MAYBE;
};

/** The id of an organization under a context key; null: of none, undefined: not known. */
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
 * The root user of a bucket's account may read and change its policy even where that policy denies it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
const isForRootAlone = (request: Request): boolean =>
  request.principal.kind === 'root' &&
  ROOT_ALONE.has(request.action.toLowerCase()) &&
  ownershipOf(request) === 'own';
