import '../v8-flags.ts';

import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dynamodbAlertMemory } from '../../shared/aws/keep/dynamodb-alert-memory.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { readHeartbeats } from '../../shared/aws/keep/heartbeats.ts';
import { makeSqsClient, sendMessage } from '../../shared/aws/keep/queue-calls.ts';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { connected } from '../connected.ts';
import { deployedConfig } from '../deployed-objects.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { ofOwnSources } from '../own-sources.ts';
import { accountPaths } from './account-paths.ts';
import { type DeliverBatch, deliverBatch } from './deliver-batch.ts';
import { answerHeartbeat } from './heartbeats.ts';
import { connectRetryQueue } from './retry-queue.ts';
import { connectSinks } from './sinks.ts';

/** Connects everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv, lambda: Context): Promise<DeliverBatch> => {
  const now = () => new Date();
  const config = await readStoredConfig(await awsClients().s3(), deployedConfig(env));
  const table = {
    client: namingActions('dynamodb', new DynamoDBClient(clientConfig())),
    table: required(env, 'FINDINGS_TABLE'),
    now,
  };
  const scope = scopeOf(lambda);
  const logger = safeLogger();
  const paths = accountPaths({
    own: scope.account,
    read: async (account) => {
      const { readCoverage } = await import('../../shared/aws/keep/coverage.ts');
      return (await readCoverage(table, { account, region: scope.region }))?.path;
    },
    now,
    logger,
  });
  const sqs = makeSqsClient(clientConfig());
  return deliverBatch({
    store: dynamodbStore(table),
    sinks: connectSinks(env, {
      scope,
      config,
      memory: dynamodbAlertMemory(table),
      paths,
      onLeft: async (place, findings) => {
        const { notingLeft } = await import('./left-findings.ts');
        await notingLeft({ table, now, logger })(place, findings);
      },
      now,
      ...(env.HISTORY_QUEUE_URL !== undefined && {
        history: { client: sqs, queueUrl: env.HISTORY_QUEUE_URL },
      }),
    }),
    retries: connectRetryQueue(sqs, required(env, 'DELIVERY_RETRIES_URL')),
    answerHeartbeat: () =>
      answerHeartbeat({
        rules: required(env, 'HEARTBEAT_RULES').split(','),
        read: () => readHeartbeats(table),
        send: (at) =>
          sendMessage(sqs, required(env, 'HEARTBEATS_URL'), JSON.stringify({ at: at.toISOString() })),
        now,
        logger,
      }),
    now,
    logger,
    metrics: new Metrics(),
  });
};

/**
 * The Lambda function: takes changed items of the findings table or messages of the retry queue, and returns those that
 * must come again.
 */
export const handler = ofOwnSources(connected<DynamoDBStreamEvent | SQSEvent, SQSBatchResponse>(connect));
