import { JOB_KINDS } from '../definition/job-kinds.ts';
import { parseArn, parseAssumedRole, sagemakerArn } from '../domain/arn.ts';
import type { ContextValue } from '../iam/decide/context.ts';
import { asList, asText, isObject, type Json, memberAnyCase } from '../json/json.ts';
import { isHidden } from './hidden.ts';
import { callerArn, isOmitted, memberAt, partitionOf } from './record.ts';

/** One request that AWS allowed, as far as its record tells it. */
export type RecordedRequest = {
  action: string;
  /** Absent where the record does not tell it. */
  resource?: string;
  /** The condition keys that the record tells; null for a key that the request did not carry. */
  keys: Readonly<Record<string, ContextValue>>;
};

/** Who assumed which role. */
export type RecordedAssumption = {
  roleArn: string;
  /**
   * The ARN of a user, role or identity provider, or the name of a service; the account’s id alone where CloudTrail tells
   * no more of a caller from another account. Absent where the record does not tell it.
   */
  by?: string;
  requests: readonly RecordedRequest[];
};

/** What one CloudTrail record shows that somebody did. */
export type RecordedCall = {
  /** The user or role whose permissions were used; absent for a root user, a service and callers from elsewhere. */
  principalArn?: string;
  /** The account whose user or role may have called (empty: any), where the record does not tell who did. */
  untoldIn?: string;
  requests: readonly RecordedRequest[];
  assumption?: RecordedAssumption;
  /** A role was assumed, and the record does not tell which. */
  isRoleUntold?: true;
};

/** Longer than any ARN that AWS gives; a resource with a longer one counts as not told. */
const MAX_ARN_LENGTH = 2048;
const ACTION = /^[A-Za-z0-9]{1,128}$/;

/**
 * What a record shows that somebody did; undefined where the call failed, or its service is not one whose calls are
 * understood. A session belongs to the role that its issuer names: whoever assumes a role chooses the session’s name.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const recordedCall = (record: Json): RecordedCall | undefined => {
  if (asText(memberAnyCase(record, 'errorCode')) !== undefined) return undefined;
  const source = (asText(memberAnyCase(record, 'eventSource')) ?? '').replace(/\.cn$/, '');
  const service = SERVICES.get(source);
  const name = (asText(memberAnyCase(record, 'eventName')) ?? '').replace(VERSION, '');
  if (service === undefined || !ACTION.test(name)) return undefined;
  const call = callOf(record, service, name);
  const own = service === 's3' ? s3Requests(call) : ownRequests(call);
  const requests = [...own, ...passedRoles(call, source)];
  const principalArn = principalOf(call.identity);
  const assumption = assumptionOf(call, own);
  return {
    ...(principalArn !== undefined && { principalArn }),
    ...(principalArn === undefined && isPerhapsOwn(call) && { untoldIn: call.account }),
    requests,
    ...(assumption && { assumption }),
    ...(!assumption && isAssuming(call) && { isRoleUntold: true }),
  };
};

/** The services whose actions have the names of their calls, except S3, by event source. */
const SERVICES: ReadonlyMap<string, string> = new Map(
  [
    'athena',
    'bedrock',
    'cloudformation',
    'codebuild',
    'codepipeline',
    'dynamodb',
    'ecr',
    'ecs',
    'events',
    'firehose',
    'glue',
    'iam',
    'kms',
    'lambda',
    'logs',
    'organizations',
    's3',
    'sagemaker',
    'scheduler',
    'secretsmanager',
    'sns',
    'sqs',
    'ssm',
    'states',
    'sts',
  ].map((service) => [`${service}.amazonaws.com`, service]),
);

/** Lambda appends the version of its API to the names of its calls: `UpdateFunctionCode20150331v2`. */
const VERSION = /\d{8}(?:v\d+)?$/;

type Recorded = {
  record: Json;
  service: string;
  name: string;
  identity: Json | undefined;
  /** Undefined where CloudTrail left the request out. */
  request: Json | undefined;
  response: Json | undefined;
  partition: string;
  region: string;
  account: string;
  /** The keys that every request of the record has. */
  keys: Readonly<Record<string, ContextValue>>;
};

const callOf = (record: Json, service: string, name: string): Recorded => {
  const identity = memberAnyCase(record, 'userIdentity');
  const request = memberAnyCase(record, 'requestParameters');
  const region = asText(memberAnyCase(record, 'awsRegion')) ?? '';
  return {
    record,
    service,
    name,
    identity,
    request: isOmitted(request) || isHidden(request) || request === null ? undefined : request,
    response: memberAnyCase(record, 'responseElements'),
    partition: partitionOf(record, region),
    region,
    account:
      asText(memberAnyCase(record, 'recipientAccountId')) ??
      asText(memberAnyCase(identity, 'accountId')) ??
      '',
    keys: networkKeys(record, identity, region),
  };
};

/**
 * Where a request came from. CloudTrail names the service that makes a call for somebody (`invokedBy`), and the VPC
 * endpoint through which a call came.
 */
const networkKeys = (
  record: Json,
  identity: Json | undefined,
  region: string,
): Record<string, ContextValue> => {
  const written = memberAnyCase(record, 'vpcEndpointId');
  const endpoint = asText(written);
  const isService =
    memberAnyCase(identity, 'invokedBy') !== undefined ||
    [written, memberAnyCase(record, 'sourceIPAddress')].some(isHidden) ||
    /\.amazonaws\.com(\.cn)?$/.test(asText(memberAnyCase(record, 'sourceIPAddress')) ?? '');
  return {
    ...(region !== '' && { 'aws:RequestedRegion': short(region) }),
    ...(!isService && { 'aws:ViaAWSService': 'false', 'aws:CalledVia': null }),
    ...(!isService &&
      (endpoint === undefined
        ? { 'aws:SourceVpce': null, 'aws:SourceVpc': null, 'aws:VpcSourceIp': null }
        : { 'aws:SourceVpce': short(endpoint) })),
  };
};

const short = (text: string): string => text.slice(0, 256);

/** The user or role, by its own ARN. A session without its issuer is of the role that its ARN names, without the path. */
const principalOf = (identity: Json | undefined): string | undefined => {
  const session = parseAssumedRole(asText(memberAnyCase(identity, 'arn')) ?? '');
  const arn =
    callerArn(identity) ??
    (session && `arn:${session.partition}:iam::${session.account}:role/${session.roleName}`);
  const parts = arn === undefined || arn.length > MAX_ARN_LENGTH ? undefined : parseArn(arn);
  return parts?.service === 'iam' && /^(?:role|user)\/./.test(parts.resource) ? arn : undefined;
};

/** Callers that are no user or role of any account, and that CloudTrail tells without an ARN of one. */
const NO_USER_OR_ROLE: ReadonlySet<string> = new Set([
  'AWSService',
  'IdentityCenterUser',
  'Root',
  'SAMLUser',
  'WebIdentityUser',
]);

/**
 * Whether a record whose caller is not told may be of a user or role of the account: neither a service nor another account
 * called. Only a caller without a type is a service by `invokedBy`: services also call for users and roles, whose type a
 * record may hide.
 */
const isPerhapsOwn = ({ record, identity, account }: Recorded): boolean => {
  const told = memberAnyCase(identity, 'type');
  const type = asText(told) ?? '';
  const isService =
    asText(memberAnyCase(record, 'eventType')) === 'AwsServiceEvent' ||
    (type === '' && !isHidden(told) && asText(memberAnyCase(identity, 'invokedBy')) !== undefined);
  const from = asText(memberAnyCase(identity, 'accountId')) ?? account;
  const isForeign = type === 'AWSAccount' && from !== account;
  const isRoot = /^arn:[^:]*:iam::\d{12}:root$/.test(asText(memberAnyCase(identity, 'arn')) ?? '');
  return !isService && !isForeign && !isRoot && !NO_USER_OR_ROLE.has(type);
};

const ownRequests = (call: Recorded): RecordedRequest[] => {
  const { service, name } = call;
  const tags = TAGGED.has(service) ? tagKeys(call.request) : {};
  const keys = { ...call.keys, ...tags, ...versionKeys(call) };
  const own = requestOf(`${service}:${name}`, resourceOf(call), keys);
  // Who creates something with tags needs the permission to tag it as well.
  const hasTags = Array.isArray(tags['aws:TagKeys']) || isHidden(memberAnyCase(call.request, 'tags'));
  if (service === 'sagemaker' && hasTags && name.startsWith('Create'))
    return [own, { ...own, action: 'sagemaker:AddTags' }];
  if (service !== 'sts' || !name.startsWith('AssumeRole')) return [own];
  const isSourced = (memberAnyCase(call.request, 'sourceIdentity') ?? null) !== null;
  return [
    own,
    ...(hasTags ? [{ ...own, action: 'sts:TagSession' }] : []),
    ...(isSourced ? [{ ...own, action: 'sts:SetSourceIdentity' }] : []),
  ];
};

const requestOf = (
  action: string,
  resource: string | undefined,
  keys: RecordedRequest['keys'],
): RecordedRequest => ({
  action,
  ...(resource !== undefined && resource.length <= MAX_ARN_LENGTH && { resource }),
  keys,
});

/** The services whose requests tell their tags in a form that is understood. */
const TAGGED: ReadonlySet<string> = new Set(['iam', 'sagemaker', 'sts']);

/** More tags than AWS takes in one request. */
const MAX_TAGS = 200;

/** The keys of tags in a request: of `tags`, or of `tagKeys` where it takes tags away. */
const tagKeys = (request: Json | undefined): Record<string, ContextValue> => {
  if (request === undefined) return {};
  const tags = asList(memberAnyCase(request, 'tags')).slice(0, MAX_TAGS);
  const named = tags.map((tag) => [
    asText(memberAnyCase(tag, 'key')),
    asText(memberAnyCase(tag, 'value')) ?? '',
  ]);
  const taken = asList(memberAnyCase(request, 'tagKeys')).slice(0, MAX_TAGS).map(asText);
  const keys = [...named.map(([key]) => key), ...taken];
  // A form of tags that nobody knows leaves the key unknown.
  if (keys.some((key) => key === undefined)) return {};
  return { 'aws:TagKeys': keys.length > 0 ? keys.flatMap((key) => short(key ?? '')) : null };
};

const VERSIONED = ['StartPipelineExecution', 'UpdatePipelineVersion'];

/** The version that a request names. By an alias, it is not told. */
const versionKeys = ({ service, name, request }: Recorded): Record<string, ContextValue> => {
  if (service !== 'sagemaker' || !VERSIONED.includes(name) || !isObject(request)) return {};
  if ((memberAnyCase(request, 'pipelineVersionAlias') ?? null) !== null) return {};
  const written = memberAnyCase(request, 'pipelineVersionId');
  if (isHidden(written)) return {};
  const version = asText(written);
  return { 'sagemaker:PipelineVersionId': version === undefined ? null : short(version) };
};

const resourceOf = (call: Recorded): string | undefined => {
  if (call.service === 'sagemaker') return sagemakerResource(call);
  if (call.service === 'sts') return asText(memberAnyCase(call.request, 'roleArn'));
  const told = asList(memberAnyCase(call.record, 'resources')).flatMap(
    (resource) => asText(memberAnyCase(resource, 'ARN')) ?? [],
  );
  const [only] = told;
  return told.length === 1 && only !== undefined && parseArn(only)?.service === call.service
    ? only
    : undefined;
};

const KINDS_BY_CALL = new Map(Object.values(JOB_KINDS).map((kind) => [`Create${kind.noun}`, kind]));

const sagemakerResource = (call: Recorded): string | undefined => {
  const { request, response, name } = call;
  const asked = (field: string): string | undefined => asText(memberAnyCase(request, field));
  const answered = (field: string): string | undefined => asText(memberAnyCase(response, field));
  const named = asked('pipelineExecutionArn') ?? asked('pipelineName') ?? asked('pipelineArn');
  if (named !== undefined)
    return named.startsWith('arn:')
      ? named
      : (answered('pipelineArn') ?? sagemakerArn(call, `pipeline/${named}`));
  const kind = KINDS_BY_CALL.get(name);
  if (!kind) return asked('resourceArn');
  const jobName = asked(kind.nameField);
  return (
    answered(kind.arnField) ??
    (jobName === undefined ? undefined : sagemakerArn(call, `${kind.arnType}/${jobName}`))
  );
};

/** What a call of S3 needs: the action, for a version of an object another one, and on what. */
type S3Call = { action: string; ofVersion?: string; on: 'object' | 'bucket' | 'nothing' };

const onObject = (action: string, ofVersion = action): S3Call => ({ action, ofVersion, on: 'object' });
const onBucket = (action: string): S3Call => ({ action, on: 'bucket' });

/**
 * The action of each call of S3, which often has another name.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
const S3_CALLS: ReadonlyMap<string, S3Call> = new Map([
  ['GetObject', onObject('GetObject', 'GetObjectVersion')],
  ['HeadObject', onObject('GetObject', 'GetObjectVersion')],
  ['SelectObjectContent', onObject('GetObject')],
  ['GetObjectAcl', onObject('GetObjectAcl', 'GetObjectVersionAcl')],
  ['GetObjectTagging', onObject('GetObjectTagging', 'GetObjectVersionTagging')],
  ['PutObject', onObject('PutObject')],
  ['PostObject', onObject('PutObject')],
  ['CopyObject', onObject('PutObject')],
  ['CreateMultipartUpload', onObject('PutObject')],
  ['InitiateMultipartUpload', onObject('PutObject')],
  ['UploadPart', onObject('PutObject')],
  ['UploadPartCopy', onObject('PutObject')],
  ['CompleteMultipartUpload', onObject('PutObject')],
  ['AbortMultipartUpload', onObject('AbortMultipartUpload')],
  ['ListParts', onObject('ListMultipartUploadParts')],
  ['PutObjectAcl', onObject('PutObjectAcl', 'PutObjectVersionAcl')],
  ['PutObjectTagging', onObject('PutObjectTagging', 'PutObjectVersionTagging')],
  ['DeleteObjectTagging', onObject('DeleteObjectTagging', 'DeleteObjectVersionTagging')],
  ['DeleteObject', onObject('DeleteObject', 'DeleteObjectVersion')],
  // Its record does not tell the keys.
  ['DeleteObjects', { action: 'DeleteObject', on: 'nothing' }],
  ['RestoreObject', onObject('RestoreObject')],
  ['ListObjects', onBucket('ListBucket')],
  ['ListObjectsV2', onBucket('ListBucket')],
  ['HeadBucket', onBucket('ListBucket')],
  ['ListObjectVersions', onBucket('ListBucketVersions')],
  ['ListMultipartUploads', onBucket('ListBucketMultipartUploads')],
  ['GetBucketLocation', onBucket('GetBucketLocation')],
  ['GetBucketCors', onBucket('GetBucketCORS')],
  ['PutBucketCors', onBucket('PutBucketCORS')],
  ['DeleteBucketCors', onBucket('PutBucketCORS')],
  ['GetBucketPolicy', onBucket('GetBucketPolicy')],
  ['PutBucketPolicy', onBucket('PutBucketPolicy')],
  ['DeleteBucketPolicy', onBucket('DeleteBucketPolicy')],
  ['GetBucketTagging', onBucket('GetBucketTagging')],
  ['PutBucketTagging', onBucket('PutBucketTagging')],
  ['DeleteBucketTagging', onBucket('PutBucketTagging')],
  ['GetBucketEncryption', onBucket('GetEncryptionConfiguration')],
  ['CreateBucket', onBucket('CreateBucket')],
  ['DeleteBucket', onBucket('DeleteBucket')],
  ['ListBuckets', { action: 'ListAllMyBuckets', on: 'nothing' }],
]);

const COPY_SOURCE = /^\/?([^/?]{1,255})\/([^?]+)(\?versionId=.*)?$/;

const s3Requests = ({ name, request, partition, keys }: Recorded): RecordedRequest[] => {
  const call = S3_CALLS.get(name);
  if (!call) return [];
  const bucket = asText(memberAnyCase(request, 'bucketName'));
  const key = asText(memberAnyCase(request, 'key'));
  const isVersion = (memberAnyCase(request, 'versionId') ?? null) !== null;
  const action = `s3:${(isVersion ? call.ofVersion : undefined) ?? call.action}`;
  // An access point stands in place of a bucket by its ARN or alias, and does not tell the bucket.
  const isBucket = bucket !== undefined && !bucket.startsWith('arn:') && !bucket.endsWith('-s3alias');
  const place =
    !isBucket || call.on === 'nothing'
      ? undefined
      : call.on === 'bucket'
        ? bucket
        : key && `${bucket}/${key}`;
  const arn = (of: string): string => `arn:${partition}:s3:::${of}`;
  const own = requestOf(action, place === undefined || place === '' ? undefined : arn(place), keys);
  const copySource = memberAnyCase(request, 'x-amz-copy-source');
  if (isHidden(copySource)) return [own, requestOf('s3:GetObject', undefined, keys)];
  const source = asText(copySource);
  if (source === undefined) return [own];
  const [, sourceBucket, sourceKey, version] = COPY_SOURCE.exec(source) ?? [];
  const copied = version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const isPlain = sourceBucket !== undefined && sourceKey !== undefined && !source.includes('%');
  return [own, requestOf(copied, isPlain ? arn(`${sourceBucket}/${sourceKey}`) : undefined, keys)];
};

/** The services to which a call passes the roles that it names, by event source. */
const PASSED_TO: ReadonlyMap<string, string> = new Map([
  ...[
    'bedrock',
    'cloudformation',
    'codebuild',
    'codepipeline',
    'events',
    'firehose',
    'glue',
    'lambda',
    'sagemaker',
    'scheduler',
    'states',
  ].map((service) => [`${service}.amazonaws.com`, `${service}.amazonaws.com`] as const),
  ['ecs.amazonaws.com', 'ecs-tasks.amazonaws.com'],
]);

const READING = /^(?:Describe|Get|List|Search|Query|Invoke)/;

/**
 * The roles that a call passed to its service: whoever creates or updates something with a role needs iam:PassRole on
 * it, for which CloudTrail has no record of its own.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
const passedRoles = ({ name, request, keys }: Recorded, source: string): RecordedRequest[] => {
  const service = PASSED_TO.get(source);
  if (service === undefined || READING.test(name)) return [];
  const roles = request === undefined ? [undefined] : rolesIn(request);
  return roles.map((role) => requestOf('iam:PassRole', role, { ...keys, 'iam:PassedToService': service }));
};

/** More values than a request with a role has. */
const MAX_VALUES = 10_000;
const ROLE_FIELD = /role(?:_?arn)?$/i;
const ROLE_ARN = /^arn:[^:]{1,32}:iam::\d{12}:role\//;

/** The ARNs under keys that are named after roles; one that is not told where it is hidden, or there are too many values. */
const rolesIn = (request: Json): (string | undefined)[] => {
  const roles = new Set<string | undefined>();
  const pending: Json[] = [request];
  let values = 0;
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const entries = Array.isArray(value)
      ? value.map((each) => ['', each] as const)
      : isObject(value)
        ? Object.entries(value)
        : [];
    for (const [key, inner] of entries) {
      if (++values > MAX_VALUES) return [...roles, undefined];
      if (isHidden(inner) && ROLE_FIELD.test(key)) roles.add(undefined);
      else if (typeof inner === 'object' && inner !== null) pending.push(inner);
      else if (typeof inner === 'string' && ROLE_FIELD.test(key) && ROLE_ARN.test(inner)) roles.add(inner);
    }
  }
  return [...roles];
};

/**
 * Who assumed a role, and how. A service assumes a role for the role's own account, because roles can be passed to a
 * service within one account only.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
const assumptionOf = (
  { service, name, identity, request, account }: Recorded,
  own: readonly RecordedRequest[],
): RecordedAssumption | undefined => {
  if (!isAssuming({ service, name })) return undefined;
  const roleArn = asText(memberAnyCase(request, 'roleArn'));
  if (roleArn === undefined || roleArn.length > MAX_ARN_LENGTH) return undefined;
  const by = assumerOf(identity, request);
  const isService = asText(memberAnyCase(identity, 'type')) === 'AWSService';
  const writtenId = memberAnyCase(request, 'externalId');
  const externalId = asText(writtenId);
  const more: Record<string, ContextValue> = {
    ...(request !== undefined &&
      !isHidden(writtenId) && {
        'sts:ExternalId': externalId === undefined ? null : short(externalId),
      }),
    ...(isService && { 'aws:SourceAccount': parseArn(roleArn)?.account ?? account }),
    ...mfaKeys(identity),
  };
  return {
    roleArn,
    ...(by !== undefined && by.length <= MAX_ARN_LENGTH && { by }),
    requests: own.map((each) => ({ ...each, keys: { ...each.keys, ...more } })),
  };
};

const isAssuming = ({ service, name }: Pick<Recorded, 'service' | 'name'>): boolean =>
  service === 'sts' && name.startsWith('AssumeRole');

const mfaKeys = (identity: Json | undefined): Record<string, ContextValue> => {
  const mfa = asText(memberAt(identity, 'sessionContext', 'attributes', 'mfaAuthenticated'));
  return mfa === undefined ? {} : { 'aws:MultiFactorAuthPresent': mfa === 'true' ? 'true' : 'false' };
};

/** In the account of the role, CloudTrail tells only the account of a caller from another account. */
const assumerOf = (identity: Json | undefined, request: Json | undefined): string | undefined => {
  switch (asText(memberAnyCase(identity, 'type'))) {
    case 'AWSService':
      return asText(memberAnyCase(identity, 'invokedBy'));
    case 'SAMLUser':
      return asText(memberAnyCase(request, 'principalArn'));
    case 'WebIdentityUser':
      return asText(memberAnyCase(identity, 'identityProvider'));
    default:
      return principalOf(identity) ?? asText(memberAnyCase(identity, 'accountId'));
  }
};
