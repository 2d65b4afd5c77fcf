import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { findingName, findingsNamed } from '../../../../shared/outputs/formats/finding-name.ts';
import { toFix } from '../../../../shared/outputs/formats/fix.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const DIGEST = '3f2a9c1b'.repeat(8);

const untagged = (name: string): Finding =>
  aFinding({
    id: `pipewarden/step-isolation/${DIGEST}`,
    resource: { type: 'role', arn: `arn:aws:iam::111122223333:role/${name}` },
    remediation: {
      text: `Take the tag from ${name}. ${'Ask first. '.repeat(100)}Then do it.`,
      patch: `aws iam untag-role --role-name ${name} --tag-keys ${'k'.repeat(2_000)}`,
      undo: `aws iam tag-role --role-name ${name} --tags Key=k,Value=v`,
      changes: `arn:aws:iam::111122223333:role/${name} loses the tag.`,
    },
  });

const fix = (findings: [Finding, ...Finding[]], width = 80): string =>
  toFix(findings, { account: '111122223333', region: 'eu-west-1' }, { width });

describe('toFix', () => {
  test('has the whole command and its undo, each in a line of its own', () => {
    const finding = untagged('features');
    const lines = fix([finding]).split('\n');
    expect(lines).toContain(finding.remediation.patch);
    expect(lines[lines.indexOf('Its undo:') + 1]).toBe(finding.remediation.undo);
    expect(lines).toContain('The command, for sh, bash or zsh:');
    expect(lines).toContain('What it changes: role/features loses the tag.');
  });

  test('has the whole remedy and all evidence, however long', () => {
    const evidence = Array.from({ length: 20 }, (_, at) => ({
      at: `place ${at}`,
      found: 'x',
      expected: 'y',
    }));
    const text = fix([{ ...untagged('features'), evidence }], 4_000);
    expect(text).toContain(`remedy    ${untagged('features').remediation.text}\n`);
    for (const { at } of evidence) expect(text).toContain(`at        ${at}\n`);
  });

  test('has the command and the undo of each finding of the cause', () => {
    const text = fix([untagged('features'), untagged('training')]);
    expect(text).toContain('The same cause: role training\n');
    for (const name of ['features', 'training']) {
      expect(text).toContain(`\naws iam untag-role --role-name ${name} `);
      expect(text).toContain(`\naws iam tag-role --role-name ${name} --tags Key=k,Value=v\n`);
    }
  });

  test('says so where no command is given', () => {
    expect(fix([aFinding()])).toContain('\nNo command is given: ');
  });

  test('says what a document is for, and has all its lines', () => {
    const patch = '[{"op":"add","path":"/Steps/0","value":1}]';
    const policy = '{\n  "Version": "2012-10-17"\n}';
    expect(fix([aFinding({ remediation: { text: 'x', patch } })])).toContain(`(RFC 6902):\n${patch}\n`);
    expect(fix([aFinding({ remediation: { text: 'x', patch: policy } })])).toContain(
      `The document to put in place:\n${policy}\n`,
    );
  });

  test('shows what could drive the terminal, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const told = fix([
          aFinding({
            control: text,
            subject: text,
            remediation: { text, patch: `aws ${text}`, undo: text, changes: text },
          }),
        ]);
        expect(told).not.toMatch(/[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]--[\n]]/v);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the name of a finding', () => {
  const findings = [
    aFinding({ id: `pipewarden/step-isolation/${DIGEST}` }),
    aFinding({ id: `pipewarden/job-prefix-length/${DIGEST}`, control: 'job-prefix-length' }),
    aFinding({ id: `pipewarden/step-isolation/${'0'.repeat(64)}` }),
  ];

  test('means that finding alone', () => {
    for (const finding of findings) {
      expect(findingsNamed(findings, findingName(finding))).toEqual([finding]);
      expect(findingsNamed(findings, finding.id)).toEqual([finding]);
    }
  });

  test.each([
    ['step-isolation/3F2A', 1],
    ['pipewarden/step-isolation/3f2a9c1b', 1],
    ['0000', 1],
    ['3f2a9c1b', 2],
    ['step-isolation/', 0],
    ['', 0],
    ['step-isolation', 0],
    ['pass-role-scoped/3f2a9c1b', 0],
  ])('%j means %i of them', (name, count) => {
    expect(findingsNamed(findings, name)).toHaveLength(count);
  });
});
