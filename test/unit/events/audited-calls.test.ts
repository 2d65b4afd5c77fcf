import { describe, expect, test } from '@jest/globals';
import { JOB_KINDS } from '../../../shared/definition/job-kinds.ts';
import {
  AUDITED_DETAIL_TYPES,
  AUDITED_SERVICES,
  type AuditedCall,
  type AuditedState,
  auditedCall,
  auditedOperations,
  auditedState,
  EVENT_SOURCES,
  type EventSource,
  type RecordForm,
  regionOfRecords,
  type StateForm,
} from '../../../shared/events/audited-calls.ts';
import type { RecordReader } from '../../../shared/events/record.ts';

const reader = (): never => {
  throw new Error('only its type is of interest');
};

describe('a row of the table of audited calls', () => {
  test('does not compile without a reader, a type of resource or what changes', () => {
    // @ts-expect-error a form of records without its reader
    const readers: { readonly [F in RecordForm]: RecordReader<F> } = { pipeline: reader };
    // @ts-expect-error a form of SageMaker's own events without its reader
    const states: { readonly [F in StateForm]: () => void } = { 'job state': reader };
    // @ts-expect-error a service without its rule
    const rules: Record<EventSource, string> = { 's3.amazonaws.com': 'BucketOperations' };
    const rows: AuditedCall[] = [
      // @ts-expect-error a form that no reader has
      { form: 'endpoint', changed: ['existence'] },
      // @ts-expect-error nothing is said of what changes
      { form: 'bucket' },
      // @ts-expect-error a bucket has no definition
      { form: 'bucket', changed: ['definition'] },
      // @ts-expect-error a job of no kind
      { form: 'job', changed: ['existence'] },
    ];
    // @ts-expect-error a job of no kind
    const state: AuditedState = { form: 'job state', changed: ['state'] };
    expect([readers, states, rules, rows, state].length).toBe(5);
  });

  test('is found by its source and operation, and by nothing else', () => {
    for (const source of EVENT_SOURCES)
      for (const operation of auditedOperations(source))
        expect(auditedCall(source, operation)?.changed.length).toBeGreaterThan(0);
    for (const [source, operation] of [
      ['codepipeline.amazonaws.com', 'CreatePipeline'],
      ['s3.amazonaws.com', 'CreatePipeline'],
      ['s3.amazonaws.com', 'constructor'],
      ['__proto__', 'toString'],
      ['', ''],
    ] as const)
      expect(auditedCall(source, operation)).toBeUndefined();
  });

  test('exists once for each kind of job', () => {
    const { calls } = AUDITED_SERVICES['sagemaker.amazonaws.com'];
    const kinds = Object.values(calls).flatMap((call: AuditedCall) => ('kind' in call ? call.kind : []));
    expect(kinds.toSorted()).toEqual(Object.keys(JOB_KINDS).toSorted());
    expect(auditedCall('sagemaker.amazonaws.com', 'CreateAutoMLJobV2')).toMatchObject({
      kind: 'auto-ml-job-v2',
    });
  });

  test('of SageMaker’s own events is found by its detail type, and by nothing else', () => {
    for (const type of AUDITED_DETAIL_TYPES) expect(auditedState(type)?.form).toMatch(/ state$/);
    for (const type of ['SageMaker Endpoint State Change', '__proto__', 'toString', ''])
      expect(auditedState(type)).toBeUndefined();
  });
});

test.each([
  ['sagemaker.amazonaws.com', 'aws', 'eu-west-1', 'eu-west-1'],
  ['s3.amazonaws.com', 'aws', 'eu-west-1', 'eu-west-1'],
  ['iam.amazonaws.com', 'aws', 'eu-west-1', 'us-east-1'],
  ['organizations.amazonaws.com', 'aws', 'eu-west-1', 'us-east-1'],
  ['iam.amazonaws.com', 'aws-cn', 'cn-northwest-1', 'cn-north-1'],
  ['iam.amazonaws.com', 'aws-us-gov', 'us-gov-east-1', 'us-gov-west-1'],
] as const)('the records of %s in %s %s arrive in %s', (source, partition, region, arrival) => {
  expect(regionOfRecords(source, { partition, region })).toBe(arrival);
});
