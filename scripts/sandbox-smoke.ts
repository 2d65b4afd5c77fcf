import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import type { Json } from '../shared/json/json.ts';
import { shellText } from '../shared/text/shell-text.ts';
import { linesOf, SIZES, total } from './cost-lines.ts';
import { deployedCounts } from './cost-templates.ts';
import { ACCOUNT_EXAMPLE, type AccountSandbox, accountPlan } from './sandbox-account-plan.ts';
import { runCommand, withProfile } from './sandbox-command.ts';
import {
  ORGANIZATION_EXAMPLE,
  type OrganizationSandbox,
  organizationPlan,
} from './sandbox-organization-plan.ts';
import { answersText, PROBES } from './sandbox-probes.ts';
import { redacted } from './sandbox-redaction.ts';
import { runPlan } from './sandbox-run.ts';
import type { Actor, Plan } from './sandbox-steps.ts';

/**
 * Tries in a real sandbox what no emulator shows (docs/operations.md, Trying it in a sandbox): in one account, or in an organization.
 * `--plan` prints all commands and runs none.
 */

const account = z.string().check(z.regex(/^\d{12}$/));
const profile = z.string().check(z.minLength(1), z.maxLength(200));
const region = z.string().check(z.regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/));
const actor = z.strictObject({ profile, account });
const ofAccount = z.strictObject({ profile, account, region });
const ofOrganization = z.strictObject({
  hub: actor,
  management: actor,
  member: actor,
  region,
  root: z.string().check(z.regex(/^r-[a-z0-9]{4,32}$/)),
  unit: z.string().check(z.regex(/^ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}$/)),
  excluded: account,
  outside: account,
});

/** What is run: a plan, who is who, and what is told before. */
type Sandbox = {
  plan: Plan;
  actors: Readonly<Partial<Record<Actor, { profile: string; account: string }>>>;
  /** All accounts that it names. */
  accounts: readonly string[];
  makes: string;
  takes: string;
};

const FOLDER = join(import.meta.dirname, '../out/sandbox');
const USAGE =
  'usage: npm run sandbox-smoke -- [--plan] sandbox.json (docs/operations.md, Trying it in a sandbox)';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const fail = (message: string): never => {
  process.stderr.write(`sandbox-smoke: ${message}\n`);
  process.exit(2);
};

const inAccount = (given: AccountSandbox): Sandbox => ({
  plan: accountPlan(given),
  actors: { account: given },
  accounts: [given.account],
  makes: `deploys into ${given.account}, and makes pipelines, roles, buckets and a trail of calls of functions there`,
  takes: 'half an hour to an hour',
});

const inOrganization = (given: OrganizationSandbox): Sandbox => {
  const { hub, management, member, excluded, outside } = given;
  return {
    plan: organizationPlan(given),
    actors: { hub, management, member },
    accounts: [hub.account, management.account, member.account, excluded, outside],
    makes: `deploys into ${hub.account} and its members, and makes an SCP`,
    takes: 'an hour or two',
  };
};

const readSandbox = async (file: string): Promise<Sandbox> => {
  const content = await readFile(file, 'utf8').catch((error: Error) => fail(`${file}: ${error.message}`));
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    fail(`${file}: ${(error as Error).message}`);
  }
  const schema = typeof value === 'object' && value !== null && 'hub' in value ? ofOrganization : ofAccount;
  const read = schema.safeParse(value);
  if (read.success) return 'hub' in read.data ? inOrganization(read.data) : inAccount(read.data);
  return fail(
    `${file}: ${read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
};

/** What so many hours of a small deployment cost. Keys, alarms, metrics and dashboards are charged by the hour. */
const costTold = (): string => {
  const [small] = SIZES;
  if (!small) throw new Error('there is no small size');
  const counts = deployedCounts(small);
  const hour = total(linesOf(counts, small, counts.ownMetrics.length)) / 730;
  return `about ${(2 * hour).toFixed(2)} dollars in two hours by list prices, and less than one in any case; jobs name an image that does not exist, and compute nothing`;
};

/** Nothing is made in an account by mistake: each profile is of the account that the file names, and a person says yes. */
const requireSandbox = async ({ actors, makes, takes }: Sandbox): Promise<void> => {
  const all = Object.values(actors);
  for (const { profile: name, account: wanted } of all) {
    const asked = { profile: name, folder: FOLDER, atMostMinutes: 1 };
    const { stdout } = await runCommand(['aws', 'sts', 'get-caller-identity'], asked);
    if (!stdout.includes(`"${wanted}"`)) fail(`the profile ${name} is not of the account ${wanted}`);
  }
  const [first] = all;
  const question = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await question.question(
    `This ${makes}. It takes ${takes}, and costs ${costTold()}.\nIt removes all that it made, also after a failure or Ctrl-C. Type the number of the account to go on: `,
  );
  question.close();
  if (answer.trim() !== first?.account) fail('nothing was done');
};

/** A command for sh, with the profile that it is run with. */
const written = (command: readonly string[], profileName: string | undefined): string =>
  withProfile(command, profileName)
    .map((word) => (/^--[a-z-]*$/.test(word) ? word : shellText(word)))
    .join(' ');

const printPlan = ({ plan, actors }: Sandbox): void => {
  for (const [name, content] of Object.entries(plan.files))
    say(`# ${name}: ${content.length > 2000 ? `${content.length} characters` : content}`);
  for (const { title, steps } of plan.phases) {
    say(`\n# ${title}`);
    for (const { title: what, by, command, check, atMostMinutes, inSession, keeps } of steps) {
      const notes = [
        ...(check ? [`checked for at most ${check.atMostMinutes} minutes`] : []),
        ...(atMostMinutes === undefined ? [] : [`at most ${atMostMinutes} minutes`]),
        ...(keeps ? [`its answer is kept, redacted, in out/sandbox/${keeps.as}.json`] : []),
        ...(inSession ? ['with the credentials of the session'] : []),
      ];
      say(`\n# ${what}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`);
      say(written(command, inSession ? undefined : actors[by]?.profile));
    }
  }
  say('\n# Cleaning up, also after a failure');
  for (const { undo, by } of plan.phases.flatMap(({ steps }) => steps).toReversed())
    if (undo) say(written(undo, actors[by]?.profile));
};

const { values, positionals } = parseArgs({
  options: { plan: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [file, ...others] = positionals;
if (others.length > 0 || (file === undefined && !values.plan)) fail(USAGE);

if (values.plan && file === undefined) {
  say('# In one account');
  printPlan(inAccount(ACCOUNT_EXAMPLE));
  say('\n# Questions that AWS’s pages leave open, and where their answers are read');
  for (const { question, from, read } of PROBES) say(`# - ${question} ${from.join(', ')}: ${read}`);
  say('\n# In an organization');
  printPlan(inOrganization(ORGANIZATION_EXAMPLE));
} else if (file !== undefined) {
  const sandbox = await readSandbox(file);
  if (values.plan) printPlan(sandbox);
  else await tryIn(sandbox);
}

async function tryIn(sandbox: Sandbox): Promise<void> {
  const { plan, actors, accounts } = sandbox;
  await mkdir(FOLDER, { recursive: true });
  await requireSandbox(sandbox);
  // What an earlier run has kept answers nothing of this one.
  await rm(FOLDER, { recursive: true });
  await mkdir(FOLDER, { recursive: true });
  for (const [name, content] of Object.entries(plan.files)) await writeFile(join(FOLDER, name), content);
  const kept = new Map<string, unknown>();
  const stopping = new AbortController();
  let stopped: 'no' | 'undo' | 'now' = 'no';
  process.on('SIGINT', () => {
    say(
      stopped === 'no'
        ? '\nStopped: this command ends by itself, then all is undone. Press Ctrl-C again to leave what is there.'
        : '\nWhat is there stays, after this command.',
    );
    stopped = stopped === 'no' ? 'undo' : 'now';
    stopping.abort();
  });
  const profileOf = (by: Actor): string | undefined => actors[by]?.profile;
  const { wrong, passed, notTried, stays } = await runPlan(plan.phases, {
    exec: (command, by, options) =>
      runCommand(command, { ...options, profile: profileOf(by), folder: FOLDER }),
    // Only waiting for AWS ends early: what is undone may take its time.
    sleep: (milliseconds) =>
      sleep(milliseconds, undefined, stopped === 'no' ? { signal: stopping.signal } : {}).catch(
        () => undefined,
      ),
    now: Date.now,
    say,
    keep: async (as, value) => {
      const shown = redacted(value as Json, accounts);
      kept.set(as, shown);
      await writeFile(join(FOLDER, `${as}.json`), `${JSON.stringify(shown, null, 2)}\n`);
    },
    stopped: () => stopped,
    isEmulated: process.env.AWS_ENDPOINT_URL !== undefined,
  });
  say(`\n${passed} steps passed.`);
  const told = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) say(`\n${title}\n${lines.map((line) => `- ${line}`).join('\n')}`);
  };
  told('Not tried, because this is an emulator:', notTried);
  told('Wrong:', wrong);
  told(
    'Still there; remove it by',
    stays.map(({ command, by }) => written(command, profileOf(by))),
  );
  if (kept.size > 0) {
    await writeFile(join(FOLDER, 'answers.md'), answersText(kept));
    say('\nRecords and answers are in out/sandbox, without accounts, names and addresses: answers.md first.');
  }
  say('The stack PipewardenState stays, see docs/operations.md, Removing.');
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
