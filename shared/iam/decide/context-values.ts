import { arnName } from '../../domain/arn.ts';
import { keeping } from '../../memo.ts';
import { ANY, type Glob, literalGlob } from '../policy/glob.ts';
import type { Principal } from '../policy/principal.ts';
import { resourceOwner } from './ownership.ts';
import { type Request, serviceOf } from './request.ts';

/**
 * The values that a request carries under a key (in lower case): null where the request does not carry the key,
 * undefined where this is unknown. Stated values win over values that follow from the principal, the resource or the
 * action.
 */
export const contextValues = (request: Request, keyName: string): readonly string[] | null | undefined => {
  const { keys, others } = request.context;
  const stated = keys.get(keyName);
  if (stated !== undefined) return stated;
  const derived = derivedValues(request, keyName);
  if (derived !== undefined) return derived;
  if (foreignKey(request, keyName) === null) return null;
  return others === 'absent' && !OF_EVERY_PRINCIPAL.has(keyName) ? null : undefined;
};

/** Keys that the principal brings into every request, so that `others: 'absent'` does not apply to them. */
const OF_EVERY_PRINCIPAL: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principaltype',
  'aws:userid',
]);

/**
 * Services whose condition keys appear only in requests to that same service. The services whose keys describe the
 * caller (ec2, lambda, ssm, sts, identity providers) are left out. The keys of iam may also appear in requests to
 * sts.
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

/**
 * Keys that only requests to pass a role carry.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#available-keys-for-iam
 */
const KEYS_OF_PASSING: ReadonlySet<string> = new Set(['iam:associatedresourcearn', 'iam:passedtoservice']);

const foreignKey = ({ action }: Request, keyName: string): null | undefined => {
  const service = serviceOf(keyName);
  const asked = serviceOf(action.toLowerCase());
  if (KEYS_OF_PASSING.has(keyName)) return action.toLowerCase() === 'iam:passrole' ? undefined : null;
  const isForeign = REQUEST_KEYS.has(service) && service !== asked && !(service === 'iam' && asked === 'sts');
  return isForeign ? null : undefined;
};

type Kind = Principal['kind'];

/**
 * The values of aws:PrincipalType that AWS documents.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
const PRINCIPAL_TYPES: Readonly<Partial<Record<Kind, string>>> = {
  user: 'User',
  role: 'AssumedRole',
  root: 'Account',
  'federated-user': 'FederatedUser',
  anonymous: 'Anonymous',
};

/** Kinds of principals that sign with credentials of an account. */
const ACCOUNT_KINDS: readonly Kind[] = ['user', 'role', 'federated-user', 'root'];

/**
 * Beginnings of condition keys, with the services that bring such keys into the requests of the roles which they have
 * assumed for a resource: an instance, a function, a build.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const KEYS_OF_SERVICES: readonly (readonly [keys: readonly string[], services: readonly string[]])[] = [
  [['aws:chatbotsourcearn'], ['chatbot.amazonaws.com']],
  [
    ['aws:ec2instancesource', 'ec2:roledelivery', 'ec2:sourceinstancearn'],
    ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'],
  ],
  [['glue:roleassumedby', 'glue:credentialissuingservice'], ['glue.amazonaws.com']],
  [['codebuild:buildarn', 'codebuild:projectarn'], ['codebuild.amazonaws.com']],
  [['lambda:sourcefunctionarn'], ['lambda.amazonaws.com']],
  [['ssm:sourceinstancearn'], ['ssm.amazonaws.com', 'ec2.amazonaws.com', 'ec2.amazonaws.com.cn']],
];

/** Whether no service that may assume the role brings the key into its requests. */
const isOfNoService = ({ services }: Principal, keyName: string): boolean =>
  services !== undefined &&
  bringersOf(keyName, rowsOfServices).some((of) => of.every((service) => !services.has(service)));

/** The services of the rows that are about a key. Kept, because policies name the same keys again and again. */
const bringersOf = keeping<readonly (readonly string[])[]>(1000);

const rowsOfServices = (keyName: string): (readonly string[])[] =>
  KEYS_OF_SERVICES.filter(([keys]) => keys.some((key) => keyName.startsWith(key))).map(([, of]) => of);

/**
 * Beginnings of condition keys, with the only kinds of principals whose requests carry such keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const KEYS_OF_KINDS: readonly (readonly [keys: readonly string[], kinds: readonly Kind[]])[] = [
  [['aws:principalorgid', 'aws:principalorgpaths', 'aws:calledvia'], ACCOUNT_KINDS],
  [['aws:principaltag/'], ['user', 'role', 'federated-user', 'federated']],
  [['aws:tokenissuetime', 'aws:signinsessionarn'], ACCOUNT_KINDS],
  [['aws:multifactorauth'], ['user', 'role', 'root']],
  [['aws:federatedprovider'], ['role', 'federated']],
  [['aws:sourceidentity'], ['role', 'federated']],
  [['aws:assumedroot'], ['root']],
  [['identitystore:userid', ...KEYS_OF_SERVICES.flatMap(([keys]) => keys)], ['role']],
  [['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid', 'aws:sourceorgpaths'], ['service']],
  [['aws:principalservicename'], ['service']],
];

/** Whether requests of this kind of principal never carry the key. */
const isForeignToKind = (kind: Kind, keyName: string): boolean =>
  carriersOf(keyName, rowsOfKinds).some((kinds) => !kinds.includes(kind));

const carriersOf = keeping<readonly (readonly Kind[])[]>(1000);

const rowsOfKinds = (keyName: string): (readonly Kind[])[] =>
  KEYS_OF_KINDS.filter(([keys]) => keys.some((key) => keyName.startsWith(key))).map(([, kinds]) => kinds);

/** The values that follow from the principal and the resource, where nobody stated them. */
const derivedValues = (request: Request, keyName: string): readonly string[] | null | undefined => {
  const { principal } = request;
  const { kind, arn, account } = principal;
  if (isForeignToKind(kind, keyName) || isOfNoService(principal, keyName)) return null;
  const isOfAccount = ACCOUNT_KINDS.includes(kind);
  switch (keyName) {
    case 'aws:principalarn':
      if (principal.isPathUnknown) return undefined;
      return isOfAccount ? [arn] : null;
    case 'aws:principalaccount':
      return kind === 'anonymous' ? ['anonymous'] : one(account);
    // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    case 'kms:calleraccount':
      return isOfAccount && serviceOf(request.action.toLowerCase()) === 'kms' ? one(account) : undefined;
    case 'aws:principaltype':
      return one(PRINCIPAL_TYPES[kind]);
    case 'aws:principalisawsservice':
      return kind === 'anonymous' ? null : [String(kind === 'service')];
    case 'aws:principalservicename':
      return [arn];
    case 'aws:viaawsservice':
      return isOfAccount ? undefined : ['false'];
    case 'aws:username':
      if (kind !== 'user') return null;
      return principal.isPathUnknown ? undefined : [arnName(arn)];
    case 'aws:userid':
      return userId(principal);
    case 'aws:securetransport':
      return principal.actsAt !== undefined && OVER_HTTPS_ALONE.has(serviceOf(request.action.toLowerCase()))
        ? ['true']
        : undefined;
    case 'aws:currenttime':
      return one(principal.actsAt);
    case 'aws:epochtime':
      return principal.actsAt === undefined
        ? undefined
        : [String(Math.floor(Date.parse(principal.actsAt) / 1000))];
    case 'aws:tokenissuetime':
      return kind === 'role' ? one(principal.actsAt) : undefined;
    case 'aws:resourceaccount':
      return one(resourceOwner(request));
    case 'aws:principalorgid':
    case 'aws:principalorgpaths': {
      const shared = sameInAccount(request, keyName.replace('principal', 'resource'));
      return shared === undefined ? organizationOf(principal, keyName) : shared;
    }
    case 'aws:resourceorgid':
    case 'aws:resourceorgpaths':
      return sameInAccount(request, keyName.replace('resource', 'principal'));
    default:
      return keyName.startsWith(PRINCIPAL_TAG) && principal.tags && !principal.bringsTags
        ? (one(principal.tags.get(keyName.slice(PRINCIPAL_TAG.length))) ?? null)
        : undefined;
  }
};

/**
 * Principal and resource in one account are in the same organization, so a value that was stated for one holds for
 * the other.
 */
const sameInAccount = (request: Request, keyName: string): readonly string[] | null | undefined => {
  const { principal, context } = request;
  if (principal.account === undefined || resourceOwner(request) !== principal.account) return undefined;
  const stated = context.keys.get(keyName);
  return stated === undefined ? organizationOf(principal, keyName) : stated;
};

/** What is known of the organization of a principal’s account, under one of the keys about it. */
const organizationOf = (
  { organization, account }: Principal,
  keyName: string,
): readonly string[] | null | undefined => {
  if (organization === undefined || account === undefined) return undefined;
  if (organization === null) return null;
  return one(keyName.endsWith('paths') ? organization.path : organization.id);
};

/** Services whose endpoints answer no plain HTTP. https://docs.aws.amazon.com/general/latest/gr/sagemaker.html and similar pages */
const OVER_HTTPS_ALONE: ReadonlySet<string> = new Set([
  'iam',
  'sagemaker',
  'sts',
  'kms',
  'lambda',
  'cloudformation',
]);

const PRINCIPAL_TAG = 'aws:principaltag/';

/** Undefined for a role whose session has an unknown name, and for users and roles whose unique id is unknown. */
const userId = ({
  kind,
  arn,
  account = '',
  uniqueId,
  sessionArn,
  isPathUnknown,
}: Principal): readonly string[] | undefined => {
  if (kind === 'root') return [account];
  if (kind === 'federated-user') return isPathUnknown ? undefined : [`${account}:${arnName(arn)}`];
  if (kind === 'anonymous') return ['anonymous'];
  if (kind === 'user') return one(uniqueId);
  return uniqueId !== undefined && sessionArn !== undefined
    ? [`${uniqueId}:${arnName(sessionArn)}`]
    : undefined;
};

/**
 * A pattern of all values that a key may have where the value itself is not known: the user id of a role begins with
 * the role's unique id, and ends with the name of its session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
export const valuePattern = ({ principal, context }: Request, keyName: string): Glob | undefined =>
  keyName === 'aws:userid' &&
  principal.kind === 'role' &&
  principal.uniqueId !== undefined &&
  !context.keys.has(keyName)
    ? [...literalGlob(`${principal.uniqueId}:`), ANY]
    : undefined;

const one = (value: string | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : [value];

/**
 * Global keys that every signed request carries.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export const ALWAYS_PRESENT: ReadonlySet<string> = new Set([
  ...OF_EVERY_PRINCIPAL,
  'aws:currenttime',
  'aws:epochtime',
  'aws:principalisawsservice',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:useragent',
  'aws:viaawsservice',
]);

/** Whether a request carries a key (in lower case) with a value that is not empty; undefined where this is unknown. */
export const isCarried = (request: Request, keyName: string): boolean | undefined => {
  const values = contextValues(request, keyName);
  if (values === undefined) return ALWAYS_PRESENT.has(keyName) ? true : undefined;
  return values?.some((value) => value !== '') ?? false;
};
