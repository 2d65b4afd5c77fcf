import {
  BatchUpdateFindingsCommand,
  GetFindingsCommand,
  type SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { type DeliveryFailure, failAll } from '../../findings/sink.ts';
import type { AsffFinding } from '../../outputs/formats/asff.ts';
import { turns } from '../../token-bucket.ts';

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/Welcome.html */
const READS = { perSecond: 3, burst: 6 };
const UPDATES = { perSecond: 10, burst: 30 };
/**
 * The largest number of values in a filter
 * (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindings.html).
 */
const BATCH = 20;

type Identified = Pick<AsffFinding, 'Id' | 'ProductArn'>;

/**
 * Sets the workflow of mended findings to RESOLVED, but never of SUPPRESSED ones, as the customer set that
 * (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html). Findings that Security Hub
 * does not have are skipped. Returns the findings for which it failed.
 */
export const resolveWorkflows = ({
  client,
  now,
  sleep,
}: {
  client: SecurityHubClient;
  now: () => Date;
  sleep: (milliseconds: number) => Promise<void>;
}): ((findings: readonly Identified[]) => Promise<DeliveryFailure[]>) => {
  const readTurn = turns(READS, { now, sleep });
  const updateTurn = turns(UPDATES, { now, sleep });

  /** The findings whose workflow is neither RESOLVED nor SUPPRESSED. */
  const unresolved = async (findings: readonly Identified[]): Promise<Identified[]> => {
    await readTurn();
    const { Findings = [] } = await client.send(
      new GetFindingsCommand({
        Filters: { Id: findings.map(({ Id }) => ({ Value: Id, Comparison: 'EQUALS' })) },
        MaxResults: 100,
      }),
    );
    const workflows = new Map(
      Findings.map(({ Id = '', ProductArn = '', Workflow }) => [keyOf({ Id, ProductArn }), Workflow?.Status]),
    );
    return findings.filter((finding) => {
      const workflow = workflows.get(keyOf(finding));
      return workflow === 'NEW' || workflow === 'NOTIFIED';
    });
  };

  const resolve = async (findings: readonly Identified[]): Promise<DeliveryFailure[]> => {
    const open = await unresolved(findings);
    if (open.length === 0) return [];
    await updateTurn();
    const { UnprocessedFindings = [] } = await client.send(
      new BatchUpdateFindingsCommand({
        FindingIdentifiers: open.map(({ Id, ProductArn }) => ({ Id, ProductArn })),
        Workflow: { Status: 'RESOLVED' },
      }),
    );
    return UnprocessedFindings.map(({ FindingIdentifier, ErrorCode, ErrorMessage }) => ({
      id: FindingIdentifier?.Id ?? '',
      code: ErrorCode ?? 'Unknown',
      message: ErrorMessage ?? '',
    }));
  };

  return async (findings) => {
    const failures: DeliveryFailure[] = [];
    for (let from = 0; from < findings.length; from += BATCH) {
      const batch = findings.slice(from, from + BATCH);
      const ids = batch.map(({ Id }) => Id);
      failures.push(...(await resolve(batch).catch((error: unknown) => failAll(ids, error))));
    }
    return failures;
  };
};

const keyOf = ({ Id, ProductArn }: Identified): string => JSON.stringify([Id, ProductArn]);
