import type { SQSClient } from '@aws-sdk/client-sqs';
import { MAX_DELAY_SECONDS, sendDelayed } from '../../shared/aws/keep/queue-calls.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import { sweepMessage } from '../../shared/sweep/messages.ts';

type Asking = {
  /** The account of the resources, and its home Region. */
  scope: Scope;
  queue: { client: SQSClient; queueUrl: string };
  now: Date;
};

/** As many looks begin in each step, in seconds: they share the limits of one account’s calls. */
const LOOKS_A_STEP = 50;
const STEP_SECONDS = 5;

/**
 * Asks other invocations for looks to which looks of this one led, each by a message of its own. Returns the requests for which there
 * is no message. @throws where the queue does not take one of them.
 */
export const askOthers = async (
  requests: readonly AuditRequest[],
  { scope, queue, now }: Asking,
): Promise<AuditRequest[]> => {
  const learntAt = now.toISOString();
  const context = { sweepId: `following-${now.valueOf()}`, scope, time: learntAt };
  const asked = requests.map((request, index) => ({
    request,
    message: sweepMessage({ ...request, learntAt }, index, context),
  }));
  const messages = asked.flatMap(({ message }) => message ?? []);
  await sendDelayed(
    queue.client,
    queue.queueUrl,
    messages.map((message, index) => ({
      body: JSON.stringify(message),
      seconds: Math.min(Math.floor(index / LOOKS_A_STEP) * STEP_SECONDS, MAX_DELAY_SECONDS),
    })),
  );
  return asked.flatMap(({ request, message }) => (message ? [] : request));
};
