import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsClients } from '../../shared/aws/read/aws-clients.ts';
import type { FileConfig } from '../../shared/config/schema.ts';
import type { Store } from '../../shared/findings/store.ts';
import type { OrganizationSource } from '../../shared/reader/organization-source.ts';
import type { SweepDependencies } from '../../shared/sweep/sweep-account.ts';

/** What lives as long as the execution environment of the sweep function. */
export type SweepConnection = {
  table: string;
  bucket: string;
  retriesUrl: string;
  dynamodb: DynamoDBClient;
  /** The clients of the function’s own role and Region. */
  clients: AwsClients;
  s3: () => Promise<S3Client>;
  sqs: SQSClient;
  store: Store;
  /** Reads the configuration anew. */
  config: () => Promise<FileConfig>;
  /** Where an inventory of each swept account is asked for. */
  inventoriesUrl: string | undefined;
  /** The queue of the history, where one is kept. */
  historyUrl: string | undefined;
  /** The policies of the organization that the deployment was given. */
  uploaded: OrganizationSource | undefined;
  externalId: string | undefined;
  memberRolesBegin: string | undefined;
  now: () => Date;
  logger: Logger;
  metrics: Metrics;
};

/**
 * What a sweep of an account is given besides the account. `isPartial`: the pipelines of a Region could not be listed. `member`: its
 * number, where it is not the deployment’s own.
 */
export type Given = Pick<SweepDependencies, 'open' | 'gaps' | 'offRegions'> & {
  isPartial: boolean;
  member?: string;
};
