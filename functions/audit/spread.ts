import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { allCoverage } from '../../shared/aws/keep/coverage.ts';
import { MAX_DELAY_SECONDS, sendDelayed } from '../../shared/aws/keep/queue-calls.ts';
import type { Unread } from '../../shared/domain/gap.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import type { Read } from '../../shared/reader/read-result.ts';
import type { OrganizationReach, RequestOf } from '../../shared/requests/audit-request.ts';
import { organizationRequest } from '../../shared/requests/resource-requests.ts';
import { sweepMessage } from '../../shared/sweep/messages.ts';

/** Whoever asks for looks at the accounts that a change of the organization reaches. */
type Spreading = {
  /** The account and home Region of the deployment. */
  own: Scope;
  /** The accounts that the configuration names. */
  named: readonly string[];
  findings: { client: DynamoDBClient; table: string };
  queue: { client: SQSClient; queueUrl: string };
  /** Which accounts the change reaches, as far as somebody tells it. */
  reaches: (reach: OrganizationReach) => Promise<Read<(account: string) => boolean>>;
  onUnknown: (unread: Unread) => void;
};

/** As many accounts are looked at in each step, in seconds: the accounts share the limits of AWS Organizations. */
const ACCOUNTS_A_STEP = 10;
const STEP_SECONDS = 6;

/**
 * Sends a message for each other account that is watched and that the change reaches; where nobody tells which these are, for each
 * that is watched. A new account is looked at by the next sweep.
 */
export const spreadChange = async (
  change: RequestOf<'organization'>,
  reach: OrganizationReach,
  { own, named, findings, queue, reaches, onUnknown }: Spreading,
): Promise<void> => {
  if (reach !== 'all' && reach.length === 0) return;
  const read = await reaches(reach);
  if (!read.ok) onUnknown(read.unread);
  const isReached = read.ok ? read.value : () => true;
  const watched = new Set([...named, ...(await allCoverage(findings)).map(({ account }) => account)]);
  watched.delete(own.account);
  const asked = [...watched].toSorted().filter(isReached);
  await sendDelayed(
    queue.client,
    queue.queueUrl,
    asked.map((account, index) => ({
      body: JSON.stringify(messageFor(account, change, own)),
      seconds: Math.min(Math.floor(index / ACCOUNTS_A_STEP) * STEP_SECONDS, MAX_DELAY_SECONDS),
    })),
  );
};

/** The message that asks for a look at the organization’s policies of one account, because of the event of the whole. */
const messageFor = (
  account: string,
  { changed, trigger }: RequestOf<'organization'>,
  own: Scope,
): JsonObject => {
  const scope = { ...own, account };
  const request = { ...organizationRequest(scope), changed };
  const id = { sweepId: `organization-${account}`, scope, time: trigger?.eventTime ?? '' };
  return sweepMessage({ ...request, ...(trigger && { trigger }) }, 1, id) ?? {};
};
