import '../v8-flags.ts';

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { keptIndex } from '../../shared/account-index/kept-index.ts';
import { dynamodbIndex } from '../../shared/aws/keep/dynamodb-index.ts';
import { type InventoryRequest, inventoryRequest } from '../../shared/aws/keep/inventory-request.ts';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { answeringReaders } from '../../shared/aws/read/refusing-region.ts';
import { type Unread, unreadText } from '../../shared/domain/gap.ts';
import { takeInventory } from '../../shared/facts/inventory.ts';
import { configurationDigest } from '../../shared/findings/configuration-digest.ts';
import { oncePer } from '../../shared/memo.ts';
import { insistentReader } from '../../shared/reader/insistent-reader.ts';
import { pacedReader } from '../../shared/reader/paced-reader.ts';
import { accountContexts } from '../account-contexts.ts';
import { connected } from '../connected.ts';
import { deployedConfig } from '../deployed-objects.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { organizationGiven } from '../organization-given.ts';
import { ofOwnSources } from '../own-sources.ts';
import { accountPace } from '../pace.ts';
import { receivesOf } from '../receives.ts';

/** So much of its 15 minutes an inventory leaves for what is not listed at its pace, which is several thousands of pipelines. */
const LATE_MS = 6 * 60 * 1000;

/** Connects everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv, lambda: Context) => {
  const logger = safeLogger();
  const metrics = new Metrics();
  const now = () => new Date();
  const clients = awsClients();
  const stored = await readStoredConfig(await clients.s3(), deployedConfig(env));
  const client = namingActions('dynamodb', new DynamoDBClient(clientConfig()));
  const table = required(env, 'FINDINGS_TABLE');
  let isLate = () => false;
  let isFirst = true;
  /** What AWS did not answer, and this attempt goes without. */
  let unanswered: Unread[] = [];
  /** One pace for all calls in an account. What would not end in time at this pace is listed without it. */
  const paceOf = oncePer((_account: string) => {
    const turn = accountPace(now);
    return async () => {
      if (!isLate()) await turn();
    };
  });
  const contexts = accountContexts({
    scope: scopeOf(lambda),
    stored,
    clients,
    now,
    withReader: (reader) =>
      insistentReader(pacedReader(reader, paceOf(reader.scope.account)), (unread) => {
        if (!isFirst) unanswered.push(unread);
        return isFirst;
      }),
    uploaded: organizationGiven(env, { s3: clients.s3, findings: { client, table }, now }),
    externalId: env.EXTERNAL_ID,
    memberRolesBegin: env.MEMBER_ROLES_BEGIN,
  });

  const inventory = async (request: InventoryRequest): Promise<void> => {
    const { account, notBefore, sweptFrom } = request;
    const answer = await contexts(account, (kept) => kept.forgetBefore(now().valueOf()));
    if (answer.is === 'unwatched') return logger.warn('no inventory', { account, reason: answer.reason });
    if (answer.is === 'unread')
      throw new Error(`the account ${account} cannot be read: ${unreadText(answer.unread)}`);
    const { readers, config, clients: own } = answer.context;
    const store = dynamodbIndex({ client, table, account });
    const configuration = configurationDigest(config);
    // One that comes again may have made an index that lacks something.
    if (request.unlessIndexed && isFirst) {
      const regions = readers.map(({ scope }) => scope.region);
      const outline = await keptIndex({ store, now, configuration, regions }).outline();
      if (outline) return logger.info('no inventory: the account has an index', { account });
    }
    const { readDetailsPage } = await import('../../shared/aws/read/role-calls.ts');
    const iam = await own.iam();
    const turn = paceOf(account);
    const done = await takeInventory({
      store,
      readPage: async (marker) => {
        await turn();
        return readDetailsPage(iam, marker);
      },
      readers: answeringReaders(readers),
      config,
      configuration,
      now,
      notBefore,
      sweptFrom,
    });
    if (!done.ok) throw new Error(`no inventory of the account ${account}: ${unreadText(done.unread)}`);
    metrics.addMetric('Inventories', MetricUnit.Count, 1);
    logger.info('inventory', { account, ...done.value });
    const [first] = unanswered;
    if (first)
      throw new Error(
        `the index of the account ${account} lacks what AWS did not answer: ${unreadText(first)}`,
      );
  };

  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    logger.addContext(context);
    isLate = () => context.getRemainingTimeInMillis() < LATE_MS;
    for (const record of Records) {
      isFirst = receivesOf(record) === 1;
      unanswered = [];
      await inventory(inventoryRequest.parse(JSON.parse(record.body)));
    }
    metrics.publishStoredMetrics();
    return { batchItemFailures: [] };
  };
};

/**
 * The Lambda function: takes one wish for an inventory at a time. A failed one comes again, and goes on where it stopped. From the second
 * time on it makes the index without what AWS does not answer, such as the pipelines of a Region that throttles for ever; it comes again
 * all the same, so that what AWS answers later is added, or its dead letter tells.
 */
export const handler = ofOwnSources(connected<SQSEvent, SQSBatchResponse>(connect));
