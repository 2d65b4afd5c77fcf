import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, test } from '@jest/globals';
import { tellChannels } from '../../../../functions/report/tell-channels.ts';
import type { ReportChannel } from '../../../../shared/aws/tell/report-channels.ts';

process.env.POWERTOOLS_METRICS_DISABLED = 'true';
const NOTICE = { subject: 's', text: 't', link: 'https://l', file: 's3://f' };

const tell = async (...takes: [ReportChannel['name'], boolean][]) => {
  const told: string[] = [];
  const errors: unknown[] = [];
  const metrics = new Metrics({ namespace: 'test' });
  const run = tellChannels(
    NOTICE,
    takes.map(([name, isTaking]) => ({
      name,
      publish: async () => {
        if (!isTaking) throw new Error(`${name} is down`);
        told.push(name);
      },
    })),
    { logger: { error: (_message, ...more) => errors.push(...more) }, metrics },
  );
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { told, errors, error, metrics: JSON.stringify(metrics.serializeMetrics()) };
};

test('one channel that refuses stops no other, and is counted', async () => {
  const { told, errors, error, metrics } = await tell(['SNS', true], ['Slack', false]);
  expect([told, error]).toEqual([['SNS'], undefined]);
  expect(errors).toMatchObject([{ channel: 'Slack', error: { message: 'Slack is down' } }]);
  expect(metrics).toContain('SlackFailures');
});

test('where no channel takes the notice, the function fails and is tried again', async () => {
  const { error } = await tell(['SNS', false], ['Slack', false]);
  expect(error).toMatchObject({ message: expect.stringMatching(/SNS is down; .*Slack is down/) });
});
