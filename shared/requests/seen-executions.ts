import type { ExecutionStarted, SeenExecution } from '../definition/execution-ref.ts';
import { arnName } from '../domain/arn.ts';
import type { AuditRequest, ExecutionStart } from './audit-request.ts';

/** The executions whose starts are behind the requests, as their jobs will need to know them. */
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

/** How the execution was started; undefined where its record does not tell whether a version was chosen. */
export const startedOf = ({
  isVersionChosen,
  versionId,
  trigger,
}: ExecutionStart): ExecutionStarted | undefined =>
  isVersionChosen === undefined
    ? undefined
    : { at: trigger.eventTime, isVersionChosen, ...(versionId === undefined ? {} : { versionId }) };
