import '../v8-flags.ts';

import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { makeGlueClient } from '../../shared/aws/keep/glue-partitions.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { connected } from '../connected.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { ofOwnSources } from '../own-sources.ts';
import { writeBatch } from './write-batch.ts';
import { fileWriter } from './write-file.ts';

/** Connects everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv, lambda: Context) =>
  writeBatch({
    write: fileWriter({
      s3: await awsClients().s3(),
      bucket: required(env, 'HISTORY_BUCKET'),
      glue: makeGlueClient(clientConfig()),
      database: required(env, 'HISTORY_DATABASE'),
      partition: scopeOf(lambda).partition,
    }),
    logger: safeLogger(),
  });

/** The Lambda function: takes messages with records of the history, and returns those that must come again. */
export const handler = ofOwnSources(connected<SQSEvent, SQSBatchResponse>(connect));
