import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG } from '../accounts/aws-standin.ts';
import { ACCOUNT, REGION } from '../accounts/training-job.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';
import { awsEnvironment } from './servers.ts';

export const TABLE = 'findings';

/** The URL of a queue, by the end of which the stand-in knows it. */
export const queueUrl = (name: string): string => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;

/** Starts a bundled function in a process of its own; `folder` holds the bundles of all functions. */
export const startFunction = (
  folder: string,
  name: string,
  { endpoint, memoryMiB, env = {} }: { endpoint: string; memoryMiB: number; env?: NodeJS.ProcessEnv },
): MeasuredProcess =>
  startMeasured(
    process.execPath,
    [
      fileURLToPath(import.meta.resolve('./handler-process.mjs')),
      join(folder, name, 'index.mjs'),
      `arn:aws:lambda:${REGION}:${ACCOUNT}:function:bench`,
    ],
    {
      ...awsEnvironment(endpoint),
      FINDINGS_TABLE: TABLE,
      CONFIG_BUCKET: CONFIG.bucket,
      CONFIG_KEY: CONFIG.key,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      POWERTOOLS_LOG_LEVEL: 'INFO',
      ...env,
    },
  );
