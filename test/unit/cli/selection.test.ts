import { describe, expect, test } from '@jest/globals';
import { OF_ACCOUNT, type SelectionOptions, selectionOf } from '../../../cli/selection.ts';
import type { Config, FileConfig } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { aFinding } from '../../support/builders/finding.ts';

const CONFIG: Config = {
  version: 1,
  prefixes: [
    { prefix: 'fraud-train', pipelines: ['fraud-*'], roles: [roleArn('pipelines/fraud')] },
    { prefix: 'vision', pipelines: ['vision-*'] },
    { prefix: 'pipelines' },
  ],
};
const select = (options: SelectionOptions, run?: Parameters<typeof selectionOf>[3]) =>
  selectionOf(options, CONTROLS, CONFIG, run);
const on = (type: 'pipeline' | 'role' | 'account', arn: string, more = {}) =>
  aFinding({ resource: { type, arn }, ...more });
const FRAUD = on('pipeline', sagemakerArn('pipeline/fraud-daily'));
const VISION = on('pipeline', sagemakerArn('pipeline/vision-scans'));

describe('the controls of a run', () => {
  const idsOf = (options: SelectionOptions) => select(options).controls.map(({ id }) => id);
  test('are all, those that are named with the one that tells gaps, or all but some', () => {
    expect(idsOf({})).toEqual(CONTROLS.map(({ id }) => id));
    expect(idsOf({ control: ['step-isolation'] })).toEqual(['evidence-readable', 'step-isolation']);
    expect(idsOf({ control: ['step-isolation'], skip: ['evidence-readable'] })).toEqual(['step-isolation']);
    expect(idsOf({ skip: ['step-isolation'] })).toHaveLength(CONTROLS.length - 1);
  });

  test.each<[SelectionOptions, RegExp]>([
    [
      { control: ['step-isolatio'] },
      /^--control: there is no control "step-isolatio"; did you mean "step-isolation"\?/,
    ],
    [{ skip: ['x'] }, /^--skip: there is no control "x"\n/],
    [{ control: ['step-isolation'], skip: ['step-isolation', 'evidence-readable'] }, /leave no control/],
    [{ team: 'frau' }, /^--team: the configuration has no team "frau"; did you mean "fraud"\?/],
    [{ team: 'pipelines' }, /^--team: the configuration has no team "pipelines"/],
  ])('%j is refused', (options, message) => {
    expect(() => select(options)).toThrow(message);
  });

  test('a control that needs an account is refused for files', () => {
    const ofFiles = CONTROLS.filter(({ lint }) => lint);
    expect(() => selectionOf({ control: ['step-isolation'] }, ofFiles, CONFIG)).toThrow(
      /^--control step-isolation: this control needs more than files; lint has definition-valid, /,
    );
  });
});

describe('the findings of a run', () => {
  const ofAccount = on('account', 'arn:aws:iam::111122223333:root', { status: 'NOT_AVAILABLE' });
  test('of resources, by ARN, name and pattern', () => {
    for (const pattern of ['fraud-*', 'FRAUD-DAILY', FRAUD.resource.arn, '*:pipeline/fraud-daily']) {
      const { concerns } = select({ resource: [pattern] });
      expect([FRAUD, VISION, ofAccount].map(concerns)).toEqual([true, false, true]);
    }
  });

  test('of a team, by its pipelines and roles', () => {
    const { concerns } = select({ team: 'fraud' });
    const role = on('role', roleArn('pipelines/fraud'));
    const other = on('role', roleArn('pipelines/vision'));
    expect([FRAUD, VISION, role, other, ofAccount].map(concerns)).toEqual([true, false, true, false, true]);
  });

  test('of a team that the configuration names, which the run’s own configuration has where it works', () => {
    const config: FileConfig = {
      version: 1,
      teams: [
        { name: 'vision', accounts: ['444455556666'], pipelines: ['vision-*'] },
        { name: 'fraud', organizationalUnits: ['ou-ab12-11111111'] },
      ],
    };
    const concerned = (team: string, own?: Config) =>
      [FRAUD, VISION].map(
        selectionOf({ team }, CONTROLS, config, { ...OF_ACCOUNT, ...(own && { own }) }).concerns,
      );
    expect(concerned('vision')).toEqual([false, false]);
    // Without the account’s unit, it may be the team’s: more is shown then, and nothing is left out.
    expect(concerned('fraud')).toEqual([true, true]);
    expect(concerned('fraud', { version: 1, teams: [{ name: 'fraud' }] })).toEqual([true, true]);
    expect(concerned('fraud', { version: 1, teams: [] })).toEqual([false, false]);
    expect(() => selectionOf({ team: 'visoin' }, CONTROLS, config)).toThrow(
      '--team: the configuration has no team "visoin"; did you mean "vision"?: its teams are vision, fraud',
    );
  });

  test('of a team, of files: those of which the pipeline is not told stay', () => {
    const names: Record<string, string> = { 'a.json': 'fraud-daily', 'b.json': 'vision-scans' };
    const { concerns } = select(
      { team: 'fraud' },
      { isOfFiles: true, pipelineIn: ({ resource }) => names[resource.arn] },
    );
    expect(['a.json', 'b.json', 'c.json'].map((path) => concerns(on('pipeline', path)))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('of a severity are listed, and all count', () => {
    const { isListed, concerns, told } = select({ severity: 'high' });
    const low = on('pipeline', 'a', { severity: 'MEDIUM' });
    expect([
      isListed(low),
      concerns(low),
      isListed(on('pipeline', 'a', { severity: 'CRITICAL' })),
      told,
    ]).toEqual([false, true, true, { severity: 'high' }]);
  });

  test('of no control is refused, as an unset variable of a workflow would judge nothing', () => {
    expect(() => select({ control: [] })).toThrow('--control: it names no control');
    expect(() => select({ skip: [] })).not.toThrow();
  });

  test('that nothing is meant by is refused, as it would look clean', () => {
    expect(() =>
      select({ resource: ['nobody'], team: 'vision' }).requireSome([FRAUD, VISION, ofAccount]),
    ).toThrow('--resource nobody --team vision: nothing of what was judged is meant by it');
    expect(() => select({}).requireSome([])).not.toThrow();
  });
});
