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

const ids = CONTROLS.map(({ id }) => id);

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

    test('requires each fact once', () => {
      if (!control.on.includes('configuration')) expect(control.requires.length).toBeGreaterThan(0);
      expect(new Set(control.requires).size).toBe(control.requires.length);
    });
  },
);
