import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import { groupBy } from '../shared/group-by.ts';
import { deniedActions, unreadRemedy } from '../shared/judging/unread-remedy.ts';
import { ORGANIZATION_FILE } from '../shared/reader/answers/organization-file.ts';
import { type AppliedConfig, appliedConfig, configurationPlace } from './config.ts';
import { fileProblem } from './errors.ts';
import {
  type Connected,
  checkLiveOptions,
  connectLive,
  type LiveOptions,
  withLiveOptions,
} from './live-accounts.ts';
import { messageText, type Progress, progressOn } from './progress.ts';
import { openFolder, type SnapshotFolder } from './snapshot-folder.ts';
import { missingIn } from './snapshot-missing.ts';

type SnapshotOptions = LiveOptions & { out: string; config?: string; quiet?: boolean };

/**
 * Rounds of fetching. A fetched policy can lead to further resources, but hardly beyond a pipeline's bucket and its
 * key.
 */
const MAX_ROUNDS = 3;

/** Adds the command `snapshot`. */
export const addSnapshot = (program: Command): void => {
  withLiveOptions(
    program
      .command('snapshot')
      .description(
        'write everything that an audit reads of an account into a folder, for `audit --snapshot`',
      ),
  )
    .requiredOption('--out <dir>', 'a new folder, or an empty one')
    .option('--config <file>', 'the configuration (default: pipewarden.yaml, if it exists)')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden snapshot --out snapshot/2026-11-25
  pipewarden snapshot --out snapshot --profile audit --region eu-west-1 && pipewarden audit --snapshot snapshot
  pipewarden snapshot --out all --organization --regions eu-west-1,us-east-1 && pipewarden audit --snapshot all

Of several accounts or Regions, each gets a folder of its own: <dir>/<account>/<Region>. With --organization,
<dir>/organization-policies.json holds the SCPs and RCPs of all accounts, for \`audit\` and \`deploy --organization-policies\`.

The folder contains the policies of the account: protect it as you protect them.
Exit status: 0 everything was read, 2 wrong usage or no access to AWS, 3 written, but something could not be read.`,
    )
    .action(takeSnapshot);
};

const takeSnapshot = async ({ out, quiet, config: file, ...choice }: SnapshotOptions): Promise<void> => {
  checkLiveOptions(choice);
  const applied = await appliedConfig(file);
  const progress = progressOn(process.stderr, quiet ?? false);
  const { connections, organization, readWhole } = await connectLive(
    choice,
    applied.config.organization,
    progress,
  );
  const all = connections.flat();
  for (const connection of all) {
    const { account, region } = connection.scope;
    const dir = all.length === 1 ? out : join(out, account, region);
    if (connection.ok) {
      await takeOne(connection.connected, { dir, applied, organization, progress });
      continue;
    }
    const { call, code, message } = connection.unread;
    process.stderr.write(
      messageText(`not read: account ${account} in ${region}: ${call}: ${code}: ${message}`),
    );
    process.exitCode = 3;
  }
  if (readWhole) await writeOrganization(out, readWhole, progress);
};

/** Writes the policies of all accounts, also of those that cannot be read themselves. */
const writeOrganization = async (
  out: string,
  readWhole: NonNullable<Connected['readWhole']>,
  progress: Progress,
): Promise<void> => {
  progress.say('reading the policies of the organization');
  const read = await readWhole();
  if (!read.ok) {
    const { call, code, message } = read.unread;
    process.stderr.write(
      messageText(
        `not read: ${ORGANIZATION_FILE}: ${call}: ${code}: ${message}; ${unreadRemedy(read.unread)}`,
      ),
    );
    process.exitCode = 3;
    return;
  }
  const file = join(out, ORGANIZATION_FILE);
  try {
    await mkdir(out, { recursive: true });
    await writeFile(file, `${JSON.stringify(read.value, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    throw fileProblem(file, error, 'written');
  }
  progress.say(`the policies of ${Object.keys(read.value.accounts).length} accounts in ${file}`);
};

type Taking = {
  dir: string;
  applied: AppliedConfig;
  organization: Connected['organization'];
  progress: Progress;
};

/** Writes the snapshot of one account and Region. */
const takeOne = async (
  account: ConnectedAccount,
  { dir, applied, organization, progress }: Taking,
): Promise<void> => {
  const { snapshotter } = await import('../shared/aws/read/take-snapshot.ts');
  const folder = await openFolder(dir);
  const take = snapshotter(account, folder, organization);
  progress.say(`reading account ${account.scope.account} in ${account.scope.region}`);
  progress.say(configurationPlace(applied));
  await take.account();
  const asked = new Set<string>();
  const fresh = (names: readonly string[]): string[] => {
    const wanted = names.filter((name) => !asked.has(name));
    for (const name of wanted) asked.add(name);
    return wanted;
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const missing = await missingIn(dir, applied);
    const buckets = fresh(missing.buckets);
    const keys = fresh(missing.keys);
    if (buckets.length + keys.length === 0) break;
    await take.buckets(buckets);
    await take.keys(keys);
  }
  progress.say(`${folder.files()} files in ${dir}`);
  sayUnread(folder);
};

/** Printed even with `--quiet`, because whoever audits the folder must know what it lacks. */
const sayUnread = (folder: SnapshotFolder): void => {
  const groups = groupBy(folder.unread(), ({ call, code }) => `${call}: ${code}`);
  for (const [what, unread] of groups) {
    const [first] = unread;
    if (!first) continue;
    const more = unread.length > 1 ? ` and ${unread.length - 1} more` : '';
    const advice = deniedActions([first]).map(
      (action) => `; allow ${action} (pipewarden generate audit-policy)`,
    );
    process.stderr.write(
      messageText(`not read: ${first.path}${more}: ${what}: ${first.message}${advice.join('')}`),
    );
  }
  if (groups.size > 0) process.exitCode = 3;
};
