import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../..');
const cli = join(root, 'node_modules/aws-cdk/bin/cdk');
const run = promisify(execFile);

export type Outputs = Record<string, Record<string, string>>;
export type Cdk = {
  bootstrap(...regions: string[]): Promise<void>;
  /** Synthesises the app of `cdk.json` into the folder. */
  synth(context: Record<string, string>): Promise<void>;
  /** Deploys all stacks of the folder; the outputs by stack. */
  deployAll(): Promise<Outputs>;
};

/** The installed CDK command against an endpoint; its cloud assembly is in the folder. */
export const cdkFor = (
  { endpoint, account, region }: { endpoint: string; account: string; region: string },
  folder: string,
): Cdk => {
  const cdk = async (...args: string[]): Promise<void> => {
    try {
      await run(process.execPath, [cli, ...args, '--no-notices', '--no-color'], {
        cwd: root,
        maxBuffer: 64 * 1024 * 1024,
        env: {
          // The CDK starts the app with the first `node` in PATH.
          PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
          HOME: folder,
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_EC2_METADATA_DISABLED: 'true',
          CDK_DISABLE_CLI_TELEMETRY: 'true',
        },
      });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`cdk ${args[0]} failed:\n${`${stdout}\n${stderr}`.slice(-4_000)}`, { cause: error });
    }
  };
  const assembly = join(folder, 'cdk.out');
  return {
    bootstrap: (...regions) => cdk('bootstrap', ...regions.map((of) => `aws://${account}/${of}`)),
    synth: (context) =>
      cdk(
        'synth',
        '--all',
        '--quiet',
        '--output',
        assembly,
        ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
      ),
    deployAll: async () => {
      const outputs = join(folder, 'outputs.json');
      const options = ['--require-approval', 'never', '--outputs-file', outputs];
      await cdk('deploy', '--all', '--app', assembly, ...options);
      return JSON.parse(await readFile(outputs, 'utf8')) as Outputs;
    },
  };
};

export type Resource = { Type: string; Properties?: Record<string, unknown> };

/** Replaces each resource in an assembly's templates by the function's result; undefined removes the resource. */
export const adaptTemplates = async (
  folder: string,
  adapt: (resource: Resource) => Resource | undefined,
): Promise<void> => {
  const assembly = join(folder, 'cdk.out');
  for (const file of (await readdir(assembly)).filter((name) => name.endsWith('.template.json'))) {
    const path = join(assembly, file);
    const template = JSON.parse(await readFile(path, 'utf8')) as { Resources: Record<string, Resource> };
    const adapted = Object.entries(template.Resources).map(
      ([id, resource]) => [id, adapt(resource)] as const,
    );
    // JSON.stringify leaves out undefined values.
    await writeFile(path, JSON.stringify({ ...template, Resources: Object.fromEntries(adapted) }));
  }
};

export type StagedFunction = { id: string; folder: string; handler: string; timeoutSeconds: number };

/** The functions of a stack, with their code as the CDK staged it for zipping. */
export const stagedFunctions = async (folder: string, stack: string): Promise<StagedFunction[]> => {
  const assembly = join(folder, 'cdk.out');
  const { Resources } = JSON.parse(await readFile(join(assembly, `${stack}.template.json`), 'utf8')) as {
    Resources: Record<string, Resource & { Metadata?: Record<string, string> }>;
  };
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([id, { Properties: { Handler, Timeout } = {}, Metadata = {} }]) => ({
      id,
      folder: join(assembly, Metadata['aws:asset:path'] ?? ''),
      handler: String(Handler),
      timeoutSeconds: Number(Timeout),
    }));
};
