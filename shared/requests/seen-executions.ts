import type { ExecutionStarted, SeenExecution } from '../definition/execution-ref.ts';
import { arnName } from '../domain/arn.ts';
import type { AuditRequest, ExecutionStart } from './audit-request.ts';

/** The executions whose starts the requests tell. They are remembered for the looks at their jobs. */
export const seenExecutions = (requests: readonly AuditRequest[]): SeenExecution[] =>
  requests
    .flatMap((request) => (request.type === 'pipeline' ? request.executions : []))
    .flatMap((start) => (start.isRetried ? [] : (seenExecution(start) ?? [])));

const seenExecution = (start: ExecutionStart): SeenExecution | undefined => {
  const { executionArn, parameters } = start;
  const started = startedOf(start);
  return executionArn === undefined
    ? undefined
    : {
        executionId: arnName(executionArn),
        executionArn,
        ...(parameters && { parameters }),
        ...(started && { started }),
      };
};

/** How the execution was started; undefined where the record does not tell whether the caller chose a version. */
export const startedOf = ({
  isVersionChosen,
  versionId,
  trigger,
}: ExecutionStart): ExecutionStarted | undefined =>
  isVersionChosen === undefined
    ? undefined
    : { at: trigger.eventTime, isVersionChosen, ...(versionId === undefined ? {} : { versionId }) };
