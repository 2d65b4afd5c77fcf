import { found, notRead, type Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import type { ExecutionStart, RequestOf } from '../requests/audit-request.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import type { StartRoleFact } from './facts.ts';
import {
  type GatherContext,
  type Gathered,
  type GatheredExecution,
  notApplicable,
  withoutFacts,
} from './gathered.ts';

/**
 * A pipeline of AWS itself: no account holds its definition or its versions, so that nothing of it is anybody's to mend.
 * What is judged are its executions, whose jobs run in this account, under the role that their caller chose.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-managed.html
 */
export const gatherManagedPipeline = async (
  { resource: { arn }, executions: starts, trigger }: RequestOf<'pipeline'>,
  { reader }: Pick<GatherContext, 'reader'>,
): Promise<Gathered<'pipeline'>> => {
  const executions: GatheredExecution[] = [];
  const roleArns = new Set<string>();
  for (const start of starts) {
    const startRole = await startRoleOf(start, arn, reader);
    if (startRole.ok) roleArns.add(startRole.value.roleArn);
    executions.push({
      arn: start.executionArn ?? `${arn}/execution/${start.trigger.eventId}`,
      trigger: start.trigger,
      facts: {
        pipeline: AWS_OWN,
        definition: AWS_OWN,
        overrides: AWS_OWN,
        version: AWS_OWN,
        startRole,
        gaps: found(startRole.ok ? [] : [startRole.unread]),
      },
    });
  }
  const changed: readonly 'uses'[] = trigger ? ['uses'] : [];
  const follow = [...roleArns].flatMap((roleArn) => principalRequest(roleArn, { trigger, changed }));
  return withoutFacts('pipeline', AWS_OWN, { arn, executions, follow });
};

const AWS_OWN = notApplicable('it is a pipeline of AWS itself, which no account holds');

/** By the record of the start; else by AWS, which tells the role of such executions alone. */
const startRoleOf = async (
  { roleArn, executionArn, principalArn, trigger }: ExecutionStart,
  pipelineArn: string,
  reader: Reader,
): Promise<Read<StartRoleFact>> => {
  const about = { pipelineArn, ...(principalArn === undefined ? {} : { principalArn }) };
  if (roleArn !== undefined) return found({ ...about, roleArn, toldBy: trigger.eventName });
  const call = 'DescribePipelineExecution';
  if (executionArn === undefined)
    return notRead(call, 'NotNamed', 'the event names neither the role nor the execution');
  const described = await reader.describeExecution(executionArn);
  if (!described.ok) return described;
  return described.value.roleArn === undefined
    ? notRead(call, 'Incomplete', `the answer does not tell the role of ${executionArn}`)
    : found({ ...about, roleArn: described.value.roleArn, toldBy: call });
};
