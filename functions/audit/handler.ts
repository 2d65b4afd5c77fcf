import './small-heap.ts';
import { readFile } from 'node:fs/promises';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AuditContext } from '../../shared/audit.ts';
import { awsClients, clientConfig } from '../../shared/aws/clients.ts';
import { dynamodbStore } from '../../shared/aws/dynamodb-store.ts';
import { insistentReader } from '../../shared/aws/insistent-reader.ts';
import { liveReader } from '../../shared/aws/live-reader.ts';
import { type Config, checkConfig, DEFAULT_CONFIG } from '../../shared/config/schema.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { accountEvidence, type KnownUses, readRoster } from '../../shared/facts/account-evidence.ts';
import { cachedReader } from '../../shared/facts/cached-reader.ts';
import type { Severity } from '../../shared/findings/finding.ts';
import type { Sink } from '../../shared/findings/sink.ts';
import { parseArn } from '../../shared/iam/arn.ts';
import { once } from '../../shared/once.ts';
import { VERSION } from '../../shared/version.ts';
import { type AuditBatch, auditBatch } from './audit-batch.ts';
import { settleFailures } from './dead-letter.ts';
import { connectQueues } from './queues.ts';

/** As the stack's queue has it. */
const MAX_RECEIVES = 5;

/** Attempts that end before the function does. */
const IN_TIME = { maxAttempts: 4, requestMillis: 8_000 };

let batch: Promise<AuditBatch> | undefined;

/** The Lambda function: an SQS batch of events in, the messages that must come again out. */
export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  batch ??= connect(process.env, context);
  try {
    return await (await batch)(event, context);
  } catch (error) {
    batch = undefined; // a configuration that could not be read is read again by the next invocation
    throw error;
  }
};

/** Everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv, lambda: Context): Promise<AuditBatch> => {
  const logger = new Logger();
  const metrics = new Metrics();
  const arn = parseArn(lambda.invokedFunctionArn);
  if (!arn) throw new Error(`the function's ARN cannot be read: ${lambda.invokedFunctionArn}`);
  const { account, region, partition } = arn;
  const scope = { account, region, partition };
  const now = () => new Date();
  const config = await readConfig(env.PIPEWARDEN_CONFIG_FILE);
  const dynamodb = new DynamoDBClient(clientConfig());
  const store = dynamodbStore({ client: dynamodb, table: required(env, 'FINDINGS_TABLE'), now });
  const reader = cachedReader(insistentReader(liveReader({ ...awsClients(IN_TIME), scope })), { now });
  const idempotency = new IdempotencyConfig({ expiresAfterSeconds: 24 * 60 * 60 });
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: required(env, 'IDEMPOTENCY_TABLE'),
    awsSdkV3Client: dynamodb,
  });
  const controlText = (id: string) => CONTROLS.find((control) => control.id === id)?.meta;
  const topicArn = env.ALERT_TOPIC_ARN;
  const minimumSeverity = (config.alerts?.minimumSeverity?.toUpperCase() ?? 'HIGH') as Severity;
  const known: KnownUses = new Map();
  const deadLetterQueueUrl = env.DEAD_LETTER_QUEUE_URL;
  const queues = deadLetterQueueUrl ? connectQueues(deadLetterQueueUrl) : undefined;
  const maxReceives = Number(env.MAX_RECEIVES) || MAX_RECEIVES;
  const audit = (): AuditContext => ({
    reader,
    config,
    controls: CONTROLS,
    now,
    recallExecution: (executionId) => store.recallExecution(executionId),
    evidence: accountEvidence(reader, config, () => readRoster(reader, config, known)),
  });
  return auditBatch({
    audit,
    forget: reader.forget,
    store,
    sinks: [
      lazySink('Security Hub', async () => {
        const { connectSecurityHub } = await import('../../shared/aws/security-hub-sink.ts');
        return connectSecurityHub({ scope, controlText, productVersion: VERSION, now });
      }),
      ...(topicArn
        ? [
            lazySink('SNS', async () => {
              const { connectSns } = await import('../../shared/aws/sns-sink.ts');
              return connectSns({ topicArn, scope, minimumSeverity });
            }),
          ]
        : []),
    ],
    logger,
    metrics,
    settleFailures: (failures) =>
      settleFailures(failures, { ...(queues && { queues }), maxReceives, now, logger, metrics }),
    once: (context, run) => {
      idempotency.registerLambdaContext(context);
      return makeIdempotent(async (_key: { eventId: string }, index: number) => run(index), {
        persistenceStore,
        config: idempotency,
        dataIndexArgument: 0,
      });
    },
  });
};

/** A sink whose client is loaded with the first change: most events change nothing. */
const lazySink = (name: string, connect: () => Promise<Sink>): Sink => {
  const connected = once(connect);
  return { name, deliver: async (changes) => (await connected()).deliver(changes) };
};

const required = (env: NodeJS.ProcessEnv, name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`the environment variable ${name} is not set`);
  return value;
};

/** The configuration that was validated and stored as JSON beside the function when it was deployed. */
const readConfig = async (path: string | undefined): Promise<Config> => {
  if (!path) return DEFAULT_CONFIG;
  const checked = checkConfig(
    JSON.parse(await readFile(path, 'utf8')),
    CONTROLS.map(({ id }) => id),
  );
  if (checked.ok) return checked.config;
  const problems = checked.issues.map(({ path: keys, message }) => `${keys.join('.')}: ${message}`);
  throw new Error(`${path} is not a valid configuration: ${problems.join('; ')}`);
};
