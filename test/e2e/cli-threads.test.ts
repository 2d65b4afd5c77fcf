import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { audit, snapshotReader } from '../../cli/audit.ts';
import { LARGE } from '../../cli/second-thread.ts';
import { parseConfig } from '../../shared/config/parse-config.ts';
import { ownConfig } from '../support/builders/own-config.ts';
import {
  CLEAN,
  definitionOf,
  described,
  type Files,
  inFolder,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';

/** Enough pipelines that a second thread starts; some have faults, and two cannot be read. */
const MANY: Files = Object.fromEntries(
  Array.from({ length: LARGE + 50 }, (_, index) => {
    const name = `fraud-${String(index).padStart(3, '0')}`;
    const base = index % 60 === 7 ? 'other' : 'fraud';
    const definition = definitionOf(trainStep(base, index % 80 === 5 ? 'admin' : 'steps/train'));
    const isBroken = index === 3 || index === LARGE + 40;
    return [
      `account/sagemaker/pipelines/${name}/pipeline.json`,
      isBroken ? '{"PipelineName": ' : described(name, definition),
    ];
  }),
);

const CONFIG = `version: 1
prefixes:
  - prefix: fraud
roles:
  steps: [arn:aws:iam::111122223333:role/steps/*]
`;

const UNREAD: Files = { 'account/iam/account-authorization-details.json': '{"RoleDetailList": ' };

test.each<[string, string[], Files]>([
  ['what is open', [], {}],
  ['all verdicts', ['--all'], {}],
  ['what is open, where roles cannot be read', [], UNREAD],
])('two threads find what one finds: %s', async (_, flags, files) => {
  await inFolder({ ...CLEAN, ...MANY, ...files, 'pipewarden.yaml': CONFIG }, async (cwd) => {
    const ran = await run(['audit', '--snapshot', 'account', '--format', 'json', ...flags], { cwd });
    const { findings, summary } = resultsOf(ran);
    const quiet = { say: () => {}, count: () => {}, endCount: () => {} };
    const config = ownConfig(parseConfig(CONFIG, 'pipewarden.yaml', []));
    const reader = await snapshotReader(join(cwd, 'account'));
    const alone = await audit([reader], config, undefined, quiet, { all: true });
    const shown = alone.findings.filter(
      ({ status }) => flags.length > 0 || !['PASSED', 'NOT_APPLICABLE'].includes(status),
    );
    const told = (all: typeof shown) =>
      all
        .map(({ firstObservedAt: _f, lastObservedAt: _l, ...finding }) => JSON.stringify(finding))
        .toSorted();
    expect(told(findings)).toEqual(told(shown));
    expect(ran.status).toBe(1);
    expect(summary.failed).toBeGreaterThanOrEqual(8);
    expect(findings.filter(({ control }) => control === 'evidence-readable').length).toBeGreaterThanOrEqual(
      2,
    );
    expect(summary.passed).toBe(
      alone.findings.filter(
        // Readable evidence does not count as a passed rule.
        ({ status, control }) => status === 'PASSED' && control !== 'evidence-readable',
      ).length,
    );
  });
});
