import { readdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulator } from '../emulators/emulator.ts';
import { freePort } from '../emulators/free-port.ts';
import { pythonProgram } from '../python/python-env.ts';
import { RUNTIME_CLIENT } from './runtime-client.ts';

const PROGRAMS: Partial<Record<NodeJS.Architecture, string>> = {
  x64: 'aws-lambda-rie-x86_64',
  arm64: 'aws-lambda-rie-arm64',
};

/** The emulator comes in a Python package, without permission to be executed. */
const emulator = async (): Promise<string> => {
  const program = PROGRAMS[process.arch];
  if (!program) throw new Error(`there is no Lambda runtime interface emulator for ${process.arch}`);
  const lib = join(pythonProgram('rie', '..'), 'lib');
  const [python = ''] = readdirSync(lib);
  const path = join(lib, python, 'site-packages/samcli/local/rapid', program);
  await chmod(path, 0o755);
  return path;
};

/** The account and Region that the emulator reports for every function; they cannot be changed. */
export const RIE_SCOPE = { account: '012345678912', region: 'us-east-1' } as const;

export type RieFunction = {
  invoke(event: object): Promise<unknown>;
  /** Everything that the function and the emulator wrote. */
  log(): readonly string[];
  stop(): Promise<void>;
};

/**
 * Runs the function of a folder in the Lambda Runtime Interface Emulator, which enforces the time-out and restarts
 * the function after it.
 * https://github.com/aws/aws-lambda-runtime-interface-emulator
 */
export const startInRie = async (
  taskRoot: string,
  { handler, timeoutSeconds, env }: { handler: string; timeoutSeconds: number; env: Record<string, string> },
): Promise<RieFunction> => {
  const port = await freePort();
  const apiPort = await freePort();
  const { log, stop } = await startEmulator(
    [
      await emulator(),
      '--runtime-interface-emulator-address',
      `127.0.0.1:${port}`,
      '--runtime-api-address',
      `127.0.0.1:${apiPort}`,
      process.execPath,
      RUNTIME_CLIENT,
      handler,
    ],
    {
      port,
      cwd: taskRoot,
      env: {
        ...env,
        HOME: taskRoot,
        LAMBDA_TASK_ROOT: taskRoot,
        AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutSeconds),
      },
    },
  );
  return {
    log,
    stop,
    invoke: async (event) => {
      const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) });
      const text = await response.text();
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
    },
  };
};
