import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, Status } from '../../../shared/domain/finding.ts';
import { isOpen } from '../../../shared/domain/status.ts';
import { acknowledge } from '../../../shared/findings/delivery.ts';
import { condense } from '../../../shared/findings/fingerprint.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import {
  type Change,
  isClosing,
  isEmpty,
  type Observation,
  type ResourceState,
} from '../../../shared/findings/state.ts';
import { anObservation } from '../../support/builders/observation.ts';
import { samples } from '../../support/samples.ts';

const PIPELINE = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 9, minute)).toISOString();

const finding = (id: string, minute: number, over: Partial<Finding> = {}): Finding => ({
  id,
  control: 'pipeline-job-prefix',
  status: 'FAILED',
  severity: 'HIGH',
  title: 'Job steps carry an authorised prefix',
  resource: { type: 'pipeline', arn: PIPELINE },
  subject: id,
  evidence: [{ at: '/Steps/0/Arguments', found: 'no name', expected: 'fraud-train' }],
  remediation: { text: 'Set the name.' },
  firstObservedAt: at(minute),
  lastObservedAt: at(minute),
  ...over,
});

const look = (minute: number, findings: Finding[], gone = false): Observation =>
  anObservation({ resourceArn: PIPELINE, observedAt: at(minute), findings, gone });

const told = (changes: readonly Change[]) =>
  changes.map(({ kind, finding: { id, status } }) => [kind, id, status]);

/** The state after looks that were all delivered. */
const delivered = (...looks: Observation[]): ResourceState => {
  let state: ResourceState | undefined;
  for (const observation of looks) {
    const outcome = reconcile(state, observation);
    state = acknowledge(outcome.state, outcome.changes, []);
  }
  if (!state) throw new Error('no look');
  return state;
};

describe('one look after another', () => {
  const open = delivered(look(0, [finding('a', 0)]));

  test.each<[string, ResourceState | undefined, Observation, [Change['kind'], string, Status][]]>([
    ['a first failure is opened', undefined, look(0, [finding('a', 0)]), [['opened', 'a', 'FAILED']]],
    [
      'a first gap in the evidence is opened',
      undefined,
      look(0, [finding('a', 0, { status: 'NOT_AVAILABLE' })]),
      [['opened', 'a', 'NOT_AVAILABLE']],
    ],
    ['a first pass is nothing', undefined, look(0, [finding('a', 0, { status: 'PASSED' })]), []],
    [
      'the same under the id of another version is nothing',
      open,
      look(1, [finding('of-another-version', 1, { subject: 'a' })]),
      [],
    ],
    [
      'a pass under the id of another version ends the finding under the id that it had',
      open,
      look(1, [finding('of-another-version', 1, { subject: 'a', status: 'PASSED' })]),
      [['resolved', 'a', 'PASSED']],
    ],
    ['the same again is nothing', open, look(1, [finding('a', 1)]), []],
    [
      'another status is a change',
      open,
      look(1, [finding('a', 1, { status: 'WARNING' })]),
      [['changed', 'a', 'WARNING']],
    ],
    [
      'another severity is a change',
      open,
      look(1, [finding('a', 1, { severity: 'LOW' })]),
      [['changed', 'a', 'FAILED']],
    ],
    [
      'another title is a change',
      open,
      look(1, [finding('a', 1, { title: 'Other' })]),
      [['changed', 'a', 'FAILED']],
    ],
    [
      'other evidence is a change',
      open,
      look(1, [finding('a', 1, { evidence: [] })]),
      [['changed', 'a', 'FAILED']],
    ],
    [
      'a suppression is a change',
      open,
      look(1, [finding('a', 1, { suppression: { reason: 'later', expires: '2027-01-31' } })]),
      [['changed', 'a', 'FAILED']],
    ],
    [
      'another trigger or remediation is nothing',
      open,
      look(1, [
        finding('a', 1, {
          remediation: { text: 'x' },
          trigger: { eventId: 'e', eventName: 'n', eventTime: at(1) },
        }),
      ]),
      [],
    ],
    [
      'a pass resolves',
      open,
      look(1, [finding('a', 1, { status: 'PASSED' })]),
      [['resolved', 'a', 'PASSED']],
    ],
    [
      'not applicable any more resolves, and is no pass',
      open,
      look(1, [finding('a', 1, { status: 'NOT_APPLICABLE' })]),
      [['resolved', 'a', 'NOT_APPLICABLE']],
    ],
    ['a pass of its control as a whole resolves', open, look(1, []), [['resolved', 'a', 'PASSED']]],
    ['a deleted resource is gone', open, look(1, [], true), [['gone', 'a', 'NOT_AVAILABLE']]],
    ['an older look is nothing', open, look(-1, []), []],
    ['a look at older evidence is nothing', open, { ...look(1, []), readAt: { roster: 0 } }, []],
    [
      'a look at evidence of which no part is older resolves',
      delivered({ ...look(0, [finding('a', 0)]), readAt: { roster: 1 } }),
      { ...look(1, []), readAt: { roster: 1 } },
      [['resolved', 'a', 'PASSED']],
    ],
    [
      'a look without what another was made with is held against its own time',
      delivered({ ...look(0, [finding('a', 0)]), readAt: { roster: Date.parse(at(2)) } }),
      look(1, []),
      [],
    ],
  ])('%s', (_, previous, observation, expected) => {
    expect(told(reconcile(previous, observation).changes)).toEqual(expected);
  });

  test.each<[Partial<Finding>, Partial<Finding>]>([
    [{ status: 'PASSED' }, { status: 'FAILED' }],
    [{ status: 'NOT_AVAILABLE' }, { status: 'WARNING' }],
    [{ severity: 'LOW' }, { severity: 'HIGH' }],
    [{ title: 'A' }, { title: 'B' }],
  ])(
    'of two verdicts on one subject the same one stands, whichever comes first: %j and %j',
    (light, heavy) => {
      const both = [finding('a', 0, light), finding('a', 0, heavy)];
      const expected = [{ kind: 'opened', finding: finding('a', 0, heavy) }];
      expect(reconcile(undefined, look(0, both)).changes).toEqual(expected);
      expect(reconcile(undefined, look(0, both.toReversed())).changes).toEqual(expected);
    },
  );

  test('the order of the evidence counts for nothing', () => {
    const evidence = [
      { at: '/a', found: '1', expected: '2' },
      { at: '/b', found: '3', expected: '4' },
    ];
    const state = delivered(look(0, [finding('a', 0, { evidence })]));
    expect(reconcile(state, look(1, [finding('a', 1, { evidence: evidence.toReversed() })])).changes).toEqual(
      [],
    );
  });

  test('the first observation is kept and the last one moves', () => {
    expect(reconcile(open, look(7, [finding('a', 7)])).state.open).toEqual({
      a: finding('a', 7, { firstObservedAt: at(0) }),
    });
  });

  test('a resolved finding says when it began and when it ended, and is not suppressed', () => {
    const suppression = { reason: 'later', expires: '2027-01-31' };
    const state = delivered(look(0, [finding('a', 0, { suppression })]));
    expect(reconcile(state, look(5, [])).changes).toEqual([
      { kind: 'resolved', finding: finding('a', 5, { status: 'PASSED', firstObservedAt: at(0) }) },
    ]);
  });

  test('a finding that returns is opened anew', () => {
    const state = delivered(look(0, [finding('a', 0)]), look(1, []));
    expect(isEmpty(state)).toBe(true);
    expect(reconcile(state, look(2, [finding('a', 2)])).changes).toEqual([
      { kind: 'opened', finding: finding('a', 2) },
    ]);
  });
});

describe('a delivery that failed', () => {
  const opened = reconcile(undefined, look(0, [finding('a', 0)])).state;

  test.each<[string, Observation, [Change['kind'], string, Status][]]>([
    ['comes again', look(1, [finding('a', 1)]), [['opened', 'a', 'FAILED']]],
    [
      'comes in its newest form',
      look(1, [finding('a', 1, { status: 'WARNING' })]),
      [['opened', 'a', 'WARNING']],
    ],
    ['comes as resolved, since a sink may have taken it', look(1, []), [['resolved', 'a', 'PASSED']]],
    ['comes with an older look too', look(-1, []), [['opened', 'a', 'FAILED']]],
    [
      'comes beside what is new',
      look(1, [finding('b', 1), finding('a', 1)]),
      [
        ['opened', 'a', 'FAILED'],
        ['opened', 'b', 'FAILED'],
      ],
    ],
  ])('%s', (_, observation, expected) => {
    expect(told(reconcile(opened, observation).changes)).toEqual(expected);
  });

  test('an undelivered end comes again until the finding returns', () => {
    const { state } = reconcile(delivered(look(0, [finding('a', 0)])), look(1, []));
    expect(told(reconcile(state, look(2, [])).changes)).toEqual([['resolved', 'a', 'PASSED']]);
    expect(told(reconcile(state, look(2, [finding('a', 2)])).changes)).toEqual([['opened', 'a', 'FAILED']]);
  });

  test('an acknowledgement of an older form leaves the newer one undelivered', () => {
    const first = reconcile(undefined, look(0, [finding('a', 0)]));
    const second = reconcile(first.state, look(1, [finding('a', 1, { status: 'WARNING' })]));
    expect(acknowledge(second.state, first.changes, [])).toBe(second.state);
    expect(acknowledge(second.state, second.changes, []).undelivered).toEqual([]);
  });

  test('an acknowledged opening does not acknowledge the end, even if both could not be read', () => {
    const first = reconcile(undefined, look(0, [finding('a', 0, { status: 'NOT_AVAILABLE' })]));
    const second = reconcile(first.state, look(1, [], true));
    expect(told(acknowledge(second.state, first.changes, []).undelivered)).toEqual([
      ['gone', 'a', 'NOT_AVAILABLE'],
    ]);
  });

  test('an acknowledgement counts although the finding was meanwhile seen again, unchanged', () => {
    const first = reconcile(undefined, look(0, [finding('a', 0)]));
    const second = reconcile(first.state, look(1, [finding('a', 1)]));
    expect(acknowledge(second.state, first.changes, []).undelivered).toEqual([]);
  });
});

describe.each(['job', 'execution'] as const)('a finding on something that has run: %s', (type) => {
  const job = (minute: number, status: Status): Finding =>
    finding('j', minute, { status, resource: { type, arn: 'arn:aws:sagemaker:eu-west-1:1:x/y' } });
  const failed = delivered(look(0, [job(0, 'FAILED')]));

  test('keeps its verdict when it can no longer be read', () => {
    const { state, changes } = reconcile(failed, look(1, [job(1, 'NOT_AVAILABLE')]));
    expect(changes).toEqual([]);
    expect(state.open).toEqual(failed.open);
  });

  test('keeps its verdict when its record was deleted', () => {
    expect(reconcile(failed, look(1, [], true)).changes).toEqual([]);
  });

  test('gets another definite verdict in place of its own', () => {
    expect(told(reconcile(failed, look(1, [job(1, 'PASSED')])).changes)).toEqual([
      ['resolved', 'j', 'PASSED'],
    ]);
    expect(told(reconcile(failed, look(1, [job(1, 'WARNING')])).changes)).toEqual([
      ['changed', 'j', 'WARNING'],
    ]);
  });

  test('gets its verdict once it can be read', () => {
    const unread = delivered(look(0, [job(0, 'NOT_AVAILABLE')]));
    expect(told(reconcile(unread, look(1, [job(1, 'FAILED')])).changes)).toEqual([
      ['changed', 'j', 'FAILED'],
    ]);
  });
});

describe('a suppression between a look and its delivery', () => {
  const suppressed = (minute: number): Finding =>
    finding('a', minute, { suppression: { reason: 'later', expires: '2027-01-31' } });

  test('is a change, since a sink may have taken the finding without it', () => {
    const { state } = reconcile(undefined, look(0, [finding('a', 0)]));
    expect(told(reconcile(state, look(1, [suppressed(1)])).changes)).toEqual([['changed', 'a', 'FAILED']]);
  });

  test('is a change, since a sink may not have heard of the end', () => {
    const { state } = reconcile(delivered(look(0, [finding('a', 0)])), look(1, []));
    expect(told(reconcile(state, look(2, [suppressed(2)])).changes)).toEqual([['changed', 'a', 'FAILED']]);
  });
});

describe('condensed findings', () => {
  const full = finding('a', 0);
  const state = delivered(look(0, [full]));
  const kept = { ...state, open: { a: condense(full) } };

  test('tell the same evidence from other evidence', () => {
    expect(reconcile(kept, look(1, [finding('a', 1)])).changes).toEqual([]);
    expect(told(reconcile(kept, look(1, [finding('a', 1, { evidence: [] })])).changes)).toEqual([
      ['changed', 'a', 'FAILED'],
    ]);
  });

  test('stay the same when condensed again', () => {
    expect(condense(condense(full))).toEqual(condense(full));
  });
});

const IDS = ['a', 'b', '__proto__', 'constructor', 'toString'];
/** A finding's resource never changes its type. */
const JOBS = ['b', 'constructor'];
const STATUS: Status[] = ['FAILED', 'FAILED', 'WARNING', 'NOT_AVAILABLE', 'PASSED', 'NOT_APPLICABLE'];

const said = fc.record({
  id: fc.constantFrom(...IDS),
  status: fc.constantFrom(...STATUS),
  found: fc.constantFrom('x', 'y'),
  isSuppressed: fc.boolean(),
});
const step = fc.record({
  minute: fc.integer({ min: -2, max: 3 }),
  said: fc.uniqueArray(said, { selector: ({ id }) => id, maxLength: 5 }),
  gone: fc.boolean(),
  /** The number of changes that reach the sinks, and whether the store learns of it. */
  reaches: fc.integer({ min: 0, max: 6 }),
  isAcknowledged: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const observationOf = ({ said, gone }: Step, minute: number): Observation =>
  look(
    minute,
    said.map(({ id, status, found, isSuppressed }) =>
      finding(id, minute, {
        status,
        resource: { type: JOBS.includes(id) ? 'job' : 'pipeline', arn: PIPELINE },
        evidence: [{ at: '/', found, expected: 'z' }],
        ...(isSuppressed && { suppression: { reason: 'later', expires: '2027-01-31' } }),
      }),
    ),
    gone,
  );

/**
 * Delivers changes to two sinks: one takes every finding, the other takes no suppressed findings and closes those
 * that are suppressed later.
 */
const deliver = (sinks: Sinks, changes: readonly Change[]): void => {
  for (const { kind, finding } of changes) {
    if (isClosing({ kind })) sinks.all.delete(finding.id);
    else sinks.all.set(finding.id, finding);
    if (isClosing({ kind }) || (kind === 'changed' && finding.suppression))
      sinks.unsuppressed.delete(finding.id);
    else if (!finding.suppression) sinks.unsuppressed.set(finding.id, finding);
  }
};
type Sinks = Record<'all' | 'unsuppressed', Map<string, Finding>>;

/** What a sink can tell of a finding: not when it was looked at last. */
const view = (findings: Iterable<[string, Finding]>) =>
  new Map([...findings].map(([id, { lastObservedAt: _, ...rest }]) => [id, rest]));

describe('whatever the sequence of looks and failed deliveries', () => {
  test('the sinks end up with exactly the open findings', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const sinks: Sinks = { all: new Map(), unsuppressed: new Map() };
        let state: ResourceState | undefined;
        let minute = 0;
        for (const one of steps) {
          minute += one.minute;
          const outcome = reconcile(state, observationOf(one, minute));
          const taken = outcome.changes.slice(0, one.reaches);
          deliver(sinks, taken);
          state = one.isAcknowledged ? acknowledge(outcome.state, taken, []) : outcome.state;
          if (isEmpty(state)) state = undefined;
        }
        deliver(sinks, state?.undelivered ?? []);
        const open = Object.entries(state?.open ?? {});
        expect(view(sinks.all)).toEqual(view(open));
        expect(view(sinks.unsuppressed)).toEqual(view(open.filter(([, { suppression }]) => !suppression)));
        if (state) expect(acknowledge(state, state.undelivered, []).undelivered).toEqual([]);
      }),
      { numRuns: samples(2000) },
    );
  });

  test('a look that comes twice, and the order of its findings, make no difference', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        let state: ResourceState | undefined;
        let minute = 0;
        for (const one of steps) {
          minute += Math.max(0, one.minute);
          const observation = observationOf(one, minute);
          const once = reconcile(state, observation);
          const reversed = { ...observation, findings: observation.findings.toReversed() };
          expect(JSON.stringify(reconcile(state, reversed))).toBe(JSON.stringify(once));
          const twice = reconcile(once.state, observation);
          expect(JSON.stringify(twice)).toBe(
            JSON.stringify({ ...once, state: { ...once.state, version: once.state.version + 1 } }),
          );
          state = one.isAcknowledged ? acknowledge(once.state, once.changes, []) : once.state;
        }
      }),
    );
  });

  test('the first observation never moves while a finding is open, and each change comes once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let state: ResourceState | undefined;
        let minute = 0;
        for (const one of steps) {
          minute += one.minute;
          const { state: next, changes } = reconcile(state, observationOf(one, minute));
          const ids = changes.map(({ finding }) => finding.id);
          expect(new Set(ids).size).toBe(ids.length);
          for (const [id, { firstObservedAt, status }] of Object.entries(next.open)) {
            expect(isOpen(status)).toBe(true);
            const before = state && Object.hasOwn(state.open, id) ? state.open[id] : undefined;
            if (before) expect(firstObservedAt).toBe(before.firstObservedAt);
          }
          state = one.isAcknowledged ? acknowledge(next, changes, []) : next;
        }
      }),
    );
  });
});
