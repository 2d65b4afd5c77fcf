import { DescribeOrganizationCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { liveOrganization } from '../../shared/aws/read/live-organization.ts';
import { makeOrganizationsClient } from '../../shared/aws/read/organization-calls.ts';
import { readWholeOrganization } from '../../shared/aws/read/whole-organization.ts';
import { organizationOfFile, parseOrganizationFile } from '../../shared/reader/answers/organization-file.ts';
import type { OrganizationPolicies } from '../../shared/reader/reader.ts';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { type CountingProxy, startCountingProxy } from '../support/emulators/counting-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { type MadeOrganization, makeOrganization } from '../support/emulators/organization.ts';
import { describeWith } from '../support/jest/tools.ts';

/** An account that is in no organization. */
const LONELY = '777788889999';

const clientAt = (endpoint: string): OrganizationsClient =>
  makeOrganizationsClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

/** Gives the client of that account. */
const withLonely = async (use: (client: OrganizationsClient) => Promise<void>): Promise<void> => {
  const other = await startMoto({ account: LONELY });
  const lonely = clientAt(other.endpoint);
  try {
    await use(lonely);
  } finally {
    lonely.destroy();
    await other.stop();
  }
};

describeWith('moto', 'what the hub is told of the organization', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: CountingProxy;
  let client: OrganizationsClient;
  let made: MadeOrganization;
  let id: string;
  let time = 0;
  const now = () => new Date(time);

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startCountingProxy(moto.endpoint);
    client = clientAt(proxy.endpoint);
    made = await makeOrganization(client);
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    id = Organization?.Id ?? '';
    proxy.take();
  });
  afterAll(async () => {
    client?.destroy();
    await proxy?.stop();
    await moto?.stop();
  });

  const named = (target: string, ...policies: string[]) => ({
    target,
    policies: ['FullAWSAccess', ...policies].map((name) => expect.objectContaining({ name })),
  });

  test('holds for each account, with each level and each policy read once', async () => {
    const source = liveOrganization(client, { caller: ACCOUNT, now });
    const { root, units, accounts } = made;
    expect(await source.policiesOf(accounts.two)).toMatchObject({
      ok: true,
      value: {
        scps: [named(root), named(units.ml, 'no-s3'), named(units.below), named(accounts.two, 'no-kms')],
        rcps: [root, units.ml, units.below, accounts.two].map((target) =>
          expect.objectContaining({
            target,
            policies: [expect.objectContaining({ name: 'RCPFullAWSAccess' })],
          }),
        ),
        managementAccount: ACCOUNT,
        own: { id, path: `${[id, root, units.ml, units.below].join('/')}/` },
      },
    });
    const first = proxy.take();
    expect(first['organizations.DescribePolicy']).toBe(4);
    for (const account of [accounts.one, accounts.three, accounts.two])
      expect(await source.policiesOf(account)).toMatchObject({ ok: true });
    expect(await source.ownOf(accounts.one)).toMatchObject({
      value: { id, path: `${[id, root, units.ml].join('/')}/` },
    });
    const more = proxy.take();
    expect(more['organizations.DescribeOrganization']).toBeUndefined();
    expect(more['organizations.DescribePolicy']).toBeUndefined();
    // Of each further account, its own level alone.
    expect(more['organizations.ListPoliciesForTarget']).toBe(4);
  });

  test('is kept for five minutes, dated by its oldest part, and asked for anew where something changed', async () => {
    const source = liveOrganization(client, { caller: ACCOUNT, now });
    const { accounts } = made;
    time = 1_000_000;
    await source.policiesOf(accounts.one);
    time += 200_000;
    expect(await source.policiesOf(accounts.two)).toMatchObject({ asOf: 1_000_000 });
    proxy.take();
    time += 50_000;
    await source.policiesOf(accounts.one);
    expect(proxy.take()).toEqual({});
    source.forgetBefore(time);
    expect(await source.policiesOf(accounts.two)).toMatchObject({ asOf: time });
    expect(proxy.take()['organizations.DescribePolicy']).toBe(4);
    time += 300_001;
    await source.policiesOf(accounts.two);
    expect(proxy.take()['organizations.DescribePolicy']).toBe(4);
  });

  test('is nothing of an account that is not in it', async () => {
    const source = liveOrganization(client, { caller: ACCOUNT, now });
    for (const read of [await source.policiesOf('999999999999'), await source.ownOf('999999999999')])
      expect(read).toMatchObject({
        ok: false,
        unread: { code: expect.stringMatching(/^(Account|Child)NotFoundException$/) },
      });
  });

  test('is nothing of another account where the hub itself is in no organization', async () => {
    await withLonely(async (lonely) => {
      const source = liveOrganization(lonely, { caller: LONELY, now });
      expect(await source.ownOf(LONELY)).toMatchObject({ ok: true, value: null });
      for (const read of [await source.policiesOf(ACCOUNT), await source.ownOf(ACCOUNT)])
        expect(read).toMatchObject({ ok: false, unread: { code: 'AWSOrganizationsNotInUseException' } });
    });
  });

  test('is one file for all accounts, which says the same as asking for each of them', async () => {
    time = 1_764_000_000_000;
    proxy.take();
    const read = await readWholeOrganization(client, now);
    if (!read.ok) throw new Error(read.unread.message);
    const calls = proxy.take();
    // FullAWSAccess, RCPFullAWSAccess, and two of its own.
    expect(calls['organizations.DescribePolicy']).toBe(4);
    expect(calls['organizations.ListTargetsForPolicy']).toBe(4);
    expect(read.value).toMatchObject({ id, managementAccount: ACCOUNT, asOf: now().toISOString() });
    const parsed = parseOrganizationFile(JSON.stringify(read.value));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const [file, live] = [
      organizationOfFile(parsed.file),
      liveOrganization(client, { caller: ACCOUNT, now }),
    ];
    for (const account of [ACCOUNT, ...Object.values(made.accounts)]) {
      const [told, asked] = [await file.policiesOf(account), await live.policiesOf(account)];
      if (!told.ok || !asked.ok) throw new Error('not read');
      const { toldAt, ...same } = told.value;
      expect(toldAt).toBe(now().toISOString());
      expect(sorted(same)).toEqual(sorted(asked.value));
      expect(await file.ownOf(account)).toMatchObject({ value: same.own });
    }
  });

  /** AWS lists the policies of a level in no certain order. */
  const sorted = ({ scps, rcps, ...others }: OrganizationPolicies) => {
    const levels = (of: OrganizationPolicies['scps']) =>
      of.map(({ target, policies }) => ({
        target,
        policies: policies.toSorted((one, other) => one.name.localeCompare(other.name)),
      }));
    return { ...others, scps: levels(scps), rcps: levels(rcps) };
  };

  test('is no file where the policies cannot be listed, or the account is in no organization', async () => {
    await withLonely(async (lonely) => {
      expect(await readWholeOrganization(lonely, now)).toMatchObject({
        ok: false,
        unread: { call: 'DescribeOrganization' },
      });
    });
  });
});
