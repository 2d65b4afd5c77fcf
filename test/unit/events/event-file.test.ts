import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readEventFile } from '../../../shared/events/event-file.ts';
import { cloudTrail } from '../../support/builders/events.ts';

describe('a file of events', () => {
  const record = JSON.stringify(cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }));
  const file = (content: string | Uint8Array) =>
    readEventFile(typeof content === 'string' ? Buffer.from(content) : content, 'f');
  const counts = (content: string | Uint8Array) => {
    const read = file(content);
    return read.ok ? [read.events.requests.length, read.events.unreadable.length] : read.error;
  };

  test.each<[string, string | Uint8Array, [number, number]]>([
    ['JSON', `\n${record}\n`, [1, 0]],
    ['JSON with a byte order mark', `\uFEFF[${record}]`, [1, 0]],
    ['JSON lines', `${record}\n\n${record}\r\n`, [2, 0]],
    ['JSON lines of which one is cut', `${record}\n${record.slice(0, 50)}\n${record}`, [2, 1]],
    ['gzip', gzipSync(`{"Records":[${record},${record}]}`), [2, 0]],
    [
      'one line of 6 MB',
      JSON.stringify({ Records: Array.from({ length: 12_000 }, () => JSON.parse(record)) }),
      [12_000, 0],
    ],
  ])('%s', (_, content, expected) => {
    expect(counts(content)).toEqual(expected);
  });

  test('a line that is cut off is reported with its place', () => {
    const read = file(`${record}\n{"a":\n${record}`);
    expect(read.ok && read.events.unreadable).toEqual([
      { at: 'f:2', reason: expect.stringContaining('not JSON'), excerpt: '{"a":' },
    ]);
  });

  test('a line with a doubled name is reported with its place, and the others are read', () => {
    const read = file(`${record}\n{"eventName": "A", "eventName": "B"}\n${record}`);
    expect(read.ok && read.events.requests).toHaveLength(2);
    expect(read.ok && read.events.unreadable).toEqual([
      {
        at: 'f:2',
        reason: expect.stringContaining('ambiguous JSON: "eventName" stands twice'),
        excerpt: '{"eventName": "A", "eventName": "B"}',
      },
    ]);
  });

  test.each<[string, string]>([
    ['lists', '[],'.repeat(300_000)],
    ['numbers', '0,'.repeat(300_000)],
  ])('of hundreds of thousands of %s shows the first of them, and counts the rest', (_, values) => {
    const read = file(gzipSync(`[${values}0]`, { level: 1 }));
    if (!read.ok) throw new Error(read.error.message);
    expect(read.events.unreadable.length).toBeLessThanOrEqual(1001);
    const [first] = read.events.unreadable;
    expect(first?.reason).toContain('neither a CloudTrail record nor an EventBridge event');
  });

  test('of thousands of lines that are not JSON shows the first of them, and counts the rest', () => {
    const read = file('{"a":1}\n'.repeat(5000));
    if (!read.ok) throw new Error(read.error.message);
    expect(read.events.unreadable).toHaveLength(1001);
    expect(read.events.unreadable.at(-1)).toEqual({
      at: 'f',
      reason: '4000 more lines are not understood',
      excerpt: '',
    });
  });

  test.each<[string, () => Uint8Array, string]>([
    ['brackets', () => Buffer.alloc(11_000_000, '['), 'the file holds more than 10000000 values'],
    ['line ends', () => Buffer.alloc(2_000_000, '\n'), 'the file has more than 1000000 lines'],
    ['lines of a number each', () => Buffer.alloc(4_000_000, '1\n'), 'the file has more than 1000000 lines'],
  ])('of more %s than any trail writes is refused before it is parsed, packed or not', (_, make, message) => {
    const bytes = make();
    for (const content of [bytes, gzipSync(bytes, { level: 1 })])
      expect(file(content)).toMatchObject({ ok: false, error: { message } });
  });

  test.each<[string, string | Uint8Array, object]>([
    ['a cut log file', `{"Records":[${record},\n{"eventName":`, { line: 2, column: 14 }],
    ['no JSON at all', 'hello\nworld', { line: 1, column: 1 }],
    [
      'a log file that names something twice',
      `{"Records":[{"eventName":"A",\n"eventName":"B"}]}`,
      { fault: 'ambiguous JSON', line: 2, column: 1 },
    ],
    [
      'broken gzip',
      gzipSync(record).subarray(0, 40),
      { message: expect.stringContaining('cannot be unpacked') },
    ],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(300 * 1024 * 1024)),
      { message: expect.stringContaining('cannot be unpacked') },
    ],
  ])('%s is an error with its place', (_, content, error) => {
    expect(counts(content)).toMatchObject(error);
  });
});
