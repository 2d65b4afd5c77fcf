import { parseArn } from '../../domain/arn.ts';
import type { Principal } from '../policy/principal.ts';
import type { Request } from './request.ts';

/**
 * Whose a resource is, as the account of a principal sees it: its own, of another account, or of AWS, which offers it to
 * every account (its managed policies, the content of the public hub): `arn:aws:iam::aws:policy/ReadOnlyAccess`.
 */
export type Ownership = 'own' | 'foreign' | 'aws';

/** What stands for the account in the ARN of a resource that AWS owns. */
const AWS_ACCOUNT = 'aws';

type Owned = Pick<Request, 'resource' | 'resourceAccount' | 'isForeign' | 'context'>;

/**
 * The account that owns the resource: as the request states it, by its ARN, or by the context key aws:ResourceAccount;
 * undefined where none of them tells, and where AWS owns it.
 */
export const resourceOwner = ({ resource, resourceAccount, context }: Owned): string | undefined => {
  const account = resourceAccount ?? (parseArn(resource)?.account || undefined);
  if (account === AWS_ACCOUNT) return undefined;
  return account ?? context.keys.get('aws:resourceaccount')?.[0];
};

/** Whose the resource is; where nothing tells its owner, it is taken for one of the principal's account. */
export const ownershipOf = (request: Owned & Pick<Request, 'principal'>): Ownership => {
  if (request.resourceAccount === undefined && parseArn(request.resource)?.account === AWS_ACCOUNT)
    return 'aws';
  const owner = resourceOwner(request);
  if (owner === undefined) return request.isForeign ? 'foreign' : 'own';
  return owner === request.principal.account ? 'own' : 'foreign';
};

/**
 * The partition of an ARN, or of a service's name that only one partition has; undefined for names that all have, and
 * for what has fewer parts than an ARN.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export const partitionOf = (text: string): string | undefined => {
  const [first, partition, , , , rest] = text.split(':', 6);
  if (first === 'arn' && rest !== undefined) return partition;
  return text.endsWith('.amazonaws.com.cn') ? 'aws-cn' : undefined;
};

/** Whether two ARNs are of different partitions: an account belongs to one, and reaches nothing of another. */
export const isOtherPartition = (one: string, other: string): boolean => {
  const [first, second] = [partitionOf(one), partitionOf(other)];
  return first !== undefined && second !== undefined && first !== second;
};

/**
 * The patterns of ARNs by which a decision tells resources apart besides the patterns of the policies: two resources
 * that fit the same of both are decided alike.
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

/** Where the roles are that are linked to a service; nobody else can make one there. */
const SERVICE_ROLES = 'role/aws-service-role/';

/** Whether an ARN is that of a role that is linked to a service. */
export const isServiceLinkedRole = (arn: string): boolean =>
  parseArn(arn)?.resource.startsWith(SERVICE_ROLES) === true;

/**
 * Whether a principal is a role that is linked to a service. A session's ARN leaves the path out, so that there the name
 * tells it, as AWS names these roles.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
export const isServiceLinked = ({ kind, arn, isPathUnknown }: Principal): boolean =>
  kind === 'role' &&
  (isServiceLinkedRole(arn) || (isPathUnknown === true && /:role\/AWSServiceRoleFor/.test(arn)));
