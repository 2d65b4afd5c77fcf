import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { compareRuns } from '../../../../shared/findings/compare-runs.ts';
import { toDiffJson, toDiffTable } from '../../../../shared/outputs/formats/diff.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { aRun } from '../../../support/builders/run.ts';

const times = { before: '2026-11-20T08:00:00Z', after: '2026-11-24T08:00:00Z' };
const off = { control: 'switched-off', why: 'control-off', because: 'PLAT-1\u202e' } as const;
const comparison = compareRuns(
  aRun([
    aFinding({ id: 'mended', subject: 'Old' }),
    aFinding({ id: 'changed' }),
    aFinding({ id: 'same' }),
    aFinding({ id: 'off', control: 'switched-off' }),
  ]),
  aRun(
    [
      aFinding({ id: 'new', severity: 'CRITICAL', subject: '\u001b[2J\u202eNew' }),
      aFinding({ id: 'changed', severity: 'HIGH' }),
      aFinding({ id: 'same' }),
    ],
    { is: 'mixed', passed: ['Old'] },
    { controlsOff: [off] },
  ),
);

describe('toDiffTable', () => {
  test('tells each finding that changed in a line, and nothing that moves the cursor', () => {
    expect(
      toDiffTable(comparison, times, { color: false }),
    ).toBe(`2026-11-20T08:00:00Z  to  2026-11-24T08:00:00Z

New (1)
  CRITICAL      step-isolation  pipeline fraud › \\u001b[2J\\u202eNew

Mended (1)
  MEDIUM        step-isolation  pipeline fraud › Old

Changed (1)
  HIGH          step-isolation  pipeline fraud: MEDIUM is now HIGH

Not judged any more (1)
  MEDIUM        switched-off  pipeline fraud: PLAT-1\\u202e

Still open (1)
  MEDIUM        step-isolation  pipeline fraud

1 new, 0 not looked at before, 1 mended, 0 gone, 1 changed, 0 unread, 1 not judged, 1 still open
`);
  });
});

describe('toDiffJson', () => {
  const json = JSON.parse(toDiffJson(comparison, times)) as Record<string, unknown>;

  test('holds whole findings of what changed, and the ids of the rest', () => {
    expect(json).toMatchObject({
      schemaVersion: '1.0',
      ...times,
      summary: {
        new: 1,
        firstSeen: 0,
        mended: 1,
        gone: 0,
        changed: 1,
        unread: 0,
        notJudged: 1,
        stillOpen: 1,
      },
      new: [{ id: 'new' }],
      mended: [{ id: 'mended' }],
      changed: [{ differences: ['MEDIUM is now HIGH'], before: { id: 'changed' } }],
      stillOpen: ['same'],
    });
  });

  test('is as the published schema says, which takes nothing else', async () => {
    const schema = join(import.meta.dirname, '../../../../docs/diff.schema.json');
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(await readFile(schema, 'utf8')));
    const unread = compareRuns(
      aRun([aFinding()]),
      aRun([aFinding({ id: 'other', status: 'NOT_AVAILABLE' })]),
    );
    expect(unread.unread).toHaveLength(1);
    for (const each of [json, JSON.parse(toDiffJson(unread, times))]) {
      validate(each);
      expect(validate.errors).toBeNull();
    }
    const { unread: _, ...lacking } = json;
    const wrong = [
      { ...json, more: 1 },
      { ...json, schemaVersion: '2.0' },
      { ...json, changed: [{ differences: [], before: aFinding(), after: aFinding() }] },
      { ...json, before: 'yesterday' },
      lacking,
    ];
    for (const each of wrong) expect(validate(each)).toBe(false);
  });
});
