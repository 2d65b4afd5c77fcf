import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { FUNCTIONS } from '../../infra/settings.ts';
import { ROOT } from '../support/commands/cli.ts';
import { makeRelease } from '../support/commands/release.ts';
import { describeWith } from '../support/jest/tools.ts';
import { faultsBy } from '../support/python/faults.ts';
import { pythonProgram } from '../support/python/python-env.ts';

/** Home Regions of three partitions, also such as lack something. */
const REGIONS = ['eu-west-1', 'us-east-1', 'ap-east-2', 'cn-northwest-1', 'us-gov-west-1'];

let folder: string;
let release: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipewarden-released-'));
  release = join(folder, 'one');
  await makeRelease(release, REGIONS);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filesIn = (place: string): string[] =>
  globSync('**/*', { cwd: place, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1))
    .toSorted();
const read = (path: string): Buffer => readFileSync(join(release, path));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
type Template = {
  Parameters?: Record<string, { Default?: unknown; Type: string }>;
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  Outputs: Record<string, unknown>;
};
const templateOf = (region: string, stack: string): Template =>
  JSON.parse(read(`templates/${region}/${stack}.template.json`).toString('utf8'));
const templates = () => filesIn(release).filter((path) => path.startsWith('templates/'));

describe('a release', () => {
  test('is the same, byte for byte, in another folder and another zone of time', async () => {
    const again = join(folder, 'two');
    await makeRelease(again, REGIONS, { TZ: 'Pacific/Kiritimati' });
    expect(filesIn(again)).toEqual(filesIn(release));
    for (const path of filesIn(release))
      expect([path, sha256(readFileSync(join(again, path)))]).toEqual([path, sha256(read(path))]);
  });

  test('has the code of each function, as it was built, in a zip that is named by its content', () => {
    for (const name of FUNCTIONS.map((each) => each.toLowerCase())) {
      const [path = '', ...others] = filesIn(release).filter((each) => each.startsWith(`functions/${name}-`));
      expect(others).toEqual([]);
      expect(path).toBe(`functions/${name}-${sha256(read(path)).slice(0, 16)}.zip`);
      const built = join(ROOT, 'dist/functions', name);
      const packed = unzipSync(read(path));
      expect(Object.keys(packed).toSorted()).toEqual(filesIn(built).filter((file) => file !== 'meta.json'));
      for (const [file, bytes] of Object.entries(packed))
        expect([file, sha256(bytes)]).toEqual([file, sha256(readFileSync(join(built, file)))]);
    }
  });

  test('has checksums of all its files, which `sha256sum` finds to be right', () => {
    const told = read('SHA256SUMS')
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(66));
    expect(told).toEqual(filesIn(release).filter((path) => path !== 'SHA256SUMS'));
    const { status, stderr } = spawnSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {
      cwd: release,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('has provenance of all its files, but for itself and the checksums', () => {
    const { subject, predicate, ...statement } = JSON.parse(read('provenance.intoto.json').toString('utf8'));
    expect(statement).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://slsa.dev/provenance/v1',
    });
    const described = filesIn(release).filter((path) => !/^(?:SHA256SUMS|provenance.*)$/.test(path));
    expect(subject).toEqual(described.map((name) => ({ name, digest: { sha256: sha256(read(name)) } })));
    const { resolvedDependencies, externalParameters } = predicate.buildDefinition;
    expect(externalParameters).toMatchObject({ regions: REGIONS });
    const lock = sha256(readFileSync(join(ROOT, 'package-lock.json')));
    expect(resolvedDependencies).toContainEqual({ name: 'package-lock.json', digest: { sha256: lock } });
    const isClean = execFileSync('git', ['status', '--porcelain'], { cwd: ROOT, encoding: 'utf8' }) === '';
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
    const sources = { name: 'sources', digest: { gitCommit: commit } };
    expect(resolvedDependencies.filter(({ name }: { name: string }) => name === 'sources')).toEqual(
      isClean ? [sources] : [],
    );
  });

  test('has an SBOM of what ships', () => {
    const { bomFormat, components } = JSON.parse(read('sbom.cdx.json').toString('utf8'));
    expect(bomFormat).toBe('CycloneDX');
    expect(components.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['client-dynamodb', 'zod'].map((name) => expect.stringContaining(name))),
    );
  });
});

describe('released templates', () => {
  test('need no CDK, no account and no larger files than CloudFormation takes', () => {
    expect(templates()).toHaveLength(2 * REGIONS.length + 3);
    for (const path of templates()) {
      const text = read(path).toString('utf8');
      expect(text).not.toMatch(/cdk-|aws:cdk|BootstrapVersion|aws:asset|111122223333|Fn::ImportValue/);
      expect(text.length).toBeLessThan(1024 * 1024);
      // Terraform gives these as a text.
      if (!path.endsWith('/Pipewarden.template.json')) expect(text.length).toBeLessThan(51_200);
    }
  });

  test('can be deployed with nothing but the bucket and the prefix', () => {
    for (const path of templates()) {
      const { Parameters = {} } = JSON.parse(read(path).toString('utf8')) as Template;
      const asked = Object.entries(Parameters).flatMap(([name, { Default }]) =>
        Default === undefined ? [name] : [],
      );
      expect(asked).toEqual(path.endsWith('/Pipewarden.template.json') ? ['ArtifactBucket'] : []);
    }
    const { Parameters } = templateOf('eu-west-1', 'Pipewarden');
    expect(Parameters?.ConfigSha256?.Default).toBe(sha256(read('config/default.json')));
  });

  test('name the code by files of the release', () => {
    for (const region of REGIONS) {
      const keys = Object.values(templateOf(region, 'Pipewarden').Resources)
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(
          ({ Properties }) =>
            (Properties as { Code: { S3Key: { 'Fn::Sub': string } } }).Code.S3Key['Fn::Sub'],
        );
      expect(keys.map((key) => key.replace('${ArtifactPrefix}', '')).toSorted()).toEqual(
        filesIn(release).filter((path) => path.startsWith('functions/')),
      );
    }
  });

  test('give the boundary and the path to each role, and a choice of concurrency to each function', () => {
    for (const path of templates()) {
      const { Resources } = JSON.parse(read(path).toString('utf8')) as Template;
      for (const [id, { Type, Properties }] of Object.entries(Resources)) {
        if (Type === 'AWS::IAM::Role')
          expect([id, Properties?.Path, Properties?.PermissionsBoundary]).toEqual([
            id,
            { Ref: 'RolePath' },
            { 'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundaryArn' }, { Ref: 'AWS::NoValue' }] },
          ]);
        if (Type === 'AWS::Lambda::Function')
          expect([id, Properties?.ReservedConcurrentExecutions]).toEqual([
            id,
            { 'Fn::If': ['Reserves', expect.any(Number), { Ref: 'AWS::NoValue' }] },
          ]);
      }
    }
  });
});

describeWith('cfn-lint', 'cfn-lint', () => {
  test('finds nothing in released templates', () => {
    for (const region of REGIONS)
      for (const path of templates().filter((each) => each.startsWith(`templates/${region}/`))) {
        const globalRegion =
          { 'us-gov-west-1': 'us-gov-west-1', 'cn-northwest-1': 'cn-north-1' }[region] ?? 'us-east-1';
        const { status, stdout } = spawnSync(
          pythonProgram('cfn-lint', 'cfn-lint'),
          [join(release, path), '--regions', path.includes('IamEvents') ? globalRegion : region],
          { encoding: 'utf8' },
        );
        expect({ path, status, stdout }).toEqual({ path, status: 0, stdout: '' });
      }
  });
});

describe('the Terraform module', () => {
  const module = () =>
    filesIn(join(release, 'terraform')).map((name) => read(`terraform/${name}`).toString('utf8'));
  const main = () => read('terraform/main.tf').toString('utf8');
  /** The body of a block, up to the brace that closes it on its own column. */
  const blockOf = (text: string, head: string): string => text.split(`${head} {\n`)[1]?.split('\n}')[0] ?? '';
  const keysIn = (block: string): string[] =>
    [...block.matchAll(/^ {4}([A-Z]\w+) +=/gm)].map(([, key = '']) => key);

  test('gives each stack all parameters of its template, and no others', () => {
    const roles = [...main().matchAll(/^ {4}(PermissionsBoundaryArn|RolePath) +=/gm)].map(
      ([, key = '']) => key,
    );
    for (const [name, stack, common] of [
      ['state', 'PipewardenState', []],
      ['pipewarden', 'Pipewarden', roles],
      ['iam_events', 'PipewardenIamEvents', roles],
    ] as const) {
      const block = blockOf(main(), `resource "aws_cloudformation_stack" "${name}"`);
      expect(block).toContain(`"${stack}`);
      const { Parameters = {} } = templateOf('eu-west-1', stack);
      expect([...keysIn(block), ...common].toSorted()).toEqual(Object.keys(Parameters).toSorted());
    }
  });

  test('uses all variables that it declares, and declares all that it uses', () => {
    const text = module().join('\n');
    const names = (pattern: RegExp) =>
      [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].toSorted();
    expect(names(/\bvar\.(\w+)/g)).toEqual(names(/^variable "(\w+)"/gm));
    expect(names(/\blocal\.(\w+)/g)).toEqual(
      [...blockOf(main(), 'locals').matchAll(/^ {2}(\w+) +=/gm)].map(([, name]) => name).toSorted(),
    );
  });

  test('reads outputs that the stacks have', () => {
    const outputs = [
      ...module()
        .join('\n')
        .matchAll(/aws_cloudformation_stack\.(\w+)(?:\[\*\])?\.outputs\["(\w+)"\]/g),
    ];
    expect(outputs.length).toBeGreaterThan(3);
    const stacks: Readonly<Record<string, string>> = {
      state: 'PipewardenState',
      pipewarden: 'Pipewarden',
      iam_events: 'PipewardenIamEvents',
    };
    for (const [, stack = '', output] of outputs)
      expect(Object.keys(templateOf('eu-west-1', stacks[stack] ?? '').Outputs)).toContain(output);
  });
});

describeWith('the validators of formats', 'the grammar of HCL', () => {
  test('holds for the Terraform module', () => {
    const texts = globSync('terraform/*.tf', { cwd: ROOT }).map((path) =>
      readFileSync(join(ROOT, path), 'utf8'),
    );
    expect(texts.length).toBeGreaterThan(3);
    expect(faultsBy('formats', 'validate_terraform.py', texts)).toEqual(texts.map(() => []));
  });
});
