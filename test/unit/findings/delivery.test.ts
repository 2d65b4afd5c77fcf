import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, Status } from '../../../shared/domain/finding.ts';
import { isOpen } from '../../../shared/domain/status.ts';
import { acknowledge, changesFor, historyOf, takenOf } from '../../../shared/findings/delivery.ts';
import { expire, nextExpiry } from '../../../shared/findings/expiry.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import {
  type Change,
  isClosing,
  type Observation,
  type ResourceState,
} from '../../../shared/findings/state.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { anObservation } from '../../support/builders/observation.ts';
import { samples } from '../../support/samples.ts';

const PIPELINE = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';

const at = (hour: number): string => new Date(Date.UTC(2026, 10, 24, 9) + hour * 3_600_000).toISOString();

const finding = (id: string, hour: number, over: Partial<Finding> = {}): Finding =>
  aFinding({ id, subject: id, firstObservedAt: at(hour), lastObservedAt: at(hour), ...over });

const look = (hour: number, findings: Finding[]): Observation =>
  anObservation({ resourceArn: PIPELINE, observedAt: at(hour), findings });

const SINKS = ['One', 'Two'] as const;

const otherEvidence = { evidence: [{ at: '/Steps/1', found: 'x', expected: 'y' }] };

const told = (changes: readonly Change[]) => changes.map(({ kind, finding: { id } }) => [kind, id]);

/** Delivers the undelivered changes to a sink. Returns the new state and the changes that the sink heard. */
const deliverTo = (state: ResourceState, name: string): { state: ResourceState; heard: Change[] } => {
  const heard = changesFor(state.undelivered, { name });
  const ids = new Set(heard.map(({ finding: { id } }) => id));
  const taken = state.undelivered
    .filter(({ finding: { id } }) => ids.has(id))
    .map((change) => ({ ...change, takenBy: [name] }));
  return { state: acknowledge(state, taken, SINKS), heard };
};

describe('a change for several sinks', () => {
  const opened = reconcile(undefined, look(0, [finding('a', 0)])).state;

  test('is told to each of them once, and leaves after the last', () => {
    const one = deliverTo(opened, 'One');
    expect(told(one.heard)).toEqual([['opened', 'a']]);
    expect(one.state.undelivered).toMatchObject([{ kind: 'opened', takenBy: ['One'] }]);
    expect(deliverTo(one.state, 'One').heard).toEqual([]);
    const two = deliverTo(one.state, 'Two');
    expect(told(two.heard)).toEqual([['opened', 'a']]);
    expect(two.state.undelivered).toEqual([]);
  });

  test('stays taken while looks say the same', () => {
    const again = reconcile(deliverTo(opened, 'One').state, look(1, [finding('a', 1)]));
    expect(again.changes).toEqual([
      { kind: 'opened', finding: finding('a', 1, { firstObservedAt: at(0) }), takenBy: ['One'] },
    ]);
  });

  test('that a newer form replaces comes to all sinks; a sink that took the opening gets it as a change', () => {
    const { state } = reconcile(deliverTo(opened, 'One').state, look(1, [finding('a', 1, otherEvidence)]));
    expect(told(changesFor(state.undelivered, { name: 'One' }))).toEqual([['changed', 'a']]);
    expect(told(changesFor(state.undelivered, { name: 'Two' }))).toEqual([['opened', 'a']]);
  });

  test('that a graver form replaces is opened for all sinks', () => {
    const worse = finding('a', 1, { severity: 'CRITICAL' });
    const { state } = reconcile(deliverTo(opened, 'One').state, look(1, [worse]));
    expect(told(changesFor(state.undelivered, { name: 'One' }))).toEqual([['opened', 'a']]);
  });

  test('that is replaced between its delivery and the acknowledgement is known to the sinks that took it', () => {
    const { state } = reconcile(opened, look(1, [finding('a', 1, otherEvidence)]));
    const [sent] = opened.undelivered as [Change];
    const late = acknowledge(state, [{ ...sent, takenBy: ['One'] }], SINKS);
    expect(told(changesFor(late.undelivered, { name: 'One' }))).toEqual([['changed', 'a']]);
    expect(told(changesFor(late.undelivered, { name: 'Two' }))).toEqual([['opened', 'a']]);
    const both = acknowledge(late, [{ ...sent, takenBy: ['Two'] }], SINKS);
    expect(both.undelivered).toEqual([{ kind: 'changed', finding: state.open.a }]);
  });

  test('that the finding’s end replaces comes to all sinks', () => {
    const { state } = reconcile(deliverTo(opened, 'One').state, look(1, []));
    for (const name of SINKS)
      expect(told(changesFor(state.undelivered, { name }))).toEqual([['resolved', 'a']]);
  });

  test('does not wait for a sink that the deployment no longer has', () => {
    const { state } = deliverTo(opened, 'One');
    expect(acknowledge(state, [{ ...(state.undelivered[0] as Change) }], ['One']).undelivered).toEqual([]);
  });

  test('stays as it is where no sink has taken it', () => {
    const sent = opened.undelivered.map((change) => ({ ...change, takenBy: [] }));
    expect(acknowledge(opened, sent, SINKS)).toBe(opened);
  });
});

describe('what sinks have taken', () => {
  const changes = reconcile(undefined, look(0, [finding('a', 0), finding('b', 0)])).changes;

  test('lists for each change the sinks that are done with it', () => {
    const deliveries = [
      { sink: 'One', refused: new Set(['a']) },
      { sink: 'Two', refused: new Set(['a', 'b']) },
    ];
    expect(takenOf(changes, deliveries)).toEqual([{ ...changes[1], takenBy: ['One'] }]);
  });

  test('is everything where there are no sinks', () => {
    expect(takenOf(changes, [])).toEqual(changes.map((change) => ({ ...change, takenBy: [] })));
  });

  test('goes into the history when the first sink has taken it, unless it is only sent again', () => {
    const { state } = reconcile(undefined, look(0, [finding('a', 0)]));
    expect(told(historyOf(state, state.undelivered))).toEqual([['opened', 'a']]);
    const one = deliverTo(state, 'One').state;
    expect(historyOf(one, one.undelivered)).toEqual([]);
    const over = reconcile(one, look(1, [finding('a', 1, otherEvidence)])).state;
    expect(told(historyOf(over, over.undelivered))).toEqual([['changed', 'a']]);
    expect(historyOf(over, one.undelivered)).toEqual([]);
    const old = expire(acknowledge(over, over.undelivered, []), at(1 + 30 * 24)).state;
    expect(told(old.undelivered)).toEqual([['refreshed', 'a']]);
    expect(historyOf(old, old.undelivered)).toEqual([]);
  });
});

describe('an open finding that was not told for 30 days', () => {
  const MONTH = 30 * 24;
  const delivered = (state: ResourceState): ResourceState => acknowledge(state, state.undelivered, []);
  const open = delivered(reconcile(undefined, look(0, [finding('a', 0), finding('b', 0)])).state);

  test('is sent again by the next look, and then not for another 30 days', () => {
    const sameAt = (hour: number) => look(hour, [finding('a', hour), finding('b', hour)]);
    const before = delivered(reconcile(open, sameAt(MONTH - 1)).state);
    const { state, changes } = reconcile(before, sameAt(MONTH));
    expect(told(changes)).toEqual([
      ['refreshed', 'a'],
      ['refreshed', 'b'],
    ]);
    expect(changes[0]?.finding).toEqual(finding('a', MONTH, { firstObservedAt: at(0) }));
    const next = delivered(state);
    expect(reconcile(next, sameAt(2 * MONTH - 1)).changes).toEqual([]);
    expect(told(reconcile(next, sameAt(2 * MONTH)).changes)).toHaveLength(2);
  });

  test('is sent again by time alone, which observes nothing', () => {
    expect(nextExpiry(open)).toBe(Date.parse(at(MONTH)));
    expect(expire(open, at(MONTH - 1)).state).toBe(open);
    const { state, changes } = expire(open, at(MONTH));
    expect(told(changes)).toEqual([
      ['refreshed', 'a'],
      ['refreshed', 'b'],
    ]);
    expect([state.observedAt, state.open]).toEqual([open.observedAt, open.open]);
    expect(expire(delivered(state), at(MONTH + 1)).changes).toEqual([]);
  });

  test('is sent again only to sinks that want it, and waits for no other', () => {
    const { state } = expire(open, at(MONTH));
    expect(changesFor(state.undelivered, { name: 'One' })).toEqual([]);
    expect(changesFor(state.undelivered, { name: 'Two', takesRefreshed: true })).toHaveLength(2);
    const taken = takenOf(
      state.undelivered,
      SINKS.map((sink) => ({ sink, refused: new Set<string>() })),
    );
    expect(acknowledge(state, taken, SINKS).undelivered).toEqual([]);
  });

  test('is a change or an end where it is not as it was, also before it was sent again', () => {
    const findings = [finding('a', MONTH, otherEvidence)];
    const expected = [
      ['changed', 'a'],
      ['resolved', 'b'],
    ];
    expect(told(reconcile(open, look(MONTH, findings)).changes)).toEqual(expected);
    const { state } = expire(open, at(MONTH));
    expect(told(reconcile(state, look(MONTH, findings)).changes)).toEqual(expected);
  });

  test('is not sent again while it is suppressed', () => {
    const suppression = { reason: 'known', expires: '2027-12-31' };
    const first = reconcile(undefined, look(0, [finding('a', 0, { suppression })]));
    const state = delivered(first.state);
    expect(nextExpiry(state)).toBeUndefined();
    expect(expire(state, at(2 * MONTH)).state).toBe(state);
  });

  test('counts its 30 days from when a finding was open again', () => {
    const closed = delivered(reconcile(open, look(1, [])).state);
    expect(closed.toldAt).toBeUndefined();
    const back = delivered(reconcile(closed, look(100, [finding('a', 100)])).state);
    expect(nextExpiry(back)).toBe(Date.parse(at(100 + MONTH)));
  });
});

const IDS = ['a', 'b', '__proto__', 'constructor'];
const STATUS: Status[] = ['FAILED', 'FAILED', 'WARNING', 'NOT_AVAILABLE', 'PASSED', 'NOT_APPLICABLE'];

const said = fc.record({
  id: fc.constantFrom(...IDS),
  status: fc.constantFrom(...STATUS),
  found: fc.constantFrom('x', 'y'),
});

/** What one look sees; its place in the list is when. */
const sight = fc.uniqueArray(said, { selector: ({ id }) => id, maxLength: IDS.length });

const observationOf = (sights: (typeof sight extends fc.Arbitrary<infer T> ? T : never)[], hour: number) =>
  look(
    hour,
    (sights[hour] ?? []).map(({ id, status, found }) =>
      finding(id, hour, { status, evidence: [{ at: '/', found, expected: 'z' }] }),
    ),
  );

/** What does not hang on which looks came in time: not since when a finding is known. */
const view = (findings: Iterable<[string, Finding]>) =>
  new Map(
    [...findings]
      .map(
        ([id, { status, evidence, lastObservedAt, unjudged }]) =>
          [id, { status, evidence, lastObservedAt, unjudged }] as const,
      )
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );

/** The parts of a finding that are news to a sink if they differ. */
const formOf = ({ status, evidence, firstObservedAt, unjudged }: Finding, isOver: boolean): string =>
  JSON.stringify([isOver, status, evidence, firstObservedAt, unjudged?.since, unjudged?.because]);

describe('looks in any order, twice and late, with acknowledgements in part', () => {
  const scenario = fc.array(sight, { minLength: 1, maxLength: 6 }).chain((sights) =>
    fc.record({
      sights: fc.constant(sights),
      order: fc.shuffledSubarray(
        sights.flatMap((_, hour) => [hour, hour]),
        { minLength: sights.length * 2 },
      ),
      /** After each look: which sinks are told, and whether the store learns that they have taken the changes. */
      steps: fc.array(
        fc.record({
          isTold: fc.record({ One: fc.boolean(), Two: fc.boolean() }),
          isAcknowledged: fc.boolean(),
        }),
        { minLength: sights.length * 2, maxLength: sights.length * 2 },
      ),
    }),
  );

  test('end in the same state as looks in order, and each sink knows that state', () => {
    fc.assert(
      fc.property(scenario, ({ sights, order, steps }) => {
        const inOrder = sights.reduce<ResourceState | undefined>(
          (state, _, hour) => reconcile(state, observationOf(sights, hour)).state,
          undefined,
        );
        const known = { One: new Map<string, Finding>(), Two: new Map<string, Finding>() };
        const hear = (sink: 'One' | 'Two', changes: readonly Change[]): void => {
          for (const change of changes)
            if (isClosing(change)) known[sink].delete(change.finding.id);
            else known[sink].set(change.finding.id, change.finding);
        };
        let state: ResourceState | undefined;
        for (const [index, hour] of order.entries()) {
          state = reconcile(state, observationOf(sights, hour)).state;
          for (const name of SINKS) {
            if (!steps[index]?.isTold[name]) continue;
            const delivery = deliverTo(state, name);
            hear(name, delivery.heard);
            if (steps[index]?.isAcknowledged) state = delivery.state;
          }
        }
        for (const name of SINKS) {
          if (!state) continue;
          const delivery = deliverTo(state, name);
          hear(name, delivery.heard);
          state = delivery.state;
        }
        expect(state?.undelivered).toEqual([]);
        expect(view(Object.entries(state?.open ?? {}))).toEqual(view(Object.entries(inOrder?.open ?? {})));
        for (const name of SINKS) {
          const open = [...known[name]].map(([id, { lastObservedAt: _, ...rest }]) => [id, rest]);
          const stands = Object.entries(state?.open ?? {}).map(([id, { lastObservedAt: _, ...rest }]) => [
            id,
            rest,
          ]);
          expect(new Map(open as [string, object][])).toEqual(new Map(stands as [string, object][]));
        }
      }),
      { numRuns: samples(2000) },
    );
  });

  test('tell each sink of each change, and nothing twice where acknowledgements arrive', () => {
    fc.assert(
      fc.property(scenario, ({ sights, order, steps }) => {
        const last = { One: new Map<string, string>(), Two: new Map<string, string>() };
        let state: ResourceState | undefined;
        const tell = (name: 'One' | 'Two'): void => {
          if (!state) return;
          const delivery = deliverTo(state, name);
          for (const { kind, finding } of delivery.heard) {
            const form = formOf(finding, isClosing({ kind }));
            // A sink that is told after each look never hears the same twice. Another sink may hear one form twice, as
            // it may miss a change in between.
            if (name === 'One') expect(form).not.toBe(last.One.get(finding.id));
            last[name].set(finding.id, form);
          }
          state = delivery.state;
          expect(deliverTo(state, name).heard).toEqual([]);
        };
        for (const [index, hour] of order.entries()) {
          state = reconcile(state, observationOf(sights, hour)).state;
          tell('One'); // which is always told at once
          if (steps[index]?.isTold.Two) tell('Two');
        }
        tell('Two');
        expect(state?.undelivered).toEqual([]);
        for (const [id, finding] of Object.entries(state?.open ?? {})) {
          expect(isOpen(finding.status)).toBe(true);
          const form = formOf(finding, false);
          for (const name of SINKS) expect(last[name].get(id)).toBe(form);
        }
      }),
      { numRuns: samples(1000) },
    );
  });
});
