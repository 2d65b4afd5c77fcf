import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

/** The folders of `shared` that do no I/O, and know neither AWS's SDK nor the outputs. */
const PURE = [
  'alerts',
  'authorised',
  'concerns',
  'config',
  'controls',
  'definition',
  'domain',
  'events',
  'facts',
  'findings',
  'iam',
  'json',
  'judging',
  'needs',
  'policies',
  'proposal',
  'requests',
  'sweep',
  'text',
];

/** A file's folder, what it imports, and whether it may. */
const imports: [folder: string, specifier: string, allowed: boolean][] = [
  ...['functions', 'cli', 'infra', 'bench', 'test'].map((outside): [string, string, boolean] => [
    'shared/facts',
    `../../${outside}/thing.ts`,
    false,
  ]),
  ['functions/audit', '../../shared/json/json.ts', true],
  ['functions/audit', '../../cli/thing.ts', false],
  ['functions/audit', '@aws-sdk/client-s3', true],
  ['cli', '../shared/json/json.ts', true],
  ['cli', '../functions/audit/handler.ts', false],
  ['cli', '@aws-sdk/credential-providers', true],
  ['cli', '@aws-sdk/client-s3', false],
  ['infra', '../shared/json/json.ts', true],
  ['infra', '../functions/audit/handler.ts', false],
  ['infra', 'aws-cdk-lib/aws-events', true],
  ['infra', '@aws-sdk/client-s3', false],
  ['bench/cases', '../../shared/json/json.ts', true],
  ['bench/cases', '../../cli/pipewarden.ts', false],
  ['bench/cases', '../../test/support/emulators/moto-server.ts', true],
  ['bench/cases', '../../test/support/standins/security-hub.ts', true],
  ['bench/cases', '../../test/unit/thing.ts', false],
  ['bench', '@aws-sdk/client-s3', false],
  ...PURE.flatMap((pure): [string, string, boolean][] => [
    [`shared/${pure}`, '../json/json.ts', true],
    [`shared/${pure}`, '../../cli/thing.ts', false],
    [`shared/${pure}`, '../aws/read/live-reader.ts', false],
    [`shared/${pure}`, '../outputs/formats/table.ts', false],
    [`shared/${pure}`, '@aws-sdk/client-s3', false],
    [`shared/${pure}`, '@aws-lambda-powertools/logger', false],
    [`shared/${pure}`, 'node:fs', false],
    [`shared/${pure}`, 'node:fs/promises', false],
    [`shared/${pure}`, 'node:crypto', pure === 'findings' || pure === 'domain'],
    [`shared/${pure}`, 'node:zlib', pure === 'events'],
  ]),
  ['shared/reader', 'node:fs', true],
  ['shared/reader', '@aws-sdk/client-s3', false],
  ['shared/audit', '@aws-sdk/client-s3', false],
  ['shared/outputs', '@aws-sdk/client-s3', false],
  ['shared/aws', '@aws-sdk/client-s3', true],
  ['shared/aws', '../reader/reader.ts', true],
  ['shared/aws', '../../functions/audit/handler.ts', false],
  ['test/contract', '@aws-sdk/client-s3', true],
];

/** Files that each break one rule which is off, or only a warning, unless biome.json says otherwise. */
const faults: Record<string, string> = {
  'lint/suspicious/noImportCycles':
    "import type { b } from './b.ts';\nexport const a = (given: typeof b) => given;\n",
  'lint/nursery/noFloatingPromises': 'const wait = async () => 1;\nwait();\n',
  'lint/nursery/noMisusedPromises': 'const wait = async () => 1;\nif (wait()) throw new Error();\n',
  'lint/nursery/useExhaustiveSwitchCases':
    "export const f = (a: 'x' | 'y') => {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n};\n",
  'lint/style/noDefaultExport': 'export default 1;\n',
};

type Report = { diagnostics: { category: string; severity: string; location: { path: string } }[] };

describe('Biome enforces the import directions', () => {
  const importFile = (index: number): string => join(imports[index]?.[0] ?? '', `import-${index}.ts`);
  const faultFile = (rule: string): string => `shared/facts/${rule.split('/').at(-1)?.toLowerCase()}/a.ts`;
  const errors = new Set<string>();
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-directions-'));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'));
    imports.forEach(([, specifier], index) => {
      write(importFile(index), `import '${specifier}';\n`);
    });
    for (const [rule, text] of Object.entries(faults)) {
      write(faultFile(rule), text);
      write(
        join(dirname(faultFile(rule)), 'b.ts'),
        "import { a } from './a.ts';\nexport const b = () => a;\n",
      );
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none'];
    const { stdout } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' });
    const report = JSON.parse(stdout) as Report;
    for (const { category, severity, location } of report.diagnostics) {
      if (severity === 'error') errors.add(`${category} ${location.path}`);
    }
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(imports.map((row, index) => [...row, index] as const))('%s, %s: %s', (_, __, allowed, index) => {
    expect(errors.has(`lint/style/noRestrictedImports ${importFile(index)}`)).toBe(!allowed);
  });

  test.each(Object.keys(faults))('%s is an error', (rule) => {
    expect(errors).toContain(`${rule} ${faultFile(rule)}`);
  });
});
