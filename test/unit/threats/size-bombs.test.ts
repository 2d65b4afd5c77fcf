import { describe, expect, test } from '@jest/globals';
import { audited } from '../../support/builders/audited.ts';
import { cloudTrail, envelope } from '../../support/builders/events.ts';

/** The largest message that SQS accepts. */
const MEBIBYTE = 1024 * 1024;
const body = (record: Record<string, unknown>): string => JSON.stringify(envelope(record));
const wide = (count: number, make: (index: number) => unknown): unknown[] =>
  Array.from({ length: count }, (_, index) => make(index));
const object = (count: number, make: (index: number) => [string, unknown]): object =>
  Object.fromEntries(wide(count, make) as [string, unknown][]);

describe('a message of a mebibyte is handled in seconds, and leads to few and short findings', () => {
  test.each<[string, string, failed: 0 | 1]>([
    ['that opens brackets without end', '['.repeat(MEBIBYTE), 1],
    ['of lists in lists', '['.repeat(MEBIBYTE / 2) + ']'.repeat(MEBIBYTE / 2), 1],
    ['of objects in objects', `${'{"Records":'.repeat(80_000)}null${'}'.repeat(80_000)}`, 1],
    ['of half a million records that are none', `[${'0,'.repeat(MEBIBYTE / 2 - 2)}0]`, 1],
    ['with a name without end', body(cloudTrail('UpdatePipeline', { pipelineName: 'x'.repeat(900_000) })), 1],
    [
      'with ten thousand parameters',
      body(
        cloudTrail('StartPipelineExecution', {
          pipelineName: 'fraud-daily',
          pipelineParameters: wide(10_000, (index) => ({ name: `p${index}`, value: '__proto__' })),
        }),
      ),
      0,
    ],
    [
      'of a step with forty thousand jobs that are none',
      JSON.stringify({
        'detail-type': 'SageMaker Model Building Pipeline Execution Step Status Change',
        detail: { metadata: object(40_000, (index) => [`j${index}`, { arn: `arn:${index}` }]) },
      }),
      0,
    ],
    [
      'of a job with ten thousand roles',
      body(
        cloudTrail('CreateHyperParameterTuningJob', {
          hyperParameterTuningJobName: 'tune',
          trainingJobDefinitions: wide(10_000, (index) => ({ roleArn: `arn:aws:iam::1:role/${index}` })),
        }),
      ),
      0,
    ],
  ])('%s', async (_, message, failed) => {
    const result = await audited([message]);
    expect(result.failed).toBe(failed);
    expect(result.findings.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(result.findings).length).toBeLessThan(MEBIBYTE);
  });
});
