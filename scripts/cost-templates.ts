import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { ALL_FUNCTIONS, configured, DEFAULTS, type Settings } from '../infra/settings.ts';
import { stacks } from '../infra/stacks.ts';
import type { MemberTargets } from '../shared/config/member-targets.ts';
import { isObject } from '../shared/json/json.ts';
import { type Counts, countsOf, type Template } from './cost-counts.ts';
import type { Size } from './cost-lines.ts';

const ACCOUNT = '111122223333';
/** The home Region, and those that are watched besides. From us-east-1 comes a forwarder for the events of IAM in any case. */
const REGIONS = ['eu-west-1', 'eu-central-1', 'us-west-2', 'ap-southeast-1'];

const MEMBERS: MemberTargets = {
  organization: { id: 'o-abcdef1234', managementAccount: '999988887777', root: 'r-ab12' },
  units: ['ou-ab12-cdefgh34'],
  excluded: [ACCOUNT],
  exclude: [],
  accounts: [],
  includesManagementAccount: false,
};

const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8'));

/** Writes what stands for the bundles of the functions, where only the templates matter. */
export const writeStandIns = (folder: string): void => {
  for (const name of ALL_FUNCTIONS) {
    mkdirSync(join(folder, name.toLowerCase()));
    writeFileSync(join(folder, name.toLowerCase(), 'index.mjs'), 'export const handler = async () => {};');
  }
};

/** Counts what costs in a deployment of a size: in the stacks of the deployment’s account, and in those of all members. */
export const deployedCounts = (
  { accounts, regions }: Pick<Size, 'accounts' | 'regions'>,
  over: Pick<Settings, 'history' | 'evidence'> = {},
): Counts => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewarden-costs-'));
  try {
    writeStandIns(folder);
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, '{"version":1}');
    const [home = '', ...others] = REGIONS.slice(0, regions);
    const app = new App({ context, outdir: join(folder, 'cdk.out'), analyticsReporting: false });
    stacks(app, {
      region: home,
      account: ACCOUNT,
      settings: {
        functionsFolder: folder,
        configFile,
        ...configured({}),
        ...DEFAULTS,
        regions: others,
        ...over,
        ...(accounts > 1 && { members: MEMBERS }),
      },
    });
    const own = app.synth().stacks.map(({ template }) => template as Template);
    const sets = own.flatMap(({ Resources }) =>
      Object.values(Resources).flatMap(({ Type, Properties }) =>
        Type === 'AWS::CloudFormation::StackSet'
          ? [JSON.parse(String(Properties?.TemplateBody)) as Template]
          : [],
      ),
    );
    // Members have nothing that costs, so that their number and that of their Regions make no difference.
    if (hasCosts(countsOf(sets)))
      throw new Error('members have something that costs: count it for each of them');
    return countsOf(own);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const hasCosts = (counts: Counts): boolean =>
  Object.values(counts).some(
    (of) => of === true || (typeof of === 'number' && of > 0) || (isObject(of) && hasCosts(of as never)),
  );
