import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { notConfiguredIn } from '../shared/audit/run-scope.ts';
import { isAwsAccessError } from '../shared/aws/read/access-error.ts';
import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import type { MemberTargets } from '../shared/config/member-targets.ts';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import {
  rolePathOf,
  rolePrefixOf,
  type StackNames,
  stackNames,
  stackPrefixOf,
  stateStackOf,
} from '../shared/domain/deployment-names.ts';
import { KEPT_OPTIONS, type KeptOption } from '../shared/domain/kept-options.ts';
import {
  type ForwardedRegion,
  type Forwarding,
  forwardedRegions,
  otherRegions,
} from '../shared/events/forwarded-regions.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import { preflightTable } from '../shared/outputs/pages/preflight-table.ts';
import type { PreflightRow } from '../shared/preflight/preflight-row.ts';
import { type OrganizationFile, organizationOfFile } from '../shared/reader/answers/organization-file.ts';
import { counted } from '../shared/text/counted.ts';
import { listed } from '../shared/text/listed.ts';
import { shellText } from '../shared/text/shell-text.ts';
import { formatOption } from './asked-outputs.ts';
import { type Checkout, checkout } from './checkout.ts';
import { appliedConfig, configurationPlace, configurationText, DEFAULT_FILE } from './config.ts';
import { confirmed } from './confirm.ts';
import { checkDeployment, credentialsRow, synthesise, writeCheck } from './deploy-check.ts';
import { chooseForwarders } from './deploy-forwarders.ts';
import { membersAfterwards, membersOf, membersPlan } from './deploy-members.ts';
import { UsageError } from './errors.ts';
import { readOrganizationFile } from './organization-file.ts';
import { prepareFiles } from './output.ts';
import { messageText } from './progress.ts';

type DeployOptions = { [Key in KeptOption]?: string } & {
  profile?: string;
  region?: string;
  config?: string;
  organizationPolicies?: string;
  stackPrefix?: string;
  iamEvents: boolean;
  dryRun?: boolean;
  check?: boolean;
  format?: 'table' | 'json';
  output?: string;
};

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
    .option(
      '--organization-policies <file>',
      'the SCPs and RCPs of all accounts, which `snapshot --organization` has written, in place of asking Organizations',
    )
    .option(
      '--permissions-boundary <name>',
      'the managed policy that bounds all roles, by its name (with its path), which each watched account must have',
    )
    .option('--role-path <path>', 'the path of all roles, such as /team/')
    .option('--role-prefix <text>', 'what the names of all roles begin with')
    .option('--stack-prefix <text>', 'what the names of all stacks begin with')
    .option(
      '--state-stack <name>',
      'the stack with findings, reports and topic, where it keeps a name with another prefix',
    )
    .option('--key-arn <arn>', 'a KMS key in the home Region, in place of the one that is made')
    .option('--alert-topic-arn <arn>', 'an SNS topic in the home Region, in place of the one that is made')
    .option('--subnets <ids>', 'the subnets of a VPC in which all functions run, separated by commas')
    .option('--security-groups <ids>', 'the security groups of the functions in a VPC')
    .addOption(
      new Option(
        '--hook <mode>',
        'judge stacks and resources before CloudFormation deploys them: warn, fail (refuse what is FAILED), or strict (refuse also what cannot be judged)',
      ).choices(['warn', 'fail', 'strict']),
    )
    .option('--hook-severity <severity>', 'from which severity on the hook refuses (default: HIGH)')
    .option(
      '--history <mode>',
      'keep what is looked at and what changes as files for Athena: on; locked, so that nobody can delete them for 400 days; or off',
    )
    .option(
      '--evidence <mode>',
      'make a signed evidence pack of the history: monthly, of each month that is over; or off',
    )
    .option(
      '--no-iam-events',
      'make nothing in the Region to which AWS sends the events of IAM and Organizations (us-east-1), where it is denied: sweeps find what changes there',
    )
    .option('--dry-run', 'only say what would be done')
    .option('--check', 'only ask AWS what would fail or be missing, and change nothing')
    .addOption(formatOption('table'))
    .option('-o, --output <file>', 'the file for what --check says (default: stdout)')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden deploy --profile audit --region eu-west-1 --config pipewarden.yaml
  pipewarden deploy --region eu-west-1 --check
  pipewarden deploy --region eu-west-1 --dry-run
  pipewarden deploy --region eu-west-1 --organization-policies organization-policies.json
  pipewarden deploy --region eu-west-1 -- --require-approval never -c tags=team=ml

Before it deploys, it asks AWS what would keep it from succeeding. Where something will fail, it goes on only if a person says yes.

Exit status: 0 deployed, 2 something is missing, or the CDK failed (see its messages). With --check: 0 nothing will fail, 1 something
will, 3 AWS did not tell everything.`,
    )
    .action(async (more: string[], options: DeployOptions) => {
      if (!options.check && (options.format !== undefined || options.output !== undefined))
        throw new UsageError('--format and --output are for what --check says');
      const { stackPrefix } = namesOf(options);
      const names = stackNames(stackPrefix, options.stateStack);
      await prepareFiles([options.output]);
      const made = await checkout();
      const applied = await appliedConfig(options.config);
      // Absolute, because the CDK starts in another folder.
      const config = applied.file === undefined ? undefined : resolve(applied.file);
      if (config === undefined) await requireConsent(options.dryRun === true || options.check === true);
      const { organizationPolicies } = options;
      const given =
        organizationPolicies === undefined ? undefined : await readOrganizationFile(organizationPolicies);
      const { connectAccount, readerOf } = await import('../shared/aws/read/live-account.ts');
      const connected = await connectAccount(options).catch((error: unknown) => {
        if (!options.check || !isAwsAccessError(error)) throw error;
        return credentialsRow(error.message);
      });
      if ('status' in connected) return writeCheck([connected], undefined, options);
      const reader = readerOf(connected);
      const { account, region } = reader.scope;
      const { regions } = applied.config.organization ?? {};
      const { iamEvents: hasIamEvents } = options;
      const plain = forwardedFrom(region, regions, { hasIamEvents, stackPrefix });
      const others = otherRegions(region, regions);
      say(
        `account ${account}, home Region ${region}${others.length === 0 ? '' : `, watching ${listed(others, others.length)}, too`}`,
      );
      const own = await accountConfig(applied.config, reader);
      say(
        own.ok
          ? configurationText({ config: own.value, file: config }, CONTROLS)
          : configurationPlace({ file: config }),
      );
      const forwarders = await chooseForwarders(connected, plain, stackPrefix);
      const forwarded = forwardedFrom(region, regions, {
        ownNames: forwarders.ownNames,
        hasIamEvents,
        stackPrefix,
      });
      const members = await membersOf(connected, applied.config);
      say(`stacks: ${stacksIn(names, region, forwarded, members !== undefined).join(', ')}`);
      for (const line of forwarders.lines) say(line);
      for (const line of members ? membersPlan(members, connected.scope, forwarded, options.rolePrefix) : [])
        say(line);
      const { findStack, readStackOutputs } = await import('../shared/aws/deployment/stack-outputs.ts');
      const outputs = await readStackOutputs(connected.options, names.main);
      const deployed: ReadonlyMap<string, string> = outputs.ok ? outputs.value : new Map();
      if (given)
        for (const line of givenLines(given, [account, ...(members?.targets.accounts ?? [])])) say(line);
      else {
        const asOf = deployed.get('OrganizationPoliciesAsOf');
        if (asOf !== undefined) say(`${ASKED}; until now they are those of a file, as of ${asOf}`);
      }
      for (const { key, flag, output, lost } of KEPT_OPTIONS) {
        const before = deployed.get(output);
        const isInContext = more.some((text) => text.includes(`${key}=`));
        if (before !== undefined && before !== options[key] && !isInContext)
          say(`${lost} ${before}; to keep it, give ${flag} ${shellText(before)}`);
      }
      const deployedMembers = members ? undefined : await findStack(connected.options, names.members);
      if (deployedMembers && 'description' in deployedMembers)
        say(
          `removed before: ${names.members} (${region}), and with it the stacks in all members, because the configuration names no other account any more`,
        );
      for (const other of others) await sayOwnDeployment(connected, other, names.main);
      const membersFile = members && join(made.root, 'cdk.out/members.json');
      const settings = cdkSettings({
        region,
        config,
        profile: options.profile,
        context: {
          ownForwarders: forwarders.ownNames.join(','),
          members: membersFile ?? '',
          organizationPolicies: organizationPolicies === undefined ? '' : resolve(organizationPolicies),
          ...Object.fromEntries(KEPT_OPTIONS.map(({ key }) => [key, options[key] ?? ''])),
          stackPrefix: stackPrefix ?? '',
          iamEvents: hasIamEvents ? '' : 'none',
        },
      });
      const args = ['deploy', '--all', ...settings, ...more];
      if (!options.check) say(`running: cdk ${args.join(' ')}`);
      if (options.dryRun) return;
      if (members && membersFile !== undefined) await writeMembers(membersFile, members.targets);
      const rows = await checkDeployment({
        connected,
        readers: [
          reader,
          ...others.map((other) =>
            readerOf({
              ...connected,
              options: { ...connected.options, region: other },
              scope: { ...connected.scope, region: other },
            }),
          ),
        ],
        stacks: await synthesise(made, [...settings, ...contextIn(more)], connected.scope),
        names,
        deployed,
        config: applied.config,
        policies: () =>
          given ? organizationOfFile(given).policiesOf(account) : reader.readOrganizationPolicies(),
        profile: options.profile,
      });
      if (options.check) return writeCheck(rows, connected.scope, options);
      say(preflightTable(rows).trimEnd());
      await requireNoFailure(rows);
      if (deployedMembers && 'description' in deployedMembers) await removeMembers(connected, names.members);
      const status = await runCdk(made, args, region);
      if (status !== 0) throw new UsageError(`the CDK failed with status ${status}; see its messages above`);
      say('deployed; subscribe to the topics of the outputs AlertTopicArn');
      if (members)
        for (const line of await membersAfterwards(connected, members, forwarded, {
          root: made.root,
          names,
        }))
          say(line);
    });
};

/** @throws {UsageError} for a path, prefix or name that AWS does not take. */
const namesOf = (options: DeployOptions): { stackPrefix: string | undefined } => {
  try {
    rolePathOf(options.rolePath);
    rolePrefixOf(options.rolePrefix);
    stateStackOf(options.stateStack);
    return { stackPrefix: stackPrefixOf(options.stackPrefix) };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

const ASKED =
  'SCPs and RCPs: Organizations is asked for them from now on; to keep a file in place of that, give --organization-policies';

/** What the plan says of a file with the policies of the organization, of which these accounts are watched by name. */
const givenLines = ({ asOf, accounts }: OrganizationFile, named: readonly string[]): string[] => {
  const lacking = named.filter((account) => !Object.hasOwn(accounts, account));
  return [
    `SCPs and RCPs: those of the file, as of ${asOf}, of ${counted(Object.keys(accounts).length, 'account')}; once an event tells of a change, take them again with pipewarden snapshot --organization`,
    ...(lacking.length > 0
      ? [`the file holds nothing of ${listed(lacking)}: what the SCPs of these allow is not known`]
      : []),
  ];
};

const stacksIn = (
  { state, main, members }: StackNames,
  home: string,
  forwarded: readonly ForwardedRegion[],
  hasMembers: boolean,
): string[] => [
  `${state} (${home})`,
  `${main} (${home})`,
  ...forwarded.map(({ stack, region }) => `${stack} (${region})`),
  ...(hasMembers ? [`${members} (${home})`] : []),
];

const writeMembers = async (file: string, targets: MemberTargets): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(targets));
};

/**
 * The members’ stacks go before the deployment, because the stack that is deployed tells no more what they use.
 * @throws {UsageError} unless a person says yes.
 */
const removeMembers = async ({ options }: ConnectedAccount, stack: string): Promise<void> => {
  const question = `Remove ${stack} and the stacks in all members?`;
  const isWanted = await confirmed(question, { input: process.stdin, output: process.stderr });
  if (!isWanted)
    throw new UsageError(
      `the configuration names no other account any more, and ${stack} is still there: name the accounts, or remove it with aws cloudformation delete-stack --region ${options.region} --stack-name ${stack}`,
    );
  const { deleteStack } = await import('../shared/aws/deployment/delete-stack.ts');
  const failure = await deleteStack(options, stack);
  if (failure !== undefined) throw new UsageError(`${stack} cannot be removed: ${failure}`);
};

/** @throws {UsageError} if a Region of the configuration is in another partition than the home Region. */
const forwardedFrom = (
  home: string,
  watched: readonly string[] | undefined,
  forwarding: Forwarding,
): ForwardedRegion[] => {
  try {
    return forwardedRegions(home, watched, forwarding);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

const WRITE_ONE =
  'pipewarden init --live writes one from what is in use; to deploy without lists on purpose, give --config with a file that says version: 1 alone';

/** Two deployments that watch one Region would both tell of what they find there. */
const sayOwnDeployment = async (
  { options }: ConnectedAccount,
  region: string,
  main: string,
): Promise<void> => {
  const { findStack } = await import('../shared/aws/deployment/stack-outputs.ts');
  const stack = await findStack({ ...options, region }, main);
  if (stack === undefined) return;
  say(
    'unknown' in stack
      ? `whether ${region} has a deployment of its own cannot be asked (${stack.unknown})`
      : `${region} has a deployment of its own, the stack ${main}: remove it after this one is deployed, as docs/operations.md says under Several Regions`,
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
 * What will fail stops the deployment before anything is changed.
 * @throws {UsageError} unless a person says yes.
 */
const requireNoFailure = async (rows: readonly PreflightRow[]): Promise<void> => {
  const failing = rows.filter(({ status }) => status === 'WILL_FAIL');
  if (failing.length === 0) return;
  const problem = `the deployment will fail: ${listed(
    failing.map(({ about, region }) => (region === undefined ? about : `${about} (${region})`)),
    failing.length,
  )}`;
  const isWanted = await confirmed(`${problem}. Deploy nevertheless?`, {
    input: process.stdin,
    output: process.stderr,
  });
  if (!isWanted) throw new UsageError(`${problem}; nothing was changed, and the table above says what to do`);
};

/** What the CDK is told of a deployment, whichever of its commands is run. Empty values of the context are left out. */
const cdkSettings = ({
  region,
  config,
  profile,
  context,
}: {
  region: string;
  config: string | undefined;
  profile: string | undefined;
  context: Readonly<Record<string, string>>;
}): string[] => [
  ...['-c', `region=${region}`],
  ...(config === undefined ? [] : ['-c', `config=${config}`]),
  ...Object.entries(context).flatMap(([name, value]) => (value === '' ? [] : ['-c', `${name}=${value}`])),
  ...(profile === undefined ? [] : ['--profile', profile]),
];

/** The context among the options for `cdk deploy`, which decides what the stacks contain. */
const contextIn = (more: readonly string[]): string[] =>
  more.flatMap((text, index) => {
    if (/^(?:-c|--context)$/.test(text)) return [text, ...more.slice(index + 1, index + 2)];
    return /^(?:-c.|--context=)/.test(text) ? [text] : [];
  });

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
