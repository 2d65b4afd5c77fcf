import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { Scope } from '../../domain/scope.ts';
import { type DeliveryFailure, deliveryError, failAll, type Sink } from '../../findings/sink.ts';
import { type Change, closingKind } from '../../findings/state.ts';
import { type AsffFinding, batches, type ControlText, toAsff } from '../../outputs/formats/asff.ts';
import { turns } from '../../token-bucket.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';
import { resolveWorkflows } from './security-hub-workflow.ts';

type Options = {
  client: SecurityHubClient;
  scope: Scope;
  controlText: (control: string) => ControlText | undefined;
  productVersion: string;
  now: () => Date;
  sleep?: (milliseconds: number) => Promise<void>;
  /** Whether the workflow of mended findings is set to RESOLVED. */
  resolveWorkflow?: boolean;
};

/** How Security Hub of an account and Region is told. `credentials`: those of the account, where it is not the caller’s own. */
export type SecurityHubOptions = Omit<Options, 'client'> & { credentials?: ClientOptions['credentials'] };

export const connectSecurityHub = ({ credentials, ...options }: SecurityHubOptions): Sink => {
  const { region } = options.scope;
  const config = clientConfig(credentials ? { credentials, region } : {});
  return securityHubSink({
    ...options,
    client: namingActions('securityhub', new SecurityHubClient(config)),
  });
};

const RETRIES = 2;
const BACKOFF_MS = 500;
/**
 * Security Hub’s limits for all callers of the account and Region together
 * (https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html).
 */
const IMPORTS = { perSecond: 10, burst: 30 };

/**
 * Security Hub (CSPM) as a sink, through BatchImportFindings in the Region and with the credentials of `scope`’s
 * account (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
 * A mended finding is archived as PASSED, any other end as NOT_AVAILABLE with the reason. A verdict that stands
 * unjudged stays as it is. A finding that was suppressed from the start is not sent; one that is suppressed later is
 * archived.
 * Findings that Security Hub refuses are sent again, unless the refusal is about their form or the account. `deliver`
 * then rejects with a `DeliveryError` that names them. The client itself repeats throttled requests.
 */
export const securityHubSink = ({
  client,
  scope,
  controlText,
  productVersion,
  now,
  sleep = pause,
  resolveWorkflow = false,
}: Options): Sink => {
  let latest = 0;
  const importing = { client, sleep, turn: turns(IMPORTS, { now, sleep }) };
  const resolve = resolveWorkflows({ client, now, sleep });
  return {
    name: 'Security Hub',
    takesRefreshed: true,
    deliver: async (changes) => {
      latest = Math.max(now().valueOf(), latest + 1);
      const newest = new Map(changes.map((change) => [change.finding.id, change]));
      const findings = [...newest.values()].filter(isImported).map(({ kind, finding }) =>
        toAsff(finding, {
          scope,
          control: controlText(finding.control),
          productVersion,
          // The clock of an auditor may be ahead of this one, and a finding must not be updated before it was observed.
          updatedAt: new Date(Math.max(latest, Date.parse(finding.lastObservedAt))).toISOString(),
          recordState: closingKind({ kind }) ? 'ARCHIVED' : 'ACTIVE',
          ending: closingKind({ kind }),
        }),
      );
      const failures: DeliveryFailure[] = [];
      for (const batch of batches(findings)) failures.push(...(await importWithRetries(batch, importing)));
      if (resolveWorkflow) {
        const refused = new Set(failures.map(({ id }) => id));
        const mended = findings.filter(
          ({ Id, Compliance }) => Compliance.Status === 'PASSED' && !refused.has(Id),
        );
        failures.push(...(await resolve(mended)));
      }
      if (failures.length > 0) {
        throw deliveryError(
          'Security Hub',
          failures.map(({ id, code, message }) => ({ id, code, message })),
        );
      }
    },
  };
};

type ImportFailure = DeliveryFailure & { mayPassAlone: boolean };

type Importing = {
  client: SecurityHubClient;
  sleep: (milliseconds: number) => Promise<void>;
  turn: () => Promise<void>;
};

const isImported = ({ kind, finding }: Change): boolean => kind !== 'opened' || !finding.suppression;

const importWithRetries = async (
  batch: readonly AsffFinding[],
  importing: Importing,
): Promise<ImportFailure[]> => {
  let failures = await importFindings(batch, importing);
  for (let attempt = 1; attempt <= RETRIES; attempt++) {
    const again = new Set(failures.filter(({ mayPassAlone }) => mayPassAlone).map(({ id }) => id));
    if (again.size === 0) break;
    failures = failures.filter(({ id }) => !again.has(id));
    await importing.sleep(BACKOFF_MS * attempt);
    for (const finding of batch.filter(({ Id }) => again.has(Id))) {
      failures.push(...(await importFindings([finding], importing)));
    }
  }
  return failures;
};

const importFindings = async (
  findings: readonly AsffFinding[],
  { client, turn }: Importing,
): Promise<ImportFailure[]> => {
  const ids = findings.map(({ Id }) => Id);
  try {
    await turn();
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
    // One malformed finding makes Security Hub refuse the whole request. Sent alone, the others may pass.
    const mayPassAlone = findings.length > 1 && failures[0]?.code === 'InvalidInputException';
    return failures.map((failure) => ({ ...failure, mayPassAlone }));
  }
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
