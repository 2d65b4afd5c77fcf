import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { Scope } from '../findings/finding.ts';
import { type DeliveryFailure, deliveryError, failAll, type Sink } from '../findings/sink.ts';
import { type Change, isClosing } from '../findings/state.ts';
import { type AsffFinding, batches, type ControlText, toAsff } from '../outputs/asff.ts';
import { clientConfig } from './clients.ts';

type Options = {
  client: SecurityHubClient;
  scope: Scope;
  controlText: (control: string) => ControlText | undefined;
  productVersion: string;
  now: () => Date;
  sleep?: (milliseconds: number) => Promise<void>;
};

/** The sink with a client of its own. */
export const connectSecurityHub = (options: Omit<Options, 'client'>): Sink =>
  securityHubSink({ ...options, client: new SecurityHubClient(clientConfig()) });

const RETRIES = 2;
const BACKOFF_MS = 500;
// Security Hub takes 10 requests a second (30 in a burst), for all importers of the account and Region together.
const PAUSE_MS = 100;

/**
 * Security Hub (CSPM) as a sink, through BatchImportFindings, which must be called in the Region and with credentials
 * of the account in `scope` (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
 *
 * A mended finding is archived as PASSED, one that has expired or whose resource is gone as NOT_AVAILABLE. A finding that was suppressed
 * from the start is not sent; one that was suppressed later is archived, so that it does not stay there as failed.
 * A finding that Security Hub refuses is tried again by itself, unless the refusal is about the finding's form or the
 * account; then `deliver` rejects with a `DeliveryError` that names it. Throttled requests are the client's to retry.
 */
export const securityHubSink = ({
  client,
  scope,
  controlText,
  productVersion,
  now,
  sleep = pause,
}: Options): Sink => {
  let latest = 0;
  return {
    name: 'Security Hub',
    deliver: async (changes) => {
      latest = Math.max(now().valueOf(), latest + 1);
      const newest = new Map(changes.map((change) => [change.finding.id, change]));
      const findings = [...newest.values()].filter(isImported).map(({ kind, finding }) =>
        toAsff(finding, {
          scope,
          control: controlText(finding.control),
          productVersion,
          // An auditor's clock may be ahead of this one's; nothing is updated before it was observed.
          updatedAt: new Date(Math.max(latest, Date.parse(finding.lastObservedAt))).toISOString(),
          recordState: isClosing({ kind }) ? 'ARCHIVED' : 'ACTIVE',
          isExpired: kind === 'expired',
        }),
      );
      const failures: Failure[] = [];
      for (const batch of batches(findings))
        failures.push(...(await importWithRetries(client, batch, sleep)));
      if (failures.length > 0) {
        throw deliveryError(
          'Security Hub',
          failures.map(({ id, code, message }) => ({ id, code, message })),
        );
      }
    },
  };
};

type Failure = DeliveryFailure & { mayPassAlone: boolean };

const isImported = ({ kind, finding }: Change): boolean => kind !== 'opened' || !finding.suppression;

const importWithRetries = async (
  client: SecurityHubClient,
  batch: readonly AsffFinding[],
  sleep: (milliseconds: number) => Promise<void>,
): Promise<Failure[]> => {
  let failures = await importFindings(client, batch);
  for (let attempt = 1; attempt <= RETRIES; attempt++) {
    const again = new Set(failures.filter(({ mayPassAlone }) => mayPassAlone).map(({ id }) => id));
    if (again.size === 0) break;
    failures = failures.filter(({ id }) => !again.has(id));
    await sleep(BACKOFF_MS * attempt);
    for (const finding of batch.filter(({ Id }) => again.has(Id))) {
      failures.push(...(await importFindings(client, [finding])));
      await sleep(PAUSE_MS);
    }
  }
  return failures;
};

const importFindings = async (
  client: SecurityHubClient,
  findings: readonly AsffFinding[],
): Promise<Failure[]> => {
  const ids = findings.map(({ Id }) => Id);
  try {
    const answer = await client.send(new BatchImportFindingsCommand({ Findings: [...findings] }));
    const named = (answer.FailedFindings ?? []).map(({ Id, ErrorCode, ErrorMessage }) => ({
      id: Id ?? '',
      code: ErrorCode ?? 'Unknown',
      message: ErrorMessage ?? '',
      mayPassAlone: !(ErrorCode ?? '').startsWith('Invalid'),
    }));
    const isAccountedFor =
      named.length === (answer.FailedCount ?? 0) && named.every(({ id }) => ids.includes(id));
    if (isAccountedFor) return named;
    const message = `${answer.FailedCount} failed, but the answer names ${named.length}`;
    return ids.map((id) => ({ id, code: 'Unaccounted', message, mayPassAlone: findings.length > 1 }));
  } catch (error) {
    const failures = failAll(ids, error);
    // One malformed finding makes Security Hub refuse the whole request: alone, the others pass.
    const mayPassAlone = findings.length > 1 && failures[0]?.code === 'InvalidInputException';
    return failures.map((failure) => ({ ...failure, mayPassAlone }));
  }
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
