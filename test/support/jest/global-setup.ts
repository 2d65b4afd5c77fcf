import { ensureDynamodbLocal } from '../emulators/dynamodb-local.ts';
import { ensureRuler } from '../emulators/ruler-env.ts';
import { ensureNodes } from '../nodes/other-nodes.ts';
import { prepareBundles, tryPythonEnv, tryTo } from './prepare.ts';

/** Runs once before the contract and e2e tests: they need the built bundles and the Python and Java tools. */
const prepare = async (): Promise<void> => {
  prepareBundles();
  const pythonEnvs = (
    ['moto', 'sdk2', 'sdk3', 'cfn-lint', 'formats', 'duckdb', 'precommit', 'pytest'] as const
  ).map(tryPythonEnv);
  await Promise.all([
    ...pythonEnvs,
    tryTo(ensureDynamodbLocal, 'DynamoDB Local'),
    tryTo(ensureRuler, 'AWS Event Ruler'),
    tryTo(ensureNodes, 'Node 20, 22 and 24'),
  ]);
};

export default prepare;
