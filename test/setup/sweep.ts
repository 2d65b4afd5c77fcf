import type { DeployedWorld } from './deployed-world.ts';
import { until } from './until.ts';

type State = Record<string, unknown>;
type Definition = { States: Record<string, State> };

/**
 * MiniStack reads the arguments of a map's ItemReader as JSONPath also where they are JSONata, and knows no batches.
 * With the same file and one item a batch, the machine is otherwise the one that was deployed.
 */
const forMiniStack = (definition: Definition): Definition => ({
  ...definition,
  States: Object.fromEntries(
    Object.entries(definition.States).map(([name, state]) => [
      name,
      state.Type === 'Map' ? map(state) : state,
    ]),
  ),
});

const map = ({ ItemBatcher, ItemReader, ...state }: State): State => ({
  ...state,
  ItemReader: { ...(ItemReader as State), Arguments: { 'Bucket.$': '$.bucket', 'Key.$': '$.key' } },
  ItemSelector: { 'Items.$': 'States.Array($$.Map.Item.Value)' },
});

/** Runs the sweep as the Scheduler would; how the execution ended. */
export const runSweep = async ({ call }: DeployedWorld, stateMachineArn: string): Promise<string> => {
  const states = (action: string, input: object) => call('states', `AWSStepFunctions.${action}`, input);
  const { definition } = await states('DescribeStateMachine', { stateMachineArn });
  const adapted = JSON.stringify(forMiniStack(JSON.parse(String(definition)) as Definition));
  await states('UpdateStateMachine', { stateMachineArn, definition: adapted });
  const { executionArn } = await states('StartExecution', { stateMachineArn, input: '{}' });
  const ended = await until(
    () => states('DescribeExecution', { executionArn }),
    ({ status }) => status !== 'RUNNING',
  );
  if (ended.status !== 'SUCCEEDED') throw new Error(`the sweep ended so: ${JSON.stringify(ended)}`);
  return String(ended.status);
};
