import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { makeReport, type ReportDependencies } from '../../../../functions/report/make-report.ts';
import { DEFAULT_CONFIG, type FileConfig } from '../../../../shared/config/schema.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import type { ScopeCoverage } from '../../../../shared/facts/coverage.ts';
import { memoryStore } from '../../../../shared/findings/store.ts';
import type { Results } from '../../../../shared/outputs/formats/results.ts';
import { parseResults } from '../../../../shared/outputs/formats/results-schema.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { anObservation } from '../../../support/builders/observation.ts';

const HUB = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const [DEV, LAB] = ['444455556666', '777788889999'];
const NOW = '2026-11-24T08:00:00.000Z';
const PATH = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/';

const findingIn = (account: string): Finding => {
  const arn = `arn:aws:sagemaker:eu-west-1:${account}:pipeline/fraud`;
  return aFinding({
    id: `pipewarden/step-isolation/${account}`,
    severity: 'HIGH',
    resource: { type: 'pipeline', arn },
    evidence: [{ at: '/Steps/0', found: `arn:aws:iam::${account}:role/all`, expected: 'its own role' }],
  });
};

const covered = (account: string, over: Partial<ScopeCoverage> = {}): ScopeCoverage => ({
  account,
  region: 'eu-west-1',
  firstAt: '2026-11-01T00:00:00.000Z',
  triedAt: '2026-11-24T06:00:00.000Z',
  lastSweep: '2026-11-24T06:00:00.000Z',
  ...over,
});

/** What the report function writes over these findings, and the latest results that the next report compares with. */
const reportOver = async (
  accounts: readonly string[],
  coverage: ReportDependencies['coverage'],
  {
    config = DEFAULT_CONFIG,
    files = new Map<string, string>(),
  }: { config?: FileConfig; files?: Map<string, string> } = {},
) => {
  const store = memoryStore();
  for (const account of accounts) {
    const finding = findingIn(account);
    await store.observe(
      anObservation({
        resourceArn: finding.resource.arn,
        observedAt: NOW,
        findings: [finding],
        judged: { 'step-isolation': { is: 'mixed', passed: [] } },
        passed: 3,
      }),
    );
  }
  const { key } = await makeReport({
    store,
    config,
    scope: HUB,
    bucket: 'reports',
    list: async () => [],
    read: async (name) => files.get(name),
    write: async (name, text) => void files.set(name, text),
    channels: [{ name: 'SNS', publish: async () => {} }],
    logger: { info: () => {}, error: () => {} },
    metrics: new Metrics({ namespace: 'test' }),
    now: () => new Date(NOW),
    coverage,
  });
  const parsed = parseResults(JSON.parse(files.get('reports/latest.json') ?? ''));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return { results: parsed.results, page: files.get(key) ?? '', files };
};

describe('the report of a deployment', () => {
  beforeAll(() => {
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  });

  test('that watches its own account alone tells of one account', async () => {
    const { results, page } = await reportOver([HUB.account], async () => [covered(HUB.account)]);
    expect(results).toMatchObject({ account: HUB.account, region: 'eu-west-1' });
    expect(results).not.toHaveProperty('scopes');
    expect(results.findings[0]).not.toHaveProperty('account');
    expect(page).not.toContain('id="accounts"');
  });

  describe('that is a hub', () => {
    let results: Results;
    let page: string;
    beforeAll(async () => {
      const denied = { call: 'AssumeRole', code: 'AccessDenied', message: 'not allowed' };
      ({ results, page } = await reportOver([HUB.account, DEV], async () => [
        covered(HUB.account),
        covered(DEV, { path: PATH, lastSweep: '2026-11-20T00:00:00.000Z' }),
        covered(LAB, { unread: denied }),
      ]));
    });

    test('tells of each account whether it is judged, its place and how much passed', () => {
      expect(results.scopes).toMatchObject([
        { account: HUB.account, region: 'eu-west-1', coverage: 'judged', passed: 3 },
        { account: DEV, coverage: 'partly-judged', path: PATH, passed: 3 },
        { account: LAB, coverage: 'not-judged', because: expect.stringContaining('AssumeRole') },
      ]);
    });

    test('names the account of each finding, and tells what is the same in several accounts once', () => {
      const own = results.findings.filter(({ control }) => control === 'step-isolation');
      expect(own.map(({ account }) => account).toSorted()).toEqual([HUB.account, DEV]);
      expect(new Set(own.map(({ cause }) => cause)).size).toBe(1);
      expect(page).toContain('id="accounts"');
      expect(page.match(/data-m="[\d.n]+ [\d.n]+"/g)).toHaveLength(1);
    });

    test('says where a control is switched off for some accounts', async () => {
      const config: FileConfig = {
        version: 1,
        overrides: [
          {
            accounts: [DEV],
            controls: { 'step-isolation': { enabled: false, reason: 'PLAT-1 moves the roles in spring' } },
          },
        ],
      };
      const { results: told } = await reportOver(
        [HUB.account, DEV],
        async () => [covered(HUB.account), covered(DEV)],
        { config },
      );
      expect(told.controlsOff?.filter(({ control }) => control === 'step-isolation')).toMatchObject([
        { control: 'step-isolation', accounts: [DEV] },
      ]);
    });
  });

  test('is made all the same where the coverage cannot be read', async () => {
    const { results } = await reportOver([HUB.account, DEV], async () => {
      throw new Error('throttled');
    });
    expect(results.findings.filter(({ control }) => control === 'step-isolation')).toHaveLength(2);
    expect(results.scopes?.map(({ account }) => account)).toEqual([HUB.account, DEV]);
  });

  test('of a hub whose member is gone from the store does not tell its finding as mended', async () => {
    const both = async () => [covered(HUB.account), covered(DEV)];
    const { files } = await reportOver([HUB.account, DEV], both);
    const { page } = await reportOver([HUB.account], both, { files });
    expect(page).toContain('0 mended');
    expect(page).toContain('1 not judged any more');
  });
});
