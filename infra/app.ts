import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type MemberTargets, namesMembers } from '../shared/config/member-targets.ts';
import { parseConfig } from '../shared/config/parse-config.ts';
import { DEFAULT_CONFIG, type FileConfig } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { rolePathOf, rolePrefixOf, stackPrefixOf, stateStackOf } from '../shared/domain/deployment-names.ts';
import { ORGANIZATION_FILE, parseOrganizationFile } from '../shared/reader/answers/organization-file.ts';
import {
  ALL_FUNCTIONS,
  alertTopicArnOf,
  boundaryOf,
  concurrencyOf,
  configured,
  evidenceOf,
  featuresOf,
  historyOf,
  hookOf,
  keyArnOf,
  listOf,
  memoryOf,
  retentionOf,
  type Settings,
  tagsOf,
  vpcOf,
} from './settings.ts';
import { stacks } from './stacks.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * The configuration of `-c config=FILE`, else of `PIPEWARDEN_CONFIG`, else of pipewarden.yaml where that file exists.
 * @throws {ConfigError} before anything is deployed.
 */
const readConfig = async (named: string | undefined): Promise<FileConfig> => {
  const path = named ?? join(ROOT, 'pipewarden.yaml');
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists && named === undefined) return DEFAULT_CONFIG;
  return parseConfig(
    await readFile(path, 'utf8'),
    path,
    CONTROLS.map(({ id }) => id),
  );
};

const app = new App();
const option = (name: string): string | undefined => app.node.tryGetContext(name);

const functionsFolder = join(ROOT, 'dist/functions');
for (const name of ALL_FUNCTIONS) {
  const bundle = join(functionsFolder, name.toLowerCase(), 'index.mjs');
  await access(bundle).catch((cause) => {
    throw new Error(`there is no bundle ${bundle}: run npm run build first`, { cause });
  });
}
const region = option('region') ?? process.env.CDK_DEFAULT_REGION ?? process.env.AWS_REGION;
if (region === undefined) throw new Error('which Region? Set AWS_REGION, or give -c region=eu-west-1');
const account = process.env.CDK_DEFAULT_ACCOUNT;

const config = await readConfig(option('config') ?? process.env.PIPEWARDEN_CONFIG);
// In the output of this run: in a place that all runs share, one deployment could get the configuration of another.
const configFile = join(app.outdir, 'pipewarden.json');
await mkdir(app.outdir, { recursive: true });
await writeFile(configFile, JSON.stringify(config));

/** The members of the deployment, from the file that `pipewarden deploy` writes: only AWS Organizations tells them. */
const readMembers = async (file: string | undefined): Promise<MemberTargets | undefined> => {
  if (file !== undefined) return JSON.parse(await readFile(file, 'utf8'));
  if (!namesMembers(config, account ?? '')) return undefined;
  throw new Error(
    'the configuration watches other accounts: deploy with pipewarden deploy, which asks AWS Organizations for them; for other commands of the CDK give -c members=cdk.out/members.json, which the last deployment has left',
  );
};
const members = await readMembers(option('members'));

/** The policies of the organization from a file, written into the output of this run. @throws {Error} with what is wrong where. */
const readOrganization = async (file: string | undefined): Promise<Settings['organizationPolicies']> => {
  if (file === undefined) return undefined;
  const parsed = parseOrganizationFile(await readFile(file, 'utf8'));
  if (!parsed.ok)
    throw new Error(
      parsed.issues.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    );
  const path = join(app.outdir, ORGANIZATION_FILE);
  await writeFile(path, JSON.stringify(parsed.file));
  return { file: path, asOf: parsed.file.asOf };
};
const organizationPolicies = await readOrganization(option('organizationPolicies'));

const permissionsBoundary = boundaryOf(option('permissionsBoundary'));
const keyArn = keyArnOf(option('keyArn'), region);
const alertTopicArn = alertTopicArnOf(option('alertTopicArn'), region);
const rolePath = rolePathOf(option('rolePath'));
const rolePrefix = rolePrefixOf(option('rolePrefix'));
const stackPrefix = stackPrefixOf(option('stackPrefix'));
const stateStack = stateStackOf(option('stateStack'));
const history = historyOf(option('history'));
const eventSourcePrefix = option('eventSourcePrefix');
const environment = option('environment');
stacks(app, {
  region,
  ...(account !== undefined && { account }),
  tags: tagsOf(option('tags')),
  settings: {
    functionsFolder,
    configFile,
    ...configured(JSON.parse(JSON.stringify(config))),
    ...concurrencyOf({ reserved: option('reservedConcurrency'), maximum: option('maximumConcurrency') }),
    memory: memoryOf(option('memory')),
    logRetentionDays: retentionOf(option('logRetentionDays')),
    ...featuresOf(region, {
      archives: option('archives'),
      tracing: option('tracing'),
      iamEvents: option('iamEvents'),
      functionPolicies: option('functionPolicies'),
    }),
    ownForwarders: listOf(option('ownForwarders')),
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    ...(keyArn !== undefined && { keyArn }),
    ...(alertTopicArn !== undefined && { alertTopicArn }),
    ...(rolePath !== undefined && { rolePath }),
    ...(rolePrefix !== undefined && { rolePrefix }),
    ...(stackPrefix !== undefined && { stackPrefix }),
    ...(stateStack !== undefined && { stateStack }),
    ...history,
    ...evidenceOf(option('evidence'), history),
    ...hookOf({ hook: option('hook'), hookSeverity: option('hookSeverity') }),
    ...vpcOf({ subnets: option('subnets'), securityGroups: option('securityGroups') }),
    ...(members && { members }),
    ...(organizationPolicies && { organizationPolicies }),
    ...(eventSourcePrefix !== undefined && { eventSourcePrefix }),
    ...(environment !== undefined && { environment: JSON.parse(environment) }),
  },
});
