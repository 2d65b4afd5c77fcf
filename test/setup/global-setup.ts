import { ensureDynamodbLocal } from './dynamodb-local.ts';
import { prepareBundles, tryPythonEnv, tryTo } from './prepare.ts';

/** Runs once before the contract and e2e tests: they need the built bundles and the Python and Java tools. */
const prepare = async (): Promise<void> => {
  prepareBundles();
  const pythonEnvs = (['moto', 'cfn-lint', 'sdk2', 'sdk3'] as const).map(tryPythonEnv);
  await Promise.all([...pythonEnvs, tryTo(ensureDynamodbLocal, 'DynamoDB Local')]);
};

export default prepare;
