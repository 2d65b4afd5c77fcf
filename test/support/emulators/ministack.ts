import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pythonProgram } from '../python/python-env.ts';
import { startEmulator } from './emulator.ts';
import { freePort } from './free-port.ts';

export type MiniStack = { endpoint: string; log(): readonly string[]; stop(): Promise<void> };

/**
 * Starts a fresh MiniStack (https://pypi.org/project/ministack/) on a free port of 127.0.0.1. It runs functions as
 * processes of the first `node` in its PATH, which is the Node of the tests, and passes its own environment to them.
 */
export const startMiniStack = async (account: string, region: string): Promise<MiniStack> => {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'pipewarden-ministack-'));
  const { log, stop } = await startEmulator([pythonProgram('ministack', 'ministack')], {
    port,
    cwd: folder,
    env: {
      PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      HOME: folder,
      TMPDIR: folder,
      S3_DATA_DIR: join(folder, 's3'),
      STATE_DIR: join(folder, 'state'),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: region,
    },
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    log,
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
