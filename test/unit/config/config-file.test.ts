import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { configOf, configOfAccount, configOfFiles } from '../../../cli/config.ts';
import type { FileConfig } from '../../../shared/config/schema.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type { OwnOrganization } from '../../../shared/reader/reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipewarden-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that is missing, and a folder, are refused by name', async () => {
  const missing = join(folder, 'nowhere.yaml');
  await expect(configOf(missing)).rejects.toThrow(missing);
  await expect(configOf(folder)).rejects.toThrow(folder);
});

test('the problems of a file are reported with the file’s path', async () => {
  const path = join(folder, 'pipewarden.yaml');
  writeFileSync(path, 'version: 1\nprefixs: []\n');
  await expect(configOf(path)).rejects.toThrow(`${path}:2:1: prefixs: there is no key`);
});

const UNIT = 'ou-ab12-11111111';
const PATH = `o-a1b2c3d4e5/r-ab12/${UNIT}/`;
const applied = (config: Omit<FileConfig, 'version'>) => ({
  config: { version: 1 as const, ...config },
  file: 'own.yaml',
});
const BY_UNIT = applied({ overrides: [{ organizationalUnits: [UNIT], versionFloors: [] }] });
const BY_ACCOUNT = applied({ roles: { steps: ['arn:*:iam::${account}:role/x'] } });

describe('the configuration of linted files', () => {
  test('needs no account where it does not differ by account', () => {
    const same = applied({ prefixes: [{ prefix: 'a' }] });
    expect(configOfFiles(same, undefined).config).toBe(same.config);
  });

  test('is that of the account that is named, in whatever partition', () => {
    expect(configOfFiles(BY_ACCOUNT, '111122223333').config.roles?.steps).toEqual([
      'arn:*:iam::111122223333:role/x',
    ]);
    for (const account of [`${PATH}111122223333`, `${PATH}111122223333/`])
      expect(configOfFiles(BY_UNIT, account).config).toEqual({ version: 1, versionFloors: [] });
  });

  const forms =
    'expected --account 111122223333, or with its path in the organization --account o-…/r-…/ou-…/111122223333';
  test.each([
    [
      'the account is missing',
      BY_ACCOUNT,
      undefined,
      `own.yaml: the configuration: it differs from account to account, and nothing tells the account: give --account: ${forms}`,
    ],
    [
      'its units are missing',
      BY_UNIT,
      '111122223333',
      `own.yaml: the configuration (overrides[0].organizationalUnits): it differs between organizational units, and nothing tells those of the account 111122223333: give its path too: ${forms}`,
    ],
    ['it is none', BY_UNIT, '1111', `--account 1111: is not the number of an account; ${forms}`],
    ['it is empty', applied({}), '', `--account : is not the number of an account; ${forms}`],
  ])('is refused where %s', (_, config, account, message) => {
    expect(() => configOfFiles(config, account)).toThrow(message);
  });
});

describe('the configuration of an audited account', () => {
  const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
  const readerOf = (answer: OwnOrganization | null) => ({
    scope,
    readOwnOrganization: async () => found(answer),
  });

  test('is that of its organizational unit', async () => {
    const own = await configOfAccount(BY_UNIT, readerOf({ id: 'o-a1b2c3d4e5', path: PATH }));
    expect(own).toEqual({
      config: { version: 1, versionFloors: [] },
      file: 'own.yaml',
      whole: BY_UNIT.config,
    });
  });

  test('is refused where nothing tells its unit', async () => {
    await expect(configOfAccount(BY_UNIT, readerOf({ id: 'o-a1b2c3d4e5' }))).rejects.toThrow(
      /^own\.yaml: the configuration \(overrides\[0\]\.organizationalUnits\): .* may call organizations:DescribeOrganization/,
    );
  });
});
