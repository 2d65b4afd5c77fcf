import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../../../shared/config/parse-config.ts';
import type { Results } from '../../../../shared/outputs/formats/results.ts';
import { toHtml } from '../../../../shared/outputs/report/report.tsx';
import { findingAnchor } from '../../../../shared/outputs/report/report-findings.ts';
import { historyOf } from '../../../../shared/outputs/report/run-history.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { type MadeAccount, resultsOfAccounts } from '../../../support/builders/made-accounts.ts';
import { manyAccounts } from '../../../support/builders/many-accounts.ts';
import { resultsOf } from '../../../support/pages/report-page.ts';

const PROD = { account: '111122223333', name: 'ml-prod', path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-prod1111/' };
const DEV = { account: '444455556666', name: 'ml-dev', path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-dev11111/' };
const LAB = { account: '777788889999', name: 'ml-lab', path: 'o-a1b2c3d4e5/r-ab12/ou-ab12-dev11111/' };
const faulty = (isFaulty = true) => ['eu-west-1', 'us-east-1'].map((region) => ({ region, isFaulty }));

const BEFORE: MadeAccount[] = [
  { ...PROD, regions: faulty() },
  { ...DEV, regions: faulty() },
  { ...LAB, regions: faulty() },
];
const AFTER: MadeAccount[] = [
  { ...PROD, regions: faulty(false) },
  { ...DEV, regions: faulty() },
  { ...LAB, regions: faulty(), isUnreachable: true },
];

const pageOf = (results: Results, others: readonly Results[] = [], text = ''): string =>
  toHtml(results, {
    controls: () => undefined,
    others,
    ...(text !== '' && { config: parseConfig(text, 'pipewarden.yaml', []) }),
  });

const textOf = (html: string): string =>
  html
    .replace(/<(style|script)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of several accounts', () => {
  let before: Results;
  let after: Results;
  let page: string;
  beforeAll(async () => {
    before = await resultsOfAccounts(BEFORE, { generatedAt: '2026-11-20T00:00:00.000Z' });
    after = await resultsOfAccounts(AFTER);
    page = pageOf(after, [before]);
  });

  test('begins with how many accounts were judged and what is gravest in how many of them', () => {
    expect(textOf(page)).toMatch(
      /3 accounts, eu-west-1, us-east-1,|Account 111122223333, Account 444455556666, Account 777788889999/,
    );
    expect(textOf(page)).toContain('2 of 3 accounts judged.');
    expect(textOf(page)).toMatch(/\d+ high findings? in 2 accounts/);
  });

  test('tells once where nothing was judged and why, and counts accounts by unit', () => {
    const text = textOf(page);
    expect(text.match(/AssumeRole: AccessDenied: not allowed/g)?.length).toBeGreaterThan(0);
    expect(text).toContain(`${LAB.account} ml-lab`);
    expect(text).toContain('ou-ab12-dev11111 2 accounts:');
    expect(page).toContain('href="#?unit=ou-ab12-dev11111"');
    expect(page).toContain(`href="#?account=${PROD.account}"`);
  });

  test('calls units by their names, where these were read', () => {
    const scopes = (after.scopes ?? []).map((scope) => ({
      ...scope,
      unitNames: { 'ou-ab12-dev11111': 'Development' },
    }));
    const named = pageOf({ ...after, scopes }, [before]);
    expect(textOf(named)).toContain('Development (ou-ab12-dev11111) 2 accounts:');
    expect(named).toContain('<option value="ou-ab12-dev11111">Development (ou-ab12-dev11111)</option>');
    expect(named).toContain('<option>ou-ab12-prod1111</option>');
    expect(named).toContain('href="#?unit=ou-ab12-dev11111"');
  });

  test('has one line for one cause, with a target for each of its findings', () => {
    const prefixes = after.findings.filter(({ control }) => control === 'pipeline-job-prefix');
    expect(prefixes).toHaveLength(2);
    const [first] = prefixes;
    const row = page
      .split('<details')
      .find((part) => part.includes(`id="${findingAnchor(first?.id ?? '')}"`));
    expect(row).toMatch(/^[^>]* data-m="[\d.n]+ [\d.n]+"/);
    for (const { id } of prefixes) expect(row).toContain(`id="${findingAnchor(id)}"`);
  });

  test('holds each id once, and each link within the page has its target', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/href="#([^"?][^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual(expect.arrayContaining(targets));
  });

  test('admits its own style sheet and script by their hashes', () => {
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
    const [, script = ''] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    expect(style).not.toMatch(/["&<]/);
    expect(page).toContain(`style-src 'sha256-${sha256(style)}'; script-src 'sha256-${sha256(script)}'`);
  });

  test('does not tell an account that was not judged as mended', () => {
    const history = historyOf([before, after]);
    const ofLab = history.changesOf.get(LAB.account);
    expect(ofLab?.mended).toEqual([]);
    expect(ofLab?.notJudged.length).toBeGreaterThan(0);
    expect(history.changesOf.get(PROD.account)?.mended.map(({ control }) => control)).toContain(
      'pipeline-job-prefix',
    );
  });

  test('keeps an account that only the earlier run was about, once', async () => {
    const two = await resultsOfAccounts(AFTER.slice(0, 2));
    const { newest, scopes } = historyOf([before, two]);
    expect(newest.map(({ account, generatedAt }) => [account, generatedAt]).toSorted()).toEqual([
      ['', two.generatedAt],
      [PROD.account, two.generatedAt],
      [DEV.account, two.generatedAt],
      [LAB.account, before.generatedAt],
    ]);
    expect(new Set(scopes.map(({ account }) => account)).size).toBe(3);
  });

  test('counts what passed for each account', () => {
    const { newest } = historyOf([after]);
    const passed = newest.reduce((sum, { summary }) => sum + summary.passed, 0);
    expect(passed).toBe(after.summary.passed);
    const evaluated = newest.reduce((sum, { summary }) => sum + summary.evaluated, 0);
    expect(evaluated).toBe(after.summary.evaluated);
  });

  test('does not say that everything could be read where an account or Region was not judged', () => {
    const text = textOf(pageOf(manyAccounts(50, { perAccount: 1, isAlike: true })));
    expect(text).toContain('50 of 50 accounts judged, 1 of them in part.');
    expect(text).toContain('Not every account and Region was judged, so there may be more.');
    expect(text).not.toContain('Everything could be read');
  });

  test('offers units, accounts and teams as filters, and only these where there are some', () => {
    const config = `version: 1\nteams: [{ name: labs, organizationalUnits: [ou-ab12-dev11111] }]`;
    const withTeams = pageOf(after, [], config);
    for (const id of ['unit', 'account', 'team']) expect(withTeams).toContain(`<select id="${id}">`);
    expect(withTeams).toContain(`<option value="${DEV.account}" data-u="`);
    expect(page).not.toContain('<select id="team">');
  });

  test('is made of results of one account each as well', () => {
    const pages = pageOf(resultsOf([aFinding()]), [
      resultsOf([aFinding({ id: 'other' })], { account: DEV.account }),
    ]);
    expect(textOf(pages)).toContain('Accounts 2 accounts');
    expect(pages).toContain('data-m=');
  });

  test('shows hostile names as text', () => {
    const attack = '</script><img src=x onerror=alert(1)>"\'\u202e';
    const results = manyAccounts(2, { perAccount: 1 });
    const hostile = {
      ...results,
      scopes: (results.scopes ?? []).map((scope) => ({
        ...scope,
        name: attack,
        path: attack,
        unitNames: { [attack]: attack, 'ou-ab12-dev11111': attack },
        coverage: 'not-judged' as const,
        because: attack,
      })),
    };
    expect(pageOf(hostile)).not.toMatch(/<img|\u202e/);
  });
});
