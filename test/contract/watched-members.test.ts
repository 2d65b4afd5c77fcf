import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeOrganizationsClient, readUnitNames } from '../../shared/aws/read/organization-calls.ts';
import { listWatched } from '../../shared/aws/read/watched-members.ts';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

describeWith('moto', 'the accounts that a hub sweeps', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: OrganizationsClient;
  const units: Record<'ml' | 'below' | 'other', string> = { ml: '', below: '', other: '' };
  const accounts: Record<string, string> = {};
  const organizations = async () => client;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    client = makeOrganizationsClient({
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const { Roots: [{ Id: root = '' } = {}] = [] } = await client.send(new ListRootsCommand({}));
    const unit = async (Name: string, ParentId: string): Promise<string> => {
      const made = await client.send(new CreateOrganizationalUnitCommand({ Name, ParentId }));
      return made.OrganizationalUnit?.Id ?? '';
    };
    units.ml = await unit('ml', root);
    units.below = await unit('below', units.ml);
    units.other = await unit('other', root);
    for (const [name, parent] of [
      ['one', units.ml],
      ['two', units.below],
      ['closed', units.ml],
      ['elsewhere', units.other],
    ] as const) {
      const { CreateAccountStatus } = await client.send(
        new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }),
      );
      const AccountId = CreateAccountStatus?.AccountId ?? '';
      accounts[name] = AccountId;
      await client.send(
        new MoveAccountCommand({ AccountId, SourceParentId: root, DestinationParentId: parent }),
      );
    }
    await client.send(new CloseAccountCommand({ AccountId: accounts.closed }));
  });
  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  const idsOf = (...names: string[]) => names.flatMap((name) => accounts[name] ?? []).toSorted();

  test('are its own first, then the active ones in and below its units and those that it names', async () => {
    const organization = {
      organizationalUnits: [units.ml],
      accounts: ['999988887777'],
      exclude: idsOf('elsewhere'),
    };
    expect(await listWatched(organizations, organization, ACCOUNT)).toEqual({
      accounts: [ACCOUNT, ...[...idsOf('one', 'two'), '999988887777'].toSorted()],
      inactive: [{ account: accounts.closed, unread: expect.objectContaining({ code: 'NotActive' }) }],
      gaps: [],
    });
  });

  test('are named ones without asking anybody, and its own alone where it names none', async () => {
    const nobody = () => Promise.reject(new Error('nobody is asked'));
    const named = { accounts: ['444455556666', '777788889999', ACCOUNT], exclude: ['777788889999'] };
    expect(await listWatched(nobody, named, ACCOUNT)).toEqual({
      accounts: [ACCOUNT, '444455556666'],
      inactive: [],
      gaps: [],
    });
    expect((await listWatched(nobody, {}, ACCOUNT)).accounts).toEqual([ACCOUNT]);
  });

  test('are told as a gap, beside those that are named, where a unit cannot be listed', async () => {
    const organization = { organizationalUnits: ['ou-zz99-zz99zz99'], accounts: ['444455556666'] };
    const { accounts: listed, gaps } = await listWatched(organizations, organization, ACCOUNT);
    expect(listed).toEqual([ACCOUNT, '444455556666']);
    expect(gaps).toEqual([
      expect.objectContaining({
        call: 'ListAccountsForParent',
        subject: 'the accounts of the organization',
      }),
    ]);
  });

  test('are in units whose names are told, as far as somebody may ask for them', async () => {
    const { ml, below } = units;
    expect(await readUnitNames(client, [ml, below, ml, 'ou-zz99-zz99zz99', 'r-ab12'])).toEqual(
      new Map([
        [ml, 'ml'],
        [below, 'below'],
      ]),
    );
  });
});
