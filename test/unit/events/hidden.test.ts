import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HIDDEN, withHidden } from '../../../shared/events/hidden.ts';
import { readEvents } from '../../../shared/events/read-events.ts';
import { recordedCall } from '../../../shared/events/recorded-call.ts';
import type { Json } from '../../../shared/json/json.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { cloudTrail, envelope, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { hiddenIn } from '../../support/builders/hidden.ts';
import { IAM, jobOf, only, RAM, read, S3 } from '../../support/builders/reading.ts';

const PLACEHOLDERS = [
  'HIDDEN_DUE_TO_SECURITY_REASONS',
  'HIDDEN_FOR_SECURITY_REASONS',
  '<sensitiveDataRemoved>',
  '****',
];
const [PLACEHOLDER = ''] = PLACEHOLDERS;
const KMS = { eventSource: 'kms.amazonaws.com' };
const STS = { eventSource: 'sts.amazonaws.com' };

describe('a placeholder', () => {
  test.each(PLACEHOLDERS)('%s is no text to any reader', (text) => {
    expect(withHidden(text)).toBe(HIDDEN);
    expect(withHidden({ a: [{ b: text }, 'c'] })).toEqual({ a: [{ b: {} }, 'c'] });
  });

  test.each(['*', '**', 'HIDDEN', 'not HIDDEN_DUE_TO_SECURITY_REASONS', '*'.repeat(65)])(
    '%s is a text like any other',
    (text) => {
      expect(withHidden(text)).toBe(text);
    },
  );

  test('leaves everything else as it is, and the input too', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        // JSON has no negative zero.
        const value = JSON.parse(JSON.stringify(json)) as Json;
        expect(withHidden(value)).toBe(value);
        const before = JSON.stringify([value, PLACEHOLDER]);
        const input = JSON.parse(before) as Json;
        expect(withHidden(input)).toEqual([value, {}]);
        expect(JSON.stringify(input)).toBe(before);
      }),
    );
  });

  test('is found at any depth, beside hostile keys', () => {
    let deep: Json = PLACEHOLDER;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    let told = withHidden(deep);
    while (Array.isArray(told)) told = told[0] as Json;
    expect(told).toBe(HIDDEN);
    const hostile = JSON.parse(`{"__proto__": {"a": 1}, "b": "${PLACEHOLDER}"}`) as Json;
    expect(Object.keys(withHidden(hostile) as object)).toEqual(['__proto__', 'b']);
  });
});

describe('a record in which something is hidden', () => {
  const hidden = (name: string, request: object, fields: object = {}) =>
    read(envelope(cloudTrail(name, request, { ...fields })));

  test.each<[string, string, object, object]>([
    ['a pipeline', 'UpdatePipeline', { pipelineName: PLACEHOLDER }, {}],
    ['a job', 'CreateTrainingJob', { trainingJobName: PLACEHOLDER, roleArn: roleArn('steps/a') }, {}],
    ['a bucket', 'PutBucketCors', { bucketName: PLACEHOLDER }, S3],
    ['a role', 'PutRolePolicy', { roleName: PLACEHOLDER }, IAM],
    ['a user’s new name', 'UpdateUser', { userName: 'ann', newUserName: PLACEHOLDER }, IAM],
    ['a policy', 'CreatePolicyVersion', { policyArn: PLACEHOLDER, setAsDefault: true }, IAM],
    ['a key', 'PutKeyPolicy', { keyId: PLACEHOLDER }, KMS],
    ['the key of an alias', 'UpdateAlias', { aliasName: 'alias/a', targetKeyId: PLACEHOLDER }, KMS],
  ])('is unreadable where that is the name of %s, and its excerpt shows it', (_, name, request, fields) => {
    const { requests, ignored, unreadable } = hidden(name, request, fields);
    expect([requests, ignored, unreadable.length]).toEqual([[], [], 1]);
    expect(unreadable[0]?.reason).not.toContain(PLACEHOLDER);
  });

  test('shows the placeholder in its excerpt', () => {
    const record = cloudTrail('PutRolePolicy', { roleName: PLACEHOLDER }, IAM);
    expect(read({ requestParameters: record.requestParameters, ...record }).unreadable[0]?.excerpt).toContain(
      PLACEHOLDER,
    );
  });

  test('tells no parameters of a start where a value is hidden, and no choice of a version as none', () => {
    const parameters = [{ name: 'Role', value: PLACEHOLDER }];
    const start = only(
      cloudTrail('StartPipelineExecution', {
        pipelineName: 'fraud',
        pipelineParameters: parameters,
        pipelineVersionId: PLACEHOLDER,
        roleArn: PLACEHOLDER,
      }),
    );
    const [execution] = start.type === 'pipeline' ? start.executions : [];
    expect(execution).toMatchObject({ isVersionChosen: true });
    expect(Object.keys(execution ?? {})).not.toEqual(expect.arrayContaining(['parameters']));
    expect(Object.keys(execution ?? {})).not.toEqual(expect.arrayContaining(['roleArn']));
  });

  test('tells no roles of a job where one is hidden', () => {
    const definitions = [{ roleArn: roleArn('steps/a') }, { roleArn: PLACEHOLDER }];
    const job = jobOf(
      cloudTrail('CreateHyperParameterTuningJob', {
        hyperParameterTuningJobName: 't',
        trainingJobDefinitions: definitions,
      }),
    );
    expect(job.roleArns).toBeUndefined();
  });

  test('leads to a look at a policy and at all shares where it hangs on what is hidden', () => {
    const policyArn = 'arn:aws:iam::111122223333:policy/p';
    expect(only(cloudTrail('CreatePolicyVersion', { policyArn, setAsDefault: PLACEHOLDER }, IAM)).type).toBe(
      'policy',
    );
    for (const call of ['CreateResourceShare', 'AssociateResourceShare'])
      expect(only(cloudTrail(call, { resourceArns: [PLACEHOLDER] }, RAM)).type).toBe('share');
  });
});

describe('what a record with something hidden shows that somebody did', () => {
  const usesOf = (name: string, request: object, fields: object = {}) =>
    recordedCall(withHidden(cloudTrail(name, request, { ...fields }) as Json))?.requests.map(
      ({ action, resource, keys }) => ({ action, resource, keys: Object.keys(keys) }),
    );

  test('is a use of an unknown resource, and of no known absence', () => {
    const start = { pipelineName: PLACEHOLDER, pipelineVersionId: PLACEHOLDER };
    expect(usesOf('StartPipelineExecution', start)).toEqual([
      {
        action: 'sagemaker:StartPipelineExecution',
        resource: undefined,
        keys: expect.not.arrayContaining(['sagemaker:PipelineVersionId']),
      },
    ]);
    const job = usesOf('CreateTrainingJob', { trainingJobName: 'a', roleArn: PLACEHOLDER });
    expect(job?.map(({ action, resource }) => [action, resource])).toEqual([
      ['sagemaker:CreateTrainingJob', sagemakerArn('training-job/a')],
      ['iam:PassRole', undefined],
    ]);
    const copy = usesOf('CopyObject', { bucketName: 'b', key: 'k', 'x-amz-copy-source': PLACEHOLDER }, S3);
    expect(copy?.map(({ action, resource }) => [action, resource])).toEqual([
      ['s3:PutObject', 'arn:aws:s3:::b/k'],
      ['s3:GetObject', undefined],
    ]);
    const network = usesOf('CreateModel', {}, { vpcEndpointId: PLACEHOLDER });
    expect(network?.flatMap(({ keys }) => keys)).not.toEqual(expect.arrayContaining(['aws:SourceVpce']));
  });

  test('is the assumption of a role under an external id that is not known', () => {
    const request = { roleArn: roleArn('r'), externalId: PLACEHOLDER, sourceIdentity: PLACEHOLDER };
    const call = recordedCall(withHidden(cloudTrail('AssumeRole', request, STS) as Json));
    expect(call?.requests.map(({ action }) => action)).toEqual(['sts:AssumeRole', 'sts:SetSourceIdentity']);
    expect(Object.keys(call?.assumption?.requests[0]?.keys ?? {})).not.toContain('sts:ExternalId');
    expect(
      recordedCall(withHidden(cloudTrail('AssumeRole', { roleArn: PLACEHOLDER }, STS) as Json)),
    ).toMatchObject({ isRoleUntold: true });
  });
});

describeCases('events', 'whatever is hidden in a record that others published', (folder) => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const recordsOf = (value: unknown): unknown[] => {
    const { Records } = value as { Records?: unknown[] };
    return Records ?? [value];
  };
  const cases = files.flatMap((file) =>
    recordsOf(JSON.parse(readFileSync(join(folder, file), 'utf8'))).flatMap((record) =>
      [['requestParameters'], ['detail', 'requestParameters']].flatMap((path) =>
        hiddenIn(record, path, PLACEHOLDER).map(({ place, value }): [string, string, unknown, unknown] => [
          file,
          place,
          record,
          value,
        ]),
      ),
    ),
  );

  test.each(cases)('%s, %s: names nothing, and nobody looks away', (_file, _place, record, value) => {
    const { requests, ignored, unreadable } = readEvents(value as Json, 'input');
    expect(JSON.stringify([requests, unreadable.map(({ reason }) => reason)])).not.toContain(PLACEHOLDER);
    expect(ignored.length).toBe(readEvents(record as Json, 'input').ignored.length);
    expect(JSON.stringify(recordedCall(withHidden(value as Json)) ?? null)).not.toContain(PLACEHOLDER);
  });
});
