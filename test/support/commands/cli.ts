import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Results } from '../../../shared/outputs/formats/results.ts';
import { parseResults } from '../../../shared/outputs/formats/results-schema.ts';
import { ACCOUNT, REGION, roleArn, sagemakerArn } from '../builders/events.ts';

/** The checkout; paths of examples are relative to it. */
export const ROOT = join(import.meta.dirname, '../../..');
export const COMMAND = join(ROOT, 'dist/cli/pipewarden.mjs');

/** The result of a run of the command. */
export type Run = { status: number | null; stdout: string; stderr: string };

export type RunOptions = {
  cwd?: string;
  /**
   * The whole environment of the command besides PATH: it gets no credentials or settings of the person who runs the
   * tests.
   */
  env?: Record<string, string>;
  stdin?: string | Uint8Array;
  /** The reader of stdout leaves after the first bytes, as `head` does. */
  leaveEarly?: boolean;
  uid?: number;
  /** The path of a copy of the command in another place. */
  command?: string;
};

/** Runs the built command as a process of its own. */
export const run = async (
  args: readonly string[],
  { cwd = ROOT, env = {}, stdin, leaveEarly = false, uid, command = COMMAND }: RunOptions = {},
): Promise<Run> => {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent', ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  child.stdin.on('error', () => {}); // the command may end without reading stdin
  child.stdin.end(stdin);
  if (leaveEarly) child.stdout.once('data', () => child.stdout.destroy());
  const text = async (stream: AsyncIterable<Buffer>): Promise<string> => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of stream) chunks.push(chunk);
    } catch (error) {
      if (!leaveEarly) throw error;
    }
    return Buffer.concat(chunks).toString('utf8');
  };
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const [status, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
};

/** The results that a run printed with `--format json`. Throws if they are not valid results. */
export const resultsOf = ({ stdout }: Pick<Run, 'stdout'>): Results => {
  const results = parseResults(JSON.parse(stdout));
  if (!results.ok) throw new Error(JSON.stringify(results.issues));
  return results.results;
};

/** Files by path: text and bytes are written unchanged, anything else as JSON. */
export type Files = Record<string, unknown>;

const writeFiles = async (folder: string, files: Files): Promise<void> => {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(file, isRaw ? content : JSON.stringify(content));
  }
};

/** Runs a body in a temporary folder with these files, and removes the folder. */
export const inFolder = async <T>(files: Files, body: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'pipewarden-cli-'));
  try {
    await writeFiles(folder, files);
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The CORS configuration that an image bucket must have. */
export const CORS = {
  CORSRules: [
    {
      AllowedHeaders: ['*'],
      AllowedMethods: ['PUT'],
      AllowedOrigins: ['*'],
      ExposeHeaders: ['Access-Control-Allow-Origin'],
    },
  ],
};

export const trainStep = (baseName: string | undefined, role: string, name = 'Train') => ({
  Name: name,
  Type: 'Training',
  Arguments: { ...(baseName === undefined ? {} : { TrainingJobName: baseName }), RoleArn: roleArn(role) },
});

export const definitionOf = (...steps: object[]) => ({ Version: '2020-12-01', Steps: steps });

/** The output of `aws sagemaker describe-pipeline`. */
export const described = (name: string, definition: object | string) => ({
  PipelineName: name,
  PipelineArn: sagemakerArn(`pipeline/${name}`),
  RoleArn: roleArn('pipelines/fraud'),
  PipelineDefinition: typeof definition === 'string' ? definition : JSON.stringify(definition),
});

export const IDENTITY = { UserId: 'U', Account: ACCOUNT, Arn: roleArn('auditor'), Region: REGION };

/** A role that only SageMaker may assume. */
export const roleDetails = (name: string, ...statements: object[]) => ({
  RoleName: name.split('/').at(-1) ?? name,
  Arn: roleArn(name),
  Path: `/${name.split('/').slice(0, -1).join('/')}/`.replace('//', '/'),
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sagemaker.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
      },
    ],
  },
  RolePolicyList:
    statements.length > 0
      ? [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }]
      : [],
});

/** The role with everything that a pipeline of {@link trainStep}s needs of its execution role. */
const FRAUD_ROLE = roleDetails(
  'pipelines/fraud',
  {
    Effect: 'Allow',
    Action: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags'],
    // `pipelines` stands for a name that no configuration authorises, whose job the role may create all the same.
    Resource: ['fraud-train', 'pipelines'].map(
      (name) => `arn:aws:sagemaker:*:${ACCOUNT}:training-job/${name}-*`,
    ),
  },
  {
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: roleArn('steps/*'),
    Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
  },
);

export const ROLES = [
  FRAUD_ROLE,
  ...['steps/train', 'steps/other', 'admin'].map((name) => roleDetails(name)),
];

const RULES = {
  version: 1,
  prefixes: [{ prefix: 'fraud-train', stepTypes: ['Training'], pipelines: ['fraud'] }],
  roles: {
    creators: [roleArn('data-scientist')],
    execution: [roleArn('pipelines/*')],
    steps: [roleArn('steps/*')],
  },
  imageBuckets: { names: ['acme-images'] },
  versionFloors: [{ pipeline: 'release-*', minimum: 6 }],
  scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' },
};

/** Rules that can be judged from a definition alone, which does not name its pipeline. */
export const DEFINITION_RULES = {
  ...RULES,
  prefixes: [{ prefix: 'fraud-train', stepTypes: ['Training'] }],
};

/** A snapshot folder `account` in which no control finds anything, and the matching configuration. */
export const CLEAN: Files = {
  'pipewarden.yaml': RULES,
  'account/caller-identity.json': IDENTITY,
  'account/iam/account-authorization-details.json': { RoleDetailList: ROLES, UserDetailList: [] },
  'account/organizations/scps.json': [],
  'account/sagemaker/pipelines/fraud/pipeline.json': described(
    'fraud',
    definitionOf(trainStep('fraud-train', 'steps/train')),
  ),
  'account/s3/acme-images/cors.json': CORS,
  'account/s3/acme-images/tagging.json': { TagSet: [] },
};
