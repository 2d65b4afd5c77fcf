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

  test('a line that is cut is told with its place', () => {
    const read = file(`${record}\n{"a":\n${record}`);
    expect(read.ok && read.events.unreadable).toEqual([
      { at: 'f:2', reason: expect.stringContaining('not JSON'), excerpt: '{"a":' },
    ]);
  });

  test('a line that names something twice is told with its place, and the others are read', () => {
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
