import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { DESCRIBED_CONTROLS } from '../../../shared/controls/texts.ts';
import { SEVERITIES } from '../../../shared/domain/finding.ts';
import type { DescribedControl } from '../../../shared/judging/control.ts';
import { controlPage } from '../../../shared/outputs/pages/control-page.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NOT_CONTROLS = ['all-controls', 'index', 'texts'];
const namesIn = (folder: string, end: string) =>
  readdirSync(join(ROOT, folder)).flatMap((file) => (file.endsWith(end) ? [basename(file, end)] : []));
/** How many base controls each family of NIST SP 800-53 revision 5 has, of those that a control here can be evidence for. */
const NIST_FAMILIES: Record<string, number> = {
  ...{ AC: 25, AU: 16, CA: 9, CM: 14, CP: 13, IA: 13, IR: 10 },
  ...{ PL: 11, PM: 32, PS: 9, PT: 8, RA: 10, SA: 24, SC: 51, SI: 23, SR: 12 },
};

/** Base controls that revision 5 has withdrawn. */
const WITHDRAWN = [
  ...[
    'AC-13',
    'AC-15',
    'AU-15',
    'CA-4',
    'CP-5',
    'IR-10',
    'PL-3',
    'PL-5',
    'PL-6',
    'RA-4',
    'SA-6',
    'SA-7',
    'SA-12',
  ],
  ...['SA-13', 'SA-14', 'SA-18', 'SA-19', 'SC-9', 'SC-14', 'SC-19', 'SC-33', 'SI-9'],
];

/** The themes of annex A of ISO/IEC 27001:2022, and the series of the Trust Services Criteria that are about systems. */
const SERIES: Record<string, number> = {
  ...{ 'A.5': 37, 'A.6': 8, 'A.7': 14, 'A.8': 34 },
  ...{ CC1: 5, CC2: 3, CC3: 4, CC4: 2, CC5: 3, CC6: 8, CC7: 5, CC8: 1, CC9: 2, A1: 3, C1: 2, PI1: 5 },
};

const isInCatalogue = (id: string): boolean => {
  const [, family = '', number = '', enhancement = '1'] =
    /^NIST 800-53 ([A-Z]{2})-([1-9]\d?)(?:\(([1-9]\d?)\))?$/.exec(id) ?? [];
  if (family)
    return (
      Number(number) <= (NIST_FAMILIES[family] ?? 0) &&
      Number(enhancement) <= 40 &&
      !WITHDRAWN.includes(`${family}-${number}`)
    );
  const [, series = '', point = ''] =
    /^(?:ISO 27001:2022|SOC 2) ([AC]\.[5-8]|CC[1-9]|A1|C1|PI1)\.([1-9]\d?)$/.exec(id) ?? [];
  if (series)
    return Number(point) <= (SERIES[series] ?? 0) && id.startsWith('ISO') === series.startsWith('A.');
  return /^CIS AWS Foundations (v\d\.\d\.\d )?[1-5](\.[1-9]\d?){1,2}$/.test(id);
};

const inNumericOrder = new Intl.Collator('en', { numeric: true }).compare;

const ids = CONTROLS.map(({ id }) => id);

test.each([
  ...['NIST 800-53 AC-6', 'NIST 800-53 AC-6(10)', 'ISO 27001:2022 A.8.34', 'SOC 2 CC6.3', 'SOC 2 A1.2'],
  ...['CIS AWS Foundations 1.16', 'CIS AWS Foundations v3.0.0 2.1.4'],
])('%s is in its catalogue', (id) => {
  expect(isInCatalogue(id)).toBe(true);
});

test.each([
  ...['NIST 800-53 AC-26', 'NIST 800-53 AC-13', 'NIST 800-53 AC-06', 'NIST AC-6', 'NIST 800-53 XX-1'],
  ...['ISO 27001:2022 A.8.35', 'ISO 27001:2013 A.9.1', 'ISO 27001:2022 CC6.1', 'SOC 2 CC6.9', 'SOC 2 A.5.1'],
  ...['CIS AWS Foundations 1', 'CIS AWS Foundations 6.1', 'PCI DSS 7.2', ''],
])('%j is in no catalogue', (id) => {
  expect(isInCatalogue(id)).toBe(false);
});

test('the registry, the files, the texts, the tests and the pages name the same controls', () => {
  expect(namesIn('shared/controls', '.ts').filter((name) => !NOT_CONTROLS.includes(name))).toEqual(ids);
  expect(namesIn('shared/controls', '.md')).toEqual(ids);
  expect(DESCRIBED_CONTROLS.map(({ id }) => id)).toEqual(ids);
  expect(namesIn('docs/controls', '.md')).toEqual(ids);
  expect(namesIn('test/unit/controls', '.test.ts').filter((name) => !NOT_CONTROLS.includes(name))).toEqual(
    ids,
  );
});

describe.each(DESCRIBED_CONTROLS.map((control): [string, DescribedControl] => [control.id, control]))(
  '%s',
  (id, control) => {
    test('its page is the one in docs', () => {
      expect(readFileSync(join(ROOT, `docs/controls/${id}.md`), 'utf8')).toBe(controlPage(control));
    });

    test('has all its texts', () => {
      const { title, severity, description, risk, remediation, decision, example, references } = control;
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(SEVERITIES).toContain(severity);
      for (const text of [description, risk, remediation, ...decision]) expect(text).toMatch(/^\S.*[.]$/s);
      for (const text of [example.fails, example.passes]) expect(text).toMatch(/^\S.*\S$/s);
      expect(example.fails).not.toBe(example.passes);
      expect(decision.length).toBeGreaterThan(0);
      expect(title.length).toBeLessThan(100);
      expect(references.length).toBeGreaterThan(0);
      for (const reference of references) expect(new URL(reference).protocol).toBe('https:');
    });

    test('its title states the compliant state', () => {
      expect(control.title).toMatch(/^[A-Z].*[^.]$/);
      expect(control.title).not.toMatch(/\b(ensure|check|verify|should|must)\b/i);
    });

    test('has a fix for each way of managing resources', () => {
      const { cli, cdk, terraform, python } = control.fix;
      expect(cli).toMatch(/^(aws|pipewarden|python) \S/);
      expect(cdk).toMatch(/^import .* from 'aws-cdk-lib(\/[a-z0-9-]+)?';\n/);
      expect(terraform).toMatch(/^(resource|data|module) "[a-z0-9_]+" /m);
      expect(python).toMatch(/^(import|from) \w/m);
      for (const code of [cli, cdk, terraform, python]) {
        expect(code).toBe(code.trim());
        expect(code).not.toContain('```');
        expect((code.match(/\b\d{12}\b/g) ?? []).filter((account) => account !== '111122223333')).toEqual([]);
      }
    });

    test('names requirements that exist in their catalogues, each once and in order', () => {
      const { requirements } = control;
      expect(requirements.length).toBeGreaterThan(0);
      expect(requirements.filter((id) => !isInCatalogue(id))).toEqual([]);
      expect(requirements).toEqual([...new Set(requirements)].toSorted(inNumericOrder));
    });

    test('requires each fact once', () => {
      if (!control.on.includes('configuration')) expect(control.requires.length).toBeGreaterThan(0);
      expect(new Set(control.requires).size).toBe(control.requires.length);
    });
  },
);
