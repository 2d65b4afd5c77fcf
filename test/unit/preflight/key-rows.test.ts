import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../shared/json/json.ts';
import { keyRow, type MadeImporters, replacedRows, topicRow } from '../../../shared/preflight/key-rows.ts';
import { ABSENT, found, notRead } from '../../../shared/reader/read-result.ts';

const PLACE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:alerts';
const ENABLED = { state: 'Enabled', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' };
const denied = notRead('Any', 'AccessDeniedException', 'not allowed (needs x:Any)');
const policy = (...statements: Json[]) =>
  found(JSON.stringify({ Version: '2012-10-17', Statement: statements }));

const ACCOUNT_OF_KEY = {
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 'kms:*',
  Resource: '*',
};
const LOGS = {
  Effect: 'Allow',
  Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
  Resource: '*',
  Condition: {
    ArnLike: {
      'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:111122223333:log-group:*',
    },
  },
};
const ALARMS = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  Resource: '*',
  Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
};

describe('a key', () => {
  const rowWith = (statements: Json[], isForTopic = true) =>
    keyRow(KEY, PLACE, found(ENABLED), policy(...statements), isForTopic);

  test('lets in roles, logs and alarms', () => {
    expect(rowWith([ACCOUNT_OF_KEY, LOGS, ALARMS])).toMatchObject({ status: 'OK' });
    expect(rowWith([ACCOUNT_OF_KEY, LOGS], false)).toMatchObject({ status: 'OK' });
  });

  test.each<[string, Json[], string, string]>([
    ['the roles', [LOGS, ALARMS], 'WILL_FAIL', 'arn:aws:iam::111122223333:root'],
    ['logs', [ACCOUNT_OF_KEY, ALARMS], 'WILL_FAIL', 'logs.eu-west-1.amazonaws.com'],
    [
      'logs of another account',
      [
        ACCOUNT_OF_KEY,
        ALARMS,
        {
          ...LOGS,
          Condition: {
            ArnLike: {
              'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-west-1:444455556666:log-group:*',
            },
          },
        },
      ],
      'WILL_FAIL',
      'log-group:*',
    ],
    ['alarms', [ACCOUNT_OF_KEY, LOGS], 'WILL_BE_MISSING', 'cloudwatch.amazonaws.com'],
  ])('that does not let in %s is told with the statement to add', (_, statements, status, todo) => {
    const row = rowWith(statements);
    expect(row).toMatchObject({ about: 'Key', region: 'eu-west-1', status });
    expect(row.todo).toContain(todo);
    const [, added = ''] = row.todo?.split('Add to its policy: ') ?? [];
    expect(rowWith([...statements, JSON.parse(added)])).toMatchObject({ status: 'OK' });
  });

  test.each<[string, { [condition: string]: Json }]>([
    ['of some names', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/Pipewarden*' } }],
    ['of a path', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/team/ml/*' } }],
    ['for one service', { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } }],
  ])('that lets in roles %s alone is told neither to be in order nor to fail', (_, Condition) => {
    const some = { ...ACCOUNT_OF_KEY, Condition };
    expect(rowWith([some, LOGS, ALARMS])).toMatchObject({ status: 'NOT_TOLD' });
  });

  test('that refuses the roles of the account for certain fails', () => {
    const refusing = { ...ACCOUNT_OF_KEY, Effect: 'Deny' };
    expect(rowWith([ACCOUNT_OF_KEY, refusing, LOGS, ALARMS])).toMatchObject({ status: 'WILL_FAIL' });
  });

  test('whose statements hang on what is not known is never in order', () => {
    const open = { ...ACCOUNT_OF_KEY, Condition: { StringEquals: { 'aws:PrincipalTag/team': 'ml' } } };
    expect(rowWith([open, LOGS, ALARMS])).toMatchObject({ status: 'NOT_TOLD' });
    expect(keyRow(KEY, PLACE, denied, policy(ACCOUNT_OF_KEY), true)).toMatchObject({ status: 'NOT_TOLD' });
    expect(keyRow(KEY, PLACE, found(ENABLED), denied, true)).toMatchObject({ status: 'NOT_TOLD' });
    expect(keyRow(KEY, PLACE, found(ENABLED), found('{'), true)).toMatchObject({ status: 'NOT_TOLD' });
  });

  test.each([
    [{ ...ENABLED, state: 'PendingDeletion' }],
    [{ ...ENABLED, spec: 'RSA_2048' }],
    [{ ...ENABLED, usage: 'SIGN_VERIFY' }],
  ])('that does not encrypt fails: %j', (described) => {
    expect(keyRow(KEY, PLACE, found(described), policy(ACCOUNT_OF_KEY, LOGS, ALARMS), true)).toMatchObject({
      status: 'WILL_FAIL',
    });
  });

  test('that is not there fails', () => {
    for (const code of [ABSENT, 'NotFoundException'])
      expect(keyRow(KEY, PLACE, notRead('DescribeKey', code, 'gone'), denied, true)).toMatchObject({
        status: 'WILL_FAIL',
        found: `there is no ${KEY}`,
      });
  });
});

describe('a topic', () => {
  const owner = {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: ['SNS:Publish', 'SNS:Subscribe'],
    Resource: TOPIC,
    Condition: { StringEquals: { 'AWS:SourceOwner': '111122223333' } },
  };
  const alarms = {
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: TOPIC,
  };
  const text = (...statements: Json[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const rowWith = (topic: { policy?: string; key?: string }, keyArn?: string) =>
    topicRow(TOPIC, PLACE, found(topic), keyArn);

  test('lets in alarms, and the roles of its account by their own policies', () => {
    expect(rowWith({ policy: text(alarms) })).toMatchObject({ about: 'Alert topic', status: 'OK' });
    expect(rowWith({ policy: text(owner, alarms), key: KEY }, KEY)).toMatchObject({ status: 'OK' });
  });

  test('that does not let alarms in is told with the statement to add', () => {
    const events = { ...alarms, Principal: { Service: 'events.amazonaws.com' } };
    const row = rowWith({ policy: text(events) });
    expect(row).toMatchObject({ status: 'WILL_BE_MISSING' });
    const [, added = ''] = row.todo?.split('Add to its policy: ') ?? [];
    expect(rowWith({ policy: text(events, JSON.parse(added)) })).toMatchObject({ status: 'OK' });
  });

  test('with the policy that SNS gives it leaves open whether alarms are let in', () => {
    expect(rowWith({ policy: text(owner) })).toMatchObject({ status: 'NOT_TOLD' });
  });

  test('of another account must let the roles in, too', () => {
    const other = TOPIC.replace('111122223333', '444455556666');
    const read = found({ policy: text({ ...alarms, Resource: other }) });
    expect(topicRow(other, PLACE, read, undefined)).toMatchObject({
      status: 'WILL_BE_MISSING',
      found: expect.stringContaining('roles of 111122223333'),
    });
  });

  test('whose key is another is never in order', () => {
    const of = (key: string) => rowWith({ policy: text(alarms), key }, KEY).status;
    expect([of('alias/aws/sns'), of('alias/ours'), of(`${KEY}2`)]).toEqual([
      'WILL_BE_MISSING',
      'NOT_TOLD',
      'NOT_TOLD',
    ]);
  });

  test('of which AWS does not tell is never in order', () => {
    expect(rowWith({})).toMatchObject({ status: 'NOT_TOLD' });
    expect(topicRow(TOPIC, PLACE, denied, undefined)).toMatchObject({ status: 'NOT_TOLD' });
    expect(topicRow(TOPIC, PLACE, notRead('x', 'NotFound', 'gone'), undefined)).toMatchObject({
      status: 'WILL_FAIL',
    });
  });
});

const NOBODY = { KeyArn: found([]), AlertTopicArn: found([]) };
const MAIN = { KeyArn: found(['Pipewarden']), AlertTopicArn: found(['Pipewarden']) };
const UNTOLD = notRead('ListImports', 'AccessDenied', 'no');
const CHANGES: [string, object | undefined, object, MadeImporters, string[]][] = [
  ['nothing is there', undefined, { KeyArn: KEY }, NOBODY, []],
  ['nothing changes', { KeyArn: KEY, AlertTopicArn: TOPIC }, { KeyArn: KEY, AlertTopicArn: TOPIC }, MAIN, []],
  [
    'a key and a topic come, of which a stack of version 0.1.0 imports those that were made',
    {},
    { KeyArn: KEY, AlertTopicArn: TOPIC },
    MAIN,
    ['Key WILL_FAIL', 'Alert topic WILL_FAIL'],
  ],
  [
    'a key and a topic come, and nobody imports those that were made',
    {},
    { KeyArn: KEY, AlertTopicArn: TOPIC },
    NOBODY,
    ['Key WILL_BE_MISSING', 'Alert topic WILL_BE_MISSING'],
  ],
  [
    'who imports is not told',
    {},
    { KeyArn: KEY, AlertTopicArn: TOPIC },
    { KeyArn: UNTOLD, AlertTopicArn: UNTOLD },
    ['Key NOT_TOLD', 'Alert topic NOT_TOLD'],
  ],
  ['a key changes', { KeyArn: KEY }, { KeyArn: `${KEY}2` }, NOBODY, ['Key WILL_BE_MISSING']],
  ['a topic goes', { AlertTopicArn: TOPIC }, {}, NOBODY, ['Alert topic WILL_BE_MISSING']],
];
test.each(CHANGES)('what takes the place of a key or topic: %s', (_, before, after, importers, expected) => {
  const deployed = new Map<string, string>(
    before ? Object.entries({ RequestsQueueUrl: 'https://sqs', ...before }) : [],
  );
  expect(
    replacedRows('eu-west-1', new Map(Object.entries(after)), deployed, importers).map(
      ({ about, status }) => `${about} ${status}`,
    ),
  ).toEqual(expected);
});
