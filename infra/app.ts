import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { parseConfig } from '../shared/config/parse-config.ts';
import { type Config, DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { FACT_ACTIONS } from '../shared/facts/facts.ts';
import { auditStack } from './audit-stack.ts';

const ROOT = join(import.meta.dirname, '..');
const DEFAULT_CONFIG_FILE = join(ROOT, 'pipewarden.yaml');
const CONFIG_IN_ASSET = 'pipewarden.json';

/** What the controls read because of an event, and nothing else. The whole account is never listed here. */
const READS = new Map(
  CONTROLS.flatMap(({ requires }) => requires)
    .flatMap((fact) => FACT_ACTIONS[fact])
    .map((action) => [action.action, action]),
);

/**
 * The configuration of `-c config=FILE`, of `PIPEWARDEN_CONFIG`, or of pipewarden.yaml where there is one.
 * @throws {ConfigError} before anything is deployed.
 */
const readConfig = async (named: string | undefined): Promise<Config> => {
  const hasDefault = await access(DEFAULT_CONFIG_FILE).then(
    () => true,
    () => false,
  );
  if (named === undefined && !hasDefault) return DEFAULT_CONFIG;
  const path = named ?? DEFAULT_CONFIG_FILE;
  return parseConfig(
    await readFile(path, 'utf8'),
    path,
    CONTROLS.map(({ id }) => id),
  );
};

const app = new App();
const named: string | undefined = app.node.tryGetContext('config') ?? process.env.PIPEWARDEN_CONFIG;
const reserved: string | undefined = app.node.tryGetContext('reservedConcurrency');
const assetFolder = join(ROOT, 'dist/functions/audit');
await access(join(assetFolder, 'index.mjs')).catch((cause) => {
  throw new Error(`there is no bundle in ${assetFolder}: run npm run build first`, { cause });
});
await writeFile(join(assetFolder, CONFIG_IN_ASSET), JSON.stringify(await readConfig(named)));

auditStack(app, 'Pipewarden', {
  description: 'Pipewarden: audits Amazon SageMaker Pipelines as their events arrive',
  assetFolder,
  configFile: CONFIG_IN_ASSET,
  reads: [...READS.values()],
  ...(reserved === undefined ? {} : { reservedConcurrency: Number(reserved) }),
});
