import { Aws, Duration, Fn, type Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { LAKE_TABLES, PARQUET_FORMAT } from '../shared/outputs/formats/lake-tables.ts';
import type { Base } from './base.ts';
import { calledOnlyBy, functionFor } from './function.ts';
import { SAVED_QUERIES } from './history-queries.ts';
import { acknowledgeQueueSource, type QueuePair, queuePair } from './queues.ts';

const TIMEOUT = Duration.minutes(2);
/** So long Lambda gathers messages for one batch, which is the longest that it can: fewer and larger files. */
const WINDOW = Duration.minutes(5);

/** The queues of records. AWS advises six times the timeout and the window as visibility. */
export const historyQueues = ({ stack }: Pick<Base, 'stack'>): QueuePair =>
  queuePair(stack, {
    id: 'HistoryQueue',
    deadLetterId: 'HistoryDeadLetters',
    maxReceives: 5,
    timeout: TIMEOUT,
    visibility: Duration.seconds(6 * TIMEOUT.toSeconds() + WINDOW.toSeconds()),
  });

/** The name of the database of a deployment: Athena takes small letters, numbers and underscores. */
export const historyDatabase = ({ stackName }: Pick<Stack, 'stackName'>): string =>
  stackName.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');

/** What of a deployment keeps the history. */
type Kept = { queues: QueuePair; log: LogGroup; bucket: { name: string } };

/** The path from the queue of records to files, and what makes them tables for Athena. */
export const historyPath = (base: Base, { queues: { queue }, log, bucket }: Kept): LambdaFunction => {
  const { stack, settings } = base;
  const database = historyDatabase(stack);
  const writer = functionFor(stack, 'History', settings, {
    description: 'Keeps what was looked at and what changed as Parquet, for analysis and evidence',
    memorySize: 1024,
    timeout: TIMEOUT,
    role: base.roleOf('history'),
    logGroup: log,
    reserved: 2,
    failures: 'Its messages come from a queue, which itself puts failed messages aside',
    environment: {
      HISTORY_BUCKET: bucket.name,
      HISTORY_DATABASE: database,
      EVENT_SOURCES: queue.queueArn,
    },
  });
  calledOnlyBy('History', writer, settings);
  const source = new EventSourceMapping(stack, 'HistoryRecords', {
    target: writer,
    eventSourceArn: queue.queueArn,
    batchSize: 1000,
    maxBatchingWindow: WINDOW,
    reportBatchItemFailures: true,
    maxConcurrency: 2,
  });
  acknowledgeQueueSource(source);
  tables(base, database, bucket.name);
  queries(base, database);
  return writer;
};

const tables = ({ stack }: Pick<Base, 'stack'>, database: string, bucket: string): void => {
  const made = new CfnDatabase(stack, 'HistoryDatabase', {
    catalogId: Aws.ACCOUNT_ID,
    databaseInput: { name: database, description: 'Pipewarden: what was looked at, and what changed' },
  });
  for (const { name, description, folder, columns, partitionKeys } of LAKE_TABLES) {
    const table = new CfnTable(stack, `HistoryTable-${name}`, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: database,
      tableInput: {
        name,
        description,
        tableType: 'EXTERNAL_TABLE',
        parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
        partitionKeys: partitionKeys.map((key) => ({ name: key, type: 'string' })),
        storageDescriptor: {
          columns,
          location: `s3://${bucket}/${folder}/`,
          inputFormat: PARQUET_FORMAT.inputFormat,
          outputFormat: PARQUET_FORMAT.outputFormat,
          serdeInfo: { serializationLibrary: PARQUET_FORMAT.serializationLibrary },
        },
      },
    });
    table.addResourceDependency(made);
  }
};

/** A work group with results that are encrypted and end with the reports, and the queries that are kept in it. */
const queries = ({ stack, state }: Pick<Base, 'stack' | 'state'>, database: string): void => {
  const group = new CfnWorkGroup(stack, 'HistoryWorkGroup', {
    name: `${stack.stackName}-history`,
    description: 'Pipewarden: queries of the history',
    recursiveDeleteOption: true,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      publishCloudWatchMetricsEnabled: false,
      bytesScannedCutoffPerQuery: 100 * 1024 ** 3,
      engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
      resultConfiguration: {
        outputLocation: Fn.join('', ['s3://', state.reportBucket.name, '/athena/']),
        encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: state.keyArn },
        expectedBucketOwner: Aws.ACCOUNT_ID,
      },
    },
  });
  SAVED_QUERIES.forEach(({ name, description, query }, index) => {
    const saved = new CfnNamedQuery(stack, `HistoryQuery${index + 1}`, {
      name,
      description,
      database,
      queryString: query,
      workGroup: group.name,
    });
    saved.addResourceDependency(group);
  });
};
