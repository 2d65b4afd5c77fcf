import { expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { configurationDigest } from '../../../shared/findings/configuration-digest.ts';

const ROLE = 'arn:aws:iam::111122223333:role/dev';
const CONFIG: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud', pipelines: ['fraud-*'] }],
  roles: { creators: [ROLE] },
  scpException: null,
  finished: { expireDays: 9 },
};

test('the digest of a configuration is that of earlier versions, which findings in the table have', () => {
  expect(configurationDigest(CONFIG)).toBe('h26Rwpw3guYUmhir');
});

test.each<[string, Partial<Config>]>([
  ['alerts', { alerts: { minimumSeverity: 'low' } }],
  ['schedules', { sweep: { schedule: 'rate(1 day)' }, reports: { schedule: 'rate(1 day)' } }],
  ['Security Hub', { securityHub: { resolveWorkflow: true } }],
  ['settings of controls', { controls: { a: { severity: 'low' } } }],
  ['suppressions', { suppressions: [{ control: 'a', resource: ROLE, reason: 'r', expires: '2027-01-31' }] }],
  ['teams that name accounts alone', { teams: [{ name: 'a' }] }],
  ['teams for alerts and reports alone', { teams: [{ name: 'a', resources: ['arn:aws:s3:::a'] }] }],
])('the digest does not depend on %s', (_, parts) => {
  expect(configurationDigest({ ...CONFIG, ...parts })).toBe(configurationDigest(CONFIG));
});

test.each<[string, Partial<Config>]>([
  ['prefixes', { prefixes: [] }],
  ['shares', { sharedWith: [] }],
  ['image buckets', { imageBuckets: { names: ['a'] } }],
  ['teams', { teams: [{ name: 'a', roles: [ROLE], pipelines: ['a'] }] }],
])('the digest depends on %s', (_, parts) => {
  expect(configurationDigest({ ...CONFIG, ...parts })).not.toBe(configurationDigest(CONFIG));
});

test('a team that is called something else tells the controls the same', () => {
  const named = (name: string) =>
    configurationDigest({ ...CONFIG, teams: [{ name, roles: [ROLE], pipelines: ['a'] }] });
  expect(named('a')).toBe(named('b'));
});
