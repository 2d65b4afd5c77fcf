import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Finding, STATUSES } from '../../../../shared/domain/finding.ts';
import { runLooksBuilder } from '../../../../shared/findings/run-looks.ts';
import { type Framework, INTERPRETATION } from '../../../../shared/frameworks/framework.ts';
import { FRAMEWORKS } from '../../../../shared/frameworks/frameworks.ts';
import { complianceOf } from '../../../../shared/outputs/formats/compliance.ts';
import { complianceSchema } from '../../../../shared/outputs/formats/compliance-schema.ts';
import {
  complianceCsv,
  complianceMarkdown,
  complianceTable,
} from '../../../../shared/outputs/formats/compliance-views.ts';
import type { Results } from '../../../../shared/outputs/formats/results.ts';
import type { CoverageRow } from '../../../../shared/outputs/formats/run-coverage.ts';
import { toTable } from '../../../../shared/outputs/formats/table.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { everyFinding, HOSTILE, resultsWith } from '../../../support/builders/results.ts';

const FRAMEWORK: Framework = {
  id: 'soc-2',
  name: 'Coffee Act',
  title: 'On coffee',
  publisher: 'The office',
  edition: '2026',
  source: 'https://example.com/coffee',
  note: 'Tea is left out.',
  reviewed: { against: 'published text', on: '2026-11-30', how: 'all of it' },
  requirements: [
    {
      id: '1',
      title: 'Cups are full',
      parts: [{ shows: 'Roles are as they are.', controls: ['step-isolation', 'trail-logging'] }],
      doesNotShow: 'The coffee.',
    },
    {
      id: '2',
      title: 'Mugs are full',
      parts: [{ shows: 'Trails are as they are.', controls: ['trail-logging'] }],
      doesNotShow: 'The mugs.',
    },
  ],
};

const of = (control: string, changes: Partial<Finding> = {}): Finding =>
  aFinding({ id: `${control} ${JSON.stringify(changes)}`, control, ...changes });
const isolated = (changes: Partial<Finding> = {}) => of('step-isolation', changes);
const PASSED_TRAIL = of('trail-logging', { status: 'PASSED', evidence: [] });
const PASSED_STEP = isolated({ status: 'PASSED', evidence: [] });
const ACCEPTED = { suppression: { reason: 'known', expires: '2026-12-31' } };

const looksOf = (passed: readonly string[]) => {
  const builder = runLooksBuilder(['step-isolation', 'trail-logging']);
  builder.add({
    resourceArn: 'arn:aws:iam::111122223333:role/a',
    judged: Object.fromEntries(passed.map((control) => [control, { is: 'passed' as const }])),
    gone: false,
  });
  return builder.looks();
};

const coverageOf = (control: string, changes: Partial<CoverageRow>): CoverageRow => ({
  control,
  ...{ passed: 0, failed: 0, warning: 0, notAvailable: 0, notApplicable: 0, suppressed: 0, notJudged: 0 },
  ...changes,
});

const run = (findings: readonly Finding[], changes: Partial<Results> = {}): Results => ({
  ...resultsWith(findings),
  ...changes,
});
const statusOf = (...runs: Results[]) => complianceOf(FRAMEWORK, runs).requirements[0]?.status;
const outcomeOf = (...runs: Results[]) => complianceOf(FRAMEWORK, runs).controls[0];

describe('a requirement', () => {
  test('is passed where each of its controls judged something, and all of it passed', () => {
    expect(complianceOf(FRAMEWORK, [run([PASSED_STEP, PASSED_TRAIL])])).toEqual({
      framework: {
        id: 'soc-2',
        name: 'Coffee Act',
        title: 'On coffee',
        edition: '2026',
        source: 'https://example.com/coffee',
        reviewed: 'published text, 2026-11-30',
      },
      interpretation: `${INTERPRETATION} Tea is left out.`,
      controls: ['step-isolation', 'trail-logging'].map((control) => ({
        control,
        status: 'passed',
        ...{ passed: 1, failed: 0, warning: 0, notAvailable: 0, suppressed: 0 },
      })),
      requirements: FRAMEWORK.requirements.map(({ id, title, parts, doesNotShow }) => ({
        id,
        title,
        status: 'passed',
        parts: parts.map((part) => ({ ...part, status: 'passed' })),
        doesNotShow,
      })),
    });
  });

  test('is passed by what a run says it looked at, where passes are not listed', () => {
    expect(statusOf(run([], { looks: looksOf(['step-isolation', 'trail-logging']) }))).toBe('passed');
    expect(statusOf(run([], { looks: looksOf(['step-isolation']) }))).toBe('not-judged');
  });

  test.each<[string, Finding[], Partial<Results>, string]>([
    ['failed', [isolated(), PASSED_STEP, PASSED_TRAIL], {}, 'failed'],
    ['at risk', [isolated({ status: 'WARNING' }), PASSED_TRAIL], {}, 'warning'],
    ['unread', [isolated({ status: 'NOT_AVAILABLE' }), PASSED_TRAIL], {}, 'unread'],
    ['accepted until a day', [isolated(ACCEPTED), PASSED_TRAIL], {}, 'accepted'],
    ['about nothing that was found', [PASSED_TRAIL], {}, 'not-judged'],
    [
      'about nothing that applies',
      [isolated({ status: 'NOT_APPLICABLE', evidence: [] }), PASSED_TRAIL],
      {},
      'not-judged',
    ],
    [
      'of a control that is switched off, whatever else passed',
      [PASSED_STEP, PASSED_TRAIL],
      { controlsOff: [{ control: 'step-isolation', why: 'control-off', because: 'it is off' }] },
      'not-judged',
    ],
    [
      'of a control that is off in one of the accounts',
      [PASSED_STEP, PASSED_TRAIL],
      {
        controlsOff: [
          { control: 'trail-logging', why: 'control-off', because: 'it is off', accounts: ['444455556666'] },
        ],
      },
      'not-judged',
    ],
    [
      'of a Region that could not be read',
      [PASSED_STEP, PASSED_TRAIL],
      {
        scopes: [
          { account: '111122223333', region: 'eu-west-1', coverage: 'judged' },
          { account: '111122223333', region: 'us-east-1', coverage: 'not-judged', because: 'it is off' },
        ],
      },
      'unread',
    ],
    [
      'of an account whose pipelines could not be listed',
      [
        PASSED_STEP,
        PASSED_TRAIL,
        of('evidence-readable', {
          status: 'NOT_AVAILABLE',
          resource: { type: 'account', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:*' },
        }),
      ],
      {},
      'unread',
    ],
    [
      'of some resources, while it is not known whether the control applies to another',
      [PASSED_STEP, PASSED_TRAIL],
      { coverage: [coverageOf('step-isolation', { passed: 1, notJudged: 1, why: 'pipeline a: gone' })] },
      'not-judged',
    ],
    [
      'of results which do not say what the run was narrowed to',
      [PASSED_STEP, PASSED_TRAIL],
      { schemaVersion: '1.0' },
      'unread',
    ],
  ])('is not passed by verdicts that are %s', (_title, findings, changes, status) => {
    expect(statusOf(run(findings, changes))).toBe(status);
  });

  test('is never passed while anything of its controls is open, off or not judged', () => {
    const finding = fc.record({
      control: fc.constantFrom('step-isolation', 'trail-logging'),
      status: fc.constantFrom(...STATUSES),
      isAccepted: fc.boolean(),
      name: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 8 }), (made) => {
        const findings = made.map(({ control, status, isAccepted, name }, index) =>
          aFinding({
            id: String(index),
            control,
            status,
            resource: { type: 'role', arn: `arn:aws:iam::111122223333:role/${name}` },
            ...(isAccepted && ACCEPTED),
          }),
        );
        const isOpen = ({ status }: Finding) => !['PASSED', 'NOT_APPLICABLE'].includes(status);
        const hasPass = (control: string) =>
          findings.some((each) => each.control === control && each.status === 'PASSED');
        expect(statusOf(run(findings)) === 'passed').toBe(
          !findings.some(isOpen) && hasPass('step-isolation') && hasPass('trail-logging'),
        );
      }),
    );
  });
});

describe('the reason of a control', () => {
  test.each<[string, Partial<Results>, string]>([
    ['the results say nothing of passes', {}, 'the results do not say what passed'],
    ['the run found nothing', { looks: looksOf([]) }, 'the run found nothing that it judges'],
    [
      'the run was about events',
      { looks: looksOf([]), mode: 'events' },
      'none of the events was about what it judges',
    ],
    [
      'the run left it out',
      { looks: { controls: [], resources: {}, passed: '' } },
      'the run left the control out',
    ],
  ])('is told where %s', (_title, changes, why) => {
    expect(outcomeOf(run([], changes))).toMatchObject({ status: 'not-judged', why });
  });

  test('is that of an exception', () => {
    expect(outcomeOf(run([isolated(ACCEPTED)]))).toMatchObject({
      status: 'accepted',
      suppressed: 1,
      why: 'accepted until 2026-12-31: known',
    });
  });

  test('is what could not be read', () => {
    const evidence = [{ at: 's3:GetBucketPolicy', found: 'AccessDenied: no', expected: 'an answer' }];
    expect(outcomeOf(run([isolated({ status: 'NOT_AVAILABLE', evidence })]))).toMatchObject({
      status: 'unread',
      notAvailable: 1,
      why: 's3:GetBucketPolicy: AccessDenied: no',
    });
  });
});

describe('several runs', () => {
  const other = (findings: Finding[], changes: Partial<Results> = {}) =>
    run(findings, { account: '444455556666', looks: looksOf([]), ...changes });

  test('count together, and the worst of them is the status', () => {
    const failing = other([
      isolated({ resource: { type: 'role', arn: 'arn:aws:iam::444455556666:role/a' } }),
    ]);
    expect(outcomeOf(run([PASSED_STEP]), failing)).toMatchObject({ status: 'failed', passed: 1, failed: 1 });
  });

  test('pass where one of them found nothing to judge, but not where one did not judge', () => {
    const passing = run([PASSED_STEP, PASSED_TRAIL]);
    expect(statusOf(passing, other([]))).toBe('passed');
    expect(
      statusOf(
        passing,
        other([], { controlsOff: [{ control: 'step-isolation', why: 'control-off', because: 'off' }] }),
      ),
    ).toBe('not-judged');
  });

  test('do not pass where one of them could not read everything, or does not know whether there was something to judge', () => {
    const passing = run([PASSED_STEP, PASSED_TRAIL]);
    const unlisted = of('evidence-readable', {
      status: 'NOT_AVAILABLE',
      resource: { type: 'account', arn: 'arn:aws:sagemaker:eu-west-1:444455556666:*' },
    });
    expect(statusOf(passing, other([unlisted]))).toBe('unread');
    expect(statusOf(passing, other([], { coverage: [coverageOf('step-isolation', { notJudged: 1 })] }))).toBe(
      'not-judged',
    );
  });
});

test('what is told of each framework fits the schema, whatever the findings say', () => {
  for (const framework of FRAMEWORKS) {
    const compliance = complianceOf(framework, [run(everyFinding())]);
    expect(complianceSchema.safeParse(compliance)).toMatchObject({ success: true });
    expect(compliance.requirements.map(({ id }) => id)).toEqual(framework.requirements.map(({ id }) => id));
  }
});

describe('the views', () => {
  const compliance = complianceOf(FRAMEWORK, [run([isolated(), PASSED_TRAIL])]);
  const plainPage = { width: 80, paint: (_style: string, text: string) => text };

  test('tell requirements, what controls found, and what no control shows in a terminal', () => {
    const table = complianceTable(compliance, plainPage);
    expect(table).toContain(
      'Coffee Act 1  Cups are full\n  FAILED\n    step-isolation: 1 failed\n    trail-logging: 1 passed\n    No control shows: The coffee.\n\nCoffee Act 2  Mugs are full\n  ALL PASSED\n',
    );
    expect(table.endsWith('2 requirements: 1 failed, 1 all passed\n')).toBe(true);
    expect(table.replaceAll('\n', ' ')).toContain('It does not say that a requirement is met.');
  });

  test('say that a run of events judged no other resources', () => {
    const said = 'The runs judged only the resources of their events.';
    const ofEvents = complianceOf(FRAMEWORK, [run([PASSED_STEP], { mode: 'events' })]);
    expect(complianceTable(ofEvents, plainPage).replaceAll('\n', ' ')).toContain(said);
    expect(complianceCsv(ofEvents, run([]))).toContain(said);
    expect(complianceMarkdown(ofEvents).replaceAll('\\', '')).toContain(said);
    expect(
      complianceOf(FRAMEWORK, [run([PASSED_STEP], { mode: 'events' }), run([PASSED_STEP])]).interpretation,
    ).toMatch(/ Some runs judged only the resources of their events\.$/);
  });

  test('say that an audit of templates or plans judged nothing else', () => {
    const { interpretation } = complianceOf(FRAMEWORK, [run([PASSED_STEP], { mode: 'declared' })]);
    expect(interpretation).toMatch(/ The runs judged only what templates or plans declare\.$/);
    expect(complianceOf(FRAMEWORK, [run([PASSED_STEP], { mode: 'all' })]).interpretation).toMatch(
      / Tea is left out\.$/,
    );
  });

  test('have a row for each control of each requirement in CSV', () => {
    const [head, ...rows] = complianceCsv(compliance, run([]))
      .split('\r\n')
      .filter((line) => line !== '');
    expect(head).toBe(
      '"framework","requirement","title","requirement_status","shows","control","control_status","passed","failed","warning","not_available","suppressed","why","does_not_show","account","region","generated_at","interpretation"',
    );
    expect(rows.map((row) => row.split(',').slice(0, 12).join())).toEqual([
      '"Coffee Act","1","Cups are full","failed","Roles are as they are.","step-isolation","failed","0","1","0","0","0"',
      '"Coffee Act","1","Cups are full","failed","Roles are as they are.","trail-logging","passed","1","0","0","0","0"',
      '"Coffee Act","2","Mugs are full","passed","Trails are as they are.","trail-logging","passed","1","0","0","0","0"',
    ]);
  });

  test('are a table in Markdown', () => {
    expect(complianceMarkdown(compliance)).toContain(
      '| **1** Cups are full | failed | `step-isolation`: 1 failed<br>`trail-logging`: 1 passed | The coffee\\. |',
    );
  });

  test.each(HOSTILE.map((name) => [JSON.stringify(name), name]))('hold the reason %s', (_title, reason) => {
    const hostile = complianceOf(FRAMEWORK, [
      run([isolated({ suppression: { reason, expires: '2026-12-31' } })]),
    ]);
    const table = complianceTable(hostile, plainPage);
    expect(table.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    const lines = complianceMarkdown(hostile).split('\n');
    expect(lines.filter((line) => line.startsWith('| **'))).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/(?<!\\)<(?:script|img)|(?<!\\)\]\(|@(?!<!-- -->)/);
    expect(complianceCsv(hostile, run([])).split('\r\n')).toHaveLength(5);
  });

  test('take the place of the findings in the table, with the counts of the run', () => {
    const table = toTable({ ...run([isolated()]), compliance }, { width: 100, color: false });
    expect(table).toContain('Coffee Act 1  Cups are full');
    expect(table).toContain('1 evaluated: 0 passed, 1 failed');
    expect(table).not.toContain('pipewarden explain');
  });
});
