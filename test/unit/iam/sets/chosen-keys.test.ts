import { describe, expect, test } from '@jest/globals';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { SERVICES } from '../../../../shared/iam/lint/service-reference.ts';
import { choicesFor } from '../../../../shared/iam/sets/chosen-keys.ts';
import {
  allowedBeyond,
  allowedForAll,
  allowedUnnamed,
  exampleAsChosen,
} from '../../../../shared/iam/sets/questions.ts';
import { sharedWork } from '../../../../shared/iam/sets/shared-work.ts';
import { meantBy } from '../../../../shared/iam/sets/universe.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { JOB, layer, OBJECT, requestOf } from '../../../support/builders/asking.ts';

type Conditions = Record<string, Json>;

/** A role that may do everything, except what a Deny under a condition says. */
const denying = (Condition: Conditions): Policies => ({
  identity: layer('identity', {}, { Effect: 'Deny', Condition }),
});

const allowing = (Condition: Conditions): Policies => ({ identity: layer('identity', { Condition }) });

const answersOf = (policies: Policies, action: string, resource = OBJECT) => {
  const { resource: _, ...request } = requestOf({ action, context: { 'aws:SecureTransport': 'true' } });
  const question = { policies, request, universe: meantBy(`${resource}*`, action) };
  return {
    too: allowedBeyond(question, sharedWork()).answer,
    unnamed: allowedUnnamed(question, sharedWork()).answer,
    needed: allowedForAll(question, sharedWork()).answer,
    one: exampleAsChosen(policies, { ...request, resource }).decision,
  };
};

const SSE = 's3:x-amz-server-side-encryption';
const KMS_KEY = `${SSE}-aws-kms-key-id`;
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0f1e2d3c';

describe('a policy that asks about what the sender chooses keeps no sender away', () => {
  const WRITER: Record<string, Policies> = {
    'an old version of TLS is denied': denying({ NumericLessThan: { 's3:TlsVersion': '1.2' } }),
    'encryption is demanded by a Null': denying({ Null: { [SSE]: 'true' } }),
    'encryption by KMS is demanded': denying({ StringNotEquals: { [SSE]: 'aws:kms' } }),
    'a certain key is demanded': denying({ StringNotEqualsIfExists: { [KMS_KEY]: KEY } }),
    'a certain key is demanded, and encryption by KMS': denying({
      StringNotEquals: { [KMS_KEY]: KEY, [SSE]: 'aws:kms' },
    }),
    'an ACL is demanded': denying({ StringNotEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }),
    'an ACL is allowed alone': allowing({ StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } }),
    'a storage class is demanded by a pattern': allowing({
      StringLike: { 's3:x-amz-storage-class': 'STANDARD*' },
    }),
    'access points are denied': denying({ Null: { 's3:DataAccessPointArn': 'false' } }),
    'a client is demanded': allowing({ StringLike: { 'aws:UserAgent': '*pipelines*' } }),
  };

  test.each(Object.entries(WRITER))('where %s', (_, policies) => {
    expect(answersOf(policies, 's3:PutObject')).toEqual({
      too: 'some',
      unnamed: 'yes',
      needed: 'unknown',
      one: 'Allow',
    });
  });

  test('also where one statement asks about several', () => {
    const policies: Policies = {
      identity: layer(
        'identity',
        { Condition: { StringEquals: { [SSE]: 'aws:kms' } } },
        { Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.3 } } },
        { Effect: 'Deny', Condition: { StringNotEquals: { [KMS_KEY]: KEY } } },
      ),
    };
    expect(answersOf(policies, 's3:PutObject').too).toBe('some');
  });

  test('also who creates a job chooses its subnets', () => {
    const policies = denying({ Null: { 'sagemaker:VpcSubnets': 'true' } });
    expect(answersOf(policies, 'sagemaker:CreateTrainingJob', JOB)).toMatchObject({
      too: 'some',
      needed: 'unknown',
    });
  });
});

describe('what the sender cannot choose stays as it is', () => {
  test.each<[string, Policies, string]>([
    ['the network', denying({ StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } }), 's3:PutObject'],
    ['a tag of the object', allowing({ StringEquals: { 's3:ExistingObjectTag/a': 'b' } }), 's3:GetObject'],
    ['a second factor', allowing({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }), 's3:PutObject'],
  ])('%s is not known', (_, policies, action) => {
    expect(answersOf(policies, action)).toMatchObject({ too: 'unknown', one: 'Unknown' });
  });

  test('what hangs on the network as well is not known by the network alone', () => {
    const { resource: _, ...request } = requestOf({ action: 's3:PutObject' });
    const policies = denying({
      StringNotEquals: { 'aws:SourceVpc': 'vpc-1' },
      NumericLessThan: { 's3:TlsVersion': '1.4' },
    });
    const found = allowedBeyond(
      { policies, request, universe: meantBy(OBJECT, 's3:PutObject') },
      sharedWork(),
    );
    expect(
      found.answer === 'unknown' && found.doubt.kind === 'hangs' && found.doubt.example.explanation,
    ).toMatchObject({ missingContext: ['aws:SourceVpc'] });
  });

  test('no version of TLS, no encryption and no ACL is one that does not exist', () => {
    const none = { too: 'none', unnamed: 'no', one: 'ImplicitDeny' };
    expect(
      answersOf(allowing({ NumericGreaterThan: { 's3:TlsVersion': '1.3' } }), 's3:PutObject'),
    ).toMatchObject(none);
    expect(answersOf(allowing({ StringEquals: { [SSE]: 'none' } }), 's3:PutObject')).toMatchObject(none);
  });

  test('a request that carries no header for encryption cannot meet a demand for it', () => {
    const policies = denying({ Null: { [SSE]: 'true' } });
    expect(answersOf(policies, 's3:DeleteObject')).toMatchObject({ too: 'none', one: 'ExplicitDeny' });
  });

  test.each<[string, Conditions]>([
    ['a KMS key without encryption by KMS', { StringEquals: { [SSE]: 'AES256', [KMS_KEY]: KEY } }],
    [
      'a canned ACL beside single grants',
      { Null: { 's3:x-amz-acl': 'false', 's3:x-amz-grant-read': 'false' } },
    ],
    ['two kinds of encryption', { Null: { [SSE]: 'false', [`${SSE}-customer-algorithm`]: 'false' } }],
  ])('S3 does not take %s', (_, condition) => {
    expect(answersOf(allowing(condition), 's3:PutObject').too).not.toBe('some');
  });

  test.each(['sagemaker:NetworkIsolation', 'sagemaker:InterContainerTrafficEncryption'])(
    'whether a request may come without %s is not known',
    (key) => {
      const without = allowing({ Null: { [key]: 'true' } });
      expect(answersOf(without, 'sagemaker:CreateTrainingJob', JOB).too).toBe('unknown');
      const chosen = allowing({ Bool: { [key]: 'false' } });
      expect(answersOf(chosen, 'sagemaker:CreateTrainingJob', JOB).too).toBe('some');
    },
  );

  test('a service sends what AWS wrote into it', () => {
    const principal = { kind: 'service', arn: 'sagemaker.amazonaws.com' } as const;
    const request = { ...requestOf({ action: 's3:PutObject' }), principal };
    expect(choicesFor(['s3:TlsVersion'], {}, request)).toBeUndefined();
  });

  test('of more values than are tried, nothing is known', () => {
    const decoys = Array.from({ length: 30 }, (_, at) => `no${at}`);
    const keys = ['s3:x-amz-acl', 's3:x-amz-storage-class', 's3:x-amz-copy-source'];
    const policies: Policies = {
      identity: layer(
        'identity',
        { Condition: { StringEquals: Object.fromEntries(keys.map((key) => [key, 'yes'])) } },
        ...keys.map((key) => ({ Effect: 'Deny', Condition: { StringEquals: { [key]: decoys } } })),
      ),
    };
    expect(answersOf(policies, 's3:PutObject')).toMatchObject({ too: 'unknown', one: 'Unknown' });
  });
});

/** Calls on buckets and objects; the reference lists other keys for access points and for permissions without a call. */
const OF_OBJECTS = /^(?:Put|Get|Delete|List|Replicate|CreateBucket)/;
const OF_EVERY_REQUEST = /TlsVersion|authType|signature|sha256|AccessPoint|AccessGrants/;

test('a key is chosen for those actions alone whose requests can carry it, as AWS lists them', () => {
  const wrong: string[] = [];
  for (const prefix of ['s3', 'sagemaker']) {
    const service = SERVICES.get(prefix)?.();
    for (const { name, keys } of service?.actions.values() ?? [])
      for (const key of service?.keys ?? []) {
        if (prefix === 's3' && (!OF_OBJECTS.test(name) || OF_EVERY_REQUEST.test(key.name))) continue;
        const request = requestOf({ action: `${prefix}:${name}` });
        const choices = choicesFor([key.name], {}, request);
        if (!choices) continue;
        const isCarried = keys.some((each) => each.name === key.name);
        const isChosen = choices.values.some((value) => value !== null);
        if (isChosen && !isCarried) wrong.push(`${key.name} is chosen for ${name}`);
        if (!isChosen && isCarried) wrong.push(`${key.name} is not chosen for ${name}`);
      }
  }
  expect(wrong).toEqual([]);
});
