import type { DeployedWorld } from './deployed-world.ts';
import { until } from './until.ts';

type State = Record<string, unknown>;
type Machine = { States: Record<string, State> };

/**
 * Adapts the state machine to MiniStack, which reads the arguments of a map's ItemReader as JSONPath even if they are
 * JSONata, knows no batches, and passes SQS a list of messages that it does not find. With the same file, one message
 * a batch and the list in the words of the query protocol, the machine is otherwise the deployed one.
 */
const forMiniStack = <T extends Machine>(machine: T): T => ({
  ...machine,
  States: Object.fromEntries(
    Object.entries(machine.States).map(([name, state]) => [
      name,
      state.Type === 'Map' ? mapForMiniStack(state) : state,
    ]),
  ),
});

const mapForMiniStack = ({ ItemBatcher, ItemReader, ItemProcessor, ...state }: State): State => {
  const { SendBatch, ...states } = (ItemProcessor as Machine).States;
  const { QueueUrl, Entries } = (SendBatch as { Arguments: { QueueUrl: string; Entries: string } }).Arguments;
  const first = Entries.replace(/^\{%(.*)%\}$/s, "{% { '1': ($1)[0] } %}");
  return {
    ...state,
    ItemReader: { ...(ItemReader as State), Arguments: { 'Bucket.$': '$.bucket', 'Key.$': '$.key' } },
    ItemSelector: { 'Items.$': 'States.Array($$.Map.Item.Value)' },
    ItemProcessor: {
      ...(ItemProcessor as Machine),
      States: {
        ...states,
        SendBatch: { ...SendBatch, Arguments: { QueueUrl, SendMessageBatchRequestEntry: first } },
      },
    },
  };
};

/** Runs the sweep as the Scheduler would, and returns how the execution ended. */
export const runSweep = async ({ call }: DeployedWorld, stateMachineArn: string): Promise<string> => {
  const states = (action: string, input: object) => call('states', `AWSStepFunctions.${action}`, input);
  const { definition } = await states('DescribeStateMachine', { stateMachineArn });
  const adapted = JSON.stringify(forMiniStack(JSON.parse(String(definition)) as Machine));
  await states('UpdateStateMachine', { stateMachineArn, definition: adapted });
  const { executionArn } = await states('StartExecution', { stateMachineArn, input: '{}' });
  const ended = await until(
    () => states('DescribeExecution', { executionArn }),
    ({ status }) => status !== 'RUNNING',
  );
  if (ended.status !== 'SUCCEEDED') throw new Error(`the sweep ended so: ${JSON.stringify(ended)}`);
  return String(ended.status);
};
