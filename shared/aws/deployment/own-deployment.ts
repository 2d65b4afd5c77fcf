import type { ClientOptions } from '../read/clients.ts';
import { readStackOutputs } from './stack-outputs.ts';

/**
 * Whether a Region has a deployment of its own. `unknown` where AWS does not say.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export const isDeployed = async (
  options: ClientOptions,
): Promise<{ answer: 'yes' | 'no' } | { answer: 'unknown'; reason: string }> => {
  try {
    const outputs = await readStackOutputs(options, 'Pipewarden');
    if (outputs.ok) return { answer: 'yes' };
    const { code, message } = outputs.unread;
    return /does not exist/.test(message)
      ? { answer: 'no' }
      : { answer: 'unknown', reason: `${code}: ${message}` };
  } catch (error) {
    return { answer: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
};
