import { describe, expect, test } from '@jest/globals';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import { unreadableObservation } from '../../../shared/audit/observe.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Verdict } from '../../../shared/domain/finding.ts';
import { expire, nextExpiry } from '../../../shared/findings/expiry.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import { type Control, defineControl } from '../../../shared/judging/control.ts';
import {
  audit,
  contextOf,
  type Options,
  open,
  pipelineOf,
  pipelineRequest,
  TRIGGER,
  told,
  training,
} from '../../support/builders/audit.ts';

/** A control on pipelines with given verdicts. */
const saying = (verdicts: () => Verdict[]): Control =>
  defineControl({
    id: 'said',
    on: ['pipeline'],
    requires: ['pipeline'],
    system: 'The audit itself',
    title: 'Something is so',
    severity: 'HIGH',
    satisfiedBy: () => [],
    evaluate: verdicts,
  });
const failing = (subject: string, at = '/x'): Verdict => ({
  status: 'FAILED',
  subject,
  evidence: [{ at, found: 'f', expected: 'e' }],
  remediation: { text: 'mend it' },
});

const warning = (subject: string): Verdict => ({
  status: 'WARNING',
  severity: 'LOW',
  subject,
  evidence: [{ at: '/x', found: 'f', expected: 'e' }],
  remediation: { text: 'think of it' },
});

describe('verdicts of one control on one resource', () => {
  const account = pipelineOf([training('Train')]);
  const judge = (verdicts: () => Verdict[], options: Options = {}) =>
    audit(pipelineRequest(), account, [], { ...options, controls: [saying(verdicts)] });

  test('up to a hundred become one finding each', async () => {
    const verdicts = Array.from({ length: 100 }, (_, index) => failing(`step ${index}`));
    expect(await judge(() => verdicts)).toHaveLength(100);
  });

  test('over a hundred are merged into one finding that counts them', async () => {
    const findings = await judge(() => [
      ...Array.from({ length: 150 }, (_, index) => failing(`step ${index}`, `/Steps/${index}`)),
      warning('w'),
      { status: 'PASSED', subject: 'p' },
    ]);
    expect(findings).toMatchObject([
      { status: 'FAILED', severity: 'HIGH', remediation: { text: 'mend it' } },
    ]);
    expect(findings[0]).not.toHaveProperty('subject');
    expect(findings[0]?.evidence).toHaveLength(102);
    expect(findings[0]?.evidence.slice(99)).toMatchObject([
      { at: '/Steps/99' },
      { at: 'further subjects', found: '50 more like these' },
      { at: '/x' },
    ]);
  });

  test('over a hundred of a lower severity keep that severity when merged', async () => {
    const findings = await judge(() => Array.from({ length: 101 }, (_, index) => warning(`step ${index}`)));
    expect(findings).toMatchObject([{ status: 'WARNING', severity: 'LOW' }]);
  });

  test('over a hundred passes are merged into one pass', async () => {
    const verdicts = Array.from(
      { length: 101 },
      (_, index): Verdict => ({ status: 'PASSED', subject: `step ${index}` }),
    );
    expect(told(await judge(() => verdicts))).toEqual([['said', 'PASSED']]);
  });

  test.each<[string, unknown, string]>([
    ['an error', new TypeError('no such thing'), 'TypeError: no such thing'],
    ['something that is no error', 'broken', 'Error: broken'],
    ['a long message', new Error('x'.repeat(9999)), `Error: ${'x'.repeat(500)}`],
  ])(
    'of a control that throws %s are NOT_AVAILABLE, and the other controls are still run',
    async (_, thrown, found) => {
      const broken = saying(() => {
        throw thrown;
      });
      const findings = await audit(pipelineRequest(), account, [], { controls: [broken, ...CONTROLS] });
      expect(findings[0]).toMatchObject({
        control: 'said',
        status: 'NOT_AVAILABLE',
        evidence: [{ at: 'control said', found }],
      });
      expect(findings.length).toBeGreaterThan(3);
    },
  );

  test('have the severity of the verdict, else of the configuration, else of the control', async () => {
    const verdicts = (): Verdict[] => [failing('a'), warning('b')];
    const severities = async (config: Partial<Config>) =>
      (await judge(verdicts, { config })).map(({ severity }) => severity);
    expect(await severities({})).toEqual(['HIGH', 'LOW']);
    expect(await severities({ controls: { said: { severity: 'critical' } } })).toEqual(['CRITICAL', 'LOW']);
    expect(await severities({ controls: { other: { severity: 'critical' } } })).toEqual(['HIGH', 'LOW']);
  });

  test('of a control that is switched off do not exist', async () => {
    const controls = { said: { enabled: false, reason: 'in March' } };
    expect(await judge(() => [failing('a')], { config: { controls } })).toEqual([]);
    expect(
      await judge(() => [failing('a')], { config: { controls: { said: { enabled: true } } } }),
    ).toHaveLength(1);
  });

  test('are marked by a suppression that covers them, until it expires', async () => {
    const suppressions = [
      {
        control: 'said',
        resource: 'arn:aws:sagemaker:*:*:pipeline/*',
        reason: 'in January',
        expires: '2027-01-31',
      },
    ];
    const at = (now: string) => judge(() => [failing('a')], { config: { suppressions }, now });
    expect(await at('2027-01-31T23:59:59Z')).toMatchObject([
      { suppression: { reason: 'in January', expires: '2027-01-31' } },
    ]);
    const [expired] = await at('2027-02-01T00:00:00Z');
    expect(expired).not.toHaveProperty('suppression');
    expect(expired?.remediation.text).toBe('The suppression of 2027-01-31 (in January) has expired. mend it');
  });
});

describe('passed verdicts', () => {
  test('are counted and not listed on request, and the other findings stay the same', async () => {
    const account = pipelineOf([training('Train')]);
    const { context } = contextOf(account);
    const listed = await auditResource(pipelineRequest(), context);
    const counted = await auditResource(pipelineRequest(), { ...context, countsPasses: true });
    const all = listed.observations.flatMap(({ findings }) => findings);
    expect(counted.observations.flatMap(({ findings }) => findings)).toEqual(open(all));
    expect(counted.observations.map(({ passed }) => passed)).toEqual([
      all.filter(({ status, control }) => status === 'PASSED' && control !== 'evidence-readable').length,
    ]);
    expect(counted.observations[0]?.passed).toBeGreaterThan(0);
    expect(listed.observations[0]).not.toHaveProperty('passed');
  });

  test('of steps with the same name count once, by their worst verdict', async () => {
    const twice = saying(() => [
      { status: 'PASSED', subject: 'Train' },
      { status: 'PASSED', subject: 'Train' },
      { status: 'PASSED', subject: 'Score' },
      {
        status: 'FAILED',
        subject: 'Score',
        evidence: [{ at: '/Steps/1', found: 'a', expected: 'b' }],
        remediation: { text: 'r' },
      },
    ]);
    const { context } = contextOf(pipelineOf([]), [], { controls: [twice] });
    const { observations } = await auditResource(pipelineRequest(), { ...context, countsPasses: true });
    expect(observations).toMatchObject([{ passed: 1, findings: [{ status: 'FAILED', subject: 'Score' }] }]);
  });
});

describe('a record that could not be understood', () => {
  test('becomes a finding with the record’s place and beginning', () => {
    const record = {
      at: 'events.json:3',
      reason: 'the record of CreatePipeline names no pipeline',
      excerpt: '{"a":1}',
      trigger: TRIGGER,
    };
    const { findings, resourceArn, gone } = unreadableObservation(record, contextOf({}).context);
    expect([resourceArn, gone]).toEqual(['events.json:3', false]);
    expect(findings).toMatchObject([
      {
        control: 'evidence-readable',
        status: 'NOT_AVAILABLE',
        resource: { type: 'event', arn: 'events.json:3' },
        evidence: [
          {
            at: 'events.json:3',
            found: 'Unreadable: the record of CreatePipeline names no pipeline: {"a":1}',
          },
        ],
        trigger: TRIGGER,
      },
    ]);
  });

  test('is not a finding any more after it has expired', () => {
    const { context } = contextOf({}, [], { config: { finished: { expireDays: 2 } } });
    const observation = unreadableObservation({ at: 'message 1', reason: 'r', excerpt: '' }, context);
    const { state } = reconcile(undefined, observation);
    expect(nextExpiry(state)).toBe(Date.parse('2026-11-26T10:00:00.000Z'));
    expect(expire(state, '2026-11-26T09:59:59.999Z').state).toBe(state);
    const { state: after, changes } = expire(state, '2026-11-26T10:00:00.000Z');
    expect([after.open, changes]).toMatchObject([
      {},
      [
        {
          kind: 'expired',
          finding: {
            status: 'NOT_AVAILABLE',
            remediation: {
              text: 'Expired: it was told 2 days ago, and nobody looks at what has happened again.',
            },
          },
        },
      ],
    ]);
  });
});
