import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Calls } from '../../test/support/emulators/counting-proxy.ts';
import { REGION } from '../accounts/training-job.ts';
import { startChild } from './children.ts';

/** A path from the root of the checkout. */
export const inCheckout = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export type CountingProcess = {
  url: string;
  /** The calls since the last request. */
  takeCalls(): Promise<Calls>;
};

/** Starts a process that forwards AWS calls to the URL and counts them. */
export const startCountingProcess = async (upstreamUrl: string): Promise<CountingProcess> => {
  const program = fileURLToPath(import.meta.resolve('./counting-process.ts'));
  const child = startChild(process.execPath, [program, upstreamUrl], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [url] = await once(child, 'message');
  return {
    url,
    takeCalls: async () => {
      const answer = once(child, 'message');
      child.send('take');
      const [calls] = await answer;
      return calls;
    },
  };
};

/** The environment of every process that calls AWS here: the endpoint, and none of the user's own settings. */
export const awsEnvironment = (endpoint: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SESSION_TOKEN: 'bench',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
});
