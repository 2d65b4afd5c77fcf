import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { compareRuns } from '../../../../shared/findings/compare-runs.ts';
import { withSharedCauses } from '../../../../shared/outputs/formats/causes.ts';
import { coverageText, leftOpen } from '../../../../shared/outputs/formats/coverage.ts';
import { toCsv } from '../../../../shared/outputs/formats/csv.ts';
import { toDiffTable } from '../../../../shared/outputs/formats/diff.ts';
import { toJunit } from '../../../../shared/outputs/formats/junit.ts';
import { toMarkdown } from '../../../../shared/outputs/formats/markdown.ts';
import { labelsOf } from '../../../../shared/outputs/formats/resource-label.ts';
import type { Results } from '../../../../shared/outputs/formats/results.ts';
import { parseResults } from '../../../../shared/outputs/formats/results-schema.ts';
import { toTable } from '../../../../shared/outputs/formats/table.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { type MadeAccount, resultsOfAccounts } from '../../../support/builders/made-accounts.ts';

const [ONE, TWO, LAB] = ['111122223333', '444455556666', '777788889999'] as const;
const both = (isFaulty: boolean) => ['eu-west-1', 'us-east-1'].map((region) => ({ region, isFaulty }));

const ACCOUNTS: MadeAccount[] = [
  { account: ONE, regions: both(true), path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-prod1111/', name: 'ml-prod' },
  {
    account: TWO,
    regions: [
      { region: 'eu-west-1', isFaulty: true },
      { region: 'us-east-1', isClosed: true },
    ],
  },
  { account: LAB, regions: both(true), isUnreachable: true },
];

const pipeline = (account: string, region: string, name = 'fraud') => ({
  type: 'pipeline' as const,
  arn: `arn:aws:sagemaker:${region}:${account}:pipeline/${name}`,
});

describe('results of several accounts', () => {
  let results: Results;
  let earlier: Results;
  beforeAll(async () => {
    results = await resultsOfAccounts(ACCOUNTS);
    earlier = await resultsOfAccounts(
      ACCOUNTS.map((each) => ({ ...each, regions: both(true), isUnreachable: false })),
    );
  });

  test('tell of each account and Region whether it was judged, or why not, and are read again', () => {
    expect(results.scopes?.map(({ passed: _, ...scope }) => scope)).toEqual([
      {
        account: ONE,
        region: 'eu-west-1',
        name: 'ml-prod',
        path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-prod1111/',
        coverage: 'judged',
      },
      {
        account: ONE,
        region: 'us-east-1',
        name: 'ml-prod',
        path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-prod1111/',
        coverage: 'judged',
      },
      { account: TWO, region: 'eu-west-1', coverage: 'judged' },
      {
        account: TWO,
        region: 'us-east-1',
        coverage: 'not-judged',
        because: 'AssumeRole: AccessDenied: not allowed',
      },
      ...['eu-west-1', 'us-east-1'].map((region) => ({
        account: LAB,
        region,
        coverage: 'not-judged',
        because: 'AssumeRole: AccessDenied: not allowed',
      })),
    ]);
    const passed = results.scopes?.reduce((sum, scope) => sum + (scope.passed ?? 0), 0);
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(results.summary.passed);
    expect(parseResults(JSON.parse(JSON.stringify(results)))).toMatchObject({ ok: true });
  });

  test('say which account and Region a pipeline is in, and tell what is the same in several once', () => {
    const table = toTable(results, { width: 140, color: false });
    expect(table).toContain(`✗ FAILED  pipeline fraud (${ONE}, eu-west-1) › Train`);
    expect(table).toContain(`also in   ${TWO} eu-west-1, ${ONE} us-east-1: one cause, 3 findings`);
    expect(table).toContain(
      `2 of 3 accounts judged, in 2 Regions; not judged: ${TWO} us-east-1, ${LAB} (AssumeRole:`,
    );
    expect(table).toContain(`account ${LAB} › the whole account`);
    const markdown = toMarkdown(results);
    expect(markdown).toContain(`one cause, also in \`${TWO} eu-west-1, ${ONE} us-east-1\``);
    const junit = toJunit(results);
    expect(junit).toContain(`name="pipeline fraud (${ONE}, us-east-1) › Train"`);
  });

  test('tell the name and unit of the account in each row of a CSV', () => {
    const rows: Record<string, string>[] = parse(toCsv(results), { columns: true, record_delimiter: '\r\n' });
    const prefixes = rows.filter(({ control }) => control === 'pipeline-job-prefix');
    expect(prefixes.map(({ account, region, account_name: name }) => [account, region, name])).toEqual([
      [ONE, 'eu-west-1', 'ml-prod'],
      [TWO, 'eu-west-1', ''],
      [ONE, 'us-east-1', 'ml-prod'],
    ]);
    expect(new Set(prefixes.map((row) => row.organization_path))).toEqual(
      new Set(['o-a1b2c3d4e5/r-ab12/ou-ab12-prod1111/', '']),
    );
  });

  test('an account that is not judged any more takes a line of a comparison, and not one for each finding', () => {
    const table = toDiffTable(
      compareRuns(earlier, results),
      { before: earlier.generatedAt, after: results.generatedAt },
      { color: false },
    );
    const [, lost = ''] = /Not judged any more \(\d+\)\n((?: {2}.*\n)+)/.exec(table) ?? [];
    expect(lost.split('\n').filter((line) => line.includes(`in ${LAB}: account ${LAB}`))).not.toEqual([]);
    expect(lost.split('\n').length).toBeLessThan(8);
    expect(table).toContain(', 0 mended, ');
  });

  test('of one account name its Regions, and not the account in each line', async () => {
    const one = await resultsOfAccounts(ACCOUNTS.slice(0, 1));
    const table = toTable(one, { width: 140, color: false });
    expect(table).toContain('pipeline fraud (eu-west-1) › Train');
    expect(table).toContain('also in   us-east-1: one cause, 2 findings');
  });
});

describe('what is the same in several accounts', () => {
  const inAccount = (account: string, over = {}) =>
    aFinding({
      id: `pipewarden/step-isolation/${account}`,
      account,
      resource: pipeline(account, 'eu-west-1'),
      evidence: [
        { at: '/Steps/0', found: `arn:aws:iam::${account}:role/steps/all`, expected: 'its own role' },
      ],
      ...over,
    });

  test('has one cause, whatever the numbers of the accounts', () => {
    const [one, two, other] = withSharedCauses([
      inAccount(ONE),
      inAccount(TWO),
      inAccount(LAB, { subject: 'Train' }),
    ]);
    expect(one?.cause).toBeDefined();
    expect(two?.cause).toBe(one?.cause);
    expect(other).not.toHaveProperty('cause');
  });

  test('joins the causes that each account has for itself', () => {
    const found = withSharedCauses([
      inAccount(ONE, { cause: 'a' }),
      inAccount(ONE, { cause: 'a', subject: 'Train' }),
      inAccount(TWO, { cause: 'b' }),
      inAccount(TWO, { cause: 'b', subject: 'Test' }),
    ]);
    expect(new Set(found.map(({ cause }) => cause)).size).toBe(1);
  });

  test('leaves findings of one account, suppressed ones and other evidence as they are', () => {
    const suppression = { reason: 'known', expires: '2027-01-31' };
    const { account: _, ...alone } = inAccount(ONE);
    for (const findings of [
      [alone, { ...alone, id: 'other' }],
      [inAccount(ONE, { suppression }), inAccount(TWO, { suppression })],
      [inAccount(ONE), inAccount(TWO, { evidence: [] })],
    ])
      expect(withSharedCauses(findings)).toEqual(findings);
  });
});

describe('the labels of resources', () => {
  const bucket = { type: 'bucket' as const, arn: 'arn:aws:s3:::images' };

  test.each<[string, Parameters<typeof labelsOf>[0], string[]]>([
    ['of one account', [{ resource: pipeline(ONE, 'eu-west-1') }], ['fraud']],
    [
      'of one account in several Regions',
      [
        { account: ONE, resource: pipeline(ONE, 'eu-west-1') },
        { account: ONE, resource: bucket },
      ],
      ['fraud (eu-west-1)', 'images'],
    ],
    [
      'of several accounts',
      [
        { account: ONE, resource: pipeline(ONE, 'eu-west-1') },
        { account: TWO, resource: bucket },
        { account: TWO, resource: { type: 'account', arn: `arn:aws:iam::${TWO}:root` } },
        { account: ONE, resource: { type: 'configuration', arn: 'pipewarden.yaml' } },
      ],
      [`fraud (${ONE}, eu-west-1)`, `images (${TWO})`, TWO, 'pipewarden.yaml'],
    ],
  ])('%s name what matters', (_, findings, expected) => {
    expect(findings.map(labelsOf(findings).of)).toEqual(expected);
  });
});

describe('the coverage of a run', () => {
  test('is not told where an older version did not say it', () => {
    expect(coverageText([{ account: ONE, region: 'eu-west-1' }])).toBeUndefined();
    expect(coverageText(undefined)).toBeUndefined();
  });

  test('gathers the accounts that were not judged for one reason, also where it names the account', () => {
    const scopes = [ONE, TWO].map((account) => ({
      account,
      region: 'eu-west-1',
      coverage: 'not-judged' as const,
      because: `AssumeRole: AccessDenied: arn:aws:iam::${account}:role/PipewardenReader`,
    }));
    expect(leftOpen(scopes)).toEqual([
      {
        because: 'AssumeRole: AccessDenied: arn:aws:iam::${account}:role/PipewardenReader',
        isPart: false,
        accounts: [
          { account: ONE, regions: [] },
          { account: TWO, regions: [] },
        ],
      },
    ]);
  });
});
