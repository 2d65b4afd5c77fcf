import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../../../shared/config/parse-config.ts';
import type { FileConfig } from '../../../../shared/config/schema.ts';
import { CONTROLS } from '../../../../shared/controls/index.ts';
import type { Judgement } from '../../../../shared/domain/judgement.ts';
import {
  exceptionsLine,
  exceptionsRegister,
  exceptionsTogether,
} from '../../../../shared/outputs/formats/exceptions-register.ts';
import {
  addedUp,
  coverageLine,
  coverageRows,
  lookCountsBuilder,
} from '../../../../shared/outputs/formats/run-coverage.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const CONTROL = aFinding().control;
const suppression = { reason: 'known', expires: '2026-12-31' };

describe('the coverage of a run', () => {
  const builder = lookCountsBuilder();
  builder.add({
    resourceArn: 'arn:aws:iam::111122223333:role/a',
    counted: { [CONTROL]: { passed: 2, notApplicable: 1 }, off: { notApplicable: 1 } },
    judged: { [CONTROL]: { is: 'passed' }, off: { is: 'left-out', why: 'control-off', because: 'PLAT-1' } },
  });
  const rows = coverageRows({
    controls: [CONTROL, 'off', 'other', 'evidence-readable', 'empty'],
    chosen: [CONTROL, 'off', 'evidence-readable', 'empty'],
    looks: builder.looks(),
    findings: [
      aFinding(),
      aFinding({ status: 'WARNING' }),
      aFinding({ status: 'NOT_AVAILABLE' }),
      aFinding({ suppression }),
      aFinding({ control: 'evidence-readable', status: 'PASSED' }),
    ],
  });

  test('counts each verdict once, what is suppressed apart, and what is merely readable not at all', () => {
    expect(rows[0]).toEqual({
      control: CONTROL,
      passed: 2,
      failed: 1,
      warning: 1,
      notAvailable: 1,
      notApplicable: 1,
      suppressed: 1,
      notJudged: 0,
    });
    expect(rows[3]).toMatchObject({ control: 'evidence-readable', passed: 0 });
  });

  test('says why a control judged nothing', () => {
    expect(rows[1]).toMatchObject({ notApplicable: 0, notJudged: 1, why: 'PLAT-1' });
    expect(rows[2]?.why).toBe('the run was narrowed to other controls');
    expect(rows[4]?.why).toBe('the run came to nothing that it judges');
    expect(coverageLine(rows)).toMatch(/^1 of 5 controls judged something; none of off, other/);
  });

  test('tells what nobody knows to apply as not judged, whether or not verdicts that ask for nothing are listed', () => {
    const resourceArn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/a';
    const because = 'nothing that was read tells of shares';
    const rowWith = (isListed: boolean, judgement: Judgement) => {
      const looked = lookCountsBuilder();
      const counted = isListed ? {} : { counted: { [CONTROL]: { notApplicable: 1 } } };
      looked.add({ resourceArn, judged: { [CONTROL]: judgement }, ...counted });
      const resource = { type: 'pipeline', arn: resourceArn } as const;
      const findings = isListed ? [aFinding({ status: 'NOT_APPLICABLE', resource })] : [];
      return coverageRows({ controls: [CONTROL], chosen: [CONTROL], findings, looks: looked.looks() })[0];
    };
    for (const isListed of [true, false]) {
      expect(rowWith(isListed, { is: 'ungathered', because })).toMatchObject({
        ...{ notApplicable: 0, notJudged: 1, why: because },
      });
      expect(rowWith(isListed, { is: 'ungathered', because, isInapplicable: true })).toMatchObject({
        ...{ notApplicable: 1, notJudged: 0 },
      });
    }
  });

  test('adds up several runs, and does not tell a number that one of them does not tell', () => {
    const sum = coverageRows({
      controls: [CONTROL],
      chosen: [CONTROL],
      findings: [],
      looks: [],
      isSumOnly: true,
    });
    expect(addedUp([rows, rows])[0]).toMatchObject({ passed: 4, suppressed: 2 });
    expect(addedUp([rows, sum])[0]).not.toHaveProperty('passed');
  });
});

describe('the register of exceptions', () => {
  const config = parseConfig(
    `version: 1
controls:
  trail-logging: { enabled: false, reason: central trail, owner: platform, ticket: PLAT-1 }
suppressions:
  - control: ${CONTROL}
    resource: "${aFinding().resource.arn}"
    reason: known
    expires: 2026-12-31
    owner: ml
    approvedBy: Ana
    approvedOn: 2026-11-02
`,
    'pipewarden.yaml',
    CONTROLS.map(({ id }) => id),
  );
  const entries = exceptionsRegister(config, [aFinding({ suppression, severity: 'CRITICAL' }), aFinding()]);

  test('tells who stands for each, what it covers and how grave that is', () => {
    expect(entries).toEqual([
      {
        kind: 'suppression',
        control: CONTROL,
        at: 'suppressions[0]',
        resource: aFinding().resource.arn,
        reason: 'known',
        expires: '2026-12-31',
        owner: 'ml',
        approvedBy: 'Ana',
        approvedOn: '2026-11-02',
        findings: 1,
        severity: 'CRITICAL',
      },
      {
        kind: 'control-off',
        control: 'trail-logging',
        at: 'controls.trail-logging',
        reason: 'central trail',
        owner: 'platform',
        ticket: 'PLAT-1',
      },
    ]);
  });

  test('reminds of what ends within 30 days', () => {
    expect(exceptionsLine(entries, '2026-12-01T00:00:00Z')).toBe(
      `2 exceptions; within 30 days: ${CONTROL} on ${aFinding().resource.arn} ends on 2026-12-31`,
    );
    expect(exceptionsLine(entries, '2026-11-01T00:00:00Z')).toBe('2 exceptions');
    expect(exceptionsLine([], '2026-11-01T00:00:00Z')).toBeUndefined();
  });

  test('has each exception of several runs once, with all that it covers, if each run tells it', () => {
    const [, off] = entries;
    const none = exceptionsRegister(config, []);
    expect(exceptionsTogether([none, entries, entries])).toEqual([
      { ...entries[0], findings: 2, severity: 'CRITICAL' },
      off,
    ]);
    const untold = none.map(({ findings: _, ...entry }) => entry);
    expect(exceptionsTogether([untold, entries])[0]).not.toHaveProperty('findings');
  });

  test('counts each finding once, for an exception that covers it', () => {
    const { arn } = aFinding().resource;
    const same = { control: CONTROL, reason: 'known', expires: '2026-12-31' };
    const counts = (suppressions: NonNullable<FileConfig['suppressions']>, more: Partial<FileConfig> = {}) =>
      exceptionsRegister({ version: 1, suppressions, ...more }, [
        aFinding({ suppression, subject: 'Train' }),
        aFinding({ suppression, subject: 'Evaluate' }),
      ]).map(({ at, findings }) => [at, findings]);
    expect(
      counts([
        { ...same, resource: arn },
        { ...same, resource: arn.replace('fraud', 'f*') },
      ]),
    ).toEqual([
      ['suppressions[0]', 2],
      ['suppressions[1]', 0],
    ]);
    expect(
      counts([
        { ...same, resource: arn, step: 'Tr*' },
        { ...same, resource: arn, step: 'Evaluate' },
      ]),
    ).toEqual([
      ['suppressions[0]', 1],
      ['suppressions[1]', 1],
    ]);
    const overrides = ['444455556666', '111122223333'].map((account) => ({
      accounts: [account],
      suppressions: [{ ...same, resource: arn }],
    }));
    expect(counts([], { overrides })).toEqual([
      ['overrides[0].suppressions[0]', 0],
      ['overrides[1].suppressions[0]', 2],
    ]);
  });

  test('has what a definition or template suppresses of itself', () => {
    const [only] = exceptionsRegister({ version: 1 }, [aFinding({ suppression })]);
    expect(only).toMatchObject({ kind: 'suppression', control: CONTROL, findings: 1, reason: 'known' });
  });
});
