import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccountContext } from '../../../functions/account-context.ts';
import { accountContexts } from '../../../functions/account-contexts.ts';
import { awsClients } from '../../../shared/aws/read/clients.ts';
import type { Read } from '../../../shared/reader/read-result.ts';
import type { OrganizationPolicies } from '../../../shared/reader/reader.ts';

const [HUB, MANAGEMENT, ONE, OTHER] = [
  '111122223333',
  '999988887777',
  '444455556666',
  '777788889999',
] as const;
const REGION = 'eu-west-1';

/** The accounts that may ask for others, and those whose role cannot be assumed. */
let privileged: Set<string>;
let shut: Set<string>;
/** The organization that an account says it is in; none for an account that is not named. */
let organizations: Map<string, string>;
let asked: string[];

type Answer = { status: number; body: object };
const refused: Answer = {
  status: 400,
  body: { __type: 'AccessDeniedException', Message: 'You don’t have permissions to access this resource.' },
};

/** AWS Organizations, as it answers an account. */
const organizationsAnswer = (caller: string, operation: string, request: Record<string, string>): Answer => {
  asked.push(`${caller} ${operation}`);
  const id = organizations.get(caller);
  if (id === undefined) return { status: 400, body: { __type: 'AWSOrganizationsNotInUseException' } };
  if (operation === 'DescribeOrganization')
    return { status: 200, body: { Organization: { Id: id, MasterAccountId: MANAGEMENT } } };
  if (!privileged.has(caller)) return refused;
  const account = request.AccountId ?? request.ChildId ?? '';
  switch (operation) {
    case 'DescribeAccount':
      return organizations.get(account) === id
        ? { status: 200, body: { Account: { Id: account, Paths: [`${id}/r-ab12/ou-ab12-x/`] } } }
        : { status: 400, body: { __type: 'AccountNotFoundException' } };
    case 'ListParents':
      return { status: 400, body: { __type: 'ChildNotFoundException' } };
    case 'ListPoliciesForTarget':
      return { status: 200, body: { Policies: [{ Id: 'p-1', Name: 'full' }] } };
    case 'DescribePolicy':
      return { status: 200, body: { Policy: { Content: '{"Statement":[]}' } } };
    default:
      return refused;
  }
};

const stsAnswer = (form: URLSearchParams): { status: number; body: string } => {
  const account = (form.get('RoleArn') ?? '').split(':')[4] ?? '';
  asked.push(`${account} AssumeRole`);
  if (shut.has(account))
    return {
      status: 403,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: x is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>',
    };
  return {
    status: 200,
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  };
};

let server: Server;
const before = { ...process.env };

beforeAll(async () => {
  server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray()).toString();
    const operation = incoming.headers['x-amz-target']?.toString().split('.').at(-1);
    if (operation === undefined) {
      const { status, body: xml } = stsAnswer(new URLSearchParams(body));
      outgoing.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
      return;
    }
    const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
    const caller = key.startsWith('ASIA') ? key.slice(4) : HUB;
    const answer = organizationsAnswer(caller, operation, JSON.parse(body) as Record<string, string>);
    outgoing
      .writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});
afterAll(async () => {
  process.env = before;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  privileged = new Set();
  shut = new Set();
  organizations = new Map([HUB, MANAGEMENT, ONE, OTHER].map((account) => [account, 'o-acme']));
  asked = [];
});

/** A hub that watches these accounts. */
const hubOf = (...accounts: string[]) =>
  accountContexts({
    scope: { account: HUB, region: REGION, partition: 'aws' },
    stored: { version: 1, organization: { accounts } },
    clients: awsClients({ region: REGION }),
    options: { region: REGION },
    now: () => new Date(),
    externalId: 'x',
  });

const readerOf = async (
  contexts: ReturnType<typeof hubOf>,
  account: string,
): Promise<AccountContext['readers'][0]> => {
  const answer = await contexts(account);
  if (answer.is !== 'watched') throw new Error(answer.is);
  return answer.context.readers[0];
};
const targetsIn = (read: Read<OrganizationPolicies>) =>
  read.ok ? read.value.scps.map(({ target }) => target) : [read.unread.code];
const callersOf = (operation: string) =>
  asked.filter((call) => call.endsWith(` ${operation}`)).map((call) => call.split(' ')[0]);

describe('the organization’s policies of a member', () => {
  test('are read by the hub, and of all members each policy once', async () => {
    privileged.add(HUB);
    const contexts = hubOf(ONE, OTHER);
    for (const account of [ONE, OTHER])
      expect(targetsIn(await (await readerOf(contexts, account)).readOrganizationPolicies())).toEqual([
        'r-ab12',
        'ou-ab12-x',
        account,
      ]);
    expect(callersOf('DescribePolicy')).toEqual([HUB]);
    expect(callersOf('DescribeOrganization')).toEqual([HUB]);
    // SCPs and RCPs of the root, of the unit and of two accounts.
    expect(callersOf('ListPoliciesForTarget')).toEqual(Array(8).fill(HUB));
  });

  test('are read by the management account, where the hub may not and watches that one', async () => {
    privileged.add(MANAGEMENT);
    const contexts = hubOf(ONE, OTHER, MANAGEMENT);
    for (const account of [ONE, OTHER, MANAGEMENT, HUB]) {
      const reader = await readerOf(contexts, account);
      expect(targetsIn(await reader.readOrganizationPolicies())).toContain(account);
      expect(await reader.readOwnOrganization()).toMatchObject({
        value: { id: 'o-acme', path: 'o-acme/r-ab12/ou-ab12-x/' },
      });
    }
    expect(new Set(callersOf('DescribePolicy'))).toEqual(new Set([MANAGEMENT]));
    expect(callersOf('DescribePolicy')).toHaveLength(1);
  });

  test.each([
    ['is not watched', []],
    ['gives no role', [MANAGEMENT]],
  ])('are the member’s own answer where the management account %s', async (_, watched) => {
    shut.add(MANAGEMENT);
    privileged.add(ONE); // a delegated administrator
    const contexts = hubOf(ONE, OTHER, ...watched);
    expect(targetsIn(await (await readerOf(contexts, ONE)).readOrganizationPolicies())).toContain(ONE);
    const other = await readerOf(contexts, OTHER);
    expect(targetsIn(await other.readOrganizationPolicies())).toEqual(['AccessDeniedException']);
    expect(await other.readOwnOrganization()).toMatchObject({ value: { id: 'o-acme' } });
    expect(callersOf('DescribeAccount')).toContain(HUB);
    expect(callersOf('DescribeAccount')).not.toContain(MANAGEMENT);
  });

  test('are not those of the hub’s organization where the member is in another, or only the hub is in none', async () => {
    privileged.add(HUB);
    organizations.set(ONE, 'o-other');
    const elsewhere = await readerOf(hubOf(ONE), ONE);
    expect((await elsewhere.readOrganizationPolicies()).ok).toBe(false);
    expect(await elsewhere.readOwnOrganization()).toMatchObject({ value: { id: 'o-other' } });

    organizations.delete(HUB);
    const lonely = await readerOf(hubOf(ONE), ONE);
    expect((await lonely.readOrganizationPolicies()).ok).toBe(false);
    expect(await lonely.readOwnOrganization()).toMatchObject({ value: { id: 'o-other' } });

    organizations.delete(ONE);
    expect(await (await readerOf(hubOf(ONE), ONE)).readOrganizationPolicies()).toMatchObject({
      ok: true,
      value: { scps: [], rcps: [] },
    });
  });
});

test('what an event has changed is asked for anew, once for all accounts that hear of it', async () => {
  privileged.add(HUB);
  const contexts = hubOf(ONE, OTHER);
  const readers = [await readerOf(contexts, ONE), await readerOf(contexts, OTHER)];
  for (const reader of readers) await reader.readOrganizationPolicies();
  const eventTime = new Date(Date.now() + 60_000).toISOString();
  asked = [];
  const trigger = { eventId: 'e', eventName: 'UpdatePolicy', eventTime };
  for (const reader of readers) reader.forget({ type: 'organization', changed: ['policy'], trigger });
  for (const reader of readers) await reader.readOrganizationPolicies();
  expect(callersOf('DescribePolicy')).toEqual([HUB]);
  asked = [];
  const earlier = { ...trigger, eventTime: new Date(Date.now() - 3_600_000).toISOString() };
  for (const reader of readers)
    reader.forget({ type: 'organization', changed: ['policy'], trigger: earlier });
  for (const reader of readers) await reader.readOrganizationPolicies();
  expect(asked).toEqual([]);
});

test('the credentials of a member outlive what else is kept of it, and a role that was refused is asked for again', async () => {
  const many = Array.from({ length: 60 }, (_, index) => String(200_000_000_000 + index));
  const contexts = hubOf(ONE, ...many);
  shut.add(ONE);
  expect((await contexts(ONE)).is).toBe('unread');
  shut.delete(ONE);
  const first = await readerOf(contexts, ONE);
  for (const account of many) await readerOf(contexts, account);
  expect(await readerOf(contexts, ONE)).not.toBe(first);
  expect(callersOf('AssumeRole')).toEqual([ONE, ONE, ...many]);
});
