import { ensureRuntimeClient } from '../lambda/runtime-client.ts';
import { prepareBundles, tryPythonEnv, tryTo } from './prepare.ts';

/**
 * Runs once before the tests of the deployed system, which need the built bundles and emulators that no other test
 * needs.
 */
const prepare = async (): Promise<void> => {
  prepareBundles();
  const pythonEnvs = (['moto', 'ministack', 'awscli', 'rie'] as const).map(tryPythonEnv);
  await Promise.all([...pythonEnvs, tryTo(ensureRuntimeClient, 'Lambda runtime interface client')]);
};

export default prepare;
