import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { type Finding, SEVERITIES, STATUSES } from '../../../../shared/domain/finding.ts';
import { type Results, toResults } from '../../../../shared/outputs/formats/results.ts';
import { parseResults, resultsSchema } from '../../../../shared/outputs/formats/results-schema.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const suppression = { reason: 'replaced in January', expires: '2027-01-31' };

const run = (findings: readonly Finding[], all = false): Results =>
  toResults({
    findings,
    generatedAt: '2026-11-24T03:44:05.123Z',
    account: '111122223333',
    region: 'eu-west-1',
    all,
  });

const anyFinding = fc
  .record({
    control: fc.constantFrom('step-isolation', 'json-get-access', 'image-bucket-cors'),
    status: fc.constantFrom(...STATUSES),
    severity: fc.constantFrom(...SEVERITIES),
    arn: fc.constantFrom('arn:aws:s3:::b', 'arn:aws:s3:::B', 'arn:aws:s3:::ä'),
    subject: fc.option(fc.constantFrom('Train', 'train', ''), { nil: undefined }),
    isSuppressed: fc.boolean(),
    found: fc.string({ maxLength: 2 }),
  })
  .map(({ control, status, severity, arn, subject, isSuppressed, found }) =>
    aFinding({
      control,
      status,
      severity,
      resource: { type: 'bucket', arn },
      evidence: [{ at: 'x', found, expected: 'y' }],
      ...(subject === undefined ? {} : { subject }),
      ...(isSuppressed ? { suppression } : {}),
    }),
  );

describe('toResults', () => {
  test('adds what passed and was only counted', () => {
    const counted = { findings: [aFinding({ status: 'PASSED' }), aFinding()], passed: 5 };
    const about = { generatedAt: '2026-11-24T03:44:05.123Z', account: '111122223333', region: 'eu-west-1' };
    expect(toResults({ ...counted, ...about, all: false }).summary).toMatchObject({
      evaluated: 7,
      passed: 6,
      failed: 1,
    });
  });

  test('counts each verdict once, a suppressed one as suppressed only, one that did not apply not at all', () => {
    const { summary, findings } = run([
      aFinding({ status: 'PASSED' }),
      aFinding({ status: 'PASSED' }),
      aFinding(),
      aFinding({ suppression }),
      aFinding({ status: 'WARNING' }),
      aFinding({ status: 'NOT_AVAILABLE' }),
      aFinding({ status: 'NOT_APPLICABLE' }),
    ]);
    expect(summary).toEqual({
      evaluated: 6,
      passed: 2,
      failed: 1,
      warning: 1,
      notAvailable: 1,
      suppressed: 1,
    });
    expect(findings.map(({ status }) => status)).toEqual(['FAILED', 'FAILED', 'WARNING', 'NOT_AVAILABLE']);
  });

  test('lists what passed and what did not apply with all, and counts the same', () => {
    const findings = STATUSES.map((status) => aFinding({ status }));
    expect(run(findings, true).findings).toHaveLength(5);
    expect(run(findings, true).summary).toEqual(run(findings).summary);
  });

  test('orders by severity, status, control, resource and subject', () => {
    const bucket = (arn: string) => ({ type: 'bucket', arn }) as const;
    const ordered = [
      aFinding({ severity: 'CRITICAL', status: 'NOT_AVAILABLE' }),
      aFinding({ severity: 'HIGH', control: 'b' }),
      aFinding({ severity: 'HIGH', status: 'WARNING', control: 'a' }),
      aFinding({ severity: 'LOW', control: 'a', resource: bucket('z') }),
      aFinding({ severity: 'LOW', control: 'b', resource: bucket('a') }),
      aFinding({ severity: 'LOW', control: 'b', resource: bucket('a'), subject: 'A' }),
      aFinding({ severity: 'LOW', control: 'b', resource: bucket('a'), subject: 'B' }),
      aFinding({ severity: 'LOW', control: 'b', resource: bucket('b') }),
      aFinding({ severity: 'INFORMATIONAL', control: 'a' }),
    ];
    const { findings } = run(ordered.toReversed());
    expect(findings.map(({ evidenceAt: _, ...finding }) => finding)).toEqual(ordered);
  });

  test('does not depend on the order in which the findings came, and its counts add up', () => {
    const shuffled = fc
      .array(anyFinding, { maxLength: 12 })
      .chain((findings) =>
        fc.tuple(fc.constant(findings), fc.shuffledSubarray(findings, { minLength: findings.length })),
      );
    fc.assert(
      fc.property(shuffled, fc.boolean(), ([findings, other], all) => {
        const results = run(findings, all);
        expect(JSON.stringify(run(other, all))).toBe(JSON.stringify(results));
        const { evaluated, ...parts } = results.summary;
        expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(evaluated);
      }),
    );
  });
});

describe('parseResults', () => {
  test('reads back every results file that toResults makes', () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 5 }), (findings) => {
        const results = run(findings, true);
        expect(parseResults(JSON.parse(JSON.stringify(results)))).toEqual({ ok: true, results });
      }),
    );
  });

  test.each([
    ['another version', { schemaVersion: '3.0' }, ['schemaVersion']],
    ['a count below zero', { summary: { ...run([]).summary, failed: -1 } }, ['summary', 'failed']],
    [
      'a severity in lower case',
      { findings: [{ ...aFinding(), severity: 'high' }] },
      ['findings', 0, 'severity'],
    ],
    ['a local time', { generatedAt: '2026-11-24T03:44:05+01:00' }, ['generatedAt']],
    [
      'evidence that is a text',
      { findings: [aFinding(), { ...aFinding(), evidence: ['x'] }] },
      ['findings', 1, 'evidence', 0],
    ],
  ])('refuses %s and says where', (_, over, path) => {
    expect(parseResults({ ...run([]), ...over })).toMatchObject({ ok: false, issues: [{ path }] });
  });

  test.each([undefined, null, 'text', [], {}])('refuses %p', (json) => {
    expect(parseResults(json).ok).toBe(false);
  });
});

test('a JSON Schema can be published for it, closed to members that the contract does not name', () => {
  expect(z.toJSONSchema(resultsSchema)).toMatchObject({
    title: 'Pipewarden results',
    additionalProperties: false,
    required: expect.arrayContaining([
      'schemaVersion',
      'summary',
      'findings',
      'tool',
      'scope',
      'configuration',
    ]),
    properties: {
      schemaVersion: { const: '2.0' },
      findings: {
        items: {
          required: [
            'id',
            'control',
            'status',
            'severity',
            'title',
            'resource',
            'evidence',
            'remediation',
            'firstObservedAt',
            'lastObservedAt',
          ],
        },
      },
    },
  });
});
