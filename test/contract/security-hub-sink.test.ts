import { setTimeout as wait } from 'node:timers/promises';
import {
  BatchImportFindingsCommand,
  BatchUpdateFindingsCommand,
  GetFindingsCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { securityHubSink } from '../../shared/aws/tell/security-hub-sink.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { type DeliveryError, isDeliveryError, type Sink } from '../../shared/findings/sink.ts';
import type { Change } from '../../shared/findings/state.ts';
import { aFinding } from '../support/builders/finding.ts';
import {
  type SecurityHubStandIn,
  type StoredFinding,
  startSecurityHub,
} from '../support/standins/security-hub.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

let hub: SecurityHubStandIn;
let client: SecurityHubClient;
let clock: number;
let slept: number[];

const clientOf = (endpoint: string, maxAttempts = 3): SecurityHubClient =>
  new SecurityHubClient({
    endpoint,
    region: scope.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });

beforeEach(async () => {
  hub = await startSecurityHub(scope);
  client = clientOf(hub.endpoint);
  clock = Date.parse('2026-11-24T10:00:00.000Z');
  slept = [];
});

afterEach(async () => {
  client.destroy();
  await hub.stop();
});

const sink = (over: Partial<Parameters<typeof securityHubSink>[0]> = {}): Sink =>
  securityHubSink({
    client,
    scope,
    controlText: () => ({
      description: 'Steps run with listed roles.',
      risk: 'More reach.',
      references: [],
      requirements: ['SOC 2 CC6.3'],
    }),
    productVersion: '0.1.0',
    now: () => new Date(clock),
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
    ...over,
  });

const finding = (id: string, changes: Partial<Finding> = {}): Finding =>
  aFinding({
    id: `pipewarden/step-role-authorised/${id}`,
    control: 'step-role-authorised',
    severity: 'HIGH',
    title: 'Steps run with authorised roles',
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${id}` },
    evidence: [{ at: '/Steps/0/Arguments/RoleArn', found: 'role/other', expected: 'a listed role' }],
    remediation: { text: 'Use a listed role.' },
    ...changes,
  });

const opened = (id: string, changes: Partial<Finding> = {}): Change => ({
  kind: 'opened',
  finding: finding(id, changes),
});
const resolved = (id: string, status: 'PASSED' | 'NOT_AVAILABLE'): Change => ({
  kind: status === 'PASSED' ? 'resolved' : 'gone',
  finding: finding(id, { status }),
});

const kept = (id: string): StoredFinding | undefined => hub.findings().get(finding(id).id);

const state = (id: string): unknown[] => {
  const { Compliance, RecordState, Workflow } = kept(id) as Record<string, { Status: string }>;
  return [Compliance?.Status, RecordState, Workflow?.Status];
};

const errorOf = async (delivery: Promise<void>): Promise<DeliveryError> => {
  const error: unknown = await delivery.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDeliveryError(error)) throw new Error(`expected a DeliveryError, got ${String(error)}`);
  return error;
};

describe('a finding in Security Hub', () => {
  test('opens, is mended and archived as passed, and comes back as new', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
    hub.setWorkflow(finding('a').id, 'NOTIFIED');

    await deliver([resolved('a', 'PASSED')]);
    expect(state('a')).toEqual(['PASSED', 'ARCHIVED', 'NOTIFIED']);

    await deliver([opened('a')]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
    expect(hub.ignoredUpdates()).toBe(0);
  });

  test('is not reported as passed when its resource is gone', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    await deliver([resolved('a', 'NOT_AVAILABLE')]);
    expect(state('a')).toEqual(['NOT_AVAILABLE', 'ARCHIVED', 'NEW']);
  });

  test('is archived and not reported as passed when it has expired', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    const text = 'Expired: what has run can no longer be mended.';
    const expired = finding('a', { status: 'NOT_AVAILABLE', remediation: { text } });
    await deliver([{ kind: 'expired', finding: expired }]);
    expect(state('a')).toEqual(['NOT_AVAILABLE', 'ARCHIVED', 'NEW']);
    expect(kept('a')?.Description).toEqual(expect.stringContaining(text));
  });

  test('is archived, keeps its workflow and is not reported as passed when no control judges it any more', async () => {
    const { deliver } = sink({ resolveWorkflow: true });
    await deliver([opened('a'), opened('b')]);
    const unjudged = {
      since: '2026-11-24T09:00:00Z',
      why: 'control-off',
      because: 'it is off: PLAT-1',
    } as const;
    const text = 'Not judged any more: it is off: PLAT-1.';
    await deliver([
      {
        kind: 'unjudged',
        finding: finding('a', { status: 'NOT_AVAILABLE', remediation: { text }, unjudged }),
      },
      { kind: 'resolved', finding: finding('b', { status: 'NOT_APPLICABLE' }) },
    ]);
    expect([state('a'), state('b')]).toEqual(Array(2).fill(['NOT_AVAILABLE', 'ARCHIVED', 'NEW']));
    expect(kept('a')?.Description).toEqual(expect.stringContaining(text));
    await deliver([opened('a')]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
  });

  test('keeps its last verdict while it cannot be judged', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    const unjudged = { since: '2026-11-24T09:00:00Z', why: 'unread', because: 'GetRole: denied' } as const;
    await deliver([{ kind: 'changed', finding: finding('a', { unjudged }) }]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
    expect(kept('a')?.Description).toEqual(expect.stringContaining('Not judged since 2026-11-24T09:00:00Z'));
  });

  test('is not sent when it was suppressed from the start', async () => {
    await sink().deliver([opened('a', { suppression: { reason: 'known', expires: '2026-12-31' } })]);
    expect(hub.requests()).toEqual([]);
  });

  test('is archived when it is suppressed later, and active again when the suppression has expired', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    const suppression = { reason: 'known', expires: '2026-12-31' };
    await deliver([{ kind: 'changed', finding: finding('a', { suppression }) }]);
    expect(state('a')).toEqual(['NOT_AVAILABLE', 'ARCHIVED', 'NEW']);
    await deliver([{ kind: 'changed', finding: finding('a') }]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
  });

  test('stays suppressed if the customer suppressed it in Security Hub', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    hub.setWorkflow(finding('a').id, 'SUPPRESSED');
    await deliver([resolved('a', 'PASSED')]);
    await deliver([opened('a')]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'SUPPRESSED']);
  });

  test('is sent unchanged when it is repeated, and keeps its creation time', async () => {
    const { deliver, takesRefreshed } = sink();
    await deliver([opened('a')]);
    const CreatedAt = kept('a')?.CreatedAt;
    clock += 30 * 86_400_000;
    await deliver([
      { kind: 'refreshed', finding: finding('a', { lastObservedAt: new Date(clock).toISOString() }) },
    ]);
    expect(takesRefreshed).toBe(true);
    expect(kept('a')).toMatchObject({ CreatedAt, UpdatedAt: new Date(clock).toISOString() });
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
  });

  test('is updated even while the clock stands still or goes back', async () => {
    const { deliver } = sink();
    await deliver([opened('a')]);
    clock -= 60_000;
    await deliver([{ kind: 'changed', finding: finding('a', { severity: 'LOW' }) }]);
    expect(kept('a')?.Severity).toEqual({ Label: 'LOW', Original: 'LOW' });
    expect(hub.ignoredUpdates()).toBe(0);
  });

  test('is never updated before it was observed', async () => {
    await sink().deliver([opened('a', { lastObservedAt: '2026-11-24T10:00:02.000Z' })]);
    expect(kept('a')?.UpdatedAt).toBe('2026-11-24T10:00:02.000Z');
  });

  test('is sent in its newest form if a delivery contains several', async () => {
    await sink().deliver([opened('a'), resolved('a', 'PASSED')]);
    expect(hub.requests().map(({ findings }) => findings)).toEqual([1]);
    expect(state('a')).toEqual(['PASSED', 'ARCHIVED', 'NEW']);
  });
});

describe('the workflow of a mended finding', () => {
  const resolving = (over: Parameters<typeof sink>[0] = {}) => sink({ resolveWorkflow: true, ...over });

  test('is resolved if the configuration asks for it, and new when the finding comes back', async () => {
    const { deliver } = resolving();
    await deliver([opened('a'), opened('b')]);
    hub.setWorkflow(finding('b').id, 'NOTIFIED');
    await deliver([resolved('a', 'PASSED'), resolved('b', 'PASSED')]);
    expect([state('a'), state('b')]).toEqual(Array(2).fill(['PASSED', 'ARCHIVED', 'RESOLVED']));
    await deliver([opened('a')]);
    expect(state('a')).toEqual(['FAILED', 'ACTIVE', 'NEW']);
  });

  test('is not changed if the customer suppressed or resolved the finding', async () => {
    const { deliver } = resolving();
    await deliver([opened('a'), opened('b')]);
    hub.setWorkflow(finding('a').id, 'SUPPRESSED');
    hub.setWorkflow(finding('b').id, 'RESOLVED');
    await deliver([resolved('a', 'PASSED'), resolved('b', 'PASSED')]);
    expect(state('a')).toEqual(['PASSED', 'ARCHIVED', 'SUPPRESSED']);
    expect(hub.requests().filter(({ path }) => path === '/findings/batchupdate')).toEqual([]);
  });

  test('is not changed if the finding was not mended: gone, expired or refused', async () => {
    const { deliver } = resolving();
    await deliver([opened('a'), opened('b'), opened('c')]);
    hub.failNext({ id: finding('c').id, times: 9 });
    const changes = [resolved('a', 'NOT_AVAILABLE'), resolved('c', 'PASSED')];
    expect((await errorOf(deliver(changes))).failures).toHaveLength(1);
    expect(hub.requests().filter(({ path }) => path !== '/findings/import')).toEqual([]);
  });

  test('is skipped for a finding that Security Hub does not have', async () => {
    const lost = {
      send: async (command: GetFindingsCommand) =>
        command instanceof GetFindingsCommand ? { Findings: [] } : client.send(command),
    } as unknown as SecurityHubClient;
    await resolving({ client: lost }).deliver([resolved('a', 'PASSED')]);
    expect(state('a')).toEqual(['PASSED', 'ARCHIVED', 'NEW']);
  });

  test('is a failure of that finding and is tried again if it cannot be set', async () => {
    const { deliver } = resolving();
    await deliver([opened('a'), opened('b')]);
    await deliver([resolved('a', 'PASSED')]);
    await deliver([opened('a')]);
    // The import succeeds, and so does the request for its own id; the update is refused.
    const refusing = {
      send: async (command: BatchImportFindingsCommand) => {
        if (command.constructor.name === 'BatchUpdateFindingsCommand') hub.failNext({ id: finding('a').id });
        return client.send(command);
      },
    } as unknown as SecurityHubClient;
    const both = [resolved('a', 'PASSED'), resolved('b', 'PASSED')];
    const error = await errorOf(resolving({ client: refusing }).deliver(both));
    expect(error.failures).toEqual([
      { id: finding('a').id, code: 'InternalError', message: 'Refused on request' },
    ]);
    expect([state('a')[2], state('b')[2]]).toEqual(['NEW', 'RESOLVED']);
    clock += 1000;
    await deliver([resolved('a', 'PASSED')]);
    expect(state('a')[2]).toBe('RESOLVED');
  });

  test('is a failure if it cannot be read', async () => {
    const { deliver } = resolving({ client: clientOf(hub.endpoint, 1) });
    await deliver([opened('a')]);
    const failing = {
      send: async (command: BatchImportFindingsCommand | GetFindingsCommand) => {
        if (command instanceof GetFindingsCommand) hub.breakNext(9);
        return clientOf(hub.endpoint, 1).send(command as BatchImportFindingsCommand);
      },
    } as unknown as SecurityHubClient;
    const error = await errorOf(resolving({ client: failing }).deliver([resolved('a', 'PASSED')]));
    expect(error.failures).toMatchObject([{ id: finding('a').id, code: 'InternalException' }]);
  });

  test('is requested in batches that Security Hub accepts', async () => {
    const { deliver } = resolving();
    const ids = Array.from({ length: 45 }, (_, index) => `p-${index}`);
    await deliver(ids.map((id) => opened(id)));
    await deliver(ids.map((id) => resolved(id, 'PASSED')));
    expect(ids.map((id) => state(id)[2])).toEqual(ids.map(() => 'RESOLVED'));
    const updates = hub.requests().filter(({ path }) => path === '/findings/batchupdate');
    expect(updates.map(({ findings }) => findings)).toEqual([20, 20, 5]);
  });
});

describe('many findings', () => {
  test('are sent in requests of 100', async () => {
    await sink().deliver(Array.from({ length: 250 }, (_, index) => opened(`p-${index}`)));
    expect(hub.requests().map(({ findings }) => findings)).toEqual([100, 100, 50]);
    expect(hub.findings().size).toBe(250);
  });

  test('are sent in requests of 6 MB', async () => {
    const long = '漢'.repeat(2000);
    const evidence = Array.from({ length: 15 }, () => ({ at: long, found: long, expected: long }));
    await sink().deliver(Array.from({ length: 90 }, (_, index) => opened(`p-${index}`, { evidence })));
    expect(hub.requests().length).toBeGreaterThan(1);
    expect(hub.requests().every(({ bytes, status }) => bytes <= 6_000_000 && status === 200)).toBe(true);
    expect(hub.findings().size).toBe(90);
  });

  test('need no request when there are none', async () => {
    await sink().deliver([]);
    expect(hub.requests()).toEqual([]);
  });
});

test('requests keep to Security Hub’s rate', async () => {
  hub.limitRate();
  hub.failNext({ times: 99 });
  const patient = sink({ client: clientOf(hub.endpoint, 1), now: () => new Date(), sleep: wait });
  const error = await errorOf(
    patient.deliver(Array.from({ length: 20 }, (_, index) => opened(`p-${index}`))),
  );
  expect(error.failures.every(({ code }) => code === 'InternalError')).toBe(true);
  expect(hub.requests()).toHaveLength(41);
});

describe('a finding that Security Hub refuses', () => {
  test('is sent again on its own, and then accepted', async () => {
    hub.failNext({ id: finding('b').id, times: 2 });
    await sink().deliver([opened('a'), opened('b'), opened('c')]);
    expect(hub.requests().map(({ findings }) => findings)).toEqual([3, 1, 1]);
    expect([...hub.findings().keys()]).toEqual(['a', 'c', 'b'].map((id) => finding(id).id));
    expect(slept).toEqual([500, 1000]);
  });

  test('alone is named with code and message if it stays refused', async () => {
    hub.failNext({ id: finding('b').id, times: 9, code: 'InternalError', message: 'Try later' });
    hub.failNext({ id: finding('d').id, times: 9, code: 'InternalError', message: 'Try later' });
    const error = await errorOf(sink().deliver([opened('a'), opened('b'), opened('c'), opened('d')]));
    expect(error.failures).toEqual([
      { id: finding('b').id, code: 'InternalError', message: 'Try later' },
      { id: finding('d').id, code: 'InternalError', message: 'Try later' },
    ]);
    expect(error.message).toBe(
      'Security Hub did not take 2 findings:\n' +
        `${finding('b').id}: InternalError: Try later\n${finding('d').id}: InternalError: Try later`,
    );
    expect(hub.findings().size).toBe(2);
    expect(hub.requests()).toHaveLength(5);
  });

  test('for its form is not sent again', async () => {
    const error = await errorOf(sink().deliver([opened('a'), opened('b', { firstObservedAt: 'yesterday' })]));
    expect(error.failures).toMatchObject([{ id: finding('b').id, code: 'InvalidInput' }]);
    expect(error.message).toContain('data.CreatedAt should match pattern');
    expect(hub.requests()).toHaveLength(1);
    expect(hub.findings().size).toBe(1);
  });

  test('because it is for another account is named', async () => {
    const error = await errorOf(
      sink({ scope: { ...scope, account: '444455556666' } }).deliver([opened('a'), opened('b')]),
    );
    expect(error.failures.map(({ code }) => code)).toEqual(['InvalidAccess', 'InvalidAccess']);
    expect(hub.requests()).toHaveLength(1);
  });

  test('because it is switched off is named', async () => {
    hub.disable();
    const error = await errorOf(sink().deliver([opened('a'), opened('b')]));
    expect(error.failures.map(({ id, code }) => [id, code])).toEqual([
      [finding('a').id, 'InvalidAccessException'],
      [finding('b').id, 'InvalidAccessException'],
    ]);
    hub.enable();
    await sink().deliver([opened('a'), opened('b')]);
    expect(hub.findings().size).toBe(2);
  });

  test('by throttling is retried by the client', async () => {
    hub.throttleNext(2);
    await sink().deliver([opened('a')]);
    expect(hub.requests().map(({ status }) => status)).toEqual([429, 429, 200]);
  });

  test('by throttling that does not end is named', async () => {
    hub.throttleNext(99);
    const error = await errorOf(sink({ client: clientOf(hub.endpoint, 1) }).deliver([opened('a')]));
    expect(error.failures).toEqual([
      { id: finding('a').id, code: 'TooManyRequestsException', message: 'Too Many Requests' },
    ]);
  });

  test('in one request stops no other request', async () => {
    hub.breakNext(1);
    const changes = Array.from({ length: 150 }, (_, index) => opened(`p-${index}`));
    const error = await errorOf(sink({ client: clientOf(hub.endpoint, 1) }).deliver(changes));
    expect(error.failures).toHaveLength(100);
    expect(error.failures[0]).toMatchObject({ code: 'InternalException' });
    expect(hub.findings().size).toBe(50);
  });

  test('is also told when nothing answers at all', async () => {
    const silent = clientOf('http://127.0.0.1:9', 1);
    const error = await errorOf(sink({ client: silent }).deliver([opened('a')]));
    expect(error.failures).toHaveLength(1);
    expect(error.failures[0]?.message).toMatch(/ECONNREFUSED/);
  });

  test('with its whole request does not keep out the other findings', async () => {
    const refusing = {
      send: async (command: BatchImportFindingsCommand) => {
        const sent = command.input.Findings ?? [];
        if (!sent.some(({ Id }) => Id === finding('b').id)) return client.send(command);
        throw Object.assign(new Error('Invalid parameter'), { name: 'InvalidInputException' });
      },
    } as unknown as SecurityHubClient;
    const error = await errorOf(sink({ client: refusing }).deliver([opened('a'), opened('b'), opened('c')]));
    expect(error.failures).toEqual([
      { id: finding('b').id, code: 'InvalidInputException', message: 'Invalid parameter' },
    ]);
    expect([...hub.findings().keys()]).toEqual([finding('a').id, finding('c').id]);
  });

  test('without being named is not taken for delivered', async () => {
    const vague = {
      send: async () => ({ FailedCount: 1, SuccessCount: 1, FailedFindings: [] }),
    } as unknown as SecurityHubClient;
    const error = await errorOf(sink({ client: vague }).deliver([opened('a'), opened('b')]));
    expect(error.failures.map(({ code }) => code)).toEqual(['Unaccounted', 'Unaccounted']);
  });
});

describe('the stand-in is as strict as Security Hub', () => {
  const send = (Findings: object[]) =>
    client.send(new BatchImportFindingsCommand({ Findings: Findings as never[] }));
  const imported = async (): Promise<Record<string, unknown>> => {
    await sink().deliver([opened('model')]);
    const { Region, ProcessedAt, Workflow, Severity, Types, ...sent }: Record<string, unknown> =
      kept('model') ?? {};
    return { ...sent, UpdatedAt: '2026-11-24T11:00:00.000Z' };
  };

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a missing member', { Title: undefined }, /required property 'Title'/],
    ['no severity', { FindingProviderFields: { Types: ['Effects'] } }, /required property 'Severity'/],
    ['an unknown member', { Colour: 'red' }, /additional properties: Colour/],
    [
      'an illegal type namespace',
      { FindingProviderFields: { Types: ['automated'] } },
      /Types\[0\] should match/,
    ],
    ['an unknown status', { Compliance: { Status: 'OK' } }, /equal to one of/],
    ['a long title', { Title: 'x'.repeat(257) }, /longer than 256/],
    ['a blank description', { Description: ' \n' }, /Description should match/],
    [
      'a day that does not exist',
      { UpdatedAt: '2026-02-31T00:00:00+25:00' },
      /UpdatedAt is not a point in time/,
    ],
    ['half of a surrogate pair', { Title: 'x\uD800' }, /surrogate/],
    ['no resource', { Resources: [] }, /fewer than 1/],
    [
      '33 resources',
      { Resources: Array.from({ length: 33 }, () => ({ Type: 'Other', Id: 'x' })) },
      /more than 32/,
    ],
    [
      'a number in Other',
      { Resources: [{ Type: 'Other', Id: 'x', Details: { Other: { a: 1 } } }] },
      /be string/,
    ],
    [
      'a value of 1,024 characters in Other',
      { Resources: [{ Type: 'Other', Id: 'x', Details: { Other: { a: 'x'.repeat(1024) } } }] },
      /longer than 1023/,
    ],
    ['a reserved product field', { ProductFields: { 'aws/securityhub/ProductName': 'x' } }, /match pattern/],
    [
      '240 KB',
      { Note: { Text: 'x'.repeat(240_000), UpdatedBy: 'x', UpdatedAt: '2026-11-24' } },
      /more than 240 KB/,
    ],
  ])('refuses %s', async (_, fault, message) => {
    // Sent as raw HTTP, because the client would leave out unknown members.
    const response = await fetch(`${hub.endpoint}/findings/import`, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=t/20261124/eu-west-1/securityhub/aws4_request' },
      body: JSON.stringify({ Findings: [{ ...(await imported()), ...fault }] }),
    });
    expect(await response.json()).toMatchObject({
      FailedCount: 1,
      SuccessCount: 0,
      FailedFindings: [{ ErrorCode: 'InvalidInput', ErrorMessage: expect.stringMatching(message) }],
    });
    expect(hub.findings().size).toBe(1);
  });

  test('refuses an empty list, 101 findings, and an invalid product', async () => {
    const one = await imported();
    const many = Array.from({ length: 101 }, () => one);
    const strange = { ...one, ProductArn: 'arn:aws:securityhub:::product/x/y' };
    for (const findings of [[], many, [strange]]) {
      await expect(send(findings)).rejects.toMatchObject({ name: 'InvalidInputException' });
    }
  });

  test('refuses more than 6 MB', async () => {
    const padding = {
      Note: { Text: 'x'.repeat(235_000), UpdatedBy: 'x', UpdatedAt: '2026-11-24T00:00:00Z' },
    };
    const findings = Array.from({ length: 27 }, (_, index) => ({ Id: String(index), ...padding }));
    await expect(send(findings)).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  test('refuses a request that is signed for another Region', async () => {
    const elsewhere = new SecurityHubClient({
      endpoint: hub.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await expect(elsewhere.send(new GetFindingsCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    elsewhere.destroy();
  });

  test('ignores an update that is not later, and fields that only the customer may change', async () => {
    const one = await imported();
    const customers = { Workflow: { Status: 'RESOLVED' }, UserDefinedFields: { a: 'b' } };
    await send([{ ...one, ...customers, Title: 'later' }]);
    await send([{ ...one, Title: 'the same time' }]);
    expect(kept('model')).toMatchObject({ Title: 'later', Workflow: { Status: 'NEW' } });
    expect(kept('model')).not.toHaveProperty('UserDefinedFields');
    expect(hub.ignoredUpdates()).toBe(1);
  });

  test('updates no workflow of unknown findings, and accepts no unknown status', async () => {
    const one = await imported();
    const identifier = { Id: String(one.Id), ProductArn: String(one.ProductArn) };
    const update = (identifiers: object[], input: object = { Workflow: { Status: 'RESOLVED' } }) =>
      client.send(new BatchUpdateFindingsCommand({ FindingIdentifiers: identifiers as never[], ...input }));
    const other = { ...identifier, Id: 'other' };
    expect(await update([identifier, other])).toMatchObject({
      ProcessedFindings: [identifier],
      UnprocessedFindings: [{ FindingIdentifier: other, ErrorCode: 'FindingNotFound' }],
    });
    expect(state('model')[2]).toBe('RESOLVED');
    const refused: [object[], object?][] = [
      [[]],
      [Array.from({ length: 101 }, (_, index) => ({ ...identifier, Id: String(index) }))],
      [[identifier, identifier]],
      [[{ Id: 'x' }]],
      [[identifier], { Workflow: { Status: 'CLOSED' } }],
      [[identifier], { Workflow: { Status: 'RESOLVED' }, Confidence: 1 }],
    ];
    for (const [identifiers, input] of refused) {
      await expect(update(identifiers, input)).rejects.toMatchObject({ name: 'InvalidInputException' });
    }
    const Id = Array.from({ length: 21 }, () => ({ Value: 'x', Comparison: 'EQUALS' as const }));
    await expect(client.send(new GetFindingsCommand({ Filters: { Id } }))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
  });

  test('finds by id', async () => {
    await sink().deliver([opened('a'), opened('b')]);
    const Filters = { Id: [{ Value: finding('b').id, Comparison: 'EQUALS' as const }] };
    const { Findings } = await client.send(new GetFindingsCommand({ Filters }));
    expect(Findings?.map(({ Id }) => Id)).toEqual([finding('b').id]);
    expect((await client.send(new GetFindingsCommand({}))).Findings).toHaveLength(2);
  });

  test('takes 30 requests in a burst and then 10 a second', async () => {
    hub.limitRate();
    const impatient = clientOf(hub.endpoint, 1);
    await Promise.allSettled(Array.from({ length: 60 }, () => impatient.send(new GetFindingsCommand({}))));
    const taken = hub.requests().filter(({ status }) => status === 200).length;
    expect(taken).toBeGreaterThanOrEqual(30);
    expect(taken).toBeLessThan(60);
    impatient.destroy();
  });
});
