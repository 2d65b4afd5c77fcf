import { describe, expect, test } from '@jest/globals';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Change } from '../../../shared/findings/state.ts';
import { changeRecord, lookRecord, watchRecord } from '../../../shared/history/make-records.ts';
import { historyRecordSchema, type LookRecord } from '../../../shared/history/records.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import {
  contextOf,
  type Options,
  PIPELINE_ARN,
  pipelineOf,
  pipelineRequest,
  TRIGGER,
  training,
} from '../../support/builders/audit.ts';
import { aFinding } from '../../support/builders/finding.ts';

const MADE_BY = { version: '0.1.0', configuration: 'as-it-was' };
const OWN = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

const look = async (options: Options & { countsPasses?: boolean } = {}, request = pipelineRequest()) => {
  const { context } = contextOf(pipelineOf([training('Train')]), [], options);
  const { countsPasses = false } = options;
  const { observations } = await auditResource(request, { ...context, countsPasses, tellsHistory: true });
  return { observations, records: observations.flatMap((each) => lookRecord(each, MADE_BY) ?? []) };
};
const controlsIn = ({ verdicts, notJudged }: LookRecord) => [
  ...new Set([...verdicts, ...notJudged].map(({ control }) => control)),
];

describe('the record of a look', () => {
  test('tells the resource, when and why it was looked at, and fits its schema', async () => {
    const { records } = await look();
    const [record] = records;
    expect(record).toMatchObject({
      at: '2026-11-24T10:00:00.000Z',
      account: '111122223333',
      region: 'eu-west-1',
      ...MADE_BY,
      resource: { type: 'pipeline', arn: PIPELINE_ARN },
      gone: false,
      trigger: TRIGGER,
    });
    for (const each of records) expect(historyRecordSchema.parse(each)).toEqual(each);
  });

  test('names each control of the type of the resource: with a verdict, or with why it did not judge', async () => {
    const { records } = await look({
      config: { controls: { 'step-isolation': { enabled: false, reason: 'not now' } } },
    });
    const [record] = records;
    const ofType = CONTROLS.filter(({ on }) => on.includes('pipeline')).map(({ id }) => id);
    expect(controlsIn(record as LookRecord).toSorted()).toEqual(ofType.toSorted());
    expect(record?.notJudged).toContainEqual({
      control: 'step-isolation',
      why: 'control-off',
      because: 'the control is switched off: not now',
    });
    expect(
      record?.verdicts.filter(({ status }) => status === 'NOT_APPLICABLE').map(({ because }) => because),
    ).not.toContain(undefined);
  });

  test('has what each pass rests on, also where the store only counts passes', async () => {
    const [counted, listed] = [await look({ countsPasses: true }), await look()];
    expect(counted.records).toEqual(listed.records);
    const passed = counted.records[0]?.verdicts.filter(({ status }) => status === 'PASSED') ?? [];
    expect(passed.length).toBeGreaterThan(2);
    for (const { evidence } of passed) expect(evidence.length).toBeGreaterThan(0);
    const open = counted.observations[0]?.findings.map(({ id }) => id);
    expect(
      counted.records[0]?.verdicts
        .filter(({ status }) => !/^(?:PASSED|NOT_APPLICABLE)$/.test(status))
        .map(({ id }) => id),
    ).toEqual(open);
  });

  test('is of a resource that is gone, without verdicts', async () => {
    const { context } = contextOf({});
    const request = { ...pipelineRequest(), deleted: true } as AuditRequest;
    const { observations } = await auditResource(request, { ...context, tellsHistory: true });
    const records = observations.flatMap((each) => lookRecord(each, MADE_BY) ?? []);
    expect(records.map(({ gone, verdicts, notJudged }) => [gone, verdicts, notJudged])).toEqual([
      [true, [], []],
    ]);
  });

  test('is of the job or execution itself, although its findings are grouped on the pipeline', async () => {
    const execution = { executionId: 'a1b2c3d4e5f6', trigger: TRIGGER, parameters: {} };
    const { records, observations } = await look({}, pipelineRequest(execution as never));
    const ran = records.filter(({ resource }) => resource.type === 'execution');
    expect(ran).toHaveLength(1);
    expect(observations.length).toBeGreaterThan(records.length);
  });

  test('is not made where no history is kept', async () => {
    const { context } = contextOf(pipelineOf([training('Train')]));
    const { observations } = await auditResource(pipelineRequest(), context);
    expect(observations.flatMap((each) => lookRecord(each, MADE_BY) ?? [])).toEqual([]);
    for (const each of observations) expect(Object.keys(each)).not.toContain('told');
  });
});

describe('the record of a change', () => {
  const record = (change: Change) => changeRecord(change, OWN, MADE_BY);

  test('tells the finding as channels are told it, without commands', () => {
    const finding = aFinding({
      remediation: { text: 'Mend it.', patch: 'rm', undo: 'touch', changes: 'x' },
      unjudged: { since: '', why: 'unread', because: '' },
    });
    const made = record({ kind: 'opened', finding });
    expect(made).toMatchObject({
      at: finding.lastObservedAt,
      account: '111122223333',
      region: 'eu-west-1',
      change: 'opened',
    });
    expect(made?.finding).toMatchObject({
      remediation: 'Mend it.',
      firstObservedAt: finding.firstObservedAt,
    });
    expect(JSON.stringify(made)).not.toMatch(/patch|undo|unjudged/);
    expect(historyRecordSchema.parse(made)).toEqual(made);
  });

  test.each([
    ['resolved', 'PASSED', { how: 'mended', because: 'it passes' }],
    ['resolved', 'NOT_APPLICABLE', { how: 'not-applicable', because: 'Mend it.' }],
    ['gone', 'FAILED', { how: 'gone', because: 'Mend it.' }],
    ['unjudged', 'FAILED', { how: 'control-off', because: 'it is off' }],
  ] as const)('of a finding that is %s as %s says how it ended', (kind, status, ended) => {
    const finding = aFinding({
      status,
      remediation: { text: 'Mend it.' },
      ...(kind === 'unjudged' && {
        unjudged: { since: '2026-11-24T03:44:05.002Z', why: 'control-off', because: 'it is off' },
      }),
    });
    expect(record({ kind, finding })?.ended).toEqual(ended);
  });

  test('is not made of a finding that is only told again', () => {
    expect(record({ kind: 'refreshed', finding: aFinding() })).toBeUndefined();
  });

  test('is of the home Region where an ARN names none, or one that there is not', () => {
    for (const arn of ['arn:aws:iam::444455556666:role/x', 'arn:aws:sagemaker:../..:444455556666:pipeline/x'])
      expect(
        record({ kind: 'opened', finding: aFinding({ resource: { type: 'role', arn } }) }),
      ).toMatchObject({
        account: '444455556666',
        region: 'eu-west-1',
      });
  });

  test('is the same for each repeat of a change', () => {
    const change: Change = { kind: 'opened', finding: aFinding() };
    expect(record({ ...change, takenBy: ['SNS'] })).toEqual(record(change));
  });
});

test('the record of watching fits its schema', () => {
  const made = watchRecord(
    'sweep-incomplete',
    { at: new Date('2026-11-24T04:00:00Z'), scope: OWN, because: 'a list', listed: { pipeline: 3 } },
    MADE_BY,
  );
  expect(historyRecordSchema.parse(made)).toEqual(made);
});
