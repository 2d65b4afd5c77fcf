import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { toResults } from '../../../../shared/outputs/formats/results.ts';
import { toHtml } from '../../../../shared/outputs/report/report.tsx';
import { findingAnchor } from '../../../../shared/outputs/report/report-findings.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { manyFindings } from '../../../support/builders/many-findings.ts';
import { resultsWith } from '../../../support/builders/results.ts';
import { pageOf } from '../../../support/pages/report-page.ts';

const known = {
  system: 'Step roles' as const,
  title: 'Steps cannot change each other’s data',
  description: 'One role per step.',
  risk: 'A step rewrites the input of another.',
  remediation: 'Give each step a role of its own.',
};

const html = (findings: Finding[], { all = false, title }: { all?: boolean; title?: string } = {}): string =>
  toHtml(
    toResults({
      findings,
      generatedAt: '2026-11-24T03:44:05.123Z',
      account: '111122223333',
      region: 'eu-west-1',
      all,
    }),
    {
      controls: (id) => (id === 'step-isolation' ? known : undefined),
      ...(title === undefined ? {} : { title }),
    },
  );

/** The page's own script, the same in every page, is no text of the findings. */
const withoutScript = (page: string): string => page.replace(/<script>.*?<\/script>/s, '');

const headings = (page: string): string[] =>
  [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map(([, text]) => (text ?? '').replaceAll(/<[^>]*>/g, ''));

const severalFindings: Finding[] = [
  aFinding({ id: '1', severity: 'CRITICAL', control: 'pass-role-scoped', title: 'Roles are scoped' }),
  aFinding({ id: '2' }),
  aFinding({ id: '3', status: 'WARNING', severity: 'LOW' }),
  aFinding({ id: '4', status: 'NOT_AVAILABLE', control: 'json-get-access', title: 'JsonGet can read' }),
  aFinding({ id: '5', suppression: { reason: 'replaced in January', expires: '2027-01-31' } }),
  aFinding({ id: '6', status: 'PASSED' }),
];

describe('toHtml', () => {
  test('shows the posture, then findings by severity, what could not be read, and what is suppressed', () => {
    const page = html(severalFindings, { all: true });
    expect(headings(page)).toEqual([
      'Posture',
      'Where it is',
      'Findings by control',
      'Critical severity 1 finding',
      'Medium severity 1 finding',
      'Low severity 1 finding',
      'What could not be read 1 finding',
      'Suppressed 1 finding',
      'Passed and not applicable',
    ]);
    expect(page).toContain(
      '2 of 6 evaluated failed, 1 of them critical. 1 could not be read, so there may be more.',
    );
    expect(page).toContain(
      '<title>6 evaluated: 1 passed, 2 failed, 1 warning, 1 not available, 1 suppressed</title>',
    );
    expect(page).toContain('replaced in January');
    expect(page).toContain('until 2027-01-31');
  });

  test('says that a snapshot lacks files, in place of that everything could be read', () => {
    const results = toResults({
      findings: [aFinding({ status: 'PASSED' })],
      generatedAt: '2026-11-24T03:44:05.123Z',
      account: '111122223333',
      region: 'eu-west-1',
      all: false,
      scope: { notInSnapshot: [{ file: 'cloudtrail/trails.json', controls: ['trail-logging'] }] },
    });
    const page = toHtml(results, { controls: () => undefined });
    expect(page).toContain('Nothing failed of 1 evaluated. The snapshot lacks 1 file, so there may be more.');
    expect(page).not.toContain('Everything could be read');
  });

  test('says so where nothing was found', () => {
    const page = html([aFinding({ status: 'PASSED' })]);
    expect(page).toContain('Nothing failed of 1 evaluated. Everything could be read.');
    expect(headings(page)).toEqual(['Posture']);
  });

  test('explains a control by its own texts, and an unknown control by the title of the finding', () => {
    const page = html(severalFindings);
    for (const text of Object.values(known)) expect(page).toContain(text);
    expect(page).toContain('Roles are scoped');
  });

  test('shows who did it, by which event, and the patch as it is', () => {
    const page = html([
      aFinding({
        principal: 'arn:aws:iam::111122223333:role/ds',
        trigger: { eventId: '5d1c', eventName: 'UpdatePipeline', eventTime: '2026-11-24T03:43:58Z' },
        remediation: { text: 'Apply it.', patch: '{\n\t"Effect": "Deny"\n}\n' },
      }),
    ]);
    expect(page).toContain('<bdi>arn:aws:iam::111122223333:role/ds</bdi>');
    expect(page).toContain('<bdi>UpdatePipeline</bdi> at 2026-11-24 03:43:58 UTC, event <bdi>5d1c</bdi>');
    expect(page).toContain('<pre class="patch">{\n  &quot;Effect&quot;: &quot;Deny&quot;\n}</pre>');
  });

  test('says a remedy once where it mends several findings', () => {
    const page = html([aFinding({ id: '1', subject: 'a' }), aFinding({ id: '2', subject: 'b' })]);
    expect(page).toContain('Mend all 2');
    expect(page).not.toContain('Mend this');
  });

  test('links to each finding by an anchor made of its id, inside an element that a browser then opens', () => {
    const page = html(severalFindings);
    expect(page).toContain(`</summary><div id="${findingAnchor('1')}">`);
    expect(page).toContain(`href="#${findingAnchor('1')}"`);
  });

  test('says first how many controls judged something, and what is excepted', () => {
    const row = { failed: 0, warning: 0, notAvailable: 0, suppressed: 0, notJudged: 0 };
    const about = (passed: object): string =>
      toHtml(
        {
          ...resultsWith([]),
          coverage: [{ control: 'trail-logging', ...row, ...passed }],
          exceptions: [{ kind: 'control-off', control: 'step-isolation', reason: 'not now' }],
        },
        { controls: () => undefined },
      ).replaceAll(/<[^>]*>/g, ' ');
    expect(about({ passed: 1 })).toMatch(/Coverage +1 of 1 controls judged something/);
    expect(about({})).toMatch(
      /Coverage +0 of 1 controls found something; how much passed is not told by control/,
    );
    expect(about({})).toMatch(/Exceptions +1 exception /);
  });

  test('holds each id once, also where two findings share theirs, and each link has its target', () => {
    const page = html([...severalFindings, aFinding({ id: '1' }), aFinding({ id: '1', severity: 'LOW' })], {
      all: true,
    });
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual(expect.arrayContaining(targets));
  });

  test('lists a long section closed', () => {
    const several = Array.from({ length: 11 }, (_, index) => aFinding({ id: `${index}` }));
    expect(html(several.slice(0, 10))).toContain('<details open');
    expect(html(several)).not.toContain('<details open');
  });

  test('has the same bytes for the same findings, in whatever order they come', () => {
    expect(html(severalFindings.toReversed(), { all: true })).toBe(html(severalFindings, { all: true }));
  });

  test('fits into a mail with 1,000 findings, of which the rest is packed', () => {
    const findings = manyFindings(1000);
    const page = pageOf(findings);
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
    const base64 = /<script type="application\/octet-stream" id="packed">([^<]*)</.exec(page)?.[1] ?? '';
    const packed = JSON.parse(gunzipSync(Buffer.from(base64, 'base64')).toString()) as Record<string, string>;
    for (const { id, evidence } of findings) {
      const anchor = findingAnchor(id);
      const own = packed[anchor] ?? page.split(`id="${anchor}">`)[1] ?? '';
      expect(own).toContain(evidence[0]?.found);
    }
  });

  test('contains all details unpacked where there is room', () => {
    expect(pageOf(manyFindings(100))).not.toContain('id="packed"');
  });
});

describe('the page’s own policy', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

  test('admits its style sheet and its script by the hashes of their bytes, and nothing else', () => {
    const page = html(severalFindings);
    const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? '';
    const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    expect(style).toContain('prefers-color-scheme:dark');
    expect(script.length).toBeGreaterThan(1000);
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${sha256(style)}'; script-src 'sha256-${sha256(script)}'; base-uri 'none'; form-action 'none'"/>`,
    );
  });

  test('needs nothing that it forbids', () => {
    const page = withoutScript(html(severalFindings));
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<base| action=| style=| on[a-z]+=|https?:|url\(/i);
  });
});

describe('hostile text', () => {
  const attack = '</script></style></title></pre><img src=x onerror=alert(1)>"\'><b>\u202egnp\u001b[31m';
  const shown =
    "&lt;/script>&lt;/style>&lt;/title>&lt;/pre>&lt;img src=x onerror=alert(1)>&quot;'>&lt;b>\\u202egnp\\u001b[31m";
  const everywhere = (text: string): Finding =>
    aFinding({
      id: text,
      control: text,
      title: text,
      subject: text,
      resource: { type: 'job', arn: text },
      evidence: [{ at: text, found: text, expected: text }],
      remediation: { text, patch: text },
      principal: text,
      trigger: { eventId: text, eventName: text, eventTime: text },
      firstObservedAt: text,
      lastObservedAt: text,
    });
  const elements = (page: string): string[] => [...page.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag);

  test('is shown as text, direction marks and escapes visible', () => {
    const page = html([everywhere(attack)], { title: attack });
    expect(page).toContain(`<bdi>${shown}</bdi>`);
    expect(page).toContain(`<pre class="patch">${shown}</pre>`);
    expect(page).toContain(`<h1>${shown}</h1>`);
    expect(page).not.toContain('<img');
    expect(withoutScript(page)).not.toMatch(/[[\p{Cc}\p{Bidi_Control}]--[\n]]/v);
  });

  test('isolates right-to-left names', () => {
    expect(html([aFinding({ subject: 'שלב' })])).toContain('<bdi>שלב</bdi>');
  });

  test('of 10 KB is there in full, folded', () => {
    const long = '<i>'.repeat(3413);
    const page = html([aFinding({ evidence: [{ at: 'Tags[0]', found: long, expected: '' }] })]);
    expect(page).toContain(`<bdi>${'&lt;i>'.repeat(3413)}</bdi></details>`);
    expect(page).toContain('(10239 characters)');
  });

  test('never changes the page’s elements', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('<', '>', '"', "'", '&', '&lt;', '<!--', ']]>', '\u2028', '\u202e', '</div>', '\u0000'),
    );
    const harmless = elements(html([everywhere('x')], { title: 'x' }));
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 60 }), (text) => {
        const page = html([everywhere(text)], { title: text });
        expect(elements(page)).toEqual(harmless);
        expect(withoutScript(page)).not.toMatch(/[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]--[\n]]/v);
      }),
    );
  });
});
