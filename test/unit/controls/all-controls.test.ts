import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Control } from '../../../shared/controls/control.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import { REQUIRED_CORS } from '../../../shared/facts/required-cors.ts';
import { SEVERITIES } from '../../../shared/findings/finding.ts';
import { controlPage } from '../../../shared/outputs/control-page.ts';
import { definitionOf, step, verdictsOf } from './control-cases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NOT_CONTROLS = ['control', 'evaluate', 'index'];
const namesIn = (folder: string, end: string) =>
  readdirSync(join(ROOT, folder)).flatMap((file) => (file.endsWith(end) ? [basename(file, end)] : []));
const ids = CONTROLS.map(({ id }) => id);

const definition = definitionOf([
  step('Train', 'Training', {
    RoleArn: 'arn:aws:iam::111122223333:role/admin',
    TrainingJobName: 'x'.repeat(40),
  }),
]);

/** Facts with something wrong for the controls of today, so that none has an easy answer. */
const facts: Facts = {
  pipeline: { name: 'p' },
  definition,
  overrides: {},
  job: {
    kind: 'training-job',
    arn: 'arn:x',
    name: 'scratch',
    nameKeepsCase: true,
    roleArns: ['arn:aws:iam::1:role/x'],
  },
  declaration: { pipelineName: 'p', executionId: 'a1b2c3d4e5f6', definition, steps: definition.steps },
  imageBucket: { name: 'b', because: 'of its tag', cors: [{ ...REQUIRED_CORS, maxAgeSeconds: 1 }] },
  gaps: [{ call: 'DescribePipeline', code: 'AccessDeniedException', message: 'no' }],
};
const config = { prefixes: [{ prefix: 'fraud' }], roles: { steps: ['arn:aws:iam::*:role/steps/*'] } };

test('the registry, the files, their tests and their pages name the same controls', () => {
  expect(namesIn('shared/controls', '.ts').filter((name) => !NOT_CONTROLS.includes(name))).toEqual(ids);
  expect(namesIn('docs/controls', '.md')).toEqual(ids);
  expect(namesIn('test/unit/controls', '.test.ts').filter((name) => name !== 'all-controls')).toEqual(ids);
});

describe.each(CONTROLS.map((control): [string, Control] => [control.id, control]))('%s', (id, control) => {
  test('its page is the one in docs', () => {
    expect(readFileSync(join(ROOT, `docs/controls/${id}.md`), 'utf8')).toBe(controlPage(control));
  });

  test('is told in full', () => {
    const { title, severity, description, risk, remediation, decision, example, references } = control.meta;
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
    expect(control.meta.title).toMatch(/^[A-Z].*[^.]$/);
    expect(control.meta.title).not.toMatch(/\b(ensure|check|verify|should|must)\b/i);
  });

  test('requires each fact once', () => {
    if (!control.on.includes('configuration')) expect(control.requires.length).toBeGreaterThan(0);
    expect(new Set(control.requires).size).toBe(control.requires.length);
  });

  test('is pure, and does not throw', () => {
    const verdicts = verdictsOf(control, { facts, config });
    const places = verdicts
      .flatMap((verdict) => ('evidence' in verdict ? verdict.evidence : []))
      .map(({ at }) => at);
    expect(places).not.toContain(`control ${id}`);
  });
});
