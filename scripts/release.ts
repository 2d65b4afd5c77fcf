import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { App, DefaultStackSynthesizer, type IReusableStackSynthesizer } from 'aws-cdk-lib';
import { PLACEHOLDERS, type ReleasedAsset, releasedTemplate } from '../infra/released-template.ts';
import { configured, DEFAULTS, FUNCTIONS, featuresOf, UNRESERVED_MAXIMUM } from '../infra/settings.ts';
import { stacks } from '../infra/stacks.ts';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { isRegion, partitionOfRegion, REGIONS } from '../shared/domain/regions.ts';
import { type Json, member } from '../shared/json/json.ts';
import { VERSION } from '../shared/version.ts';
import { checksumsOf, type Files, provenanceOf, releaseReadme, sha256, zipOf } from './release-files.ts';
import { shippedSbom } from './sbom.ts';

/**
 * Writes a release: what deploys Pipewarden without a checkout, a bootstrap or the CDK, with checksums, an SBOM and its provenance.
 * The same sources make the same bytes. Usage: release.ts [--regions eu-west-1,…] [--out dist/release]. Functions must be built.
 */

const ROOT = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { regions: { type: 'string' }, out: { type: 'string' } } });
const out = resolve(ROOT, values.out ?? 'dist/release');
const regions =
  values.regions?.split(',') ??
  REGIONS.filter((region) => partitionOfRegion(region).match(/^aws(?:-cn|-us-gov)?$/));
const unknown = regions.find((region) => !isRegion(region));
if (unknown !== undefined) throw new Error(`--regions names ${unknown}, which is no Region`);

const say = (message: string): void => void process.stderr.write(`release: ${message}\n`);
const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const jsonOf = (value: unknown): Uint8Array => bytesOf(`${JSON.stringify(value, null, 2)}\n`);

/** The files in a folder of the checkout, by their paths in it. */
const filesIn = (folder: string, isWanted: (path: string) => boolean): Files =>
  new Map(
    globSync('**/*', { cwd: join(ROOT, folder), withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, folder).length + 1))
      .filter(isWanted)
      .map((path) => [path, readFileSync(join(ROOT, folder, path))]),
  );

const config = bytesOf(JSON.stringify(DEFAULT_CONFIG));
const zips = new Map(
  FUNCTIONS.map((name) => {
    const files = filesIn(
      `dist/functions/${name.toLowerCase()}`,
      (path) => !/\.map$|^meta\.json$/.test(path),
    );
    if (!files.has('index.mjs'))
      throw new Error(`the function ${name} is not built: run npm run build first`);
    const zip = zipOf(files);
    // Named by its content, because Lambda takes new code only under a new key.
    return [name, { path: `functions/${name.toLowerCase()}-${sha256(zip).slice(0, 16)}.zip`, zip }];
  }),
);

/** The templates of a deployment with that home Region, as the CDK makes them, with placeholders. */
const templatesFor = (region: string): Map<string, Json> => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewarden-release-'));
  try {
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, config);
    const app = new App({
      outdir: join(folder, 'cdk.out'),
      analyticsReporting: false,
      context: JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context,
      // The CDK’s own type does not fit exactOptionalPropertyTypes.
      defaultStackSynthesizer: new DefaultStackSynthesizer({
        fileAssetsBucketName: PLACEHOLDERS.bucket,
        generateBootstrapVersionRule: false,
      }) as IReusableStackSynthesizer,
    });
    stacks(app, {
      region,
      settings: {
        functionsFolder: join(ROOT, 'dist/functions'),
        configFile,
        ...configured({ alerts: { slack: { secret: PLACEHOLDERS.secretArn } } }),
        ...DEFAULTS,
        ...featuresOf(region, {
          archives: undefined,
          tracing: undefined,
          iamEvents: undefined,
          functionPolicies: undefined,
        }),
      },
    });
    return new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The files that the template of the functions names, by the keys that the CDK gave them. */
const assetsIn = (template: Json | undefined): ReleasedAsset[] => {
  const resources = Object.entries(member(template, 'Resources') ?? {}) as [string, Json][];
  return FUNCTIONS.flatMap((name): ReleasedAsset[] => {
    const [, made] =
      resources.find(
        ([id, of]) => id.startsWith(`${name}Function`) && member(of, 'Type') === 'AWS::Lambda::Function',
      ) ?? [];
    const properties = member(made, 'Properties');
    const code = member(member(properties, 'Code'), 'S3Key');
    const stored = member(member(member(properties, 'Environment'), 'Variables'), 'CONFIG_KEY');
    const path = zips.get(name)?.path;
    if (typeof code !== 'string' || typeof stored !== 'string' || path === undefined)
      throw new Error(`the template does not say which code the function ${name} has`);
    return [
      { key: code, name: path },
      { key: stored, name: '${ConfigKey}' },
    ];
  });
};

const git = (...args: string[]): string | undefined => {
  try {
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
};

const files = new Map<string, Uint8Array>([
  ['README.md', bytesOf(releaseReadme(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')))],
  ['config/default.json', config],
  ...[...zips.values()].map(({ path, zip }) => [path, zip] as const),
  ...[...filesIn('terraform', () => true)].map(([path, bytes]) => [`terraform/${path}`, bytes] as const),
]);
for (const region of regions) {
  const made = templatesFor(region);
  const assets = assetsIn(made.get('Pipewarden'));
  for (const [name, template] of made)
    files.set(
      `templates/${region}/${name}.template.json`,
      jsonOf(
        releasedTemplate(template, {
          assets,
          configSha256: sha256(config),
          unreservedMaximum: UNRESERVED_MAXIMUM,
        }),
      ),
    );
  say(`templates of ${region}`);
}

const isClean = git('status', '--porcelain') === '';
const commit = isClean ? git('rev-parse', 'HEAD') : undefined;
const timestamp = isClean ? git('show', '--no-patch', '--format=%cI', 'HEAD') : undefined;
if (commit === undefined) say('the sources are not those of a commit, so that the provenance names none');
const { sbom, lacking } = shippedSbom(ROOT);
if (lacking > 0) throw new Error(`the SBOM lacks ${lacking} packages`);
const { serialNumber: _, ...lasting } = sbom;
const { timestamp: _now, ...metadata } = lasting.metadata;
files.set(
  'sbom.cdx.json',
  jsonOf({ ...lasting, metadata: { ...(timestamp && { timestamp }), ...metadata } }),
);

const sources = {
  version: VERSION,
  ...(commit !== undefined && { commit }),
  lockSha256: sha256(readFileSync(join(ROOT, 'package-lock.json'))),
  node: process.version,
  regions,
};
const provenance = jsonOf(provenanceOf(files, sources));
files.set('provenance.intoto.json', provenance);
files.set('SHA256SUMS', bytesOf(checksumsOf(files)));

rmSync(out, { recursive: true, force: true });
for (const [path, bytes] of files) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), bytes);
}
say(`${files.size} files in ${out}`);
