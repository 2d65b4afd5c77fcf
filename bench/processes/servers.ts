import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { REGION } from '../accounts/training-job.ts';
import { startChild } from './children.ts';
import type { Calls } from './figures.ts';

/** A path from the root of the checkout. */
export const inCheckout = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export type CountingProxy = {
  url: string;
  /** The calls since the last time. */
  takeCalls(): Promise<Calls>;
};

export const startCountingProxy = async (upstreamUrl: string): Promise<CountingProxy> => {
  const program = fileURLToPath(import.meta.resolve('./counting-proxy.ts'));
  const child = startChild(process.execPath, [program, upstreamUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('the counting proxy has no output');
  const [port] = await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return { url, takeCalls: async () => (await fetch(`${url}/calls`)).json() as Promise<Calls> };
};

/** The environment of everything that calls AWS here: that endpoint, and nothing of the user's own settings. */
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
