import { describe, expect, test } from '@jest/globals';
import { cloudTrail } from '../../support/builders/events.ts';
import { read } from '../../support/builders/reading.ts';

const KMS = { eventSource: 'kms.amazonaws.com' };
const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const KEY = `arn:aws:kms:eu-west-1:111122223333:key/${ID}`;
const ALIAS = 'arn:aws:kms:eu-west-1:111122223333:alias/fraud/models';
const resources = [
  { ARN: ALIAS, accountId: '111122223333', type: 'AWS::KMS::Alias' },
  { ARN: KEY, accountId: '111122223333', type: 'AWS::KMS::Key' },
];

describe('a record about a KMS key', () => {
  test.each<[string, string, unknown, object, string[], string]>([
    ['by its ARN', 'PutKeyPolicy', { keyId: KEY, policyName: 'default', policy: '{}' }, {}, [KEY], 'policy'],
    ['by its id', 'PutKeyPolicy', { keyId: ID }, {}, [KEY], 'policy'],
    [
      'of several Regions',
      'PutKeyPolicy',
      { keyId: 'mrk-0123456789abcdef0123456789abcdef' },
      {},
      ['arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef'],
      'policy',
    ],
    ['by the resources of the record', 'PutKeyPolicy', { omitted: 'true' }, { resources }, [KEY], 'policy'],
    [
      'by a new alias',
      'CreateAlias',
      { aliasName: 'alias/fraud/models', targetKeyId: ID },
      {},
      [ALIAS, KEY],
      'alias',
    ],
    [
      'by an alias that moves',
      'UpdateAlias',
      { aliasName: 'alias/fraud/models', targetKeyId: KEY },
      {},
      [ALIAS, KEY],
      'alias',
    ],
    [
      'by an alias that goes',
      'DeleteAlias',
      { aliasName: 'alias/fraud/models' },
      { resources },
      [ALIAS, KEY],
      'alias',
    ],
    [
      'by an alias that goes, where the record does not tell its key',
      'DeleteAlias',
      { aliasName: 'alias/fraud/models' },
      {},
      [ALIAS],
      'alias',
    ],
  ])('asks for a look at the key %s (%s)', (_, eventName, request, more, arns, changed) => {
    const { requests } = read(cloudTrail(eventName, request, { ...KMS, ...more }));
    expect(requests.map(({ type, resource, changed }) => [type, resource.arn, changed])).toEqual(
      arns.map((arn) => ['key', arn, [changed]]),
    );
  });

  test.each([
    ['PutKeyPolicy', {}],
    ['PutKeyPolicy', { keyId: 'a/../b' }],
    ['PutKeyPolicy', { keyId: 'arn:aws:s3:::key/x' }],
    ['PutKeyPolicy', { keyId: `${KEY}*` }],
    ['CreateAlias', { targetKeyId: KEY }],
    ['DeleteAlias', { aliasName: 'fraud' }],
    ['UpdateAlias', { aliasName: 'alias/x y' }],
  ])('that names none is unreadable: %s %j', (eventName, request) => {
    const { requests, unreadable } = read(cloudTrail(eventName, request, KMS));
    expect([requests, unreadable.length]).toEqual([[], 1]);
  });

  test.each(['Decrypt', 'GenerateDataKey', 'CreateGrant', 'CreateKey', 'ScheduleKeyDeletion'])(
    'of %s changes nothing that a control reads',
    (eventName) => {
      const { requests, ignored } = read(cloudTrail(eventName, { keyId: KEY }, KMS));
      expect([requests, ignored.length]).toEqual([[], 1]);
    },
  );

  test('of a call of another service with the same name is not about KMS', () => {
    const { requests } = read(
      cloudTrail('CreateAlias', { aliasName: 'alias/x' }, { eventSource: 'lambda.amazonaws.com' }),
    );
    expect(requests).toEqual([]);
  });
});
