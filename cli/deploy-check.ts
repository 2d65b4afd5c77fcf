import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { accessAsUnread } from '../shared/aws/read/access-error.ts';
import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import { DEAD_LETTER_QUEUES } from '../shared/domain/dead-letter-queues.ts';
import { FINDINGS_BUS, keepsOthersState, type StackNames } from '../shared/domain/deployment-names.ts';
import type { KEPT_OPTIONS } from '../shared/domain/kept-options.ts';
import type { Json } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { oncePer } from '../shared/memo.ts';
import { preflightTable } from '../shared/outputs/pages/preflight-table.ts';
import { type NetworkNeed, networkNeeds, vpcIn } from '../shared/preflight/endpoints.ts';
import { historyRow } from '../shared/preflight/history-row.ts';
import { keyRow, MADE_OUTPUTS, replacedRows, topicRow } from '../shared/preflight/key-rows.ts';
import { type Network, networkRows, vpcOf, wayTo } from '../shared/preflight/network-rows.ts';
import { boundariesOf, type CallNetwork } from '../shared/preflight/planned-calls.ts';
import {
  isTracedIn,
  type PlannedStack,
  plannedStacks,
  reservedIn,
} from '../shared/preflight/planned-stacks.ts';
import { ok, type PreflightRow, preflightStatus } from '../shared/preflight/preflight-row.ts';
import {
  archivesRow,
  arm64Row,
  bootstrapRow,
  boundaryRow,
  busRow,
  concurrencyRow,
  deployedRow,
  hubsRow,
  iamEventsRow,
  isStackMade,
  regionRow,
  renamedRolesRow,
  securityHubRow,
  tracingRow,
  typesRow,
  UNTOLD_BOUNDARY,
  XRAY_TYPE,
} from '../shared/preflight/preflight-rows.ts';
import { scpRows } from '../shared/preflight/scp-rows.ts';
import { trailRow } from '../shared/preflight/trail-row.ts';
import type { Read } from '../shared/reader/read-result.ts';
import type { OrganizationPolicies, Reader } from '../shared/reader/reader.ts';
import { VERSION } from '../shared/version.ts';
import { tableOrJson } from './asked-outputs.ts';
import type { Checkout } from './checkout.ts';
import { UsageError } from './errors.ts';
import { writeText } from './output.ts';

/** How many calls are under way at the same time. */
const CONCURRENCY = 10;

/** The role that the stack of members imports first, if it imports any. */
const EXPORTED_ROLE = 'AuditRoleArn';

/** What a check is told of the deployment. */
export type Checked = {
  connected: ConnectedAccount;
  /** A reader of each Region that is watched, that of the home Region first. */
  readers: readonly Reader[];
  stacks: readonly PlannedStack[];
  names: StackNames;
  /** The outputs of the stack with the functions that is there already. */
  deployed: ReadonlyMap<string, string>;
  config: FileConfig;
  policies: () => Promise<Read<OrganizationPolicies>>;
  profile: string | undefined;
};

/** Asks AWS what would keep a deployment from succeeding, side by side, and changes nothing. The rows come in a fixed order. */
export const checkDeployment = async ({
  connected: { options, scope, identity },
  readers,
  stacks,
  names,
  deployed,
  config,
  policies,
  profile,
}: Checked): Promise<PreflightRow[]> => {
  const calls = await import('../shared/aws/deployment/preflight-calls.ts');
  const limit = pLimit(CONCURRENCY);
  const { account, region: home, partition } = scope;
  const inRegion = (region: string) => ({ ...options, region });
  const regions = [...new Set(stacks.map(({ region }) => region))];
  const type = oncePer((key: string) => {
    const [region = '', name = ''] = key.split(' ');
    return limit(() => calls.askType(inRegion(region), name));
  });
  const main = stacks.filter(({ name }) => name === names.main);
  const planned = main.reduce((sum, { resources }) => sum + reservedIn(resources), 0);
  const mainStack = limit(() => calls.askStack(options, names.main));
  const isDeployed = mainStack.then(
    (stack) => stack?.ok === true && isStackMade(stack.value.status) === true,
  );
  const row = async (of: Promise<PreflightRow | undefined>): Promise<PreflightRow[]> => {
    const made = await of;
    return made ? [made] : [];
  };
  const outputs = main[0]?.outputs ?? new Map<string, string>();
  const [keyArn, alertTopicArn] = [outputs.get('KeyArn'), outputs.get('AlertTopicArn')];
  const topic = Promise.resolve(
    alertTopicArn === undefined ? undefined : limit(() => calls.askTopic(options, alertTopicArn)),
  );
  const importers = (stack: string, output: string) =>
    limit(() => calls.askImporters(options, `${stack}-${output}`));
  const vpc = vpcIn(stacks);
  const needs = networkNeeds(stacks);
  const network = Promise.resolve(vpc && networkOf(calls, inRegion(vpc.region), account, vpc));
  const rows = await Promise.all([
    [ok({ about: 'Credentials' }, `account ${account}, as ${identity.Arn}`)],
    ...regions
      .filter((region) => region !== home)
      .map((region) =>
        row(limit(() => calls.askRegion(inRegion(region))).then((read) => regionRow(region, read))),
      ),
    ...stacks
      .filter(({ region }, index) => stacks.findIndex((each) => each.region === region) === index)
      .flatMap((stack) => {
        const { bootstrap, region } = stack;
        if (!bootstrap) return [];
        const read = limit(() => calls.askBootstrap(inRegion(region), bootstrap.parameter));
        return [row(read.then((each) => bootstrapRow(stack, each, profile)))];
      }),
    ...stacks.map(({ name, region }) => {
      const stack = name === names.main ? mainStack : limit(() => calls.askStack(inRegion(region), name));
      const isKept = name === names.state && keepsOthersState(names);
      return row(stack.then((each) => deployedRow({ name, region }, each, { version: VERSION, isKept })));
    }),
    row(limit(() => calls.askOwner(options, FINDINGS_BUS)).then((read) => busRow(home, names.state, read))),
    row(importers(names.main, EXPORTED_ROLE).then((read) => renamedRolesRow(stacks, deployed, names, read))),
    row(
      Promise.all([
        limit(() => calls.askConcurrency(options)),
        mainStack.then((stack) => limit(() => calls.askReserved(options, names.main, stack))),
      ]).then(([read, deployed]) => concurrencyRow(home, planned, read, deployed)),
    ),
    ...regions.map(async (region) => {
      const types = [
        ...new Set(
          stacks
            .filter((stack) => stack.region === region)
            .flatMap(({ resources }) => resources.map((resource) => resource.type)),
        ),
      ];
      const reads = await Promise.all(
        types.map(async (name) => [name, await type(`${region} ${name}`)] as const),
      );
      return [typesRow(region, new Map(reads))];
    }),
    row(isDeployed.then((runs) => arm64Row(home, runs))),
    row(
      main.some(({ resources }) => isTracedIn(resources))
        ? type(`${home} ${XRAY_TYPE}`).then((read) => tracingRow(home, partition, read))
        : Promise.resolve(tracingRow(home, partition, 'untraced')),
    ),
    row(
      Promise.resolve(
        archivesRow(
          home,
          new Set(main.flatMap(({ resources }) => resources.map((resource) => resource.type))),
        ),
      ),
    ),
    row(Promise.resolve(iamEventsRow(scope, regions))),
    row(
      config.securityHub?.findings === 'off'
        ? Promise.resolve(securityHubRow(home, 'off'))
        : limit(() => calls.askSecurityHub(options)).then((read) => securityHubRow(home, read)),
    ),
    ...readers.map((reader) =>
      row(
        reader
          .readTrails()
          .catch((error: unknown) => accessAsUnread('DescribeTrails', error))
          .then((read) => trailRow(reader.scope, read)),
      ),
    ),
    ...boundariesOf(stacks).map((arn) =>
      arn === undefined
        ? [UNTOLD_BOUNDARY]
        : row(limit(() => calls.askPolicy(options, arn)).then((read) => boundaryRow(arn, read))),
    ),
    network.then((asked) => (asked ? networkRows(asked, needs) : [])),
    Promise.all([
      importers(names.state, MADE_OUTPUTS.KeyArn),
      importers(names.state, MADE_OUTPUTS.AlertTopicArn),
    ]).then(([KeyArn, AlertTopicArn]) => replacedRows(home, outputs, deployed, { KeyArn, AlertTopicArn })),
    row(endOfHistory(options, deployed, { region: home, isKept: outputs.has(HISTORY_OUTPUT) })),
    topic.then((read) =>
      read && alertTopicArn !== undefined ? [topicRow(alertTopicArn, scope, read, keyArn)] : [],
    ),
    keyArn === undefined
      ? []
      : Promise.all([
          limit(() => calls.askKey(options, keyArn)),
          limit(() => calls.askKeyPolicy(options, keyArn)),
          topic,
        ]).then(([key, policy, asked]) => {
          const isForTopic = asked === undefined || (asked.ok && asked.value.key === keyArn);
          return [keyRow(keyArn, scope, key, policy, isForTopic)];
        }),
    policies()
      .catch((error: unknown) => accessAsUnread('DescribeOrganization', error))
      .then(async (read) => scpRows(stacks, read, account, callNetwork(await network, needs))),
    row(limit(() => calls.askHubs(options)).then((read) => hubsRow(home, read, { account, region: home }))),
  ]);
  return rows.flat();
};

type Calls = typeof import('../shared/aws/deployment/preflight-calls.ts');

const HISTORY_OUTPUT = 'History' satisfies (typeof KEPT_OPTIONS)[number]['output'];

/** What goes with the history of the deployment that is there, where this one keeps none. */
const endOfHistory = async (
  options: ConnectedAccount['options'],
  deployed: ReadonlyMap<string, string>,
  { region, isKept }: { region: string; isKept: boolean },
): Promise<PreflightRow | undefined> => {
  const { output, source } = DEAD_LETTER_QUEUES.history;
  const [queue, deadLetters] = [deployed.get(source), deployed.get(output)];
  if (isKept || queue === undefined || deadLetters === undefined) return undefined;
  const { waitingMessages } = await import('../shared/aws/keep/waiting-messages.ts');
  const [waiting, aside] = await Promise.all([
    waitingMessages(options, queue),
    waitingMessages(options, deadLetters),
  ]);
  return historyRow(region, waiting, aside);
};

/** Asks for the subnets and security groups side by side, and then for what their VPC has. */
const networkOf = async (
  calls: Calls,
  options: ConnectedAccount['options'] & { region: string },
  account: string,
  { region, subnets, securityGroups }: NonNullable<ReturnType<typeof vpcIn>>,
): Promise<Network> => {
  const [subnetsRead, groupsRead] = await Promise.all([
    calls.askSubnets(options, subnets),
    calls.askSecurityGroups(options, securityGroups),
  ]);
  const vpc = vpcOf(subnetsRead);
  const [endpoints, routeTables] =
    vpc === undefined
      ? []
      : await Promise.all([calls.askEndpoints(options, vpc), calls.askRouteTables(options, vpc)]);
  return {
    region,
    account,
    subnets: { ids: subnets, read: subnetsRead },
    securityGroups: { ids: securityGroups, read: groupsRead },
    endpoints,
    routeTables,
  };
};

/** From where the functions call the services of the home Region, as far as that is known. */
const callNetwork = (
  network: Network | undefined,
  needs: readonly NetworkNeed[],
): CallNetwork | undefined => {
  const vpc = network && vpcOf(network.subnets.read);
  if (network === undefined || vpc === undefined) return undefined;
  return {
    vpc,
    endpoints: new Map(
      needs.flatMap((need) => {
        const way = wayTo(need, network);
        return way && 'endpoint' in way && need.region === network.region
          ? [[need.service, way.endpoint]]
          : [];
      }),
    ),
  };
};

/** What is said where AWS does not take the credentials, so that nothing else can be asked. */
export const credentialsRow = (message: string): PreflightRow => ({
  about: 'Credentials',
  status: 'WILL_FAIL',
  found: message,
  todo: 'Nothing else can be asked before.',
});

/** Writes the rows, as a table or JSON, and sets the exit status. */
export const writeCheck = async (
  rows: readonly PreflightRow[],
  scope: ConnectedAccount['scope'] | undefined,
  options: { format?: 'table' | 'json'; output?: string },
): Promise<void> => {
  const document = { schemaVersion: '1.0', ...scope, rows };
  await writeText(
    tableOrJson(options, 'table') === 'json'
      ? `${JSON.stringify(document, null, 2)}\n`
      : preflightTable(rows),
    options.output,
  );
  process.exitCode = preflightStatus(rows);
};

/**
 * The stacks that a deployment makes, as the CDK writes them into a folder that is removed again.
 * @throws {UsageError} with what the CDK says where it cannot write them.
 */
export const synthesise = async (
  { root, cdk, env }: Checkout,
  args: readonly string[],
  { account, region, partition }: ConnectedAccount['scope'],
): Promise<PlannedStack[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'pipewarden-check-'));
  try {
    const node = join(root, 'node_modules/.bin/node');
    const child = spawn(node, [cdk, 'synth', '--quiet', '--output', folder, ...args], {
      cwd: root,
      env: { ...env, AWS_REGION: region },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said: Buffer[] = [];
    child.stderr.on('data', (part: Buffer) => said.push(part));
    const status = await new Promise<number>((done, failed) => {
      child.once('error', failed);
      child.once('close', (code) => done(code ?? 1));
    });
    if (status !== 0)
      throw new UsageError(`the CDK cannot make the stacks:\n${Buffer.concat(said).toString('utf8').trim()}`);
    const templates = new Map<string, Json>();
    for (const file of await readdir(folder))
      if (file.endsWith('.template.json')) templates.set(file, await readOutput(folder, file));
    return plannedStacks(await readOutput(folder, 'manifest.json'), templates, { account, partition });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const readOutput = async (folder: string, file: string): Promise<Json> => {
  const parsed = parseJson(await readFile(join(folder, file), 'utf8'));
  if (!parsed.ok) throw new UsageError(`the CDK has written a ${file} that is no JSON`);
  return parsed.value;
};
