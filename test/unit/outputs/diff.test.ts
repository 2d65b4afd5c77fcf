import { describe, expect, test } from '@jest/globals';
import { compareFindings } from '../../../shared/findings/compare.ts';
import { toDiffJson, toDiffTable } from '../../../shared/outputs/diff.ts';
import { aFinding } from '../../setup/finding.ts';

const times = { before: '2026-11-20T08:00:00Z', after: '2026-11-24T08:00:00Z' };
const comparison = compareFindings(
  [aFinding({ id: 'mended', subject: 'Old' }), aFinding({ id: 'changed' }), aFinding({ id: 'same' })],
  [
    aFinding({ id: 'new', severity: 'CRITICAL', subject: '\u001b[2J\u202eNew' }),
    aFinding({ id: 'changed', severity: 'HIGH' }),
    aFinding({ id: 'same' }),
  ],
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

Still open (1)
  MEDIUM        step-isolation  pipeline fraud

1 new, 1 mended, 1 changed, 0 unread, 1 still open
`);
  });
});

test('toDiffJson holds whole findings of what changed, and the ids of the rest', () => {
  const json = JSON.parse(toDiffJson(comparison, times)) as Record<string, unknown>;
  expect(json).toMatchObject({
    schemaVersion: '1.0',
    ...times,
    summary: { new: 1, mended: 1, changed: 1, unread: 0, stillOpen: 1 },
    new: [{ id: 'new' }],
    mended: [{ id: 'mended' }],
    changed: [{ differences: ['MEDIUM is now HIGH'], before: { id: 'changed' } }],
    stillOpen: ['same'],
  });
});
