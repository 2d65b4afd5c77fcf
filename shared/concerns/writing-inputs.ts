import { parseArn } from '../domain/arn.ts';
import type { InputsFact } from '../facts/facts.ts';
import { type Context, contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { PrincipalElement, Statement } from '../iam/policy/policy.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import type { AnyAnswer } from '../iam/sets/answers.ts';
import { type KeyAxis, sourcesBeyond } from '../iam/sets/key-axis.ts';
import { type AnyResource, allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { type Concern, concernsOf, isShown } from '../judging/concern.ts';
import { oncePer, remembered } from '../memo.ts';
import { codeOf } from './assuming.ts';
import { withChosenKeys } from './chosen-keys.ts';

/** A bucket in which inputs of pipelines lie. */
export type InputBucket = Extract<InputsFact, { of: 'bucket' }>;

/**
 * The calls that change an object. An ACL of an object lets nobody write it. Without its newest version, an object is the
 * one before. Replication writes what the source holds under the same key.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html
 */
export const ON_OBJECTS = [
  's3:PutObject',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:ReplicateObject',
] as const;

/** What S3 tells of every request that is signed today. */
export const SIGNED: Context = contextOf({
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  's3:signatureversion': 'AWS4-HMAC-SHA256',
  's3:authType': 'REST-HEADER',
});

const EVERYTHING = indexPolicies([FULL_AWS_ACCESS]);

/** Somebody outside the account whom a bucket policy names, and what of the requests is open. */
type Stranger = { principal: Principal; name: string; keys: readonly KeyAxis[] };

/** An account that nobody has: a canonical user may be of any. */
const SOME_ACCOUNT = {
  account: '000000000000',
  arn: 'arn:aws:iam::000000000000:root',
  kind: 'root',
} as const;

const strangersIn = ({ statements }: PolicyIndex, scope: InputBucket['scope']): Stranger[] => {
  const found = new Map<string, Stranger>();
  for (const { statement } of statements)
    for (const stranger of strangersOf(statement, scope)) found.set(stranger.name, stranger);
  return [...found.values()];
};

const EVERYBODY: Stranger = { principal: { kind: 'anonymous', arn: '*' }, name: 'everybody', keys: [] };

const strangersOf = ({ effect, principals }: Statement, scope: InputBucket['scope']): Stranger[] => {
  if (effect !== 'Allow' || !principals) return [];
  // Whoever is not named there is let in.
  return principals.isNot
    ? [EVERYBODY]
    : principals.principals.flatMap((each) => strangerOf(each, scope) ?? []);
};

/** Undefined for a principal of the account, and for one that is not there any more. */
const strangerOf = (
  { type, value }: PrincipalElement['principals'][number],
  scope: InputBucket['scope'],
): Stranger | undefined => {
  switch (type) {
    case 'AWS':
    case 'Federated': {
      if (value === '*') return EVERYBODY;
      const principal = principalOf(value);
      const account = principal?.account ?? parseArn(value)?.account;
      return principal && account !== scope.account ? { principal, name: value, keys: [] } : undefined;
    }
    case 'CanonicalUser':
      return { principal: SOME_ACCOUNT, name: `the canonical user ${value}`, keys: [] };
    case 'Service':
      return {
        principal: { kind: 'service', arn: value },
        name: `${value} on behalf of another account`,
        keys: [sourcesBeyond(codeOf(value), scope)],
      };
  }
};

/** Whether an Allow of a bucket policy names everybody. */
export const letsInEverybody = ({ policy, scope }: InputBucket): boolean =>
  policy !== undefined && strangersIn(policy, scope).includes(EVERYBODY);

/**
 * The concerns that a bucket policy lets principals of other accounts, services for them, or everybody, change some of the
 * inputs in the bucket: one for each of them. Their own account is taken to allow them everything, because nobody here knows
 * its policies. S3 lets nobody outside the account change a bucket’s policy, whatever the policy says.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
export const writtenFromOutside = (bucket: InputBucket, shared: SharedWork): Concern[] => {
  const { policy, scope } = bucket;
  if (!policy) return [];
  const concerns: Concern[] = [];
  for (const stranger of strangersIn(policy, scope)) {
    const found = writtenBy(stranger, bucket, policy, shared);
    if (found) concerns.push(found);
    // Without work left, every further question is open as well.
    if (found && isOutOfWork(found)) return concerns;
  }
  return concerns;
};

export const isOutOfWork = (concern: Concern): boolean =>
  concern.is === 'open' && concern.doubt.kind === 'too-complex';

const writtenBy = (
  { principal, name, keys }: Stranger,
  bucket: InputBucket,
  policy: PolicyIndex,
  shared: SharedWork,
): Concern | undefined => {
  const isCaller = principal.account !== undefined || principal.kind === 'federated';
  const policies = { resource: policy, ...(isCaller && { identity: EVERYTHING }) };
  const { files, scope } = bucket;
  const requestOf = requestsFrom({ principal, resourceAccount: scope.account });
  const ask: Asked = (action, resource) => {
    const universe = meantBy(resource, action);
    const asked = (context: Context) =>
      allowedBeyond({ policies, request: requestOf(action, context), universe, keys }, shared);
    return {
      answer: withChosenKeys(SIGNED, policies, action, asked),
      on: `${resource} to ${name}`,
      expected: `principals of account ${scope.account} alone`,
    };
  };
  const found = firstShown(ON_OBJECTS, files, ask);
  return found ?? (isCaller ? byAcl(bucket, ask) : undefined);
};

/** Gives the same request for the same action and context, so that questions about many files share their preparation. */
export const requestsFrom = (about: Pick<AnyResource, 'principal' | 'resourceAccount'>) => {
  const inContext = remembered((context: Context) =>
    oncePer((action): AnyResource => ({ ...about, action, context })),
  );
  return (action: string, context: Context): AnyResource => inContext(context)(action);
};

/** The answer about a call on a resource, and the words for it. */
export type Asked = (action: string, resource: string) => { answer: AnyAnswer; on: string; expected: string };

/** The first call on one of the files that is shown, or else the first that is open. */
export const firstShown = (
  actions: readonly string[],
  files: readonly { resource: string }[],
  ask: Asked,
): Concern | undefined => {
  let open: Concern | undefined;
  for (const action of actions)
    for (const { resource } of files) {
      const [found] = concernOf(action, ask(action, resource));
      if (found && (isShown(found) || isOutOfWork(found))) return found;
      open ??= found;
    }
  return open;
};

const concernOf = (action: string, { answer, on, expected }: ReturnType<Asked>): Concern[] =>
  concernsOf(answer, action, () => on, expected);

/**
 * Who writes the ACL of a bucket lets itself write objects, where ACLs count. Nobody but the bucket tells whether they do;
 * who may change that makes them count.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const byAcl = ({ scope, name }: InputBucket, ask: Asked): Concern | undefined => {
  const bucket = `arn:${scope.partition}:s3:::${name}`;
  const action = 's3:PutBucketAcl';
  const asked = ask(action, bucket);
  const [acl] = concernOf(action, asked);
  const { answer } = asked;
  if (
    !acl ||
    answer.answer !== 'some' ||
    ask('s3:PutBucketOwnershipControls', bucket).answer.answer === 'some'
  )
    return acl;
  const { at, found, expected } = acl.evidence;
  return {
    is: 'open',
    evidence: { at, found: `${found}, and so the writing of objects where ACLs count`, expected },
    doubt: { kind: 'hangs', example: answer.example },
  };
};
