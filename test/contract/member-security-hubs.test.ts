import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memberSecurityHubs } from '../../shared/aws/tell/member-security-hubs.ts';
import { securityHubSink } from '../../shared/aws/tell/security-hub-sink.ts';
import type { Resource } from '../../shared/domain/resource.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { isDeliveryError, type Sink } from '../../shared/findings/sink.ts';
import type { Change } from '../../shared/findings/state.ts';
import { aFinding } from '../support/builders/finding.ts';
import { type SecurityHubStandIn, startSecurityHub } from '../support/standins/security-hub.ts';

const [HUB, ONE, OTHER] = ['111122223333', '444455556666', '777788889999'] as const;
const own: Scope = { account: HUB, region: 'eu-west-1', partition: 'aws' };
const PLACES = [
  [HUB, 'eu-west-1'],
  [ONE, 'eu-west-1'],
  [ONE, 'us-east-1'],
  [OTHER, 'eu-west-1'],
] as const;

let hubs: Map<string, SecurityHubStandIn>;
let sink: Sink;
/** Where findings stay active, by place. */
let left: Map<string, string[]>;
const placeKey = (account: string, region: string) => `${account} ${region}`;

beforeEach(async () => {
  hubs = new Map(
    await Promise.all(
      PLACES.map(
        async ([account, region]) =>
          [placeKey(account, region), await startSecurityHub({ account, region })] as const,
      ),
    ),
  );
  left = new Map();
  const connect = (scope: Scope) =>
    securityHubSink({
      client: new SecurityHubClient({
        endpoint: hubs.get(placeKey(scope.account, scope.region))?.endpoint ?? 'http://127.0.0.1:1',
        region: scope.region,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 1,
      }),
      scope,
      controlText: () => undefined,
      productVersion: '0.1.0',
      now: () => new Date('2026-11-24T10:00:00Z'),
      sleep: async () => {},
    });
  sink = memberSecurityHubs(own, connect, async ({ account, region }, findings) => {
    left.set(
      placeKey(account, region),
      findings.map(({ id }) => id),
    );
  });
});
afterEach(() => Promise.all([...hubs.values()].map((hub) => hub.stop())));

const opened = (id: string, resource: Resource, account?: string): Change => ({
  kind: 'opened',
  finding: aFinding({ id, resource, ...(account !== undefined && { account }) }),
});
const pipelineOf = (account: string, region: string): Resource => ({
  type: 'pipeline',
  arn: `arn:aws:sagemaker:${region}:${account}:pipeline/fraud`,
});
const roleOf = (account: string): Resource => ({ type: 'role', arn: `arn:aws:iam::${account}:role/fraud` });
const BUCKET: Resource = { type: 'bucket', arn: 'arn:aws:s3:::images' };

/** The ids of the findings in each Security Hub, with what they say of their account. */
const arrived = () =>
  Object.fromEntries(
    [...hubs].flatMap(([key, hub]) => {
      const findings = [...hub.findings().values()];
      return findings.length === 0 ? [] : [[key, findings.map(({ Id, AwsAccountId }) => [Id, AwsAccountId])]];
    }),
  );

const CHANGES = [
  opened('hub-pipeline', pipelineOf(HUB, 'us-east-1')),
  opened('hub-bucket', BUCKET),
  opened('one-pipeline', pipelineOf(ONE, 'us-east-1')),
  opened('one-role', roleOf(ONE)),
  opened('one-bucket', BUCKET, ONE),
  opened('one-of-another', pipelineOf(OTHER, 'eu-west-1'), ONE),
  opened('other-pipeline', pipelineOf(OTHER, 'eu-west-1')),
];

describe('findings of several accounts', () => {
  test('arrive in the Security Hub of their own account and Region', async () => {
    await sink.deliver(CHANGES);
    expect(arrived()).toEqual({
      [`${HUB} eu-west-1`]: [
        ['hub-pipeline', HUB],
        ['hub-bucket', HUB],
      ],
      [`${ONE} us-east-1`]: [['one-pipeline', ONE]],
      [`${ONE} eu-west-1`]: [
        ['one-role', ONE],
        ['one-bucket', ONE],
        ['one-of-another', ONE],
      ],
      [`${OTHER} eu-west-1`]: [['other-pipeline', OTHER]],
    });
  });

  test('arrive where one account refuses its own, which alone are to be sent again', async () => {
    hubs.get(`${ONE} eu-west-1`)?.disable();
    const error: unknown = await sink.deliver(CHANGES).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!isDeliveryError(error)) throw new Error('nothing was refused');
    expect(error.failures.map(({ id }) => id)).toEqual(['one-role', 'one-bucket', 'one-of-another']);
    expect(Object.keys(arrived())).toEqual([`${HUB} eu-west-1`, `${ONE} us-east-1`, `${OTHER} eu-west-1`]);
    hubs.get(`${ONE} eu-west-1`)?.enable();
    await sink.deliver(CHANGES.filter(({ finding }) => error.failures.some(({ id }) => id === finding.id)));
    expect(arrived()[`${ONE} eu-west-1`]).toHaveLength(3);
  });

  test('stay as they are in an account that has left and refuses the hub, which is told, and do not come again', async () => {
    await sink.deliver(CHANGES);
    hubs.get(`${ONE} eu-west-1`)?.disable();
    const unjudged = { since: '2026-11-24T10:00:00Z', why: 'account-unwatched', because: 'it left' } as const;
    const ended = CHANGES.map(
      ({ finding }): Change => ({ kind: 'unjudged', finding: { ...finding, unjudged } }),
    );
    await sink.deliver(ended);
    expect(Object.fromEntries(left)).toEqual({
      [`${ONE} eu-west-1`]: ['one-role', 'one-bucket', 'one-of-another'],
    });
    const archived = [...hubs].map(([key, hub]) => [
      key,
      [...hub.findings().values()].every(({ RecordState }) => RecordState === 'ARCHIVED'),
    ]);
    expect(Object.fromEntries(archived)).toEqual({
      [`${HUB} eu-west-1`]: true,
      [`${ONE} us-east-1`]: true,
      [`${ONE} eu-west-1`]: false,
      [`${OTHER} eu-west-1`]: true,
    });
  });

  test('come again where an account that has left only fails to answer', async () => {
    hubs.get(`${ONE} us-east-1`)?.failNext({ code: 'InternalError', times: 10 });
    const unjudged = { since: '2026-11-24T10:00:00Z', why: 'account-closed', because: 'it left' } as const;
    const ended = CHANGES.map(
      ({ finding }): Change => ({ kind: 'unjudged', finding: { ...finding, unjudged } }),
    );
    await expect(sink.deliver(ended)).rejects.toThrow('one-pipeline');
    expect(left.size).toBe(0);
  });
});
