import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scopesOf } from '../../../cli/audit-input.ts';
import { auditRun } from '../../../cli/audit-run.ts';
import { SILENT } from '../../../cli/progress.ts';
import { resultsOfRun } from '../../../cli/run-results.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { resultsOfAccounts } from '../../support/builders/made-accounts.ts';
import { isPlaceOfPass } from '../../support/builders/pass-places.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

const ofExamples = async (): Promise<readonly Finding[]> => {
  const config = parseConfig(
    readFileSync(join(EXAMPLES, 'pipewarden.yaml'), 'utf8'),
    'pipewarden.yaml',
    CONTROLS.map(({ id }) => id),
  );
  const applied = { config, file: 'pipewarden.yaml' };
  const events = ['access.json', 'pipelines.json', 'step-status.json'];
  const runs = [{}, { events: events.map((file) => join(EXAMPLES, 'events', file)) }];
  const found: Finding[] = [];
  for (const given of runs) {
    const options = { snapshot: [join(EXAMPLES, 'account')], ...given, all: true };
    const run = await auditRun(options, applied, SILENT);
    const { whole } = resultsOfRun(run.judged, scopesOf(run.input), run.selection, applied, true);
    found.push(...whole.findings);
  }
  return found;
};

const ofMadeAccounts = async (): Promise<readonly Finding[]> => {
  const regions = [{ region: 'eu-west-1' }, { region: 'eu-central-1', isFaulty: true }];
  const accounts = ['111122223333', '444455556666'].map((account) => ({ account, regions }));
  return (await resultsOfAccounts(accounts, { all: true })).findings;
};

test.each([
  { of: 'the example account and its events', findings: ofExamples, controls: 20 },
  { of: 'accounts with a pipeline in each Region', findings: ofMadeAccounts, controls: 5 },
])(
  'each pass of $of says first what satisfied the control, and each verdict that does not apply why',
  async ({ findings, controls }) => {
    const told = await findings();
    const passed = told.filter(({ status }) => status === 'PASSED');
    const unnamed = passed.filter(({ evidence: [first] }) => !first || !isPlaceOfPass(first));
    expect(unnamed.map(({ control, evidence }) => ({ control, evidence }))).toEqual([]);
    expect(new Set(passed.map(({ control }) => control)).size).toBeGreaterThan(controls);
    const inapplicable = told.filter(({ status }) => status === 'NOT_APPLICABLE');
    expect(inapplicable.filter(({ remediation }) => remediation.text === '')).toEqual([]);
    expect(inapplicable.length).toBeGreaterThan(0);
  },
);
