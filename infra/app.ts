import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { parseConfig } from '../shared/config/parse-config.ts';
import { type Config, DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { JOB_KINDS } from '../shared/definition/job-kinds.ts';
import { auditStack, type ReadAction } from './audit-stack.ts';

const ROOT = join(import.meta.dirname, '..');
const DEFAULT_CONFIG_FILE = join(ROOT, 'pipewarden.yaml');
const CONFIG_IN_ASSET = 'pipewarden.json';

const SAGEMAKER = 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}';

/** What the auditor reads because of an event. The whole account is listed by the sweep only. */
const READS: readonly ReadAction[] = [
  {
    action: 'sagemaker:DescribePipeline',
    resource: `${SAGEMAKER}:pipeline/*`,
    reason: "A pipeline's definition and execution role, as they are now",
  },
  {
    action: 'sagemaker:DescribePipelineDefinitionForExecution',
    resource: `${SAGEMAKER}:pipeline/*`,
    reason: 'The definition that an execution runs, where the pipeline has changed since',
  },
  // AutoML jobs of both versions are described by the second version's operation.
  ...Object.values(JOB_KINDS)
    .filter(({ noun }) => noun !== 'AutoMLJob')
    .map(({ noun, arnType }) => ({
      action: `sagemaker:Describe${noun}`,
      // An export job is authorised by the model card that it exports.
      resource: `${SAGEMAKER}:${noun === 'ModelCardExportJob' ? 'model-card' : arnType}/*`,
      reason: "A job's name in its own case, and its role, where the event tells neither",
    })),
  {
    action: 's3:GetBucketCORS',
    resource: 'arn:${AWS::Partition}:s3:::*',
    reason: 'The CORS configuration of an image bucket',
  },
  {
    action: 's3:GetBucketTagging',
    resource: 'arn:${AWS::Partition}:s3:::*',
    reason: 'The tags that make a bucket an image bucket',
  },
  {
    action: 'iam:GetRole',
    resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*',
    reason: 'The full ARN of a role, path included: the ARN of a session has none',
  },
];

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
  reads: READS,
  ...(reserved === undefined ? {} : { reservedConcurrency: Number(reserved) }),
});
