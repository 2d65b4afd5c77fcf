import { describe, expect, test } from '@jest/globals';
import type { FileConfig } from '../../../shared/config/schema.ts';
import { accountConfig } from '../../../shared/facts/account-config.ts';
import { found, notRead, type Read } from '../../../shared/reader/read-result.ts';
import type { OwnOrganization } from '../../../shared/reader/reader.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const UNIT = 'ou-ab12-11111111';
const BY_UNIT: FileConfig = {
  version: 1,
  overrides: [{ organizationalUnits: [UNIT], versionFloors: [] }],
};

const configBy = async (config: FileConfig, answer: Read<OwnOrganization | null>) => {
  let calls = 0;
  const readOwnOrganization = async () => {
    calls++;
    return answer;
  };
  return { read: await accountConfig(config, { scope, readOwnOrganization }), calls };
};

describe('the configuration of the reader’s account', () => {
  test('asks for no organization where it does not hang on one', async () => {
    const config: FileConfig = { version: 1, overrides: [{ accounts: [scope.account], prefixes: [] }] };
    const { read, calls } = await configBy(config, notRead('x', 'AccessDenied', 'no'));
    expect({ read, calls }).toEqual({ read: { ok: true, value: { version: 1, prefixes: [] } }, calls: 0 });
  });

  test('is that of the account’s organizational unit, or of none', async () => {
    const path = `o-a1b2c3d4e5/r-ab12/${UNIT}/`;
    const own = await configBy(BY_UNIT, found({ id: 'o-a1b2c3d4e5', path }));
    expect(own).toEqual({ read: { ok: true, value: { version: 1, versionFloors: [] } }, calls: 1 });
    const none = await configBy(BY_UNIT, found(null));
    expect(none.read).toEqual({ ok: true, value: { version: 1 } });
  });

  test('is not known where the organization is not told, or not the path', async () => {
    const denied = await configBy(BY_UNIT, notRead('DescribeOrganization', 'AccessDenied', 'no'));
    expect(denied.read).toMatchObject({ ok: false, unread: { call: 'DescribeOrganization' } });
    const { read } = await configBy(BY_UNIT, found({ id: 'o-a1b2c3d4e5' }));
    expect(read).toMatchObject({ ok: false, unread: { code: 'OrganizationalUnitUnknown' } });
  });
});
