import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type KeptIndex, keptIndex } from '../../shared/account-index/kept-index.ts';
import type { Audited } from '../../shared/audit/audit-resource.ts';
import { dynamodbIndex } from '../../shared/aws/keep/dynamodb-index.ts';
import { askForInventory } from '../../shared/aws/keep/inventory-request.ts';
import { makeSqsClient } from '../../shared/aws/keep/queue-calls.ts';
import { clientConfig } from '../../shared/aws/read/clients.ts';
import { answeringReaders } from '../../shared/aws/read/refusing-region.ts';
import { isManagedPipeline } from '../../shared/domain/arn.ts';
import { type AccountEvidence, readAskedOf } from '../../shared/facts/account-evidence.ts';
import { changeOf } from '../../shared/facts/gather-principal.ts';
import { type IndexOptions, indexedEvidence } from '../../shared/facts/indexed-evidence.ts';
import { configurationDigest } from '../../shared/findings/configuration-digest.ts';
import { once } from '../../shared/memo.ts';
import { notReadYet } from '../../shared/reader/insistent-reader.ts';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import type { AccountContext } from '../account-context.ts';

/** The index of one account, as the looks of a container use it. */
export type AccountIndex = {
  /** What the looks of one batch share. */
  batch: () => IndexBatch;
  /** Adds what a look has read of a pipeline. */
  learn: (request: AuditRequest, audited: Audited) => Promise<void>;
  forgetBefore: KeptIndex['forgetBefore'];
};

export type IndexBatch = {
  /** The evidence of the batch, from the index as far as the index is there. */
  evidence: (base: AccountEvidence) => AccountEvidence;
  /** Notes that all looks were made, or asked of others, to which these requests led. */
  settle: (requests: readonly AuditRequest[]) => Promise<void>;
  /** The ARNs of those who are to be noted then. */
  leading: (requests: readonly AuditRequest[]) => readonly string[];
};

type Bearing = Parameters<IndexOptions['onBearing']>[1];

type Connected = {
  client: DynamoDBClient;
  table: string;
  /** Where an inventory is asked for. */
  queueUrl: string;
  now: () => Date;
};

/** The index of an account. */
export const accountIndex = (
  { scope, readers, clients, config }: AccountContext,
  { client, table, queueUrl, now }: Connected,
): AccountIndex => {
  const index = keptIndex({
    store: dynamodbIndex({ client, table, account: scope.account }),
    now,
    configuration: configurationDigest(config),
    regions: readers.map((reader) => reader.scope.region),
  });
  const sqs = once(() => makeSqsClient(clientConfig()));
  const ask = (): Promise<void> =>
    askForInventory({ client: sqs(), queueUrl }, { account: scope.account, unlessIndexed: true }, now());
  return {
    batch: () => {
      const unsettled = new Map<string, Bearing>();
      /** Only the message that tells of the change leads to all that hang on it. */
      const changed = (requests: readonly AuditRequest[]): string[] =>
        requests.flatMap((request) => {
          const isTold = (request.type === 'role' || request.type === 'user') && changeOf(request) === 'told';
          return isTold ? `${request.type} ${request.name}` : [];
        });
      const asked = once(ask);
      return {
        evidence: (base) =>
          indexedEvidence(base, {
            index,
            config,
            now,
            onBearing: ({ type, name }, bearing) => unsettled.set(`${type} ${name}`, bearing),
            onMissing: asked,
            readAsked: (pipeline, named) => readAskedOf(answeringReaders(readers), config, pipeline, named),
            readDetails: async (...about) => {
              const { readDetailsOf } = await import('../../shared/aws/read/principal-calls.ts');
              const read = await readDetailsOf(await clients.iam(), ...about);
              if (!read.ok && read.unread.isTransient) throw notReadYet(read.unread);
              return read;
            },
          }),
        settle: async (requests) => {
          for (const key of changed(requests)) {
            const bearing = unsettled.get(key);
            unsettled.delete(key);
            await bearing?.settle();
          }
        },
        leading: (requests) => changed(requests).flatMap((key) => unsettled.get(key)?.arn ?? []),
      };
    },
    learn: async (request, { observations, use, isUseOfEvent }) => {
      if (request.type !== 'pipeline' || isManagedPipeline(request.resource.arn)) return;
      const { arn } = request.resource;
      const own = observations.find(({ resourceArn }) => resourceArn.toLowerCase() === arn.toLowerCase());
      if (!own || !(own.gone || use)) return;
      const isNews = request.trigger !== undefined;
      // A pipeline that only its event tells does not exist any more.
      const asked = own.gone || isUseOfEvent ? null : (use ?? null);
      await index.learnPipeline(arn, asked, Date.parse(own.observedAt), isNews);
    },
    forgetBefore: index.forgetBefore,
  };
};
