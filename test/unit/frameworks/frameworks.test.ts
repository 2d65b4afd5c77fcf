import { describe, expect, test } from '@jest/globals';
import texts from '../../../shared/controls/texts.generated.json' with { type: 'json' };
import { CONTROL_IDS } from '../../../shared/domain/control-ids.ts';
import { controlsOf, type Framework } from '../../../shared/frameworks/framework.ts';
import {
  FRAMEWORKS,
  NOT_MAPPED,
  requirementsOf,
  standardsOf,
} from '../../../shared/frameworks/frameworks.ts';

/** The number of base controls in each family of NIST SP 800-53 revision 5 for which a control here can be evidence. */
const NIST_FAMILIES: Record<string, number> = {
  ...{ AC: 25, AU: 16, CA: 9, CM: 14, CP: 13, IA: 13, IR: 10 },
  ...{ PL: 11, PM: 32, PS: 9, PT: 8, RA: 10, SA: 24, SC: 51, SI: 23, SR: 12 },
};

/** Base controls that revision 5 has withdrawn. */
const WITHDRAWN = [
  ...['AC-13', 'AC-15', 'AU-15', 'CA-4', 'CP-5', 'IR-10', 'PL-3', 'PL-5', 'PL-6', 'RA-4', 'SA-6', 'SA-7'],
  ...['SA-12', 'SA-13', 'SA-14', 'SA-18', 'SA-19', 'SC-9', 'SC-14', 'SC-19', 'SC-33', 'SI-9'],
];

const isInNist = (id: string): boolean => {
  const [, family = '', number = '', enhancement = '1'] =
    /^([A-Z]{2})-([1-9]\d?)(?:\(([1-9]\d?)\))?$/.exec(id) ?? [];
  return (
    Number(number) >= 1 &&
    Number(number) <= (NIST_FAMILIES[family] ?? 0) &&
    Number(enhancement) <= 40 &&
    !WITHDRAWN.includes(`${family}-${number}`)
  );
};

/** Whether the last number of an id is one that its series has. */
const isInSeries =
  (series: Record<string, number>) =>
  (id: string): boolean => {
    const [, name = '', point = ''] = /^(.+)\.([1-9]\d?)$/.exec(id) ?? [];
    return Number(point) >= 1 && Number(point) <= (series[name] ?? 0);
  };

const matches = (form: RegExp) => (id: string) => form.test(id);

/** Whether an id is one of the framework’s catalogue, or at least has the form of its ids. */
const IS_IN_CATALOGUE: Readonly<Record<string, (id: string) => boolean>> = {
  'nist-800-53': isInNist,
  'iso-27001': isInSeries({ 'A.5': 37, 'A.6': 8, 'A.7': 14, 'A.8': 34 }),
  'soc-2': isInSeries({
    ...{ CC1: 5, CC2: 3, CC3: 4, CC4: 2, CC5: 3, CC6: 8, CC7: 5, CC8: 1, CC9: 2, A1: 3, C1: 2, PI1: 5 },
  }),
  'cis-aws': matches(/^[2-6](\.[1-9]\d?){1,2}$/),
  // The number of subcategories in each category of the core.
  'nist-ai-rmf': isInSeries({
    ...{ 'GOVERN 1': 7, 'GOVERN 2': 3, 'GOVERN 3': 2, 'GOVERN 4': 3, 'GOVERN 5': 2, 'GOVERN 6': 2 },
    ...{ 'MAP 1': 6, 'MAP 2': 3, 'MAP 3': 5, 'MAP 4': 2, 'MAP 5': 2 },
    ...{ 'MEASURE 1': 3, 'MEASURE 2': 13, 'MEASURE 3': 3, 'MEASURE 4': 3 },
    ...{ 'MANAGE 1': 4, 'MANAGE 2': 4, 'MANAGE 3': 2, 'MANAGE 4': 3 },
  }),
  'iso-42001': isInSeries({
    ...{
      'A.2': 4,
      'A.3': 3,
      'A.4': 6,
      'A.5': 5,
      'A.6.1': 3,
      'A.6.2': 8,
      'A.7': 6,
      'A.8': 5,
      'A.9': 4,
      'A.10': 4,
    },
  }),
  'eu-ai-act': matches(
    /^(Art\. (12\([1-3]\)(\([a-d]\))?|17\([1-4]\)(\([a-m]\))?)|Annex IV\([1-9]\)(\([a-h]\))?)$/,
  ),
  'sr-26-2': matches(/^(I|II|III|IV|V|VI|VII)$/),
  '21-cfr-part-11': matches(/^11\.(10\([a-k]\)|30|50|70|100|200|300)$/),
  'eu-gmp-annex-11': matches(/^([1-9]|1[0-7])(\.\d)?$/),
  hipaa: matches(/^164\.3(08|12)\([a-e]\)(\(\d\))?(\([ivx]+\))?(\([A-D]\))?$/),
};

const isIn = (framework: string, id: string): boolean => IS_IN_CATALOGUE[framework]?.(id) ?? false;

test.each([
  ...['AC-6', 'AC-6(10)'].map((id) => ['nist-800-53', id] as const),
  ['iso-27001', 'A.8.34'],
  ['soc-2', 'A1.2'],
  ['cis-aws', '2.1.4'],
  ['nist-ai-rmf', 'MEASURE 2.13'],
])('%s has %s', (framework, id) => {
  expect(isIn(framework, id)).toBe(true);
});

test.each([
  ...['AC-26', 'AC-13', 'AC-06', 'AC-0', '6', 'XX-1', ''].map((id) => ['nist-800-53', id] as const),
  ...['A.8.35', 'A.9.1', 'CC6.1', 'A.8.0'].map((id) => ['iso-27001', id] as const),
  ...['CC6.9', 'A.5.1'].map((id) => ['soc-2', id] as const),
  ...['1', '7.1', '1.16'].map((id) => ['cis-aws', id] as const),
  ...['GOVERN 1.8', 'MAP 6.1', 'MEASURE 2'].map((id) => ['nist-ai-rmf', id] as const),
  ...['Art. 11(1)', 'Annex IV(10)'].map((id) => ['eu-ai-act', id] as const),
  ['sr-26-2', '11-7'],
  ['pci-dss', '7.2'],
])('%s has no %j', (framework, id) => {
  expect(isIn(framework, id)).toBe(false);
});

test('each control is in a mapping, or it is said why it is in none, and not both', () => {
  const mapped = new Set<string>(FRAMEWORKS.flatMap(({ requirements }) => requirements.flatMap(controlsOf)));
  expect(CONTROL_IDS.filter((id) => mapped.has(id) === (NOT_MAPPED[id] !== undefined))).toEqual([]);
  expect([...mapped].filter((id) => !CONTROL_IDS.some((known) => known === id))).toEqual([]);
});

test('the texts of the controls name the requirements of the mappings', () => {
  for (const [id, { requirements, standards }] of Object.entries(texts)) {
    expect({ requirements, standards }).toEqual({
      requirements: requirementsOf(id),
      standards: standardsOf(id),
    });
    // More would not fit into a finding of Security Hub.
    expect(requirements.length).toBeLessThanOrEqual(32);
    expect(requirements.filter((requirement) => requirement.length > 64)).toEqual([]);
  }
});

test('no two frameworks have one id or name, and no name begins with another', () => {
  expect(new Set(FRAMEWORKS.map(({ id }) => id)).size).toBe(FRAMEWORKS.length);
  const names = FRAMEWORKS.map(({ name }) => name);
  expect(names.filter((name) => names.some((other) => other !== name && name.startsWith(other)))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  expect(FRAMEWORKS.map(({ id }) => id)).toEqual(Object.keys(IS_IN_CATALOGUE));
});

describe.each(FRAMEWORKS.map((framework): [string, Framework] => [framework.id, framework]))(
  '%s',
  (id, framework) => {
    const { requirements } = framework;
    const sentences = requirements.flatMap(({ parts, doesNotShow }) => [
      doesNotShow,
      ...parts.map(({ shows }) => shows),
    ]);

    test('has requirements that its catalogue has, each once', () => {
      const ids = requirements.map((requirement) => requirement.id);
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.filter((each) => !isIn(id, each))).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test('says of each requirement what controls show, and what none shows', () => {
      for (const { title, parts } of requirements) {
        expect(title).toMatch(/^[A-Z0-9].*[^.]$/);
        expect(parts.length).toBeGreaterThan(0);
        const controls = parts.flatMap(({ controls: of }) => of);
        expect(controls.length).toBeGreaterThan(0);
        expect(new Set(controls).size).toBe(controls.length);
      }
      for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*[.]$/);
    });

    test('claims no compliance, and names no guidance that was replaced', () => {
      const all = [
        framework.title,
        framework.note ?? '',
        ...requirements.map(({ title }) => title),
        ...sentences,
      ];
      for (const text of all) expect(text).not.toMatch(/complian|comply|complies|SR 11-7/i);
    });

    test('says where its text is, and against what it was reviewed', () => {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(new URL(framework.source).protocol).toBe('https:');
      expect(framework.reviewed.on).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    });
  },
);
