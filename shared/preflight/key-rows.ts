import type { Unread } from '../domain/gap.ts';
import { assume, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { type Decision, decide } from '../iam/decide/decide.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import type { Statement } from '../iam/policy/policy.ts';
import type { Principal } from '../iam/policy/principal.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import type { Json } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { ABSENT, type Read } from '../reader/read-result.ts';
import { listed } from '../text/listed.ts';
import type { StackPlace } from './planned-stacks.ts';
import { notTold, ok, type PreflightRow, type PreflightStatus } from './preflight-row.ts';

/** What AWS tells of a key. */
export type DescribedKey = { state: string; spec: string; usage: string };

/** What AWS tells of a topic. `key`: the id, ARN or alias of the key that encrypts it. */
export type DescribedTopic = { policy?: string; key?: string };

/** Who must be let in by a policy of a resource, and in which circumstances. */
type Guest = {
  who: string;
  /** Whether the deployment fails without it; else a part of the system does not work. */
  isNeeded: boolean;
  principal: Principal;
  /** Whether the principal stands for all roles of the account, whose names and paths a deployment chooses. */
  isAnyRole?: true;
  actions: readonly string[];
  /** The circumstances in each of which all actions are needed. */
  contexts: readonly Readonly<Record<string, ContextValue>>[];
  statement: Json;
};

/** A policy that lets this role in does so for all roles of the account, by their own policies. */
const anyRole = ({ partition, account }: Pick<StackPlace, 'partition' | 'account'>) => ({
  who: `roles of ${account}`,
  principal: { kind: 'role', arn: `arn:${partition}:iam::${account}:role/any/role`, account } as const,
  isAnyRole: true as const,
});

/**
 * Whether a key of the organization’s can take the place of the one that a deployment makes. The policy engine asks its policy.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * `isForTopic`: whether it encrypts the topic that alarms tell.
 */
export const keyRow = (
  arn: string,
  { account, region, partition }: StackPlace,
  described: Read<DescribedKey>,
  policy: Read<string>,
  isForTopic: boolean,
): PreflightRow => {
  const place = { about: 'Key', region };
  if (!described.ok) return unreadRow(place, arn, described.unread, '--key-arn');
  const { state, spec, usage } = described.value;
  if (state !== 'Enabled' || spec !== 'SYMMETRIC_DEFAULT' || usage !== 'ENCRYPT_DECRYPT')
    return {
      ...place,
      status: 'WILL_FAIL',
      found: `${arn} is ${state}, of the spec ${spec} and for ${usage}`,
      todo: 'Give --key-arn an enabled symmetric key that encrypts.',
    };
  const use = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'DescribeKey'];
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const logs = `logs.${region}.${suffix}`;
  const logArn = `arn:${partition}:logs:${region}:${account}:log-group:`;
  return policyRow(place, { arn, partition, account }, policy, [
    {
      ...anyRole({ partition, account }),
      isNeeded: true,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey', 'kms:CreateGrant'],
      contexts: ['dynamodb', 's3', 'sns'].map((service) => ({
        'kms:ViaService': `${service}.${region}.${suffix}`,
        'kms:GrantIsForAWSResource': 'true',
      })),
      statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    },
    {
      who: logs,
      isNeeded: true,
      principal: { kind: 'service', arn: logs },
      actions: use.map((action) => `kms:${action}`),
      contexts: [
        {
          'kms:EncryptionContext:aws:logs:arn': `${logArn}Pipewarden-AuditLog`,
          'aws:SourceAccount': account,
          'aws:SourceArn': `${logArn}Pipewarden-AuditLog`,
        },
      ],
      statement: {
        Effect: 'Allow',
        Principal: { Service: logs },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `${logArn}*` } },
      },
    },
    ...(isForTopic ? [alarms(['kms:Decrypt', 'kms:GenerateDataKey'], { account, region, partition })] : []),
  ]);
};

/** Alarms tell the topic, which needs the key, where it is encrypted. */
const alarms = (actions: readonly string[], { account, region, partition }: StackPlace): Guest => ({
  who: 'cloudwatch.amazonaws.com',
  isNeeded: false,
  principal: { kind: 'service', arn: 'cloudwatch.amazonaws.com' },
  actions,
  contexts: [
    {
      'aws:SourceAccount': account,
      'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:Pipewarden-Example`,
    },
  ],
  statement: {
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: actions.map((action) => (action === 'kms:GenerateDataKey' ? `${action}*` : action)),
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  },
});

/**
 * Whether a topic of the organization’s can take the place of the one that a deployment makes. `keyArn`: the key of the deployment, if
 * it was given one.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export const topicRow = (
  arn: string,
  stackPlace: StackPlace,
  read: Read<DescribedTopic>,
  keyArn: string | undefined,
): PreflightRow => {
  const { account, region, partition } = stackPlace;
  const place = { about: 'Alert topic', region };
  if (!read.ok) return unreadRow(place, arn, read.unread, '--alert-topic-arn');
  const { policy, key } = read.value;
  const row = policyRow(
    place,
    { arn, partition, account },
    policy === undefined ? { ok: false, unread: NO_POLICY } : { ok: true, value: policy },
    [
      {
        ...alarms(['sns:Publish'], stackPlace),
        statement: {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: arn,
          Condition: { StringEquals: { 'aws:SourceAccount': account } },
        },
      },
      {
        ...anyRole({ partition, account }),
        isNeeded: false,
        actions: ['sns:Publish'],
        contexts: [{}],
        statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:${partition}:iam::${account}:root` },
          Action: 'sns:Publish',
          Resource: arn,
        },
      },
    ],
  );
  if (row.status !== 'OK' || key === undefined || key === keyArn) return row;
  if (key === 'alias/aws/sns')
    return {
      ...place,
      status: 'WILL_BE_MISSING',
      found: `${arn} is encrypted with ${key}, which lets no alarm in`,
      todo: 'Encrypt it with a key of your own whose policy lets cloudwatch.amazonaws.com in, or not at all.',
    };
  return {
    ...place,
    status: 'NOT_TOLD',
    found: `${arn} is encrypted with ${key}; whether its policy lets alarms and the roles in is not asked`,
    todo: `Its policy must allow kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com, and to the roles of the functions deliver and report by name; or give the same key with --key-arn.`,
  };
};

const NO_POLICY: Unread = {
  call: 'GetTopicAttributes',
  code: 'Incomplete',
  message: 'the answer holds no policy',
};

type RowPlace = { about: string; region: string };

const unreadRow = (place: RowPlace, arn: string, unread: Unread, option: string): PreflightRow =>
  unread.code === ABSENT || unread.code === 'NotFoundException' || unread.code === 'NotFound'
    ? {
        ...place,
        status: 'WILL_FAIL',
        found: `there is no ${arn}`,
        todo: `Give ${option} one that is there.`,
      }
    : notTold(place, unread, `whether ${arn} is there is not known`);

/** Whether the policy of a resource lets its guests in. What a service is not let in for fails, if all is known of it. */
const policyRow = (
  place: RowPlace,
  { arn, account }: { arn: string; partition: string; account: string },
  policy: Read<string>,
  guests: readonly Guest[],
): PreflightRow => {
  if (!policy.ok) return notTold(place, policy.unread, `what the policy of ${arn} allows is not known`);
  const parsed = parseJson(policy.value);
  if (!parsed.ok)
    return {
      ...place,
      status: 'NOT_TOLD',
      found: `the policy of ${arn} is no JSON`,
      todo: `See what it allows: it must let in ${listed(guests.map(({ who }) => who))}.`,
    };
  const policies = {
    identity: indexPolicies([FULL_AWS_ACCESS]),
    resource: indexPolicies([readPolicy(parsed.value, { name: 'policy', kind: 'resource' })]),
  };
  const decisions = guests.map((guest) => ({
    guest,
    decided: guest.contexts.flatMap((context) =>
      guest.actions.map(
        (action): Decision =>
          decide(policies, {
            principal: guest.principal,
            action,
            resource: arn,
            resourceAccount: arn.split(':')[4] ?? account,
            context: assume(contextOf({ 'aws:SecureTransport': 'true' }), context),
          }),
      ),
    ),
  }));
  // Those of a deployment may be let in by their names, or for one service alone, which is not enough for all of them.
  const isNamed = policies.resource.statements.some(({ statement }) => mayNameRoles(statement));
  const isRefused = ({ guest, decided }: (typeof decisions)[number]): boolean =>
    decided.includes('ExplicitDeny') ||
    (decided.includes('ImplicitDeny') && !(guest.isAnyRole === true && isNamed));
  const refused = decisions.filter(isRefused);
  const open = decisions.filter((each) => !isRefused(each) && each.decided.some((one) => one !== 'Allow'));
  const missing = refused.length > 0 ? refused : open;
  if (missing.length === 0) return ok(place, `${arn} lets in ${listed(guests.map(({ who }) => who))}`);
  return {
    ...place,
    status: statusOf(refused.map(({ guest }) => guest)),
    found: `the policy of ${arn} ${refused.length > 0 ? 'does not let' : 'may not let'} in ${listed(missing.map(({ guest }) => guest.who))}`,
    todo: `Add to its policy: ${missing.map(({ guest }) => JSON.stringify(guest.statement)).join(', ')}`,
  };
};

/** Whether a statement may let in roles by their names, which a deployment’s roles may have. */
const mayNameRoles = ({ effect, principals }: Statement): boolean =>
  effect === 'Allow' &&
  (principals === undefined ||
    principals.isNot ||
    principals.principals.some(({ type }) => type !== 'Service'));

const statusOf = (refused: readonly Guest[]): PreflightStatus => {
  if (refused.length === 0) return 'NOT_TOLD';
  return refused.some(({ isNeeded }) => isNeeded) ? 'WILL_FAIL' : 'WILL_BE_MISSING';
};

/** By which output of the stack with what is kept it told others of the key and the topic that it made. */
export const MADE_OUTPUTS = { KeyArn: 'DataKeyArn', AlertTopicArn: 'AlertTopicArn' } as const;

/** Which stacks import what the stack with what is kept made itself, by the outputs of a deployment that is given another. */
export type MadeImporters = Readonly<Record<keyof typeof MADE_OUTPUTS, Read<readonly string[]>>>;

/**
 * What comes of a key or a topic in place of another. CloudFormation takes away no export that is in use, as it is by stacks of version
 * 0.1.0. `deployed`: the outputs of the stack that is there.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 */
export const replacedRows = (
  region: string,
  planned: ReadonlyMap<string, string>,
  deployed: ReadonlyMap<string, string>,
  importers: MadeImporters,
): PreflightRow[] =>
  deployed.size > 0
    ? (
        [
          [
            'Key',
            'KeyArn',
            '--key-arn',
            'what is encrypted with the other key, such as earlier reports, is not read any more',
          ],
          [
            'Alert topic',
            'AlertTopicArn',
            '--alert-topic-arn',
            'the subscriptions of the other topic hear nothing any more',
          ],
        ] as const
      ).flatMap(([about, output, option, lost]): PreflightRow[] => {
        const [before, after] = [deployed.get(output), planned.get(output)];
        if (before === after) return [];
        const place = { about, region };
        const found = `${after ?? 'one that is made'} takes the place of ${before ?? 'the one that was made'}`;
        const replaced: PreflightRow = {
          ...place,
          status: 'WILL_BE_MISSING',
          found: `${found}: ${lost}`,
          todo:
            before === undefined
              ? `Deploy without ${option}, if that is not wanted.`
              : `Give ${option} ${before}, if that is not wanted.`,
        };
        if (before !== undefined) return [replaced];
        const imported = importers[output];
        if (!imported.ok)
          return [notTold(place, imported.unread, `${found}, which fails where another stack imports it`)];
        return imported.value.length === 0
          ? [replaced]
          : [
              {
                ...place,
                status: 'WILL_FAIL',
                found: `${found}, which is imported by ${listed(imported.value)}`,
                todo: `Deploy without ${option} first: the stacks of this version import nothing. Then deploy with it: then ${lost}.`,
              },
            ];
      })
    : [];
