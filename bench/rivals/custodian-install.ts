import { installPython, programOf } from '../processes/python-install.ts';
import { inCheckout } from '../processes/servers.ts';

const env = {
  title: 'Cloud Custodian',
  folder: inCheckout('.venv/bench-c7n'),
  requirements: 'bench/rivals/requirements-c7n.txt',
};

/** Where the environment's programs are. */
export const custodianPrograms = {
  custodian: programOf(env, 'custodian'),
  python: programOf(env, 'python'),
} as const;

/** Installs Custodian, once; false where that fails. */
export const installCustodian = (): Promise<boolean> => installPython(env, 'custodian');
