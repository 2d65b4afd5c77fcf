import { existsSync } from 'node:fs';
import { runToEnd } from './children.ts';
import { inCheckout } from './servers.ts';

const folder = inCheckout('.venv/bench-c7n');

/** Where the environment's programs are. */
export const custodianPrograms = {
  custodian: `${folder}/bin/custodian`,
  python: `${folder}/bin/python`,
} as const;

/** Installs Custodian into .venv/bench-c7n, once; false where that fails. */
export const installCustodian = async (): Promise<boolean> => {
  if (existsSync(custodianPrograms.custodian)) return true;
  console.error('bench: installing Cloud Custodian into .venv/bench-c7n (once)');
  try {
    await runToEnd('python3', ['-m', 'venv', folder]);
    const requirements = inCheckout('bench/requirements-c7n.txt');
    await runToEnd(custodianPrograms.python, [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
    ]);
    return true;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    return false;
  }
};
