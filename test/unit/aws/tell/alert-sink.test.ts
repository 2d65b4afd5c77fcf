import { expect, test } from '@jest/globals';
import { processMemory } from '../../../../shared/alerts/alerting.ts';
import { alertSink } from '../../../../shared/aws/tell/alert-sink.ts';
import type { Change } from '../../../../shared/findings/state.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const opened: Change = { kind: 'opened', finding: aFinding({ severity: 'HIGH' }) };
const mended: Change = { kind: 'resolved', finding: aFinding({ severity: 'HIGH', status: 'PASSED' }) };

const REFUSED = new Error('refused');
const NO_ANSWER = new Error('no answer');

/** A channel that meets a fault with each message of which `faults` has one, and what it was told. */
const channel = (faults: (Error | 'killed' | undefined)[]) => {
  const told: string[] = [];
  const memory = processMemory();
  let kill = (): void => {};
  const sink = alertSink(
    { name: 'SNS', memory, wants: () => true, now: () => new Date() },
    {
      isRefusal: (error) => error === REFUSED,
      tell: async (alerts, attempt) => {
        const fault = faults.shift();
        await attempt(alerts, async () => {
          if (fault === REFUSED) throw fault;
          told.push(...alerts.map(({ status }) => status));
          if (fault instanceof Error) throw fault;
          if (fault === 'killed') {
            kill();
            await new Promise(() => {});
          }
          return undefined;
        });
        return { failures: [] };
      },
    },
  );
  /** What becomes of a change; a killed function tells nobody. */
  const deliver = (change: Change) =>
    Promise.race([
      sink.deliver([change]).then(
        () => 'taken',
        () => 'failed',
      ),
      new Promise((resolve) => {
        kill = () => resolve('killed');
      }),
    ]);
  return { told, deliver };
};

test.each<[string, Error | 'killed', string[]]>([
  ['after whose message the function was killed', 'killed', ['OPENED', 'RESOLVED']],
  ['to whose message nobody answered', NO_ANSWER, ['OPENED', 'RESOLVED']],
  ['whose message was refused', REFUSED, []],
])('the end of a finding %s', async (_, fault, expected) => {
  const { told, deliver } = channel([fault]);
  expect(await deliver(opened)).not.toBe('taken');
  expect(await deliver(mended)).toBe('taken');
  expect(told).toEqual(expected);
});

test.each<[string, Error | 'killed', string[]]>([
  ['after whose message the function was killed', 'killed', ['OPENED', 'OPENED']],
  ['to whose message nobody answered', NO_ANSWER, ['OPENED', 'OPENED']],
  ['whose message was refused', REFUSED, ['OPENED']],
])('a finding %s is told again', async (_, fault, expected) => {
  const { told, deliver } = channel([fault]);
  await deliver(opened);
  expect(await deliver(opened)).toBe('taken');
  expect(await deliver(opened)).toBe('taken');
  expect(told).toEqual(expected);
});

test('a finding that returns, and was refused, returns at the next attempt', async () => {
  const { told, deliver } = channel([undefined, undefined, REFUSED]);
  for (const change of [opened, mended, opened, opened, mended]) await deliver(change);
  expect(told).toEqual(['OPENED', 'RESOLVED', 'REOPENED', 'RESOLVED']);
});
