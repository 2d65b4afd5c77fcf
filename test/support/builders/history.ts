import fc from 'fast-check';
import { SEVERITIES, STATUSES } from '../../../shared/domain/finding.ts';
import { UNJUDGED_WHYS } from '../../../shared/domain/judgement.ts';
import { RESOURCE_TYPES } from '../../../shared/domain/resource.ts';
import { END_REASONS } from '../../../shared/findings/end-reason.ts';
import { CHANGE_KINDS } from '../../../shared/findings/state.ts';
import {
  type ChangeRecord,
  type HistoryRecord,
  type LookRecord,
  WATCHED,
  type WatchRecord,
} from '../../../shared/history/records.ts';

const MADE_BY = { version: '0.1.0', configuration: 'as-it-was' };
const PLACE = { account: '111122223333', region: 'eu-west-1' };
const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';

/** An ordinary look; a test replaces the members that it is about. */
export const aLook = (changes: Partial<LookRecord> = {}): LookRecord => ({
  kind: 'look',
  at: '2026-11-24T03:44:05.002Z',
  ...PLACE,
  ...MADE_BY,
  resource: { type: 'pipeline', arn: ARN },
  gone: false,
  evidenceAt: '2026-11-24T03:43:59.000Z',
  verdicts: [aVerdict()],
  notJudged: [{ control: 'scope-covered', why: 'control-off', because: 'the control is switched off' }],
  ...changes,
});

export const aVerdict = (
  changes: Partial<LookRecord['verdicts'][number]> = {},
): LookRecord['verdicts'][number] => ({
  id: 'pipewarden/step-isolation/0a1b',
  control: 'step-isolation',
  status: 'FAILED',
  severity: 'MEDIUM',
  evidence: [{ at: '/Steps/0', found: 'a shared role', expected: 'its own role' }],
  ...changes,
});

/** An ordinary change. */
export const aChange = (changes: Partial<ChangeRecord> = {}): ChangeRecord => ({
  kind: 'change',
  at: '2026-11-24T03:44:05.002Z',
  ...PLACE,
  ...MADE_BY,
  change: 'opened',
  finding: {
    id: 'pipewarden/step-isolation/0a1b',
    control: 'step-isolation',
    status: 'FAILED',
    severity: 'MEDIUM',
    title: 'Steps are isolated',
    resource: { type: 'pipeline', arn: ARN },
    evidence: [{ at: '/Steps/0', found: 'a shared role', expected: 'its own role' }],
    firstObservedAt: '2026-11-24T03:44:05.002Z',
    remediation: 'Give each step a role.',
  },
  ...changes,
});

/** A heartbeat, unless a test says otherwise. */
export const aWatch = (changes: Partial<WatchRecord> = {}): WatchRecord => ({
  kind: 'watch',
  at: '2026-11-24T04:00:00.000Z',
  ...PLACE,
  ...MADE_BY,
  watched: 'heartbeat',
  because: 'arn:aws:events:eu-west-1:111122223333:rule/Pipewarden-Jobs',
  ...changes,
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '',
    '\0',
    '"',
    "'; DROP TABLE verdicts; --",
    '__proto__',
    'null',
    '\n',
    '2026-11-24',
    '🦩',
    '[]',
    '{}',
  ),
);
const time = fc
  .date({ min: new Date('2026-11-20T00:00:00Z'), max: new Date('2026-11-24T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((each) => (each === undefined ? {} : { [key]: each }));
const all = <T extends object>(...parts: fc.Arbitrary<object>[]): fc.Arbitrary<T> =>
  fc.tuple(...parts).map((each) => Object.assign({}, ...each) as T);

const recorded = fc.record({
  at: time,
  account: fc.constantFrom('111122223333', '444455556666'),
  region: fc.constantFrom('eu-west-1', 'us-gov-west-1', 'eusc-de-east-1'),
  version: text,
  configuration: text,
});
const resource = fc.record({ type: fc.constantFrom(...RESOURCE_TYPES), arn: text });
const evidence = fc.array(fc.record({ at: text, found: text, expected: text }), { maxLength: 3 });
const suppression = optional('suppression', fc.record({ reason: text, expires: text }));
const caused = all(
  optional('trigger', fc.record({ eventId: text, eventName: text, eventTime: text })),
  optional('principal', text),
);
const judged = all(
  fc.record({
    id: text,
    control: text,
    status: fc.constantFrom(...STATUSES),
    severity: fc.constantFrom(...SEVERITIES),
    evidence,
  }),
  optional('subject', text),
  suppression,
);

const anyLook = all<LookRecord>(
  recorded,
  fc.record({
    kind: fc.constant('look'),
    resource,
    gone: fc.boolean(),
    evidenceAt: time,
    verdicts: fc.array(all(judged, optional('because', text)), { maxLength: 5 }),
    notJudged: fc.array(fc.record({ control: text, why: fc.constantFrom(...UNJUDGED_WHYS), because: text }), {
      maxLength: 3,
    }),
  }),
  caused,
  optional('pipelineVersion', fc.integer({ min: 1, max: 2 ** 31 - 1 })),
);

const anyChange = all<ChangeRecord>(
  recorded,
  fc.record({
    kind: fc.constant('change'),
    change: fc.constantFrom(...CHANGE_KINDS.filter((kind) => kind !== 'refreshed')),
    finding: all(
      judged,
      fc.record({ title: text, resource, firstObservedAt: time, remediation: text }),
      caused,
    ),
  }),
  optional('ended', fc.record({ how: fc.constantFrom(...END_REASONS, ...UNJUDGED_WHYS), because: text })),
);

const anyWatch = all<WatchRecord>(
  recorded,
  fc.record({ kind: fc.constant('watch'), watched: fc.constantFrom(...WATCHED) }),
  optional('because', text),
  optional(
    'listed',
    fc.dictionary(fc.constantFrom('pipeline', 'role', 'bucket'), fc.nat(), { noNullPrototype: true }),
  ),
);

/** Any record of a history, with hostile texts. */
export const anyRecord: fc.Arbitrary<HistoryRecord> = fc.oneof(anyLook, anyChange, anyWatch);
