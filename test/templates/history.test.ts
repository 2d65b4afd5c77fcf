import { afterAll, describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SAVED_QUERIES } from '../../infra/history-queries.ts';
import { historyOf, type Settings } from '../../infra/settings.ts';
import { LAKE_TABLES } from '../../shared/outputs/formats/lake-tables.ts';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const deployed = (over: Partial<Settings>) => {
  const { pipewarden, state } = deployment(settingsFor(files, over));
  return { main: Template.fromStack(pipewarden), state: Template.fromStack(state.stack) };
};

test('a deployment keeps no history, and has nothing of it, unless it is asked for', () => {
  const { main, state } = deployed({});
  expect(JSON.stringify([main.toJSON(), state.toJSON()])).not.toMatch(
    /History|AWS::Glue|AWS::Athena|HISTORY/,
  );
});

describe('a deployment that keeps a history', () => {
  const { main, state } = deployed({ history: 'on' });

  test('tells its queue to the functions that tell the history, and to no other', () => {
    const told = Object.entries(main.findResources('AWS::Lambda::Function')).flatMap(
      ([id, { Properties }]) =>
        Properties.Environment.Variables.HISTORY_QUEUE_URL === undefined ? [] : id.replace(/Function.*/, ''),
    );
    expect(told.toSorted()).toEqual(['Audit', 'Deliver', 'Sweep']);
  });

  test('gathers records for five minutes, and hides them for six times the function’s time and that', () => {
    main.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      MaximumBatchingWindowInSeconds: 300,
      BatchSize: 1000,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    main.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 6 * 120 + 300 });
  });

  test('keeps the files in a bucket with versions and the key of the data, that TLS alone reaches', () => {
    state.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: Match.absent(),
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: Match.objectLike({
          ServerSideEncryptionConfiguration: [
            Match.objectLike({
              ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }),
            }),
          ],
        }),
      },
    });
    const [[bucket = ''] = []] = Object.entries(state.findResources('AWS::S3::Bucket')).filter(([id]) =>
      id.startsWith('History'),
    );
    state.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: bucket },
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      }),
    });
  });

  test('has a table for each kind of record and for Compliance Findings, over the folders of the bucket', () => {
    const tables = Object.values(main.findResources('AWS::Glue::Table')).map(
      ({ Properties }) => Properties.TableInput,
    );
    expect(tables.map(({ Name }) => Name)).toEqual(LAKE_TABLES.map(({ name }) => name));
    for (const { PartitionKeys, StorageDescriptor } of tables) {
      const names = [...PartitionKeys, ...StorageDescriptor.Columns].map(({ Name }) => Name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toBe(name.toLowerCase());
    }
  });

  test('has five queries in a work group whose results are encrypted, whoever runs them', () => {
    const { Name } = Object.values(main.findResources('AWS::Athena::WorkGroup'))[0]?.Properties ?? {};
    main.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: Match.objectLike({
        EnforceWorkGroupConfiguration: true,
        ResultConfiguration: Match.objectLike({
          EncryptionConfiguration: Match.objectLike({ EncryptionOption: 'SSE_KMS' }),
        }),
      }),
    });
    const queries = Object.values(main.findResources('AWS::Athena::NamedQuery')).map(
      ({ Properties }) => Properties,
    );
    expect(queries).toHaveLength(5);
    expect(queries.map(({ QueryString }) => QueryString)).toEqual(SAVED_QUERIES.map(({ query }) => query));
    for (const { WorkGroup, Database } of queries)
      expect([WorkGroup, Database]).toEqual([Name, 'pipewarden']);
  });

  test('has alarms on its dead letters, on records that wait, and on changes that its queue refuses', () => {
    const names = Object.values(main.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties.AlarmName,
    );
    expect(names).toEqual(
      expect.arrayContaining(
        ['HistoryOld', 'HistoryDeadLetters', 'HistoryFailures', 'HistoryErrors', 'HistoryThrottles'].map(
          (id) => `Pipewarden-${id}`,
        ),
      ),
    );
  });
});

test('a history that is locked is kept so that nobody can delete its files for 400 days', () => {
  deployed({ history: 'locked' }).state.hasResourceProperties('AWS::S3::Bucket', {
    ObjectLockEnabled: true,
    ObjectLockConfiguration: {
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Days: 400, Mode: 'COMPLIANCE' } },
    },
  });
});

test.each([
  [undefined, {}],
  ['off', {}],
  ['on', { history: 'on' }],
  ['locked', { history: 'locked' }],
])('--history %s is understood', (text, settings) => {
  expect(historyOf(text)).toEqual(settings);
});

test('another mode of the history is refused', () => {
  expect(() => historyOf('yes')).toThrow('--history must be off, on or locked; it is yes');
});
