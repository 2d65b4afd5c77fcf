import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { parseArn, parseAssumedRole } from '../shared/domain/arn.ts';
import {
  accountEvidence,
  type Identities,
  organizationInRequests,
  organizationLayers,
  unreadLayer,
} from '../shared/facts/account-evidence.ts';
import type { Identity } from '../shared/iam/decide/authorization-details.ts';
import type { Policies } from '../shared/iam/decide/layers.ts';
import { indexPolicies } from '../shared/iam/decide/policy-index.ts';
import type { Request } from '../shared/iam/decide/request.ts';
import type { Reader } from '../shared/reader/reader.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';

/** All that a snapshot tells of a request: who makes it, and the policies that decide it. */
export type SnapshotRequest = { request: Request; policies: Policies; notes: string[] };

const BUCKET = /^arn:[^:]{1,32}:s3:::([^/]{1,255})/;
const KEY = /^arn:[^:]{1,32}:kms:[^:]{1,64}:\d{12}:key\/[^*?]{1,64}$/;
const ROLE = /^arn:[^:]{1,32}:iam::\d{12}:role\//;

/**
 * The request of a user or role of a snapshot, with its tags, and its own policies, its boundary, those of the
 * organization and of the resource; of a service, the resource’s policy alone. A resource’s policy that the snapshot lacks
 * counts as unknown.
 * @throws {UsageError} if the snapshot has no such user or role.
 */
export const requestInSnapshot = async (reader: Reader, asked: Request): Promise<SnapshotRequest> => {
  const evidence = accountEvidence(reader, DEFAULT_CONFIG);
  const identities = await evidence.identities();
  if (!identities.ok) throw new UsageError(identities.unread.message);
  const { byArn, named } = identities.value;
  const { kind, sessionArn } = asked.principal;
  const isOfAccount = kind === 'role' || kind === 'user';
  const identity = isOfAccount ? identityOf(asked, { byArn, named }) : undefined;
  if (isOfAccount && !identity) throw noPrincipal(asked.principal.arn, [...byArn.keys()]);
  const organization = await evidence.organization();
  const { account } = reader.scope;
  const layers = organizationLayers(organization, account);
  const ofPrincipals = isOfAccount ? await organizationInRequests(evidence) : undefined;
  const isOwn = await isOwnBucket(asked.resource, reader);
  return {
    request: {
      ...asked,
      ...(identity && {
        principal: {
          ...identity.principal,
          ...(sessionArn !== undefined && { sessionArn }),
          ...(ofPrincipals !== undefined && { organization: ofPrincipals }),
        },
      }),
      ...(isOwn && asked.resourceAccount === undefined && { resourceAccount: account }),
    },
    policies: {
      ...identity?.policies,
      ...layers,
      ...(await resourceLayer(asked, byArn, evidence)),
    },
    notes: organization.ok
      ? []
      : [`the policies of the organization are not part of the decision: ${organization.unread.message}`],
  };
};

type Known = Pick<Identities, 'byArn' | 'named'>;

/** A session’s ARN names the role without its path, which is unique in an account all the same. */
const identityOf = ({ principal }: Request, { byArn, named }: Known): Identity | undefined => {
  const session = parseAssumedRole(principal.sessionArn ?? principal.arn);
  const found = byArn.get(principal.arn) ?? (session && named('role', session.roleName));
  return found?.principal.account === principal.account ? found : undefined;
};

const noPrincipal = (arn: string, known: readonly string[]): UsageError =>
  new UsageError(
    `--principal ${JSON.stringify(arn)}: the snapshot has no such user or role${suggestion(visibleText(arn), known)}`,
  );

const isOwnBucket = async (resource: string, reader: Reader): Promise<boolean> => {
  const [, bucket] = BUCKET.exec(resource) ?? [];
  if (bucket === undefined) return false;
  const buckets = await reader.listBuckets();
  return buckets.ok && buckets.value.includes(bucket);
};

/**
 * The services whose resources have policies that a snapshot has none of: those may allow or deny what no other policy tells. Of S3,
 * these are access points.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
 */
const WITH_POLICIES = new Set([
  ...['acm-pca', 'backup', 'codeartifact', 'dynamodb', 'ecr', 'elasticfilesystem', 'es', 'events'],
  ...['execute-api', 'glue', 'kafka', 'kinesis', 'lambda', 'mediastore', 's3', 's3-object-lambda'],
  ...['s3express', 'secretsmanager', 'sns', 'sqs', 'vpc-lattice'],
]);

const policyElsewhere = (resource: string): Pick<Policies, 'resource'> => {
  const service = parseArn(resource)?.service;
  if (service === undefined || !WITH_POLICIES.has(service)) return {};
  const unread = {
    call: 'snapshot',
    code: 'NotInSnapshot',
    message:
      'a snapshot has the policies of buckets, keys and roles alone; without --snapshot, --resource-policy takes any',
  };
  return { resource: unreadLayer(`policy of ${resource}`, 'resource', unread) };
};

const resourceLayer = async (
  { resource, action }: Request,
  byArn: Known['byArn'],
  evidence: ReturnType<typeof accountEvidence>,
): Promise<Pick<Policies, 'resource'>> => {
  const [, bucket] = BUCKET.exec(resource) ?? [];
  const trust = ROLE.test(resource) && /^sts:/i.test(action) ? byArn.get(resource)?.trust : undefined;
  if (trust) return { resource: indexPolicies([trust]) };
  const isKey = KEY.test(resource) && parseArn(resource)?.service === 'kms';
  if (bucket === undefined && !isKey) return policyElsewhere(resource);
  const read =
    bucket === undefined ? await evidence.keyPolicy(resource) : await evidence.bucketPolicy(bucket);
  const name = bucket === undefined ? `policy of key ${resource}` : `policy of bucket ${bucket}`;
  const layer = read.ok ? read.value : unreadLayer(name, 'resource', read.unread);
  return layer ? { resource: layer } : {};
};
