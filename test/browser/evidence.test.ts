import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { DESCRIBED_CONTROLS } from '../../shared/controls/texts.ts';
import { NIST_800_53 } from '../../shared/frameworks/nist-800-53.ts';
import { packOf, watchedAll } from '../support/builders/evidence-pack.ts';
import { aChange, aLook, aVerdict, aWatch } from '../support/builders/history.ts';
import { chromiumPath } from '../support/jest/needed-tools.ts';
import { describeWith } from '../support/jest/tools.ts';
import { axeProblems, launchBrowser, type Opened, openFile } from '../support/pages/browser.ts';

const attack = `<img src=x onerror="document.title='hit'"></style></script>\u202egnp.${'x'.repeat(5000)}`;

const pages = async (): Promise<Record<string, string>> => {
  const making = { version: '0.1.0', controls: DESCRIBED_CONTROLS, framework: NIST_800_53 };
  const looks = Array.from({ length: 120 }, (_, index) =>
    aLook({
      at: `2026-11-26T0${index % 10}:00:00.000Z`,
      resource: {
        type: index % 2 === 0 ? 'execution' : 'role',
        arn: `arn:aws:iam::111122223333:role/a-role-with-a-long-name-${index}`,
      },
      verdicts: [
        aVerdict({
          id: `${index}`,
          status: (['FAILED', 'PASSED', 'NOT_AVAILABLE'] as const)[index % 3] ?? 'FAILED',
        }),
        aVerdict({ id: `s${index}`, suppression: { reason: 'replaced in January', expires: '2027-01-31' } }),
      ],
    }),
  );
  const holes = watchedAll().filter(({ at }) => at < '2026-11-22' || at > '2026-11-23T05');
  const changes = [
    aChange(),
    aChange({ change: 'resolved', ended: { how: 'mended', because: 'it passes' } }),
  ];
  const hostile = [
    aLook({
      resource: { type: 'job', arn: attack },
      verdicts: [
        aVerdict({
          id: attack,
          control: attack,
          subject: attack,
          evidence: [{ at: attack, found: attack, expected: attack }],
        }),
      ],
      notJudged: [{ control: attack, why: 'control-off', because: attack }],
      principal: attack,
    }),
    aChange({ finding: { ...aChange().finding, title: attack, control: attack, principal: attack } }),
    aWatch({ watched: 'sweep-incomplete', because: attack }),
  ];
  const of = async (records: Parameters<typeof packOf>[0]) =>
    String((await packOf(records, { making })).files.get('index.html'));
  return {
    'full.html': await of([...holes, ...looks, ...changes]),
    'none.html': await of([]),
    'hostile.html': await of(hostile),
  };
};

describeWith('chromium and pdftotext', 'the page of an evidence pack in a browser', () => {
  let browser: Browser;
  let folder: string;
  const opened: Opened[] = [];

  beforeAll(async () => {
    browser = await launchBrowser(chromiumPath() ?? '');
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-evidence-'));
    for (const [name, text] of Object.entries(await pages())) await writeFile(join(folder, name), text);
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  const open = async (name: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const each = await openFile(browser, folder, name, options);
    opened.push(each);
    return each.page;
  };

  test.each(['light', 'dark'] as const)(
    'is accessible in %s, with gaps and without records',
    async (colorScheme) => {
      for (const name of ['full.html', 'none.html'])
        expect(await axeProblems(await open(name, { colorScheme }))).toEqual([]);
    },
  );

  test('says first in which time nobody watched', async () => {
    const page = await open('full.html');
    const [notice, part] = [page.locator('.notice'), page.locator('main > section').first()];
    expect(await notice.textContent()).toMatch(/^In \d+ of 168 hours events may have been missed/);
    expect((await notice.boundingBox())?.y).toBeLessThan((await part.boundingBox())?.y ?? 0);
  });

  test('leads from its contents to each part', async () => {
    const page = await open('full.html');
    const links = await page
      .locator('nav a')
      .evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''));
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) expect(await page.locator(link).count()).toBe(1);
  });

  test('fits a narrow screen and a printed page, whatever the names are', async () => {
    for (const name of ['full.html', 'hostile.html'])
      for (const [width, media] of [
        [360, 'screen'],
        [1280, 'screen'],
        [720, 'print'],
      ] as const) {
        const page = await open(name, { viewport: { width, height: 800 } });
        await page.emulateMedia({ media });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
  });

  test('shows hostile names as text', async () => {
    const page = await open('hostile.html');
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toMatch(/^Evidence pack/);
    expect(await page.locator('main').textContent()).toContain(`<img src=x onerror="document.title='hit'">`);
  });

  test('prints with a number on each page, heads of tables on each of their pages, and lines to sign', async () => {
    const page = await open('full.html');
    const file = join(folder, 'pack.pdf');
    await page.pdf({ path: file, preferCSSPageSize: true });
    const sheets = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
      .split('\f')
      .slice(0, -1);
    expect(sheets.length).toBeGreaterThan(5);
    for (const [index, sheet] of sheets.entries())
      expect(sheet).toContain(`Page ${index + 1} of ${sheets.length}`);
    expect(sheets.filter((sheet) => /Resource +First seen +Last seen/.test(sheet)).length).toBeGreaterThan(2);
    for (const line of ['Prepared by', 'Reviewed by', 'Accepted by', 'Signature'])
      expect(sheets.at(-1)).toContain(line);
  });

  test('loads nothing and breaks no rule of its content policy', () => {
    expect(opened.length).toBeGreaterThan(0);
    for (const { requests, complaints } of opened)
      expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
  });
});
