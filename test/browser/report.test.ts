import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { parseDefinition } from '../../shared/definition/parse.ts';
import type { Results } from '../../shared/outputs/formats/results.ts';
import { toHtml } from '../../shared/outputs/report/report.tsx';
import { findingAnchor } from '../../shared/outputs/report/report-findings.ts';
import { aFinding } from '../support/builders/finding.ts';
import { manyAccounts } from '../support/builders/many-accounts.ts';
import { manyFindings } from '../support/builders/many-findings.ts';
import { chromiumPath } from '../support/jest/needed-tools.ts';
import { describeWith } from '../support/jest/tools.ts';
import { axeProblems, launchBrowser, type Opened, openFile } from '../support/pages/browser.ts';
import { pageOf, resultsOf } from '../support/pages/report-page.ts';

const patch = 'aws iam put-role-policy --role-name a\n  --policy-document \'{"a":"<b>"}\'';
const few = [
  aFinding({ id: '1', severity: 'CRITICAL', control: 'pass-role-scoped', title: 'Roles are scoped' }),
  aFinding({ id: '2', remediation: { text: 'Run it.', patch } }),
  aFinding({
    id: '3',
    severity: 'LOW',
    subject: '=HYPERLINK("https://evil.example")',
    resource: { type: 'pipeline', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/vision' },
  }),
  aFinding({ id: '4', status: 'NOT_AVAILABLE', control: 'json-get-access', title: 'JsonGet can read' }),
  aFinding({ id: '5', suppression: { reason: 'replaced in January', expires: '2027-01-31' } }),
];

const definition = {
  Version: '2020-12-01',
  Steps: [
    {
      Name: 'Prepare',
      Type: 'Processing',
      Arguments: { RoleArn: 'arn:aws:iam::111122223333:role/steps/prepare' },
    },
    {
      Name: 'Good?',
      Type: 'Condition',
      DependsOn: ['Prepare'],
      Arguments: {
        Conditions: [],
        IfSteps: [{ Name: 'Train', Type: 'Training', Arguments: {} }],
        ElseSteps: [],
      },
    },
  ],
};
const parsed = parseDefinition(JSON.stringify(definition));
const pipelines = new Map(
  parsed.ok
    ? [
        [
          'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud',
          { name: 'fraud', roleArn: 'arn:aws:iam::111122223333:role/fraud', definition: parsed.definition },
        ],
      ]
    : [],
);
const sources = { pipelines, policies: new Map() };

describeWith('chromium', 'the report in a browser', () => {
  let browser: Browser;
  let folder: string;
  const opened: Opened[] = [];

  beforeAll(async () => {
    browser = await launchBrowser(chromiumPath() ?? '');
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-report-'));
    await writeFile(join(folder, 'few.html'), pageOf(few, { others: [earlier], sources }));
    await writeFile(join(folder, 'many.html'), pageOf(manyFindings(1000)));
    await writeFile(join(folder, 'paged.html'), pageOf(manyFindings(90)));
    await writeFile(join(folder, 'accounts.html'), pageOfAccounts(manyAccounts(6, { isAlike: true })));
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const earlier = resultsOf(
    few.filter(({ id }) => id !== '2'),
    { generatedAt: '2026-11-20T03:44:05.123Z' },
  );

  const open = async (name: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const each = await openFile(browser, folder, name, options);
    opened.push(each);
    return each.page;
  };

  const shownFindings = (page: Page): Promise<string[]> =>
    page.locator('article > details:visible > summary').allInnerTexts();

  const count = async (page: Page): Promise<string> => (await page.locator('#shown').textContent()) ?? '';

  test('filters by severity, control, pipeline and what is new, and keeps the filter in the link', async () => {
    const page = await open('few.html');
    expect(await count(page)).toBe('5 of 5 findings');
    await page.getByRole('checkbox', { name: 'Low' }).check();
    await expect(until(() => count(page), '1 of 5 findings')).resolves.toBe(true);
    expect(await shownFindings(page)).toEqual([
      'Failed pipeline vision › =HYPERLINK("https://evil.example")',
    ]);
    expect(page.url()).toMatch(/#\?severity=LOW$/);
    await page.getByRole('button', { name: 'Show all' }).click();
    await until(() => count(page), '5 of 5 findings');
    await page.locator('#pipeline').selectOption('vision');
    await expect(until(() => count(page), '1 of 5 findings')).resolves.toBe(true);
    await page.locator('#pipeline').selectOption('');
    await page.locator('#control').selectOption('json-get-access');
    await expect(
      until(async () => (await shownFindings(page)).join(), 'Not available Medium pipeline fraud'),
    ).resolves.toBe(true);
    await page.locator('#control').selectOption('');
    await page.getByLabel('Only new').check();
    await expect(
      until(async () => (await shownFindings(page)).join(), /^Failed pipeline fraud ?new$/),
    ).resolves.toBe(true);
  });

  test('opens with the filter from a link', async () => {
    const page = await open('few.html#?severity=CRITICAL&severity=LOW');
    expect(await count(page)).toBe('2 of 5 findings');
    expect(await page.getByRole('checkbox', { name: 'Critical' }).isChecked()).toBe(true);
  });

  test('searches all findings, also compressed ones', async () => {
    const page = await open('many.html');
    await page.getByLabel('Search').fill('step-987 DATA-27/features/987/');
    await expect(until(() => count(page), '1 of 1000 findings')).resolves.toBe(true);
    expect(await shownFindings(page)).toEqual(['pipeline team-27-pipeline-77 › Step-987']);
  });

  test('shows a control’s findings in pages', async () => {
    const page = await open('many.html');
    const article = page.locator('article').first();
    const lines = article.locator('> details:visible');
    expect(await lines.count()).toBe(20);
    await article.getByRole('button', { name: /^Show 100 more of 250$/ }).click();
    expect(await lines.count()).toBe(120);
  });

  test('shows the finding of a link, whatever the page and the filters', async () => {
    const id = 'pipewarden/step-isolation/996';
    const page = await open(`many.html#${findingAnchor(id)}`);
    const details = page.locator(`#${findingAnchor(id)}`);
    await details.getByText('team-36-step-996 writes').waitFor();
    expect(await details.isVisible()).toBe(true);
    await expect(until(() => details.evaluate(isInView), true)).resolves.toBe(true);
  });

  test('copies a remedy unchanged', async () => {
    const page = await open('few.html', { permissions: ['clipboard-read', 'clipboard-write'] });
    const finding = page.locator(`#${findingAnchor('2')}`);
    await finding.getByRole('button', { name: 'Copy' }).click();
    await finding.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(patch);
  });

  test('saves the shown findings as CSV, in which no spreadsheet runs a formula', async () => {
    const page = await open('few.html#?severity=LOW');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    const [heads, ...rows] = parse(text, { bom: true }) as string[][];
    expect(heads?.slice(0, 3)).toEqual(['severity', 'status', 'control']);
    expect(rows).toEqual([
      [
        'LOW',
        'Failed',
        'step-isolation',
        'Steps cannot change each other’s data',
        '111122223333',
        'vision',
        'vision › =HYPERLINK("https://evil.example")',
        'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/vision',
        'a shared role',
        'its own role',
        'Give each step a role.',
        '',
        '3',
      ],
    ]);
  });

  test('no page of a control’s findings parts findings of one cause', async () => {
    const ofCause = manyFindings(40).map((finding, index) => ({
      ...finding,
      control: 'step-isolation',
      severity: 'HIGH' as const,
      status: 'FAILED' as const,
      ...(index >= 15 && index < 32 && { cause: 'one policy' }),
    }));
    await writeFile(join(folder, 'causes.html'), pageOf(ofCause));
    const page = await open('causes.html');
    const article = page.locator('article').first();
    const shown = await article.locator('> details:visible').count();
    const hidden = article.locator('> details:not(:visible)');
    const following = article.locator('> details[data-c]');
    expect(await following.count()).toBe(16);
    expect(shown).toBeGreaterThanOrEqual(20);
    expect(await hidden.count()).toBe(40 - shown);
    const first = hidden.first();
    expect(await first.getAttribute('data-c')).toBeNull();
  });

  test('on a narrow screen each value of the evidence has the whole width, below its name', async () => {
    const page = await open('few.html', { viewport: { width: 400, height: 800 } });
    const cells = page.locator('article > details[open] .evidence td');
    const [first] = await cells.all();
    const width = (await first?.boundingBox())?.width ?? 0;
    expect(width).toBeGreaterThan(250);
    const label =
      "getComputedStyle(document.querySelector('article > details[open] .evidence td'), '::before').content";
    expect(await page.evaluate(label)).toBe('"Where"');
  });

  test('prints every picture', async () => {
    const page = await open('few.html');
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = false");
    expect(await page.locator('svg.graph:visible').count()).toBe(0);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('svg.graph:visible').count()).toBe(await page.locator('svg.graph').count());
  });

  test.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    for (const name of ['few.html', 'paged.html']) {
      const page = await open(name, { colorScheme });
      await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
      expect(await axeProblems(page)).toEqual([]);
    }
  });

  test('leads from a step in the pipeline’s picture to its finding', async () => {
    const page = await open('few.html');
    await page.locator('svg.graph a').filter({ hasText: 'step-isolation' }).first().click();
    await expect(until(async () => new URL(page.url()).hash, `#${findingAnchor('2')}`)).resolves.toBe(true);
    expect(await page.locator(`#${findingAnchor('2')}`).isVisible()).toBe(true);
  });

  test('is complete without scripts', async () => {
    const page = await open('few.html', { javaScriptEnabled: false });
    expect(await page.getByRole('search').isVisible()).toBe(false);
    expect(await page.locator('article > details:visible').count()).toBe(5);
    const finding = page.locator(`#${findingAnchor('2')}`);
    expect(await finding.locator('pre.patch').textContent()).toBe(patch);
    const packed = await open('many.html', { javaScriptEnabled: false });
    expect(await packed.locator('article > details:visible').count()).toBe(1000);
  });

  test('prints every finding with its details', async () => {
    const page = await open('paged.html');
    const details = page.locator('article > details > div:visible');
    expect(await details.count()).toBe(0);
    await page.emulateMedia({ media: 'print' });
    expect(await details.count()).toBe(90);
    expect(await page.getByRole('search').isVisible()).toBe(false);
  });

  test('fits a narrow screen and a printed page, whatever the names are', async () => {
    const severities = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
    const name = 'x'.repeat(10_000);
    const findings = severities.map((severity) =>
      aFinding({
        id: severity,
        severity,
        subject: name,
        resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}` },
        remediation: { text: name, patch: name },
      }),
    );
    await writeFile(join(folder, 'wide.html'), pageOf(findings, { others: [earlier] }));
    for (const file of ['few.html', 'wide.html'])
      for (const [width, media] of [
        [360, 'screen'],
        [720, 'print'],
      ] as const) {
        const page = await open(file, { viewport: { width, height: 800 } });
        await page.emulateMedia({ media });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        const heads = await page.locator('th[scope=row]').all();
        for (const head of heads) expect((await head.boundingBox())?.height ?? 0).toBeLessThan(500);
      }
  });

  test('shows hostile names as text', async () => {
    const attack = `<img src=x onerror="document.title='hit'"></script></style>\u202egnp.\u0000${'x'.repeat(10_000)}`;
    const hostile = aFinding({
      id: attack,
      control: attack,
      title: attack,
      subject: attack,
      resource: { type: 'job', arn: attack },
      evidence: [{ at: attack, found: attack, expected: attack }],
      remediation: { text: attack, patch: attack },
      principal: attack,
    });
    await writeFile(join(folder, 'hostile.html'), pageOf([hostile, { ...hostile, id: 'other' }]));
    for (const javaScriptEnabled of [true, false]) {
      const page = await open('hostile.html', { javaScriptEnabled });
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.title()).toMatch(/^Pipewarden report/);
      const line = await page.locator('article > details > summary').first().textContent();
      expect(line).toContain(
        `<img src=x onerror="document.title='hit'"></script></style>\\u202egnp.\\u0000xxx`,
      );
    }
  });

  test('filters by account and unit, from the table of accounts and with the keyboard, without loading anything', async () => {
    const page = await open('accounts.html');
    expect(await count(page)).toBe('120 of 120 findings');
    await page.locator('.accounts a').filter({ hasText: 'ou-ab12-unit0002' }).first().focus();
    await page.keyboard.press('Enter');
    await expect(until(() => count(page), '20 of 120 findings')).resolves.toBe(true);
    expect(await page.locator('#unit').inputValue()).toBe('ou-ab12-unit0002');
    expect(page.url()).toMatch(/#\?unit=ou-ab12-unit0002$/);
    await page.locator('#unit').selectOption('');
    await page.locator('#account').selectOption('100000007920');
    await page.getByRole('checkbox', { name: 'Low' }).check();
    await expect(until(() => count(page), '5 of 120 findings')).resolves.toBe(true);
    expect(page.url()).toMatch(/#\?severity=LOW&account=100000007920$/);
  });

  test('shows the one line of a cause for a link to any of its findings, and saves each of them as CSV', async () => {
    const id = 'pipewarden/job-prefix-length/3-100000007920';
    const page = await open(`accounts.html#${findingAnchor(id)}`);
    const members = page.locator('article > details[open] .members').first();
    await members.waitFor();
    expect(await members.locator('tbody tr').count()).toBe(6);
    await page.goto(`${page.url().split('#')[0]}#?account=100000007920&severity=LOW`);
    await expect(until(() => count(page), '5 of 120 findings')).resolves.toBe(true);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    const rows = parse(await readFile(await (await download).path(), 'utf8'), {
      bom: true,
      columns: true,
    }) as Record<string, string>[];
    expect(rows).toHaveLength(5);
    for (const row of rows) {
      expect(row).toMatchObject({ account: '100000007920', unit: 'ou-ab12-unit0001' });
      expect(row.resource).toContain(':100000007920:');
    }
  });

  test('is accessible, fits a narrow screen and prints its accounts', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open('accounts.html', { colorScheme });
      await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
      expect(await axeProblems(page)).toEqual([]);
    }
    const narrow = await open('accounts.html', { viewport: { width: 360, height: 800 } });
    expect(await narrow.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const printed = await open('accounts.html');
    await printed.emulateMedia({ media: 'print' });
    expect(await printed.locator('.unit table:visible').count()).toBe(6);
  });

  test('of 500 accounts with 20 findings each stays under 15 MB, and is filtered all the same', async () => {
    const text = pageOfAccounts(manyAccounts(500));
    expect(Buffer.byteLength(text)).toBeLessThan(15_000_000);
    await writeFile(join(folder, 'organization.html'), text);
    const page = await open('organization.html#?account=100000007920');
    await expect(until(() => count(page), '20 of 10000 findings')).resolves.toBe(true);
    expect((await shownFindings(page)).length).toBe(20);
  });

  test('makes no network requests and logs no errors', () => {
    expect(opened.length).toBeGreaterThan(10);
    expect(opened.flatMap(({ requests, complaints }) => [...requests, ...complaints])).toEqual([]);
  });
});

const pageOfAccounts = (results: Results): string => toHtml(results, { controls: () => undefined });

const isInView = (element: { getBoundingClientRect(): { top: number; bottom: number } }): boolean => {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < 720;
};

const PATIENCE_MS = 300_000;

/** Whether a value becomes as wanted within a moment, which a script may take. */
const until = async <T>(read: () => Promise<T>, wanted: T | RegExp): Promise<boolean> => {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await read();
    if (wanted instanceof RegExp ? wanted.test(String(value)) : value === wanted) return true;
    if (performance.now() > end) throw new Error(`${String(value)} instead of ${String(wanted)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
