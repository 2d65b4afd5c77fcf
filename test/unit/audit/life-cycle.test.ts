import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { observe } from '../../../shared/audit/observe.ts';
import type { Config } from '../../../shared/config/schema.ts';
import type { Status, Verdict } from '../../../shared/domain/finding.ts';
import type { Gap } from '../../../shared/domain/gap.ts';
import { notApplicable } from '../../../shared/facts/gathered.ts';
import { acknowledge } from '../../../shared/findings/delivery.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import type { Change, Observation, ResourceState } from '../../../shared/findings/state.ts';
import { type Control, defineControl } from '../../../shared/judging/control.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import { samples } from '../../support/samples.ts';

const SCOPE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const PIPELINE = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const START = Date.UTC(2026, 10, 24, 9);
const HOUR = 3_600_000;

/** A control whose verdicts on the resource, or on its parts, are given by the fact. */
const saying = (id: string, isMine: (subject: string) => boolean, needs: Control['needs'] = []): Control =>
  defineControl({
    id,
    system: 'Step roles',
    title: `${id} holds`,
    severity: 'HIGH',
    on: ['pipeline'],
    requires: ['gaps'],
    needs,
    satisfiedBy: () => [],
    evaluate: ({ gaps }) => gaps.filter(({ call }) => isMine(call)).map(verdictOf),
  });

const verdictOf = ({ call, code, message }: Gap): Verdict => {
  const status = code as Status;
  const about = call === WHOLE ? {} : { subject: call };
  return status === 'PASSED' || status === 'NOT_APPLICABLE'
    ? { status, ...about }
    : {
        status,
        ...about,
        evidence: [{ at: '/', found: message, expected: 'well' }],
        remediation: { text: 'Mend it.' },
      };
};

const WHOLE = 'whole';
const OF_WHOLE = saying('of-whole', (subject) => subject === WHOLE);
const OF_PARTS = saying('of-parts', (subject) => subject !== WHOLE, ['prefixes']);
const BOTH = [OF_WHOLE, OF_PARTS];

const prefixes = (prefix: string): Config => ({ version: 1, prefixes: [{ prefix }] });
const off = (id: string): Config => ({
  ...prefixes('fraud'),
  controls: { [id]: { enabled: false, reason: 'PLAT-1' } },
});

/** Possible settings of an auditor during a look. */
const SETUPS = {
  asItWas: { config: prefixes('fraud'), controls: BOTH },
  changed: { config: prefixes('vision'), controls: BOTH },
  emptied: { config: { version: 1 }, controls: BOTH },
  wholeOff: { config: off('of-whole'), controls: BOTH },
  partsOff: { config: off('of-parts'), controls: BOTH },
  renamed: { config: prefixes('fraud'), controls: [OF_PARTS] },
} as const satisfies Record<string, { config: Config; controls: readonly Control[] }>;

/** One look: the settings of the auditor, and the state of the resource. */
type Sight = {
  setup: keyof typeof SETUPS;
  is: 'there' | 'gone' | 'denied' | 'unasked';
  said: readonly { subject: string; status: Status }[];
};

const seen = ({ setup, is, said }: Sight, hour: number): Observation => {
  const { config, controls } = SETUPS[setup];
  const gaps: Gap[] = said.map(({ subject, status }) => ({
    call: subject,
    code: status,
    message: `${hour}`,
  }));
  const facts = {
    there: { gaps: found(gaps) },
    denied: { gaps: notRead('DescribePipeline', 'AccessDeniedException', 'not allowed') },
    unasked: { gaps: notApplicable('nobody asked') },
    gone: 'gone' as const,
  }[is];
  const now = () => new Date(START + hour * HOUR);
  return observe({ type: 'pipeline', arn: PIPELINE }, facts, {
    controls,
    config,
    now,
    countsPasses: true,
    reader: { scope: SCOPE },
  });
};

const failing = (...subjects: string[]): Sight['said'] =>
  subjects.map((subject) => ({ subject, status: 'FAILED' }));
const there = (said: Sight['said'], setup: Sight['setup'] = 'asItWas'): Sight => ({
  setup,
  is: 'there',
  said,
});

/**
 * Looks at the resource once for each sight and delivers all changes. Returns the changes of the last look and the
 * findings that are then open.
 */
const outcomeOf = (...sights: Sight[]): { told: unknown[]; open: unknown[] } => {
  let state: ResourceState | undefined;
  let changes: Change[] = [];
  for (const [hour, sight] of sights.entries()) {
    ({ state, changes } = reconcile(state, seen(sight, hour)));
    state = acknowledge(state, changes, []);
  }
  return {
    told: changes.map(({ kind, finding: { control, subject, status, unjudged } }) =>
      [kind, control, subject, status, unjudged?.why].filter((part) => part !== undefined).join(' '),
    ),
    open: Object.values(state?.open ?? {}).map(({ status, subject, unjudged }) =>
      [status, subject, unjudged?.why].filter((part) => part !== undefined).join(' '),
    ),
  };
};

describe('a finding that was FAILED, and in the next look', () => {
  test.each<[string, Sight, Sight, string[], string[]]>([
    [
      'passes: it is mended',
      there(failing(WHOLE)),
      there([{ subject: WHOLE, status: 'PASSED' }]),
      ['resolved of-whole PASSED'],
      [],
    ],
    [
      'applies no more: it is resolved, and is no pass',
      there(failing(WHOLE)),
      there([{ subject: WHOLE, status: 'NOT_APPLICABLE' }]),
      ['resolved of-whole NOT_APPLICABLE'],
      [],
    ],
    [
      'applies no more under another configuration: it is not judged',
      there(failing(WHOLE)),
      there([{ subject: WHOLE, status: 'NOT_APPLICABLE' }], 'changed'),
      ['unjudged of-whole NOT_AVAILABLE configuration-changed'],
      [],
    ],
    [
      'was switched off: it is not judged',
      there(failing(WHOLE)),
      there([], 'wholeOff'),
      ['unjudged of-whole NOT_AVAILABLE control-off'],
      [],
    ],
    [
      'has no list in the configuration any more: it is not judged',
      there(failing('a')),
      there(failing('a'), 'emptied'),
      ['unjudged of-parts a NOT_AVAILABLE not-configured'],
      [],
    ],
    [
      'is of a control that this version does not have: it is not judged',
      there(failing(WHOLE)),
      there([], 'renamed'),
      ['unjudged of-whole NOT_AVAILABLE control-unknown'],
      [],
    ],
    [
      'does not exist: it is gone',
      there(failing(WHOLE)),
      { setup: 'asItWas', is: 'gone', said: [] },
      ['gone of-whole NOT_AVAILABLE'],
      [],
    ],
    [
      'cannot be read: it stands by its last verdict',
      there(failing(WHOLE)),
      { setup: 'asItWas', is: 'denied', said: [] },
      ['changed of-whole FAILED unread', 'opened of-parts NOT_AVAILABLE'],
      ['NOT_AVAILABLE', 'FAILED unread'],
    ],
    [
      'was not asked for: it stands by its last verdict',
      there(failing(WHOLE)),
      { setup: 'asItWas', is: 'unasked', said: [] },
      ['changed of-whole FAILED unread'],
      ['FAILED unread'],
    ],
    [
      'is a part of which another cannot be judged: it stands by its last verdict',
      there(failing('a')),
      there([{ subject: 'b', status: 'NOT_AVAILABLE' }]),
      ['opened of-parts b NOT_AVAILABLE', 'changed of-parts a FAILED unread'],
      ['NOT_AVAILABLE b', 'FAILED a unread'],
    ],
    [
      'is a part that passes, while another cannot be judged: it is mended',
      there(failing('a')),
      there([
        { subject: 'a', status: 'PASSED' },
        { subject: 'b', status: 'NOT_AVAILABLE' },
      ]),
      ['opened of-parts b NOT_AVAILABLE', 'resolved of-parts a PASSED'],
      ['NOT_AVAILABLE b'],
    ],
    [
      'is a part that passes, while another fails: it is mended',
      there(failing('a')),
      there([{ subject: 'a', status: 'PASSED' }, ...failing('b')]),
      ['opened of-parts b FAILED', 'resolved of-parts a PASSED'],
      ['FAILED b'],
    ],
    [
      'is a part that has another name now, and fails: it is not mended, but told by the other',
      there(failing('a')),
      there(failing('b')),
      ['opened of-parts b FAILED', 'gathered of-parts a NOT_AVAILABLE'],
      ['FAILED b'],
    ],
    [
      'is a part that a finding on another resource tells: it is not mended',
      there(failing('a')),
      there([
        { subject: 'a', status: 'NOT_APPLICABLE' },
        { subject: 'b', status: 'PASSED' },
      ]),
      ['gathered of-parts a NOT_AVAILABLE'],
      [],
    ],
    [
      'is a part, and everything that is left passes: it is mended',
      there(failing('a')),
      there([{ subject: 'b', status: 'PASSED' }]),
      ['resolved of-parts a PASSED'],
      [],
    ],
  ])('%s', (_, first, second, told, open) => {
    const outcome = outcomeOf(first, second);
    expect(outcome.told.toSorted()).toEqual(told.toSorted());
    expect(outcome.open.toSorted()).toEqual(open.toSorted());
  });

  test('an unjudged finding is what it was once its evidence can be read again', () => {
    const denied: Sight = { setup: 'asItWas', is: 'denied', said: [] };
    expect(outcomeOf(there(failing(WHOLE)), denied, there(failing(WHOLE))).open).toEqual(['FAILED']);
  });

  test('a FAILED finding that was unread, and then does not apply under a changed configuration, is not mended', () => {
    const denied: Sight = { setup: 'changed', is: 'denied', said: [] };
    expect(outcomeOf(there(failing(WHOLE)), denied, there([], 'changed')).told).toContain(
      'unjudged of-whole NOT_AVAILABLE configuration-changed',
    );
  });
});

const STATUSES: Status[] = [
  'FAILED',
  'FAILED',
  'WARNING',
  'NOT_AVAILABLE',
  'PASSED',
  'PASSED',
  'NOT_APPLICABLE',
];

const sight: fc.Arbitrary<Sight> = fc.record({
  setup: fc.constantFrom('asItWas', 'asItWas', 'asItWas', ...(Object.keys(SETUPS) as Sight['setup'][])),
  is: fc.constantFrom('there', 'there', 'there', 'there', 'gone', 'denied', 'unasked'),
  said: fc.uniqueArray(
    fc.record({ subject: fc.constantFrom(WHOLE, 'a', 'b'), status: fc.constantFrom(...STATUSES) }),
    { selector: ({ subject }) => subject, maxLength: 3 },
  ),
});

const inAnyOrder = fc.array(sight, { minLength: 1, maxLength: 7 }).chain((sights) =>
  fc.record({
    sights: fc.constant(sights),
    order: fc.shuffledSubarray(
      sights.flatMap((_, hour) => [hour, hour]),
      { minLength: sights.length * 2 },
    ),
  }),
);

/** Whether a control can judge at all in a look. */
const judges = ({ setup, is }: Sight, id: string): boolean =>
  is === 'there' &&
  {
    asItWas: true,
    changed: true,
    emptied: id !== 'of-parts',
    wholeOff: id !== 'of-whole',
    partsOff: id !== 'of-parts',
    renamed: id !== 'of-whole',
  }[setup];

/** Whether the look judged the subject of a finding and found no fault, and left none to a finding on another resource. */
const isWell = (look: Sight, id: string, subject: string | undefined): boolean => {
  const own = look.said.filter((one) => (one.subject === WHOLE) === (id === 'of-whole'));
  const isOpen = own.some(
    (one) =>
      ['FAILED', 'WARNING', 'NOT_AVAILABLE'].includes(one.status) ||
      (one.status === 'NOT_APPLICABLE' && one.subject !== WHOLE),
  );
  const isPassed = own.some((one) => one.subject === (subject ?? WHOLE) && one.status === 'PASSED');
  return judges(look, id) && (isPassed || !isOpen);
};

describe('for any looks, in any order, under any configurations', () => {
  test('a finding told as resolved was judged by its control in the newest look, which found no fault', () => {
    fc.assert(
      fc.property(inAnyOrder, ({ sights, order }) => {
        let state: ResourceState | undefined;
        let newest = -1;
        for (const hour of order) {
          newest = Math.max(newest, hour);
          const outcome = reconcile(state, seen(sights[hour] as Sight, hour));
          for (const { kind, finding } of outcome.changes) {
            const { control, subject, status } = finding;
            const look = sights[newest] as Sight;
            if (kind === 'resolved' || status === 'PASSED') {
              expect(kind).toBe('resolved');
              expect(isWell(look, control, subject)).toBe(true);
            }
            // A fault that cannot be judged any more stays open.
            if (kind === 'unjudged' && finding.unjudged?.why === 'unread')
              expect(finding.remediation.text).toMatch(/did not hold any more at/);
          }
          state = acknowledge(outcome.state, outcome.changes, []);
        }
      }),
      { numRuns: samples(1000) },
    );
  });

  test('the findings that stay open are the same as if the looks had come in order', () => {
    const openOf = (looks: readonly Observation[]): unknown => {
      let state: ResourceState | undefined;
      for (const look of looks) state = reconcile(state, look).state;
      return Object.values(state?.open ?? {})
        .map(({ id, status, evidence, lastObservedAt, unjudged }) => ({
          id,
          status,
          evidence,
          lastObservedAt,
          unjudged,
        }))
        .toSorted((one, other) => (one.id < other.id ? -1 : 1));
    };
    fc.assert(
      fc.property(inAnyOrder, ({ sights, order }) => {
        const looks = sights.map(seen);
        expect(openOf(order.flatMap((hour) => looks[hour] ?? []))).toEqual(openOf(looks));
      }),
      { numRuns: samples(1000) },
    );
  });
});
