import { join } from 'node:path';
import { build } from 'esbuild';
import { writeDefinition, writeRoles } from '../accounts/hostile-account.ts';
import { hostileDefinitions } from '../accounts/hostile-definitions.ts';
import { hostileFiles } from '../accounts/hostile-files.ts';
import { hostileRoles, manyHostileRoles, starsOfObjects } from '../accounts/hostile-roles.ts';
import { type Cost, costOfRun, worstOf } from '../processes/cost-of-run.ts';
import { inCheckout } from '../processes/servers.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';

const ROLE = 'arn:aws:iam::111122223333:role';
const CONFIG = inCheckout('examples/pipewarden.yaml');
const COMMAND = inCheckout('dist/cli/pipewarden.mjs');

/** What Lambda gives Node.js of the 256 MB that the audit function has. */
const LAMBDA_FLAGS = ['--max-old-space-size=230'];

/** The bound of one look, its process from start to end. */
export const BOUND: Cost = { cpuSeconds: 3, peakMiB: 150 };

/** What an input cost: one look as the audit function makes it, the worst of those that it concerns, and the built command. */
export type HostileLine = { input: string; look?: Cost; command?: Cost; comesTo: string };

/** Measures each input that was made to be expensive, in processes of its own. */
export async function* measureHostile(only = ''): AsyncGenerator<HostileLine> {
  const look = await lookProgram();
  const isWanted = (input: string): boolean => input.includes(only);
  const looksAt = async (
    folder: string,
    names: string[],
  ): Promise<Required<Omit<HostileLine, 'input' | 'command'>>> => {
    const runs = [];
    for (const name of names) runs.push(await costOfRun(look, [folder, CONFIG, name], LAMBDA_FLAGS));
    const failed = runs.find(({ status }) => status !== 0);
    if (failed) throw new Error(failed.stderr.slice(-2000));
    return { look: worstOf(runs), comesTo: runs.map(({ stdout }) => stdout.trim()).join(' ') };
  };
  const audit = async (folder: string): Promise<Cost> => {
    const results = join(folder, 'results.json');
    const run = await costOfRun(COMMAND, [
      ...['audit', '--snapshot', folder, '--config', CONFIG],
      ...['--format', 'json', '-o', results, '--fail-on', 'none', '--quiet'],
    ]);
    if (run.status !== 0 && run.status !== 3) throw new Error(run.stderr.slice(-2000));
    return worstOf([run]);
  };

  if (isWanted('nothing')) {
    const folder = await temporaryFolder();
    await writeRoles(folder, {});
    yield {
      input: 'nothing hostile: the account of the examples',
      ...(await looksAt(folder, [`${ROLE}/pipelines/vision`])),
      command: await audit(folder),
    };
  }
  for (const [name, text] of Object.entries(hostileDefinitions())) {
    const input = `definition: ${name}`;
    if (!isWanted(input)) continue;
    const folder = await temporaryFolder();
    await writeDefinition(folder, text);
    const looks = await looksAt(folder, [
      'vision-scans',
      `${ROLE}/pipelines/vision`,
      `${ROLE}/steps/vision-train`,
    ]);
    yield { input, ...looks, command: await audit(folder) };
  }
  const both = 'definition and policies: 20,000 places, and ten policies of question marks and stars';
  if (isWanted(both)) {
    const folder = await temporaryFolder();
    const roles = { vision: starsOfObjects(), 'vision-train': starsOfObjects() };
    await writeDefinition(folder, hostileDefinitions()['20,000 places in hyperparameters'] ?? '', roles);
    const looks = await looksAt(folder, [`${ROLE}/pipelines/vision`, `${ROLE}/steps/vision-train`]);
    yield { input: both, ...looks, command: await audit(folder) };
  }
  for (const [name, documents] of Object.entries(hostileRoles())) {
    const input = `policies: ${name}`;
    if (!isWanted(input)) continue;
    const folder = await temporaryFolder();
    await writeRoles(folder, { vision: documents });
    yield { input, ...(await looksAt(folder, [`${ROLE}/pipelines/vision`])), command: await audit(folder) };
  }
  if (isWanted('policies: of 100 roles')) {
    const folder = await temporaryFolder();
    await writeRoles(folder, manyHostileRoles(100));
    yield {
      input: 'policies: of 100 roles',
      ...(await looksAt(folder, [`${ROLE}/pipelines/r1`])),
      command: await audit(folder),
    };
  }
  const folder = await temporaryFolder();
  for (const [input, args] of Object.entries(await hostileFiles(folder, inCheckout('examples')))) {
    if (!isWanted(input)) continue;
    const { status, stderr, ...cost } = await costOfRun(COMMAND, [...args, '--quiet', '--fail-on', 'none']);
    yield { input, command: worstOf([cost]), comesTo: `status ${status}: ${stderr.trim().slice(-160)}` };
  }
}

/** Bundles the program of one look into one file, so that stripping types does not count. */
const lookProgram = async (): Promise<string> => {
  const outfile = join(await temporaryFolder(), 'look.mjs');
  await build({
    entryPoints: [inCheckout('bench/processes/look-process.ts')],
    outfile,
    inject: [inCheckout('functions/v8-flags.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    minify: true,
    logLevel: 'warning',
  });
  return outfile;
};
