import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';

/**
 * The value of an output of a deployed stack. `option`: with which option the user names it instead.
 * @throws {UsageError} if the stack cannot be read or has no such output.
 */
export const deployedOutput = async (
  { options, scope }: ConnectedAccount,
  stack: string,
  name: string,
  option: string,
): Promise<string> => {
  const { readStackOutputs } = await import('../shared/aws/deployment/stack-outputs.ts');
  const outputs = await readStackOutputs(options, stack);
  const where = `account ${scope.account}, Region ${scope.region}`;
  if (!outputs.ok)
    throw new UsageError(
      `the stack ${visibleText(stack)} cannot be read in ${where}: ${visibleText(outputs.unread.message)}; give the home Region of the deployment with --region, or name what the stack would tell with ${option}`,
    );
  const value = outputs.value.get(name);
  if (!value)
    throw new UsageError(
      `the stack ${visibleText(stack)} has no output ${name}: name what it would tell with ${option}`,
    );
  return value;
};
