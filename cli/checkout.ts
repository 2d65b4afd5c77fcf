import { access } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { UsageError } from './errors.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * The checkout from which this command was built, in one of the folders above it; undefined if the command was
 * installed without its sources.
 */
const findCheckout = async (folder: string): Promise<string | undefined> => {
  if (await exists(join(folder, 'infra/app.ts'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : findCheckout(parent);
};

/** What a deployment needs of the checkout. */
export type Checkout = { root: string; cdk: string; env: NodeJS.ProcessEnv };

/**
 * The checkout, with everything that a deployment needs of it.
 * @throws {UsageError} naming what is missing and how to get it.
 */
export const checkout = async (): Promise<Checkout> => {
  const root = await findCheckout(import.meta.dirname);
  if (root === undefined)
    throw new UsageError(
      'deploy works from a checkout, as the stacks are made of its sources: clone the repository, run npm ci there, and run it again',
    );
  const at = (path: string) => resolve(root, path);
  const [cdk, bin] = [at('node_modules/aws-cdk/bin/cdk'), at('node_modules/.bin')];
  if (!(await exists(cdk)) || !(await exists(join(bin, 'node'))))
    throw new UsageError(`the CDK is not installed in ${root}: run npm ci there`);
  const missing = [];
  for (const name of ['audit', 'deliver', 'sweep', 'report'])
    if (!(await exists(at(`dist/functions/${name}/index.mjs`)))) missing.push(name);
  if (missing.length > 0)
    throw new UsageError(
      `these functions are not built: ${missing.join(', ')}; run npm run build in ${root}`,
    );
  // The CDK app is TypeScript, which only the Node of the checkout can run without a build.
  return { root, cdk, env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` } };
};
