import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Suppression } from '../../shared/config/schema.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../support/builders/events.ts';
import { FRAUD_CONFIG } from '../support/builders/fraud-config.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type SecurityHubStandIn, startSecurityHub } from '../support/standins/security-hub.ts';

const COPIES = 'copies';
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const narrow: Suppression = {
  control: 'step-isolation',
  resource: 'arn:aws:sagemaker:*:*:pipeline/fraud-*',
  reason: 'PLAT-4711',
  expires: inDays(100),
};
const wide: Suppression = { ...narrow, resource: 'arn:aws:sagemaker:*:*:pipeline/*' };

describeWith('moto', 'what the configuration of a deployment excepts', () => {
  let world: FunctionWorld;
  let securityHub: SecurityHubStandIn;
  let s3: S3Client;

  // Each test has a table and buckets of its own, so that it begins with a first deployment.
  beforeEach(async () => {
    world = await startFunctionWorld(FRAUD_CONFIG);
    securityHub = await startSecurityHub({ account: ACCOUNT, region: REGION });
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await s3.send(new CreateBucketCommand({ Bucket: COPIES, CreateBucketConfiguration }));
  });
  afterEach(async () => {
    s3.destroy();
    await securityHub.stop();
    await world.stop();
  });

  const sumOf = (config: object) => createHash('sha256').update(JSON.stringify(config)).digest('hex');
  const copyKey = (config: object) => `configurations/${sumOf(config)}.json`;

  /** A container of each function starts by the configuration that is deployed, and handles a message; returns the alerts. */
  const started = async (config: object) => {
    const more = { CONFIG_SHA256: sumOf(config), CONFIG_COPIES_BUCKET: COPIES };
    const auditor = world.start('audit', securityHub.endpoint, more);
    const deliverer = world.start('deliver', securityHub.endpoint, more);
    try {
      expect(await auditor.deliver(envelope(cloudTrail('ListPipelines', {})))).toEqual([]);
      expect(await world.deliverNews(deliverer)).toEqual({ batchItemFailures: [] });
    } finally {
      await Promise.all([auditor.stop(), deliverer.stop()]);
    }
    return (await world.alerts()).map(({ Subject, Message }) => ({ Subject, Message }));
  };
  const deployed = async (config: object) => {
    await world.configure(config);
    return started(config);
  };
  const open = () =>
    [...securityHub.findings().values()].flatMap(({ RecordState, GeneratorId, Severity, Description }) =>
      RecordState === 'ACTIVE'
        ? [`${GeneratorId} ${(Severity as { Label: string }).Label} ${String(Description)}`]
        : [],
    );

  test('is told when it comes or changes, once, and not at the first deployment', async () => {
    const first = { ...FRAUD_CONFIG, suppressions: [narrow] };
    expect(await deployed(first)).toEqual([]);
    expect(open()).toEqual([]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: COPIES, Key: copyKey(first) }));
    expect(await Body?.transformToString()).toBe(JSON.stringify(first));

    // The alert is told whatever the configuration says of alerts.
    const second = {
      ...first,
      suppressions: [{ ...narrow, expires: inDays(200) }],
      controls: { 'step-isolation': { severity: 'informational' } },
      roles: { ...FRAUD_CONFIG.roles, trusted: ['lambda.amazonaws.com'] },
      alerts: { minimumSeverity: 'critical' },
    };
    const [alert, ...others] = await deployed(second);
    expect(others).toEqual([]);
    for (const told of [
      'exceptions-scoped',
      `suppressions[0]`,
      inDays(200),
      'controls.step-isolation.severity',
      'roles.trusted[0]',
      'alerts.minimumSeverity',
    ])
      expect(JSON.stringify(alert)).toContain(told);
    expect(open()).toHaveLength(1);

    expect(await started(second)).toEqual([]);
    // Fewer exceptions are no finding.
    expect(await deployed({ ...FRAUD_CONFIG, alerts: second.alerts })).toEqual([]);
  });

  test('is told where less is judged or watched than before, and not where more is authorised', async () => {
    const first = {
      ...FRAUD_CONFIG,
      organization: { regions: [REGION, 'us-east-1'] },
      versionFloors: [{ pipeline: 'fraud-*', minimum: 6 }],
      scpException: { tagKey: 'a', tagValue: 'b' },
    };
    expect(await deployed(first)).toEqual([]);
    const authorised = { ...first, prefixes: [...FRAUD_CONFIG.prefixes, { prefix: 'vision' }] };
    expect(await deployed(authorised)).toEqual([]);

    const less = {
      ...authorised,
      organization: { regions: [REGION] },
      versionFloors: [{ pipeline: 'fraud-*', minimum: 5 }],
      prefixes: [],
      scpException: null,
    };
    const [alert, ...others] = await deployed(less);
    expect(others).toEqual([]);
    for (const told of [
      'organization.regions',
      'earlier versions may run',
      'the list is empty (controls that need it do not judge any more)',
      'null says that there is none',
    ])
      expect(JSON.stringify(alert)).toContain(told);
    // More is judged again, and that is no finding.
    expect(await deployed(first)).toEqual([]);
  });

  test('is told where it covers more than a team, and is mended when it does not', async () => {
    const alerts = await deployed({ ...FRAUD_CONFIG, suppressions: [wide] });
    expect(alerts).toHaveLength(1);
    expect(JSON.stringify(alerts)).toContain('covers every pipeline');
    const mended = await deployed({ ...FRAUD_CONFIG });
    expect(mended).toHaveLength(1);
    expect(JSON.stringify(mended)).toContain('RESOLVED');
    expect(open()).toEqual([]);
  });

  test('is all told where nobody can tell what was excepted before', async () => {
    const first = { ...FRAUD_CONFIG, suppressions: [narrow] };
    expect(await deployed(first)).toEqual([]);
    await s3.send(new DeleteObjectCommand({ Bucket: COPIES, Key: copyKey(first) }));
    const alerts = await deployed({ ...first, finished: { expireDays: 3 } });
    expect(alerts).toHaveLength(1);
    for (const told of ['it is not known what passed before', 'suppressions[0]'])
      expect(JSON.stringify(alerts)).toContain(told);
  });

  test('does not change with the deployed object, and who replaces the copy is told', async () => {
    expect(await deployed(FRAUD_CONFIG)).toEqual([]);
    await world.configure({ ...FRAUD_CONFIG, suppressions: [wide] });
    expect(await started(FRAUD_CONFIG)).toEqual([]);

    const Key = copyKey(FRAUD_CONFIG);
    await s3.send(new PutObjectCommand({ Bucket: COPIES, Key, Body: JSON.stringify({ version: 1 }) }));
    await world.configure(FRAUD_CONFIG);
    const alerts = await started(FRAUD_CONFIG);
    expect(alerts).toHaveLength(1);
    expect(JSON.stringify(alerts)).toContain('somebody has replaced it');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: COPIES, Key }));
    expect(await Body?.transformToString()).toBe(JSON.stringify(FRAUD_CONFIG));
    expect(await started(FRAUD_CONFIG)).toEqual([]);
  });
});
