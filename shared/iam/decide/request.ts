import { arnName, parseArn } from '../../domain/arn.ts';
import type { Principal } from '../policy/principal.ts';
import type { Context } from './context.ts';

/** One request. The action may be written in any case. */
export type Request = {
  principal: Principal;
  /** `sagemaker:CreatePipeline` */
  action: string;
  /** An ARN, or `*` for an action without resources. */
  resource: string;
  /** The owner of the resource where its ARN names none (a bucket); without it, the principal's account. */
  resourceAccount?: string;
  context: Context;
};

/**
 * What a request carries under a key (in lower case): its values, null where it does not carry it, undefined where that
 * is not known. What was stated wins; then comes what follows from the principal, the resource and the action.
 */
export const contextValues = (request: Request, keyName: string): readonly string[] | null | undefined => {
  const { keys, others } = request.context;
  const stated = keys.get(keyName);
  if (stated !== undefined) return stated;
  const derived = keyName.startsWith('aws:') ? globalValues(request, keyName) : foreignKey(request, keyName);
  if (derived !== undefined) return derived;
  return others === 'absent' ? null : undefined;
};

/**
 * Keys that only the service itself fills in, for its own actions: in a request to another service they are absent.
 * Left out are the services whose keys describe who makes a request (ec2, lambda, ssm, sts, identity providers).
 */
const REQUEST_KEYS: ReadonlySet<string> = new Set([
  'dynamodb',
  'ecr',
  'elasticmapreduce',
  'events',
  'iam',
  'kms',
  'logs',
  'organizations',
  's3',
  'sagemaker',
  'secretsmanager',
  'sns',
  'sqs',
]);

const foreignKey = ({ action }: Request, keyName: string): null | undefined => {
  const service = serviceOf(keyName);
  const asked = serviceOf(action.toLowerCase());
  const isForeign = REQUEST_KEYS.has(service) && service !== asked && !(service === 'iam' && asked === 'sts');
  return isForeign ? null : undefined;
};

/** The prefix of an action or a condition key. */
export const serviceOf = (name: string): string => name.slice(0, name.indexOf(':'));

const PRINCIPAL_TYPES: Readonly<Partial<Record<Principal['kind'], string>>> = {
  user: 'User',
  role: 'AssumedRole',
  root: 'Account',
  'federated-user': 'FederatedUser',
  anonymous: 'Anonymous',
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const globalValues = (request: Request, keyName: string): readonly string[] | null | undefined => {
  const { principal } = request;
  const isIam = principal.account !== undefined;
  switch (keyName) {
    case 'aws:principalarn':
      if (principal.isPathUnknown) return undefined;
      return isIam ? [principal.arn] : null;
    case 'aws:principalaccount':
      return principal.account === undefined ? null : [principal.account];
    case 'aws:principaltype':
      return one(PRINCIPAL_TYPES[principal.kind]);
    case 'aws:principalisawsservice':
      return [String(principal.kind === 'service')];
    case 'aws:principalservicename':
      return principal.kind === 'service' ? [principal.arn] : null;
    case 'aws:username':
      return principal.kind === 'user' ? [arnName(principal.arn)] : null;
    case 'aws:sourcearn':
    case 'aws:sourceaccount':
    case 'aws:sourceorgid':
    case 'aws:sourceorgpaths':
    case 'aws:principalservicenameslist':
      return principal.kind === 'service' ? undefined : null;
    case 'aws:resourceaccount':
      return one(resourceOwner(request));
    default:
      return keyName.startsWith(PRINCIPAL_TAG) && principal.tags
        ? (one(principal.tags.get(keyName.slice(PRINCIPAL_TAG.length))) ?? null)
        : undefined;
  }
};

const PRINCIPAL_TAG = 'aws:principaltag/';

const one = (value: string | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : [value];

/** The account that owns the resource, by its ARN or as the request states it; undefined where neither tells. */
export const resourceOwner = ({ resource, resourceAccount }: Request): string | undefined =>
  resourceAccount ?? (parseArn(resource)?.account || undefined);
