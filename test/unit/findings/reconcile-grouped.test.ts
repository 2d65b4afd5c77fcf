import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, Status } from '../../../shared/domain/finding.ts';
import { acknowledge } from '../../../shared/findings/delivery.ts';
import { expire, nextExpiry } from '../../../shared/findings/expiry.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import {
  type Change,
  isClosing,
  isEmpty,
  type Observation,
  type ResourceState,
} from '../../../shared/findings/state.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { anObservation } from '../../support/builders/observation.ts';
import { samples } from '../../support/samples.ts';

const PIPELINE = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const START = Date.UTC(2026, 10, 24, 9);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const at = (minute: number): string => new Date(START + minute * MINUTE).toISOString();
const onDay = (day: number): string => new Date(START + day * DAY).toISOString();
const jobArn = (name: string): string => `arn:aws:sagemaker:eu-west-1:111122223333:training-job/${name}`;

const look = (
  job: string,
  observedAt: string,
  status: Status = 'FAILED',
  over: Partial<Finding> = {},
): Observation =>
  anObservation({
    resourceArn: `${PIPELINE}/jobs`,
    observedAt,
    expireDays: 30,
    finishedArn: jobArn(job),
    findings: [
      aFinding({
        id: 'gathered',
        status,
        subject: 'jobs',
        evidence: [{ at: `${jobArn(job)} RoleArn`, found: status, expected: 'y' }],
        firstObservedAt: observedAt,
        lastObservedAt: observedAt,
        ...over,
      }),
    ],
  });

/** The state after these looks, with all their changes delivered. */
const delivered = (...looks: Observation[]): ResourceState => {
  let state: ResourceState | undefined;
  for (const one of looks) {
    const outcome = reconcile(state, one);
    state = acknowledge(outcome.state, outcome.changes, []);
  }
  if (!state) throw new Error('no look');
  return state;
};

const told = (changes: readonly Change[]) => changes.map(({ kind, finding }) => [kind, finding.status]);
const jobsOf = ({ open }: ResourceState): string[] =>
  Object.values(open).flatMap(({ evidence }) =>
    evidence.map(({ at: place, found }) => `${place.split('/').at(-1)?.split(' ')[0]} ${found}`),
  );

describe('jobs of a pipeline', () => {
  test('open one finding, and each adds its evidence to it, newest first', () => {
    const first = reconcile(undefined, look('a', at(0)));
    expect(told(first.changes)).toEqual([['opened', 'FAILED']]);
    const state = delivered(look('a', at(0)), look('b', at(1)));
    expect(jobsOf(state)).toEqual(['b FAILED', 'a FAILED']);
    expect(Object.values(state.open)).toMatchObject([{ firstObservedAt: at(0), lastObservedAt: at(1) }]);
    expect(told(reconcile(state, look('c', at(2))).changes)).toEqual([['changed', 'FAILED']]);
  });

  test('that are clean add nothing, and close nothing', () => {
    const { state, changes } = reconcile(undefined, look('a', at(0), 'PASSED'));
    expect([isEmpty(state), changes]).toEqual([true, []]);
    const open = delivered(look('a', at(0)));
    for (const status of ['PASSED', 'NOT_APPLICABLE'] as const) {
      expect(reconcile(open, look('b', at(1), status))).toEqual({ state: open, changes: [] });
    }
  });

  test('that come twice add nothing, whatever the case of their ARN', () => {
    const open = delivered(look('a', at(0)));
    expect(reconcile(open, look('a', at(0)))).toEqual({ state: open, changes: [] });
    const again = { ...look('a', at(1)), finishedArn: jobArn('a').toUpperCase() };
    const { state, changes } = reconcile(open, again);
    expect([changes, jobsOf(state)]).toEqual([[], ['a FAILED']]);
  });

  test('that turn out clean take their entry away, and the last of them resolves the finding', () => {
    const open = delivered(look('a', at(0), 'NOT_AVAILABLE'), look('b', at(1), 'NOT_AVAILABLE'));
    const one = reconcile(open, look('a', at(2), 'PASSED'));
    expect([told(one.changes), jobsOf(one.state)]).toEqual([
      [['changed', 'NOT_AVAILABLE']],
      ['b NOT_AVAILABLE'],
    ]);
    const none = reconcile(one.state, look('b', at(3), 'NOT_APPLICABLE'));
    expect(told(none.changes)).toEqual([['resolved', 'NOT_APPLICABLE']]);
    expect(isEmpty(acknowledge(none.state, none.changes, []))).toBe(true);
  });

  test('that a control no longer judges keep their entry until it expires', () => {
    const open = delivered(look('a', at(0)), look('b', at(0)));
    const unjudged = { ...look('a', at(1)), findings: [], judged: {} };
    expect(reconcile(open, unjudged)).toEqual({ state: open, changes: [] });
  });

  test('that a suppression of their own ARN covers leave the group, which is no pass', () => {
    const accepted = (job: string, minute: number) => ({
      ...look(job, at(minute)),
      findings: [],
      accepted: ['gathered'],
    });
    const one = reconcile(delivered(look('a', at(0)), look('b', at(0))), accepted('a', 1));
    expect(jobsOf(one.state)).toEqual(['b FAILED']);
    const ends = [accepted('b', 2), look('b', at(2), 'PASSED')].map((last) => reconcile(one.state, last));
    for (const { changes } of ends) expect(told(changes)).toEqual([['gathered', 'NOT_AVAILABLE']]);
  });

  test('do not end as mended when one has expired and the last one passes', () => {
    const state = delivered(look('a', onDay(0)), look('b', onDay(29)), look('c', onDay(30)));
    expect(jobsOf(state)).toEqual(['c FAILED', 'b FAILED']);
    const one = reconcile(state, look('c', onDay(31), 'PASSED'));
    expect(told(reconcile(one.state, look('b', onDay(31), 'PASSED')).changes)).toEqual([
      ['expired', 'NOT_AVAILABLE'],
    ]);
  });

  test('keep their verdict when they can no longer be read', () => {
    for (const status of ['NOT_AVAILABLE', 'NOT_APPLICABLE'] as const) {
      const open = delivered(look('a', at(0)));
      expect(jobsOf(reconcile(open, look('a', at(1), status)).state)).toEqual(['a FAILED']);
    }
  });

  test('open the finding anew when a job turns out bad that could not be judged before', () => {
    const unread = delivered(look('a', at(0), 'NOT_AVAILABLE'));
    expect(told(reconcile(unread, look('b', at(1))).changes)).toEqual([['opened', 'FAILED']]);
    const failed = delivered(look('a', at(0), 'NOT_AVAILABLE'), look('b', at(1)));
    expect(told(reconcile(failed, look('c', at(2))).changes)).toEqual([['changed', 'FAILED']]);
  });

  test('that are looked at late do not bring back what a newer look has taken away', () => {
    const state = delivered(look('a', at(1), 'NOT_AVAILABLE'), look('a', at(7), 'PASSED'));
    expect(reconcile(state, look('a', at(6), 'NOT_AVAILABLE')).changes).toEqual([]);
    expect(told(reconcile(state, look('a', at(8))).changes)).toEqual([['opened', 'FAILED']]);
  });

  test('show the remedy of the newest of the worst findings', () => {
    const text = (state: ResourceState) =>
      Object.values(state.open).map(({ remediation }) => remediation.text);
    const say = (word: string) => ({ remediation: { text: word } });
    const open = delivered(look('a', at(0), 'FAILED', say('old')), look('b', at(1), 'FAILED', say('new')));
    expect(text(open)).toEqual(['new']);
    expect(
      text(delivered(look('a', at(5), 'FAILED', say('new')), look('b', at(1), 'FAILED', say('old')))),
    ).toEqual(['new']);
    expect(text(reconcile(open, look('c', at(2), 'NOT_AVAILABLE', say('unread'))).state)).toEqual(['new']);
  });

  test('are shown up to a hundred, and counted beyond', () => {
    const looks = Array.from({ length: 130 }, (_, index) => look(`j${index}`, at(index)));
    const shown = jobsOf(delivered(...looks, ...looks));
    expect(shown).toHaveLength(101);
    expect(shown[0]).toBe('j129 FAILED');
    expect(shown.at(-1)).toBe('further jobs 30 more like these'.replace('jobs ', ''));
  });

  test('beyond a thousand are counted as at least so many', () => {
    let state: ResourceState | undefined;
    for (let index = 0; index < 1010; index++) state = reconcile(state, look(`j${index}`, at(0))).state;
    const [finding] = Object.values(state?.open ?? {});
    expect(finding?.evidence.at(-1)?.found).toBe('at least 900 more like these');
  });
});

describe('the days of an entry', () => {
  const open = delivered(look('a', onDay(0)), look('b', onDay(10)));

  test('count from the last look at each job', () => {
    expect(jobsOf(reconcile(open, look('c', onDay(29))).state)).toHaveLength(3);
    const later = reconcile(open, look('c', onDay(30)));
    expect(jobsOf(later.state)).toEqual(['c FAILED', 'b FAILED']);
    expect(told(later.changes)).toEqual([['changed', 'FAILED']]);
    const again = delivered(look('a', onDay(0)), look('a', onDay(20)));
    expect(jobsOf(reconcile(again, look('b', onDay(40))).state)).toHaveLength(2);
  });

  test.each<[string, (state: ResourceState) => { state: ResourceState; changes: Change[] }]>([
    ['a clean job', (state) => reconcile(state, look('c', onDay(40), 'PASSED'))],
    ['the sweep', (state) => expire(state, onDay(40))],
  ])('end the finding as expired once they are over for all jobs, which %s notices', (_, notice) => {
    const { state, changes } = notice(open);
    expect(changes).toEqual([
      {
        kind: 'expired',
        finding: {
          ...Object.values(open.open)[0],
          status: 'NOT_AVAILABLE',
          lastObservedAt: onDay(40),
          remediation: {
            text: 'Expired: what has run can no longer be mended, and it was not seen for 30 days.',
          },
        },
      },
    ]);
    expect(isEmpty(state)).toBe(false);
    expect(isEmpty(acknowledge(state, changes, []))).toBe(true);
    expect(expire(state, onDay(41)).changes).toEqual(changes);
    expect(told(reconcile(state, look('d', onDay(41))).changes)).toEqual([['opened', 'FAILED']]);
  });

  test('end nothing early', () => {
    expect(expire(open, onDay(29))).toEqual({ state: open, changes: [] });
    expect(nextExpiry(open)).toBe(START + 30 * DAY);
    expect(jobsOf(expire(open, onDay(30)).state)).toEqual(['b FAILED']);
  });

  test('are over for a look that comes when the entry would have expired', () => {
    const state = delivered(look('b', onDay(40)));
    expect(reconcile(state, look('a', onDay(10)))).toEqual({ state, changes: [] });
  });
});

describe('a job without a pipeline', () => {
  const own = (observedAt: string, status: Status, over: Partial<Observation> = {}): Observation =>
    anObservation({
      resourceArn: jobArn('x'),
      observedAt,
      expireDays: 30,
      findings: [
        aFinding({
          status,
          resource: { type: 'job', arn: jobArn('x') },
          firstObservedAt: observedAt,
          lastObservedAt: observedAt,
        }),
      ],
      ...over,
    });
  const open = delivered(own(onDay(0), 'FAILED'));

  test('expires when the sweep asks', () => {
    expect(expire(open, onDay(29))).toEqual({ state: open, changes: [] });
    expect(nextExpiry(open)).toBe(START + 30 * DAY);
    const { state, changes } = expire(open, onDay(30));
    expect(told(changes)).toEqual([['expired', 'NOT_AVAILABLE']]);
    expect(nextExpiry(state)).toBeUndefined();
  });

  test.each<[string, Observation]>([
    ['cannot judge it', own(onDay(30), 'NOT_AVAILABLE')],
    ['finds its record gone', own(onDay(30), 'FAILED', { findings: [], gone: true })],
  ])('expires in a look that %s', (_, late) => {
    expect(told(reconcile(open, late).changes)).toEqual([['expired', 'NOT_AVAILABLE']]);
    expect(reconcile(open, { ...late, observedAt: onDay(29) }).changes).toEqual([]);
  });

  test('stays while looks find it bad', () => {
    const again = delivered(own(onDay(0), 'FAILED'), own(onDay(29), 'FAILED'));
    expect(told(expire(again, onDay(31)).changes)).toEqual([['refreshed', 'FAILED']]);
    expect(expire(again, onDay(29.9)).changes).toEqual([]);
  });

  test('does not end as a pass when its pipeline becomes known', () => {
    const judged = { 'step-isolation': { is: 'mixed', passed: [] } } as const;
    const moved = own(onDay(1), 'FAILED', { findings: [], judged, movedTo: PIPELINE });
    const { changes } = reconcile(open, moved);
    expect(changes).toMatchObject([
      {
        kind: 'gathered',
        finding: {
          status: 'NOT_AVAILABLE',
          remediation: { text: `From now on a part of the finding on ${PIPELINE}, with others like it.` },
        },
      },
    ]);
  });

  test('never expires where nothing says when', () => {
    const { expireDays: _, ...unlimited } = own(onDay(0), 'FAILED');
    const state = delivered(unlimited);
    expect(told(expire(state, onDay(999)).changes)).toEqual([['refreshed', 'FAILED']]);
    expect(nextExpiry(state)).toBe(Date.parse(onDay(30)));
  });
});

describe('many jobs at once', () => {
  test('open their finding once, when another comes before the first is acknowledged', () => {
    const first = reconcile(undefined, look('a', at(0)));
    const second = reconcile(first.state, look('b', at(1)));
    expect(told(acknowledge(second.state, first.changes, []).undelivered)).toEqual([['changed', 'FAILED']]);
    expect(acknowledge(second.state, second.changes, []).undelivered).toEqual([]);
  });

  test('open the finding again where only a form was delivered that people are not told of', () => {
    const first = reconcile(undefined, look('a', at(0), 'NOT_AVAILABLE'));
    const second = reconcile(first.state, look('b', at(1)));
    expect(told(acknowledge(second.state, first.changes, []).undelivered)).toEqual([['opened', 'FAILED']]);
  });
});

const STATUS: Status[] = ['FAILED', 'FAILED', 'WARNING', 'NOT_AVAILABLE'];

type Seen = { job: string; day: number; status: Status };
const seen = (days: number, statuses: Status[]) =>
  fc.record({
    job: fc.constantFrom('a', 'b', 'c', '__proto__'),
    day: fc.integer({ min: 0, max: days }),
    status: fc.constantFrom(...statuses),
  });

const entriesOf = (looks: readonly Seen[]): unknown => {
  let state: ResourceState | undefined;
  for (const { job, day, status } of looks) state = reconcile(state, look(job, onDay(day), status)).state;
  return state?.finished;
};

describe('whatever the order of looks', () => {
  test.each<[string, fc.Arbitrary<Seen>]>([
    ['bad', seen(29, STATUS)],
    ['bad, and expire', seen(70, ['FAILED', 'WARNING'])],
  ])('at jobs that are %s, the entries are the same in the end', (_, one) => {
    fc.assert(
      fc.property(
        fc
          .array(one, { maxLength: 12 })
          .chain((looks) =>
            fc.tuple(fc.constant(looks), fc.shuffledSubarray(looks, { minLength: looks.length })),
          ),
        ([looks, shuffled]) => {
          expect(entriesOf(shuffled)).toEqual(entriesOf(looks));
        },
      ),
      { numRuns: samples(1000) },
    );
  });

  test('an entry that a clean look took away does not return with an older look', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 })
          .chain((minutes) =>
            fc.tuple(
              fc.constant(minutes),
              fc.shuffledSubarray([...minutes, 55], { minLength: minutes.length + 1 }),
            ),
          ),
        ([minutes, order]) => {
          const [first = 0] = minutes;
          let state = reconcile(undefined, look('a', at(first))).state;
          for (const minute of order) {
            state = reconcile(state, look('a', at(minute), minute === 55 ? 'PASSED' : 'FAILED')).state;
          }
          expect(jobsOf(state)).toEqual([]);
        },
      ),
    );
  });

  test('the sinks end up with exactly what is open, whichever deliveries fail', () => {
    const step = fc.record({
      job: fc.constantFrom('a', 'b', 'c'),
      day: fc.integer({ min: 0, max: 60 }),
      status: fc.constantFrom<Status>(...STATUS, 'PASSED', 'NOT_APPLICABLE'),
      isSweep: fc.boolean(),
      isDelivered: fc.boolean(),
      isAcknowledged: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        const sink = new Map<string, Finding>();
        const deliver = (changes: readonly Change[]): void => {
          for (const change of changes) {
            if (isClosing(change)) sink.delete(change.finding.id);
            else sink.set(change.finding.id, change.finding);
          }
        };
        let state: ResourceState | undefined;
        for (const { job, day, status, isSweep, isDelivered, isAcknowledged } of steps) {
          const outcome =
            isSweep && state ? expire(state, onDay(day)) : reconcile(state, look(job, onDay(day), status));
          const taken = isDelivered ? outcome.changes : [];
          deliver(taken);
          state = isAcknowledged ? acknowledge(outcome.state, taken, []) : outcome.state;
        }
        deliver(state?.undelivered ?? []);
        const view = (findings: Iterable<Finding>) =>
          [...findings].map(({ id, status, evidence }) => ({
            id,
            status,
            evidence: evidence.toSorted(byPlace),
          }));
        expect(view(sink.values())).toEqual(view(Object.values(state?.open ?? {})));
      }),
      { numRuns: samples(2000) },
    );
  });
});

const byPlace = (one: { at: string }, other: { at: string }): number => (one.at < other.at ? -1 : 1);
