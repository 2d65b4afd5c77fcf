import type { PolicyText } from '../domain/role-change.ts';
import { contextOf } from '../iam/decide/context.ts';
import { type Decision, decide } from '../iam/decide/decide.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import type { Policy, Statement } from '../iam/policy/policy.ts';
import { roleIn } from '../iam/policy/principal.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { isNetworkLimit, outsideNetworks } from '../iam/sets/network-limits.ts';
import { asList, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import type { PolicyDocument } from './least-policy.ts';

/** The tag of execution roles that an SCP lets read S3 from outside the network. */
export type ExceptionTag = { key: string; value: string };

/**
 * An SCP with the exception, and pointers to the statements that were changed, none where it has the exception already; or why it
 * cannot be changed.
 */
export type Excepted =
  | { ok: true; document: Json; pointers: readonly string[] }
  | { ok: false; message: string };

/**
 * An SCP that keeps S3 to VPCs (`vpc-…`) or VPC endpoints (`vpce-…`), with the exception for the tag.
 * @throws {Error} where the engine finds that the policy does something else. No input leads to that.
 */
export const networkScp = (networks: readonly string[], tag: ExceptionTag): Json => {
  const isEndpoint = (id: string) => id.startsWith('vpce-');
  const endpoints = networks.filter(isEndpoint);
  const vpcs = networks.filter((id) => !isEndpoint(id));
  const document = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'S3FromOwnNetworks',
        Effect: 'Deny',
        Action: ['s3:*'],
        Resource: ['*'],
        Condition: {
          StringNotEquals: {
            ...(vpcs.length > 0 && { 'aws:SourceVpc': vpcs }),
            ...(endpoints.length > 0 && { 'aws:SourceVpce': endpoints }),
          },
          Bool: { 'aws:ViaAWSService': 'false' },
        },
      },
    ],
  } satisfies PolicyDocument;
  const result = withException(document, tag);
  if (!result.ok) throw new Error(result.message);
  return result.document;
};

/**
 * The given SCP with the exception that JsonGet needs. SageMaker reads S3 for JsonGet from outside the network, under
 * the execution role with the tag. Only Denies that keep S3 to a network are changed. The engine has found that roles
 * with the tag may then read and all others are held as before. A Deny for the tag alone is turned into one for all
 * others.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const withException = (given: Json, tag: ExceptionTag): Excepted => {
  const source = turnedRound(given, tag);
  const policy = readScp(source);
  if (!policy.isReadable) {
    const problems = policy.problems.map(({ pointer, message }) => `${pointer || '/'}: ${message}`);
    return { ok: false, message: `not an SCP: ${problems.join('; ')}` };
  }
  const limiting = networkLimits(policy);
  if (limiting.length === 0)
    return {
      ok: false,
      message:
        'no Deny of it keeps s3:GetObject to a network (aws:SourceVpc, aws:SourceVpce, aws:VpcSourceIp or aws:SourceIp), so that JsonGet needs no exception from it',
    };
  const lacking = limiting.filter(
    (statement) => readBy({ ...policy, statements: [statement] }, tag, tag.value) !== 'Allow',
  );
  if (lacking.length === 0 && source === given) return { ok: true, document: given, pointers: [] };
  const places = new Set(limiting.map(({ index }) => index));
  const toChange = new Set(lacking.map(({ index }) => index));
  const statements = asList(member(source, 'Statement')).map((statement, index) =>
    toChange.has(index) ? excepted(statement, tag) : statement,
  );
  const document: Json = { ...(isObject(source) && source), Statement: statements };
  const unchanged = readBy({ ...policy, statements: limiting }, tag, undefined);
  const after = readScp(document);
  const changed = { ...after, statements: after.statements.filter(({ index }) => places.has(index)) };
  if (readBy(changed, tag, tag.value) !== 'Allow' || readBy(changed, tag, undefined) !== unchanged)
    throw new Error('the exception does something else than to let the tag through');
  const pointers = changed.statements
    .filter(({ index }) => toChange.has(index))
    .map(({ pointer }) => pointer);
  return { ok: true, document, pointers };
};

const readScp = (source: Json): Policy => readPolicy(source, { name: 'scp', kind: 'scp' });

/** The statements that deny reading from S3 to requests from outside some network. */
const networkLimits = (policy: Policy): Statement[] =>
  indexPolicies([policy])
    .candidates('s3:getobject')
    .denies.map(({ statement }) => statement)
    .filter(isNetworkLimit);

/** The SCP without conditions by which such a statement denies only roles that have the tag. */
const turnedRound = (source: Json, tag: ExceptionTag): Json => {
  const policy = readScp(source);
  const reversed = networkLimits(policy).filter((statement) => {
    const alone = { ...policy, statements: [statement] };
    return readBy(alone, tag, undefined) === 'Allow' && readBy(alone, tag, tag.value) === 'ExplicitDeny';
  });
  if (reversed.length === 0) return source;
  const places = new Set(reversed.map(({ index }) => index));
  const statements = asList(member(source, 'Statement')).map((statement, index) =>
    places.has(index) ? withoutTag(statement, tag) : statement,
  );
  return { ...objectOf(source), Statement: statements };
};

const withoutTag = (statement: Json, { key }: ExceptionTag): Json => {
  const isTag = (name: string) => name.toLowerCase() === `aws:PrincipalTag/${key}`.toLowerCase();
  const conditions = Object.entries(objectOf(member(statement, 'Condition'))).flatMap(([operator, keys]) => {
    const kept = Object.entries(objectOf(keys)).filter(([name]) => !isTag(name));
    return kept.length > 0 ? [[operator, Object.fromEntries(kept)]] : [];
  });
  return { ...objectOf(statement), Condition: Object.fromEntries(conditions) };
};

/** The statement with the exception added to the conditions that it has on the same operator and key. */
const excepted = (statement: Json, { key, value }: ExceptionTag): Json => {
  const conditions = objectOf(member(statement, 'Condition'));
  const operator = nameIn(conditions, 'StringNotEquals');
  const keys = objectOf(member(conditions, operator));
  const tagKey = nameIn(keys, `aws:PrincipalTag/${key}`);
  const values = [...new Set([...asList(member(keys, tagKey)), value])];
  const one = values.length === 1 ? value : values;
  return { ...objectOf(statement), Condition: { ...conditions, [operator]: { ...keys, [tagKey]: one } } };
};

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** The name as the object writes it. IAM compares operators and keys without case. */
const nameIn = (object: JsonObject, name: string): string =>
  Object.keys(object).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;

/** What the policy decides on a read from S3 by a role with that value of the tag, from outside all networks. */
const readBy = (policy: Policy, { key }: ExceptionTag, value: string | undefined): Decision => {
  return decide(
    { identity: indexPolicies([FULL_AWS_ACCESS]), scps: [indexPolicies([FULL_AWS_ACCESS, policy])] },
    {
      principal: ANYONE,
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::bucket/file.json',
      context: contextOf({ ...outsideNetworks(), [`aws:PrincipalTag/${key}`]: value ?? null }),
    },
  );
};

const ANYONE = roleIn({ partition: 'aws', account: '111122223333' });

/** The policy that keeps its holder from setting the tag on roles, users and sessions, and from taking it from roles. */
export const taggingGuardrail = (tagKey: string): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Action: [
        'iam:TagRole',
        'iam:UntagRole',
        'iam:CreateRole',
        'iam:TagUser',
        'iam:CreateUser',
        'sts:TagSession',
      ],
      Resource: ['*'],
      // IAM minds no case in the keys of its tags.
      Condition: { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': tagKey } },
    },
  ],
});

/** The content of the one SCP of an organization that needs the exception, with it; undefined where several do, or none. */
export const exceptedScp = (
  levels: readonly { policies: readonly { document: Json }[] }[],
  tag: ExceptionTag,
): string | undefined => {
  const changed = levels.flatMap(({ policies }) =>
    policies.flatMap(({ document }) => {
      const excepted = withException(document, tag);
      return excepted.ok && excepted.pointers.length > 0 ? [excepted.document] : [];
    }),
  );
  return changed.length === 1 ? JSON.stringify(changed[0]) : undefined;
};
