import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { ofOwnSources } from '../../../functions/own-sources.ts';

const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:Pipewarden-Requests';
const STREAM = 'arn:aws:dynamodb:eu-west-1:111122223333:table/findings/stream/2026';

let lines: Record<string, unknown>[];
let given: unknown[];
beforeEach(() => {
  process.env.EVENT_SOURCES = `${QUEUE},${STREAM}`;
  process.env.POWERTOOLS_METRICS_NAMESPACE = 'Pipewarden';
  process.env.POWERTOOLS_SERVICE_NAME = 'pipewarden';
  lines = [];
  given = [];
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((line: unknown) => {
      lines.push(JSON.parse(String(line)));
      return true;
    });
});
afterEach(() => {
  delete process.env.EVENT_SOURCES;
  jest.restoreAllMocks();
});

const call = (event: unknown) =>
  ofOwnSources(async (each: SQSEvent) => {
    given.push(each);
    return 'done';
  })(event as SQSEvent, {} as Context);

describe('an event', () => {
  test.each([
    ['of the queue', { Records: [{ eventSourceARN: QUEUE }, { eventSourceARN: QUEUE }] }],
    ['of the stream', { Records: [{ eventSourceARN: STREAM }] }],
    ['without records', { Records: [] }],
  ])('%s is handled', async (_, event) => {
    expect(await call(event)).toBe('done');
    expect([given, lines]).toEqual([[event], []]);
  });

  test.each<[string, unknown]>([
    ['of another queue', { Records: [{ eventSourceARN: QUEUE }, { eventSourceARN: `${QUEUE}2` }] }],
    ['without a source', { Records: [{ body: '{}' }] }],
    ['with a source that is no text', { Records: [{ eventSourceARN: [QUEUE] }] }],
    ['with a record that is none', { Records: [null] }],
    ['with records that are no list', { Records: { eventSourceARN: QUEUE } }],
    ['that is nothing', null],
  ])('%s is refused, which the log and a metric tell', async (_, event) => {
    await expect(call(event)).rejects.toThrow('queue or stream of this deployment');
    expect(given).toEqual([]);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'ERROR', message: expect.stringContaining('is refused') }),
      expect.objectContaining({ CallsRefused: 1, service: 'pipewarden' }),
    ]);
  });
});
