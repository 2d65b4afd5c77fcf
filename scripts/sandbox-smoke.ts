import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { shellText } from '../shared/text/shell-text.ts';
import { type Actor, CONFIGS, EXAMPLE, type Sandbox, sandboxConfig, sandboxPlan } from './sandbox-plan.ts';
import { runPlan } from './sandbox-run.ts';

/**
 * Tries in a real sandbox organization what no emulator shows (docs/operations.md, Trying it in a sandbox). `--plan` prints all commands
 * and runs none.
 */

const account = z.string().check(z.regex(/^\d{12}$/));
const actor = z.strictObject({ profile: z.string().check(z.minLength(1), z.maxLength(200)), account });
const schema = z.strictObject({
  hub: actor,
  management: actor,
  member: actor,
  region: z.string().check(z.regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/)),
  root: z.string().check(z.regex(/^r-[a-z0-9]{4,32}$/)),
  unit: z.string().check(z.regex(/^ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}$/)),
  excluded: account,
  outside: account,
});

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'out/sandbox');
const USAGE =
  'usage: npm run sandbox-smoke -- [--plan] sandbox.json (docs/operations.md, Trying it in a sandbox)';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const fail = (message: string): never => {
  process.stderr.write(`sandbox-smoke: ${message}\n`);
  process.exit(2);
};

const readSandbox = async (file: string): Promise<Sandbox> => {
  const text = await readFile(file, 'utf8').catch((error: Error) => fail(`${file}: ${error.message}`));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail(`${file}: ${(error as Error).message}`);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  return fail(
    `${file}: ${read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
};

const run = (command: readonly string[], profile: string): Promise<{ status: number; stdout: string }> =>
  new Promise((resolve) => {
    const [program = '', ...words] = withProfile(command, profile);
    const isOwn = program === 'pipewarden';
    const child = isOwn
      ? spawn(process.execPath, [join(ROOT, 'dist/cli/pipewarden.mjs'), ...words], {
          cwd: FOLDER,
          stdio: ['inherit', 'pipe', 'inherit'],
        })
      : spawn(program, [...words, '--output', 'json'], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
    let stdout = '';
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString('utf8');
    });
    child.on('error', (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      resolve({ status: 127, stdout: '' });
    });
    child.on('close', (status) => resolve({ status: status ?? 1, stdout }));
  });

/** Nothing is made in an account by mistake: each profile is of the account that the file names, and a person says yes. */
const requireSandbox = async (sandbox: Sandbox): Promise<void> => {
  for (const who of ['hub', 'management', 'member'] as const) {
    const { profile, account: wanted } = sandbox[who];
    const { stdout } = await run(['aws', 'sts', 'get-caller-identity'], profile);
    if (!stdout.includes(`"${wanted}"`)) fail(`the profile ${profile} is not of the account ${wanted}`);
  }
  const question = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await question.question(
    `This deploys into ${sandbox.hub.account} and its members, and makes an SCP. Type the number of the account to go on: `,
  );
  question.close();
  if (answer.trim() !== sandbox.hub.account) fail('nothing was done');
};

/** A command for sh, with the profile that it is run with. */
const written = (command: readonly string[], by: Actor): string =>
  withProfile(command, sandbox[by].profile)
    .map((word) => (/^--[a-z-]*$/.test(word) ? word : shellText(word)))
    .join(' ');

/** The command of this checkout is told its profile already. */
const withProfile = (command: readonly string[], profile: string): readonly string[] =>
  command[0] === 'aws' ? [...command, '--profile', profile] : command;

const { values, positionals } = parseArgs({
  options: { plan: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [file, ...others] = positionals;
if (others.length > 0 || (file === undefined && !values.plan)) fail(USAGE);
const sandbox = file === undefined ? EXAMPLE : await readSandbox(file);
const plan = sandboxPlan(sandbox);
if (values.plan) {
  for (const [accounts, name] of Object.entries(CONFIGS))
    say(`# ${name}: ${JSON.stringify(sandboxConfig(sandbox, accounts as keyof typeof CONFIGS))}`);
  for (const { title, steps } of plan) {
    say(`\n# ${title}`);
    for (const { title: what, by, command, check } of steps) {
      say(`\n# ${what}${check ? ` (checked for at most ${check.atMostMinutes} minutes)` : ''}`);
      say(written(command, by));
    }
  }
  say('\n# Cleaning up, also after a failure');
  for (const { undo, by } of plan.flatMap(({ steps }) => steps).toReversed())
    if (undo) say(written(undo, by));
} else {
  await requireSandbox(sandbox);
  await mkdir(FOLDER, { recursive: true });
  for (const accounts of ['of the unit', 'others, too'] as const)
    await writeFile(join(FOLDER, CONFIGS[accounts]), JSON.stringify(sandboxConfig(sandbox, accounts)));
  const wrong = await runPlan(plan, {
    exec: (command, by) => run(command, sandbox[by].profile),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    now: Date.now,
    say,
  });
  say(wrong.length === 0 ? '\nAll is well.' : `\nWrong:\n${wrong.map((line) => `- ${line}`).join('\n')}`);
  say('The stack PipewardenState stays, see docs/operations.md, Removing.');
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
