import { describe, expect, test } from '@jest/globals';
import { frameworkOf } from '../../../../shared/frameworks/frameworks.ts';
import { complianceOf } from '../../../../shared/outputs/formats/compliance.ts';
import { toHtml } from '../../../../shared/outputs/report/report.tsx';
import { aFinding } from '../../../support/builders/finding.ts';
import { HOSTILE, resultsWith } from '../../../support/builders/results.ts';

const run = resultsWith([aFinding({ control: 'trail-logging' })]);
const hipaa = complianceOf(frameworkOf('hipaa'), [run]);
const page = (
  ...[results, options]: [Parameters<typeof toHtml>[0], Partial<Parameters<typeof toHtml>[1]>?]
) => toHtml(results, { controls: () => undefined, ...options });
const rowsOf = (html: string): string[] =>
  (/<table class="requirements">.*?<\/table>/s.exec(html)?.[0] ?? '').split('<tr>').slice(2);

describe('the section on a framework', () => {
  test('has each requirement, the worst first, with what controls show and what none shows', () => {
    const rows = rowsOf(page({ ...run, compliance: hipaa }));
    expect(rows).toHaveLength(hipaa.requirements.length);
    expect(rows[0]).toContain('164.312(b) Activity in systems is recorded and examined');
    expect(rows[0]).toContain('<b class="failed">failed</b>');
    expect(rows[0]).toContain('trail-logging: 1 failed');
    expect(rows[0]).toContain('Access to the information itself (events of data).');
    expect(rows.join('')).not.toContain('all passed');
  });

  test('is what was made of several runs, and none is made of one of them', () => {
    const other = resultsWith([], '444455556666');
    expect(rowsOf(page({ ...run, compliance: hipaa }, { others: [other] }))).toEqual([]);
    expect(rowsOf(page(run, { others: [other], compliance: hipaa }))).toHaveLength(hipaa.requirements.length);
    expect(rowsOf(page(run))).toEqual([]);
  });

  test.each(HOSTILE.map((text) => [JSON.stringify(text), text]))('escapes %s', (_title, text) => {
    const controls = hipaa.controls.map((outcome) => ({ ...outcome, why: text }));
    const requirements = hipaa.requirements.map((each) => ({ ...each, title: text, doesNotShow: text }));
    const framework = { ...hipaa.framework, name: text, title: text, source: text };
    const html = page({ ...run, compliance: { ...hipaa, framework, controls, requirements } });
    expect(rowsOf(html)).toHaveLength(hipaa.requirements.length);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('<img');
  });
});
