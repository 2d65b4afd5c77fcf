import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { notConfiguredIn } from '../shared/audit/run-scope.ts';
import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import { DEFAULT_CONFIG, type FileConfig } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import {
  type ForwardedRegion,
  forwardedRegions,
  homeIn,
  otherRegions,
} from '../shared/events/forwarded-regions.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import { listed } from '../shared/text/listed.ts';
import { type Checkout, checkout } from './checkout.ts';
import { appliedConfig, configurationPlace, configurationText, DEFAULT_FILE } from './config.ts';
import { confirmed } from './confirm.ts';
import { UsageError } from './errors.ts';
import { messageText } from './progress.ts';

type DeployOptions = { profile?: string; region?: string; config?: string; dryRun?: boolean };

/** Adds the command `deploy`. */
export const addDeploy = (program: Command): void => {
  program
    .command('deploy')
    .description('deploy the whole system into an account and its Regions (from a checkout)')
    .argument('[cdk-options...]', 'more options of `cdk deploy`, after --')
    .option('--profile <name>', 'the AWS profile')
    .option(
      '--region <region>',
      'the home Region; organization.regions of the configuration names more to watch',
    )
    .option('--config <file>', 'the configuration (default: pipewarden.yaml; without one, deploy asks)')
    .option('--dry-run', 'only say what would be done and what is missing')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden deploy --profile audit --region eu-west-1 --config pipewarden.yaml
  pipewarden deploy --region eu-west-1 --dry-run
  pipewarden deploy --region eu-west-1 -- --require-approval never -c tags=team=ml

Exit status: 0 deployed, 2 something is missing, or the CDK failed (see its messages).`,
    )
    .action(async (more: string[], options: DeployOptions) => {
      const made = await checkout();
      const applied = await appliedConfig(options.config);
      // Absolute, because the CDK starts in another folder.
      const config = applied.file === undefined ? undefined : resolve(applied.file);
      if (config === undefined) await requireConsent(options.dryRun ?? false);
      const { connectAccount, readerOf } = await import('../shared/aws/read/live-account.ts');
      const connected = await connectAccount(options);
      const reader = readerOf(connected);
      const { account, region } = reader.scope;
      const { regions } = applied.config.organization ?? {};
      const forwarded = forwardedFrom(region, regions);
      await requireBootstrap(account, [region, ...forwarded.map((each) => each.region)], options.profile);
      const others = otherRegions(region, regions);
      say(
        `account ${account}, home Region ${region}${others.length === 0 ? '' : `, watching ${listed(others, others.length)}, too`}`,
      );
      sayUnwatched(applied.config, account);
      const own = await accountConfig(applied.config, reader);
      say(
        own.ok
          ? configurationText({ config: own.value, file: config }, CONTROLS)
          : configurationPlace({ file: config }),
      );
      say(`stacks: ${stacksIn(region, forwarded).join(', ')}`);
      const args = cdkArguments({ region, config, profile: options.profile, more });
      for (const other of others) await sayOwnDeployment(connected, other);
      for (const each of forwarded) await sayTakenEvents(connected, each, others);
      say(`running: cdk ${args.join(' ')}`);
      if (options.dryRun) return;
      const status = await runCdk(made, args, region);
      if (status === 0) say('deployed; subscribe to the topics of the outputs AlertTopicArn');
      else throw new UsageError(`the CDK failed with status ${status}; see its messages above`);
    });
};

const stacksIn = (home: string, forwarded: readonly ForwardedRegion[]): string[] => [
  `PipewardenState (${home})`,
  `Pipewarden (${home})`,
  ...forwarded.map(({ stack, region }) => `${stack} (${region})`),
];

/** @throws {UsageError} if a Region of the configuration is in another partition than the home Region. */
const forwardedFrom = (home: string, watched: readonly string[] | undefined): ForwardedRegion[] => {
  try {
    return forwardedRegions(home, watched);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

/** A deployment watches its own account alone, whatever accounts the configuration names. */
const sayUnwatched = ({ organization = {} }: FileConfig, account: string): void => {
  const { accounts = [], organizationalUnits = [] } = organization;
  const named = [...organizationalUnits, ...accounts.filter((each) => each !== account)];
  if (named.length === 0) return;
  say(
    `not watched: a deployment watches its own account ${account} alone; audit ${listed(named, 4)} with pipewarden audit --organization`,
  );
};

const WRITE_ONE =
  'pipewarden init --live writes one from what is in use; to deploy without lists on purpose, give --config with a file that says version: 1 alone';

/** Two deployments that watch one Region would both tell of what they find there. */
const sayOwnDeployment = async ({ options }: ConnectedAccount, region: string): Promise<void> => {
  const { findStack } = await import('../shared/aws/deployment/stack-outputs.ts');
  const stack = await findStack({ ...options, region }, 'Pipewarden');
  if (stack === undefined) return;
  say(
    'unknown' in stack
      ? `whether ${region} has a deployment of its own cannot be asked (${stack.unknown})`
      : `${region} has a deployment of its own, the stack Pipewarden: remove it after this one is deployed, as docs/operations.md says under Several Regions`,
  );
};

/** An account has one stack of each name in a Region, so that the last deployment takes its events from an earlier one. */
const sayTakenEvents = async (
  { options, scope }: ConnectedAccount,
  { stack, region }: ForwardedRegion,
  watched: readonly string[],
): Promise<void> => {
  const { findStack } = await import('../shared/aws/deployment/stack-outputs.ts');
  const deployed = await findStack({ ...options, region }, stack);
  if (deployed === undefined) return;
  if ('unknown' in deployed)
    return say(`whether another deployment uses ${stack} (${region}) cannot be asked (${deployed.unknown})`);
  const home = homeIn(deployed.description);
  if (home === undefined || home === scope.region || watched.includes(home)) return;
  say(
    `${stack} (${region}) forwards events to the deployment in ${home}, which gets none of them after this one is deployed: name both Regions in organization.regions of one deployment, as docs/operations.md says under Several Regions`,
  );
};

/**
 * Without a configuration, many controls judge nothing, and nobody would notice.
 * @throws {UsageError} unless a person says yes. A dry run only says so.
 */
const requireConsent = async (isDryRun: boolean): Promise<void> => {
  const lacking = new Set(notConfiguredIn(CONTROLS, DEFAULT_CONFIG).flatMap(({ controls }) => controls));
  const problem = `there is no ${DEFAULT_FILE}: ${lacking.size} of ${CONTROLS.length} controls cannot judge fully without it`;
  if (isDryRun) return say(`missing: ${problem}; ${WRITE_ONE}`);
  const isWanted = await confirmed(`${problem}. Deploy without it?`, {
    input: process.stdin,
    output: process.stderr,
  });
  if (!isWanted) throw new UsageError(`${problem}; ${WRITE_ONE}`);
};

/**
 * Checked first, because the CDK notices a missing bootstrap only after it has built and published everything for
 * another Region.
 */
const requireBootstrap = async (
  account: string,
  regions: readonly string[],
  profile: string | undefined,
): Promise<void> => {
  const { isBootstrapped } = await import('../shared/aws/deployment/bootstrap.ts');
  const missing: string[] = [];
  for (const region of regions) {
    const found = await isBootstrapped({ region, ...(profile !== undefined && { profile }) });
    if (found.answer === 'no') missing.push(`aws://${account}/${region}`);
    if (found.answer === 'unknown')
      say(`whether the CDK is set up in ${region} cannot be asked (${found.reason}); it will say so itself`);
  }
  if (missing.length === 0) return;
  const flag = profile === undefined ? '' : ` --profile ${profile}`;
  throw new UsageError(
    `the CDK is not set up there yet; run once in the checkout: npx cdk bootstrap ${missing.join(' ')}${flag}`,
  );
};

const cdkArguments = ({
  region,
  config,
  profile,
  more,
}: {
  region: string;
  config: string | undefined;
  profile: string | undefined;
  more: readonly string[];
}): string[] => [
  'deploy',
  '--all',
  ...['-c', `region=${region}`],
  ...(config === undefined ? [] : ['-c', `config=${config}`]),
  ...(profile === undefined ? [] : ['--profile', profile]),
  ...more,
];

/** The CDK inherits the terminal, so that it can ask its user to approve changed permissions. */
const runCdk = ({ root, cdk, env }: Checkout, args: readonly string[], region: string): Promise<number> =>
  new Promise((done, failed) => {
    const node = join(root, 'node_modules/.bin/node');
    const child = spawn(node, [cdk, ...args], {
      cwd: root,
      env: { ...env, AWS_REGION: region },
      stdio: 'inherit',
    });
    child.once('error', failed);
    child.once('exit', (code, signal) => {
      if (signal) say(`the CDK was ended by ${signal}`);
      done(code ?? 1);
    });
  });

const say = (message: string): void => void process.stderr.write(messageText(message));
