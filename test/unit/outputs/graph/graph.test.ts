import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type Definition, parseDefinition } from '../../../../shared/definition/parse.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { toSvg } from '../../../../shared/outputs/graph/graph.tsx';
import { pictureOf } from '../../../../shared/outputs/graph/picture.ts';
import { describeCases } from '../../../support/builders/cases.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { channel } from '../../../support/builders/steps.ts';

const parse = (value: unknown): Definition => {
  const parsed = parseDefinition(typeof value === 'string' ? value : JSON.stringify(value));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.definition;
};

const train = (name: string, more: object = {}) => ({
  Name: name,
  Type: 'Training',
  Arguments: {
    RoleArn: 'arn:aws:iam::111122223333:role/steps/train',
    TrainingJobName: 'fraud-train',
    InputDataConfig: [channel('s3://acme-features/clean')],
    ...more,
  },
});

const definition = parse({
  Version: '2020-12-01',
  Steps: [
    { Name: 'Prepare', Type: 'Processing', Arguments: {} },
    {
      Name: 'Good?',
      Type: 'Condition',
      DependsOn: ['Prepare'],
      Arguments: {
        IfSteps: [train('Again', { Tags: [{ Get: 'Steps.Prepare.Name' }] })],
        ElseSteps: [train('Other')],
      },
    },
  ],
});

const AGAIN = '/Steps/1/Arguments/IfSteps/0';
const at = (place: string, changes: Partial<Finding> = {}): Finding =>
  aFinding({ evidence: [{ at: place, found: 'x', expected: 'y' }], ...changes });

const picture = (findings: Finding[] = []) =>
  pictureOf(
    { name: 'fraud', roleArn: 'arn:aws:iam::111122223333:role/pipelines/fraud', definition },
    findings,
  );

describe('pictureOf', () => {
  test('holds steps with role, prefix and data, the branches of a condition, and what leads to what', () => {
    const { nodes, edges } = picture();
    expect(nodes.map(({ name, lanes }) => [name, lanes.map(({ label }) => label)])).toEqual([
      ['Prepare', []],
      ['Good?', ['if true', 'else']],
    ]);
    expect(nodes[0]?.traits).toEqual([
      { kind: 'role', text: 'arn:aws:iam::111122223333:role/pipelines/fraud' },
      { kind: 'prefix', text: 'none' },
    ]);
    expect(nodes[1]?.lanes[0]?.nodes[0]?.traits).toEqual([
      { kind: 'role', text: 'arn:aws:iam::111122223333:role/steps/train' },
      { kind: 'prefix', text: 'fraud-train' },
      { kind: 'reads', text: 'acme-features/clean' },
    ]);
    expect(edges).toEqual([
      { from: '/Steps/0', to: '/Steps/1', kind: 'order' },
      { from: '/Steps/0', to: AGAIN, kind: 'data' },
    ]);
  });

  test('puts a finding on the step that its evidence is in, or else that it names, or else on the pipeline', () => {
    const { nodes, findings } = picture([
      at(`${AGAIN}/Arguments/RoleArn`, { id: '1', control: 'by-pointer' }),
      at(`arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud/execution/a1 ${AGAIN}/Arguments/RoleArn`, {
        id: '2',
        control: 'by-execution',
        severity: 'CRITICAL',
      }),
      at('RoleArn', { id: '3', control: 'by-subject', subject: 'Prepare' }),
      at('RoleArn', { id: '4', control: 'of-pipeline' }),
      at(AGAIN, { id: '5', suppression: { reason: 'known', expires: '2027-01-31' } }),
      at(AGAIN, { id: '6', status: 'PASSED' }),
    ]);
    const controls = (found: readonly { control: string }[] = []) => found.map(({ control }) => control);
    expect(controls(nodes[1]?.lanes[0]?.nodes[0]?.findings)).toEqual(['by-execution', 'by-pointer']);
    expect(controls(nodes[0]?.findings)).toEqual(['by-subject']);
    expect(controls(findings)).toEqual(['of-pipeline']);
  });

  test('draws no more steps than anybody can look at', () => {
    const many = parse({ Steps: Array.from({ length: 600 }, (_, index) => train(`S${index}`)) });
    const { nodes, left } = pictureOf({ name: 'many', definition: many }, []);
    expect([nodes.length, left]).toEqual([500, 100]);
  });
});

describe('toSvg', () => {
  test('is an image with a title, a description and texts, light and dark', () => {
    const svg = toSvg(picture([at(`${AGAIN}/Arguments/RoleArn`, { control: 'step-role-authorised' })]));
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).toContain('role="img" aria-labelledby="graph-title graph-desc"');
    expect(svg).toContain('<title id="graph-title">Steps of pipeline fraud</title>');
    expect(svg).toContain(
      'Prepare (Processing). Good? (Condition, after Prepare). ' +
        'Again (Training, if true of Good?, after Prepare): step-role-authorised. Other (Training, else of Good?).',
    );
    expect(svg).toContain('✗ step-role-authorised');
    expect(svg).toContain('prefers-color-scheme:dark');
    expect(svg).not.toMatch(/<script|<a |href=| on[a-z]+=| style=/);
  });

  test('shows hostile names as text, cut to their boxes', () => {
    const name = `<img src=x onerror=alert(1)>]]>&\u202e\u0000${'x'.repeat(10_000)}`;
    const hostile = parse({ Steps: [train(name, { RoleArn: name, TrainingJobName: name })] });
    const svg = toSvg(pictureOf({ name, definition: hostile }, [at('x', { control: name, title: name })]));
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).not.toContain('<img');
    expect(svg).not.toMatch(/[[\p{Cc}\p{Bidi_Control}]--[\n]]/v);
    expect(svg.length).toBeLessThan(20_000);
  });
});

test('a name that is too long keeps its end, and is there whole where its box has room for it', () => {
  const begin = 'team-fraud-training-of-the-newest-model';
  const inner = ['one', 'two'].map((end) => train(`${begin}-step-${end}`));
  const drawn = parse({
    Steps: [
      {
        Name: `${begin}-is-good`,
        Type: 'Condition',
        Arguments: {
          IfSteps: inner,
          ElseSteps: inner.map((step) => ({ ...step, Name: `${step.Name}-more` })),
        },
      },
    ],
  });
  const svg = toSvg(pictureOf({ name: 'fraud', definition: drawn }, []));
  const names = [...svg.matchAll(/<text class="name"[^>]*><title>[^<]*<\/title>([^<]*)/g)].map(
    ([, name]) => name,
  );
  expect(names).toEqual([
    `${begin}-is-good`,
    'team-fra…st-model-step-one',
    'team-fra…st-model-step-two',
    'team-fra…del-step-one-more',
    'team-fra…del-step-two-more',
  ]);
});

describeCases('pipelines', 'the public definitions', (folder) => {
  const files = ['real', 'generated'].flatMap((part) =>
    readdirSync(join(folder, part)).map((file) => join(folder, part, file)),
  );

  test('are drawn whole, each step once', () => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const drawn = parse(readFileSync(file, 'utf8'));
      const svg = toSvg(pictureOf({ name: 'real', definition: drawn }, []));
      expect(XMLValidator.validate(svg)).toBe(true);
      expect(textsOf(svg).filter((text) => text === 'name')).toHaveLength(drawn.steps.length);
    }
  });
});

/** The classes of all text elements. */
const textsOf = (svg: string): string[] => {
  const parser = new XMLParser({ ignoreAttributes: false, preserveOrder: true });
  const classes: string[] = [];
  const walk = (nodes: Record<string, unknown>[]): void => {
    for (const node of nodes)
      for (const [key, value] of Object.entries(node)) {
        if (key === 'text') classes.push(String((node[':@'] as Record<string, string>)?.['@_class']));
        if (Array.isArray(value)) walk(value as Record<string, unknown>[]);
      }
  };
  walk(parser.parse(svg) as Record<string, unknown>[]);
  return classes;
};
