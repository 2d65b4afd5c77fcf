import { parseArn } from '../../domain/arn.ts';
import type { Principal } from '../policy/principal.ts';
import type { Request } from './request.ts';

/**
 * Who owns a resource, from the viewpoint of the principal's account. AWS itself owns resources that it offers to
 * every account, such as its managed policies: `arn:aws:iam::aws:policy/ReadOnlyAccess`.
 */
export type Ownership = 'own' | 'foreign' | 'aws';

/** AWS writes this in place of an account id in the ARNs of its own resources. */
const AWS_ACCOUNT = 'aws';

type Owned = Pick<Request, 'resource' | 'resourceAccount' | 'isForeign' | 'context'>;

/**
 * The account that owns the resource, from the request's `resourceAccount`, the resource's ARN or the context key
 * aws:ResourceAccount. Undefined where none of them tells, and where AWS owns the resource.
 */
export const resourceOwner = ({ resource, resourceAccount, context }: Owned): string | undefined => {
  const account = resourceAccount ?? (parseArn(resource)?.account || undefined);
  if (account === AWS_ACCOUNT) return undefined;
  return account ?? context.keys.get('aws:resourceaccount')?.[0];
};

/**
 * Who owns the resource. If nothing tells the owner, the principal's own account is assumed, unless `isForeign` is
 * set.
 */
export const ownershipOf = (request: Owned & Pick<Request, 'principal'>): Ownership => {
  if (request.resourceAccount === undefined && parseArn(request.resource)?.account === AWS_ACCOUNT)
    return 'aws';
  const owner = resourceOwner(request);
  if (owner === undefined) return request.isForeign ? 'foreign' : 'own';
  return owner === request.principal.account ? 'own' : 'foreign';
};

/**
 * The partition of an ARN, or of a service name that exists in one partition only. Undefined for service names that
 * all partitions share, and for texts with fewer parts than an ARN.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export const partitionOf = (text: string): string | undefined => {
  if (text.startsWith(ARN) && nthColon(text, 5) >= 0) return text.slice(ARN.length, nthColon(text, 2));
  return text.endsWith('.amazonaws.com.cn') ? 'aws-cn' : undefined;
};

const ARN = 'arn:';

/** Where the text’s colon of this number is; -1 if the text has fewer. */
export const nthColon = (text: string, wanted: number): number => {
  let at = -1;
  for (let count = 0; count < wanted; count++) {
    at = text.indexOf(':', at + 1);
    if (at < 0) return -1;
  }
  return at;
};

/** Whether two ARNs are of different partitions. An account belongs to one partition and reaches nothing in another. */
export const isOtherPartition = (one: string, other: string): boolean => {
  const first = partitionOf(one);
  const second = partitionOf(other);
  return first !== undefined && second !== undefined && first !== second;
};

/**
 * ARN patterns by which a decision distinguishes resources, in addition to the patterns in the policies. Two
 * resources that match the same patterns of both kinds get the same decision.
 */
export const arnDistinctions = (principal: Principal, action: string): string[] => {
  const service = action.slice(0, action.indexOf(':')).toLowerCase();
  const partition = partitionOf(principal.arn);
  return [
    ...(partition === undefined ? [] : [`arn:${partition}:*:*:*:*`, 'arn:*:*:*:*:*']),
    `*:*:*:*:${principal.account ?? ''}:*`,
    '*:*:*:*::*',
    `*:*:*:*:${AWS_ACCOUNT}:*`,
    ...(service === 'kms' ? ['*:*:kms:*:*:key/*'] : []),
    ...(service === 'sts' ? [`*:*:iam:*:*:${SERVICE_ROLES}*`] : []),
  ];
};

/** The path of service-linked roles: only AWS can create a role under it. */
const SERVICE_ROLES = 'role/aws-service-role/';

/** Whether an ARN names a service-linked role. */
export const isServiceLinkedRole = (arn: string): boolean =>
  arn.includes(SERVICE_ROLES) && parseArn(arn)?.resource.startsWith(SERVICE_ROLES) === true;

/**
 * Whether a principal is a service-linked role. A session's ARN leaves out the role's path; then the name tells,
 * because AWS begins these names with AWSServiceRoleFor.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
export const isServiceLinked = ({ kind, arn, isPathUnknown }: Principal): boolean =>
  kind === 'role' &&
  (isServiceLinkedRole(arn) || (isPathUnknown === true && /:role\/AWSServiceRoleFor/.test(arn)));
