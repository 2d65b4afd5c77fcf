import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../../../shared/config/parse-config.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { manyFindings } from '../../../support/builders/many-findings.ts';
import { pageOf, resultsOf } from '../../../support/pages/report-page.ts';

const several: Finding[] = [
  aFinding({ id: '1', severity: 'CRITICAL', control: 'pass-role-scoped', title: 'Roles are scoped' }),
  aFinding({ id: '2', remediation: { text: 'Run it.', patch: 'aws iam get-role --role-name a' } }),
  aFinding({ id: '3', severity: 'LOW', subject: 'Train', cause: 'c' }),
  aFinding({ id: '4', severity: 'LOW', subject: 'Test', cause: 'c' }),
  aFinding({ id: '5', status: 'NOT_AVAILABLE' }),
  aFinding({ id: '6', suppression: { reason: 'replaced in January', expires: '2027-01-31' } }),
  aFinding({
    id: '7',
    control: 'image-bucket-cors',
    resource: { type: 'bucket', arn: 'arn:aws:s3:::images' },
  }),
];
const config = parseConfig(
  'version: 1\nprefixes: [{ prefix: fraud, pipelines: [fraud] }]',
  'pipewarden.yaml',
  [],
);
const earlier = resultsOf(several.slice(2), { generatedAt: '2026-11-20T03:44:05.123Z' });

/**
 * Who changes the page of one account on purpose replaces these digests. Nobody else does: what is made for several accounts must
 * leave it as it is.
 */
describe('the page of one account', () => {
  test.each<[string, string, string]>([
    ['few findings', pageOf(several), '7688290d97656d7f'],
    ['a run before', pageOf(several, { others: [earlier], config }), 'f9875a82e51c3ebd'],
    ['many findings', pageOf(manyFindings(1000)), 'ad37d5a2ed49c709'],
    ['nothing', pageOf([]), '604da9d8671b3d45'],
  ])('with %s has the same bytes, whatever there is for several accounts', (_, page, digest) => {
    expect(createHash('sha256').update(page).digest('hex').slice(0, 16)).toBe(digest);
  });
});
