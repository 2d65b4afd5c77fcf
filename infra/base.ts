import type { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { RoleName } from './permission.ts';
import type { QueuePair } from './queues.ts';
import type { FUNCTIONS, Settings } from './settings.ts';
import type { ToldState } from './state-stack.ts';

/** What all parts of the main stack use. */
export type Base = {
  stack: Stack;
  settings: Settings;
  state: ToldState;
  requests: QueuePair;
  retries: QueuePair;
  inventories: QueuePair;
  /** The queues of the history, where one is kept. */
  history: QueuePair | undefined;
  heartbeats: Queue;
  logs: Readonly<Record<(typeof FUNCTIONS)[number], LogGroup>>;
  /** Where every function finds its configuration. */
  common: Readonly<
    Record<'CONFIG_BUCKET' | 'CONFIG_KEY' | 'CONFIG_SHA256' | 'CONFIG_COPIES_BUCKET', string> &
      Partial<Record<'ORGANIZATION_POLICIES_KEY' | 'ORGANIZATION_POLICIES_SHA256', string>>
  >;
  /** Where functions send what the history keeps; empty where none is kept. */
  tellsHistory: Readonly<Partial<Record<'HISTORY_QUEUE_URL', string>>>;
  /** What functions need to assume roles of members; empty without members. */
  members: Readonly<Partial<Record<'EXTERNAL_ID' | 'MEMBER_ROLES_BEGIN', string>>>;
  /** The role with a name; it is made once. */
  roleOf: (name: RoleName) => IRole;
};
