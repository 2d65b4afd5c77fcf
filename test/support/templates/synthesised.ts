import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { DEFAULTS, type Settings } from '../../../infra/settings.ts';
import { type Stacks, stacks } from '../../../infra/stacks.ts';
import { writeStandIns } from '../../../scripts/cost-templates.ts';
import { organizationFile } from '../builders/organization-file.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** The switches that `cdk.json` gives the real app. */
const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../cdk.json'), 'utf8'));

/** Stand-ins for bundles and a configuration: nothing is built, because tests look only at the template. */
export const deployables = (): Pick<Settings, 'functionsFolder' | 'configFile'> & {
  organizationPolicies: NonNullable<Settings['organizationPolicies']>;
  remove: () => void;
} => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewarden-deployables-'));
  writeStandIns(folder);
  const configFile = join(folder, 'config.json');
  writeFileSync(configFile, '{"version":1}');
  const organization = organizationFile();
  const file = join(folder, 'organization-policies.json');
  writeFileSync(file, JSON.stringify(organization));
  return {
    functionsFolder: folder,
    configFile,
    organizationPolicies: { file, asOf: organization.asOf },
    remove: () => rmSync(folder, { recursive: true }),
  };
};

/** The settings of a deployment without a configuration. */
export const settingsFor = (
  { functionsFolder, configFile }: Pick<Settings, 'functionsFolder' | 'configFile'>,
  over: Partial<Settings> = {},
): Settings => ({
  functionsFolder,
  configFile,
  secretArns: [],
  topicArns: [],
  findingsGoTo: 'member',
  resolvesWorkflow: false,
  regions: [],
  ...DEFAULTS,
  ...over,
});

/** The app with all its stacks, as `infra/app.ts` makes it. */
export const deployment = (
  settings: Settings,
  {
    region = REGION,
    tags = [],
    isAccountFixed = true,
  }: { region?: string; tags?: [string, string][]; isAccountFixed?: boolean } = {},
): Stacks & { app: App } => {
  const app = new App({ context });
  return { app, ...stacks(app, { settings, region, ...(isAccountFixed && { account: ACCOUNT }), tags }) };
};
