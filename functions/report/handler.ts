import '../v8-flags.ts';

import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { allCoverage } from '../../shared/aws/keep/coverage.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { listObjects } from '../../shared/aws/keep/object-list.ts';
import { readObject } from '../../shared/aws/keep/object-reader.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { reportSlack, reportTopic } from '../../shared/aws/tell/report-channels.ts';
import { member } from '../../shared/json/json.ts';
import { once } from '../../shared/memo.ts';
import { deployedConfig } from '../deployed-objects.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { makeReport } from './make-report.ts';

const MAX_SCHEDULE = 256;

/** The Lambda function: reports what is open, and returns where the report is stored. Any event may wake it. */
export const handler = (event: unknown, context: Context): Promise<{ key: string }> => {
  const schedule = member(event, 'schedule');
  const isOne = typeof schedule === 'string' && schedule !== '' && schedule.length <= MAX_SCHEDULE;
  return connected()(isOne ? schedule.toWellFormed() : undefined, context);
};

const connected = once(() => {
  const { env } = process;
  const logger = safeLogger();
  const metrics = new Metrics();
  const now = () => new Date();
  const table = required(env, 'FINDINGS_TABLE');
  const bucket = required(env, 'REPORT_BUCKET');
  const place = deployedConfig(env);
  const topic = reportTopic(required(env, 'ALERT_TOPIC_ARN'));
  const client = namingActions('dynamodb', new DynamoDBClient(clientConfig()));
  const store = dynamodbStore({ client, table, now });
  const clients = awsClients();
  return async (schedule: string | undefined, context: Context) => {
    logger.addContext(context);
    const s3 = await clients.s3();
    const config = await readStoredConfig(s3, place);
    const secretArn = config.alerts?.slack?.secret;
    return makeReport({
      store,
      config,
      scope: scopeOf(context),
      bucket,
      schedule,
      list: (prefix, most) => listObjects(s3, { bucket, prefix }, most),
      read: (key, maxBytes) => readObject(s3, { bucket, key }, maxBytes),
      write: (Key, text, ContentType) => writeObject(s3, { Bucket: bucket, Key, ContentType }, only(text)),
      channels: [topic, ...(secretArn === undefined ? [] : [reportSlack(secretArn)])],
      logger,
      metrics,
      now,
      coverage: () => allCoverage({ client, table }),
    });
  };
});

async function* only(text: string): AsyncGenerator<string> {
  yield text;
}
