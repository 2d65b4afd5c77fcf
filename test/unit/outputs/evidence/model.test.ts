import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { memberKey } from '../../../../shared/outputs/evidence/population.ts';
import { STANDINGS, talliesOf } from '../../../../shared/outputs/evidence/tallies.ts';
import { ASKED, packOf } from '../../../support/builders/evidence-pack.ts';
import { aChange, aLook, anyRecord, aVerdict } from '../../../support/builders/history.ts';
import { seeded, shuffled } from '../../../support/builders/seeded.ts';

const modelOf = async (records: readonly HistoryRecord[], asked = ASKED) =>
  (await packOf(records, { asked })).model;

const at = (day: number, hour = 3): string =>
  `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;

const look = (day: number, changes: Parameters<typeof aLook>[0] = {}, hour = 3) =>
  aLook({ at: at(day, hour), evidenceAt: at(day, hour), notJudged: [], ...changes });

const records = fc.array(anyRecord, { maxLength: 25 });

describe('the population', () => {
  test('has no resource without a look of the period', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (any) => {
        const { members, begin, end } = await modelOf(any);
        const looked = new Set(
          any.flatMap((each) =>
            each.kind === 'look' && each.at >= begin && each.at < end ? memberKey(each) : [],
          ),
        );
        expect(new Set(members.keys())).toEqual(looked);
      }),
    );
  });

  test('says when a resource was first and last seen, that it is gone, and which versions there were', async () => {
    const { members } = await modelOf([
      look(18, { pipelineVersion: 2 }),
      look(21, { pipelineVersion: 3 }),
      look(22, { pipelineVersion: 4 }),
      look(23, { gone: true, verdicts: [] }),
      look(24, { gone: true, verdicts: [] }),
    ]);
    expect([...members.values()]).toEqual([
      expect.objectContaining({
        seenBefore: at(18),
        seen: { first: at(21), last: at(22), looks: 2 },
        goneAt: at(23),
        versions: new Map([
          [3, { first: at(21), last: at(21), looks: 1 }],
          [4, { first: at(22), last: at(22), looks: 1 }],
        ]),
      }),
    ]);
  });

  test('does not call gone what a later look saw again', async () => {
    const { members } = await modelOf([look(21, { gone: true, verdicts: [] }), look(22)]);
    expect([...members.values()][0]).not.toHaveProperty('goneAt');
  });

  test('lacks what was seen before the period alone, which is told as a gap; what has run is not', async () => {
    const execution = {
      type: 'execution',
      arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/f/execution/a',
    } as const;
    const { members, gaps } = await modelOf([look(19), look(19, { resource: execution })]);
    expect(members.size).toBe(0);
    expect(gaps.filter(({ kind }) => kind === 'not-looked-at').map(({ because }) => because)).toEqual([
      `pipeline arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud was seen at ${at(19)}, and nobody looked at it in the period`,
    ]);
  });
});

describe('the verdicts', () => {
  test('come to the same whatever the order of the records is, and however often each comes', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.integer(), async (any, seed) => {
        const made = await packOf(any);
        const again = await packOf(shuffled([...any, ...any], seeded(seed)));
        expect(again.files).toEqual(made.files);
      }),
      { numRuns: 60 },
    );
  });

  test('add up to the population, at the beginning and at the end', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (any) => {
        for (const { population, begin, end } of talliesOf(await modelOf(any)))
          for (const counts of [begin, end])
            expect(STANDINGS.reduce((sum, standing) => sum + counts[standing], 0)).toBe(population);
      }),
    );
  });

  test('pass only where a look of the last 48 hours said so, and what has run where any look did', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (any) => {
        const model = await modelOf(any);
        const passes = any.flatMap((each) =>
          each.kind === 'look' && !each.gone && each.at < model.end
            ? each.verdicts
                .filter(({ status }) => status === 'PASSED')
                .map(({ control }) => [control, memberKey(each)])
            : [],
        );
        for (const { control, end } of talliesOf(model)) {
          const of = new Set(passes.filter(([name]) => name === control).map(([, key]) => key));
          expect(end.passed).toBeLessThanOrEqual(of.size);
        }
      }),
    );
    const [stale] = talliesOf(await modelOf([look(21, { verdicts: [aVerdict({ status: 'PASSED' })] })]));
    expect(stale?.end).toMatchObject({ passed: 0, 'not-looked-at': 1 });
  });

  test.each([
    [
      'was switched off',
      { verdicts: [], notJudged: [{ control: 'step-isolation', why: 'control-off', because: 'off' }] },
      'not-judged',
    ],
    ['could not be read', { verdicts: [aVerdict({ status: 'NOT_AVAILABLE' })] }, 'unknown'],
    ['said nothing more', { verdicts: [] }, 'no-verdict'],
    [
      'was accepted',
      { verdicts: [aVerdict({ suppression: { reason: 'r', expires: '2027-01-31' } })] },
      'accepted',
    ],
    ['is of what is gone', { verdicts: [], gone: true }, 'gone'],
    ['passed', { verdicts: [aVerdict({ status: 'PASSED' })] }, 'passed'],
  ] as const)('of a control that failed and then %s is told as that', async (_, then, standing) => {
    const { verdicts, ...rest } = then;
    const notJudged = 'notJudged' in rest ? [...rest.notJudged] : [];
    const [tally] = talliesOf(
      await modelOf([look(25), look(26, { ...rest, notJudged, verdicts: [...verdicts] })]),
    );
    expect(tally).toMatchObject({ population: 1, everAtFault: 1, mended: 0 });
    expect(tally?.end[standing]).toBe(1);
  });

  test('are stretches of looks that said the same, with the newest evidence', async () => {
    const other = [{ at: '/Steps/1', found: 'b', expected: 'c' }];
    const { stretches } = await modelOf([
      look(19),
      look(21),
      look(22, { verdicts: [aVerdict({ evidence: other })] }),
      look(23, { verdicts: [aVerdict({ status: 'PASSED' })] }),
    ]);
    expect(stretches).toMatchObject([
      { said: 'FAILED', first: at(19), last: at(22), looks: 3, evidence: other, atBegin: true, atEnd: false },
      { said: 'PASSED', first: at(23), last: at(23), looks: 1, atBegin: false, atEnd: false },
    ]);
  });

  test('of a look that rests on older evidence than an earlier look change nothing', async () => {
    const late = look(26, { evidenceAt: at(24), verdicts: [aVerdict({ status: 'PASSED' })] });
    const { stretches } = await modelOf([look(25), late]);
    expect(stretches.map(({ said }) => said)).toEqual(['FAILED']);
  });

  test('of a look that several records tell are those of one look', async () => {
    const [one, other] = [aVerdict({ id: 'a', status: 'PASSED' }), aVerdict({ id: 'b', status: 'PASSED' })];
    const { stretches, looks } = await modelOf(
      [25, 26].flatMap((day) => [look(day, { verdicts: [one] }), look(day, { verdicts: [other] })]),
    );
    expect(looks).toBe(2);
    expect(stretches).toMatchObject([
      { id: 'a', looks: 2, atEnd: true },
      { id: 'b', looks: 2, atEnd: true },
    ]);
  });
});

describe('openings, ends and exceptions', () => {
  test('are counted by what the changes say: mended is nothing but mended', async () => {
    const end = (
      how: NonNullable<ReturnType<typeof aChange>['ended']>['how'],
      change: 'gone' | 'resolved' | 'unjudged',
    ) => aChange({ change, ended: { how, because: 'b' } });
    const [tally] = talliesOf(
      await modelOf([
        aChange(),
        end('mended', 'resolved'),
        end('gone', 'gone'),
        end('control-off', 'unjudged'),
      ]),
    );
    expect(tally).toMatchObject({ population: 0, opened: 1, mended: 1, endedOtherwise: 2 });
  });

  test('have the event of the look that found them, never that of an earlier look', async () => {
    const [opening, deletion] = ['UpdatePipeline', 'DeletePipeline'].map((eventName) => ({
      eventId: eventName,
      eventName,
      eventTime: at(21),
    }));
    if (!opening || !deletion) throw new Error('no events');
    const finding = {
      ...aChange().finding,
      trigger: opening,
      principal: 'arn:aws:iam::111122223333:role/opener',
    };
    const opened = aChange({ at: at(21), finding });
    const gone = aChange({ at: at(22), change: 'gone', ended: { how: 'gone', because: 'b' }, finding });
    const byOf = async (records: HistoryRecord[]) => (await modelOf(records)).changes.map(({ by }) => by);
    expect(await byOf([opened, gone])).toEqual([finding, 'not recorded']);
    const looks = [look(21), look(22, { gone: true, verdicts: [], trigger: deletion })];
    const [first, second] = await byOf([opened, gone, ...looks]);
    expect(first).not.toHaveProperty('trigger');
    expect(second).toMatchObject({ trigger: deletion });
  });

  test('of a suppression and of a control that is off have the days of the period that looks found them', async () => {
    const suppression = { reason: 'replaced in January', expires: '2027-01-31' };
    const notJudged = [{ control: 'json-get-access', why: 'control-off' as const, because: 'not used here' }];
    const days = [19, 21, 23].map((day) => look(day, { notJudged, verdicts: [aVerdict({ suppression })] }));
    const { exceptions } = await modelOf(days);
    expect(exceptions).toMatchObject([
      { what: 'control-off', control: 'json-get-access', reason: 'not used here', resources: 1, days: 4 },
      {
        what: 'suppression',
        control: 'step-isolation',
        expires: '2027-01-31',
        first: at(19),
        last: at(23),
        days: 4,
      },
    ]);
  });

  test('name the versions and configurations by which was judged', async () => {
    const { deployments } = await modelOf([
      look(21),
      look(22, { version: '0.2.0' }),
      look(23, { version: '0.2.0' }),
    ]);
    expect(deployments).toMatchObject([
      { version: '0.1.0', first: at(21), last: at(21), records: 1 },
      { version: '0.2.0', first: at(22), last: at(23), records: 2 },
    ]);
  });
});

describe('the scope', () => {
  const other = { account: '444455556666' };
  const role = { type: 'role', arn: 'arn:aws:iam::111122223333:role/ml' } as const;
  const elsewhere = {
    type: 'pipeline',
    arn: 'arn:aws:sagemaker:us-east-1:111122223333:pipeline/fraud',
  } as const;

  test('of an account leaves out the others', async () => {
    const { members } = await modelOf([look(21), look(21, other)], { ...ASKED, accounts: ['444455556666'] });
    expect([...members.values()].map(({ account }) => account)).toEqual(['444455556666']);
  });

  test('of a Region leaves out the others, but not what an account has once for all Regions', async () => {
    const looks = [look(21), look(21, { resource: role }), look(21, { resource: elsewhere })];
    const { members } = await modelOf(looks, { ...ASKED, regions: ['us-east-1'] });
    expect([...members.values()].map(({ resource }) => resource)).toEqual([elsewhere, role]);
  });

  test('that nothing is recorded of is told as a gap', async () => {
    const { gaps } = await modelOf([look(21)], { ...ASKED, accounts: ['111122223333', '444455556666'] });
    expect(gaps).toContainEqual(
      expect.objectContaining({ kind: 'never-recorded', account: '444455556666', from: at(20, 0) }),
    );
  });
});
