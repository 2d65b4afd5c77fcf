import { expect, test } from '@jest/globals';
import { progressOn } from '../../../cli/progress.ts';

const written = (isTTY: boolean, isQuiet = false): string => {
  let text = '';
  const stream = { isTTY, write: (chunk: string | Uint8Array) => Boolean((text += String(chunk))) };
  const progress = progressOn(stream as unknown as NodeJS.WriteStream, isQuiet);
  progress.say('auditing');
  progress.count(1, 1);
  progress.count(2, 2); // the first resource led to another
  progress.endCount();
  progress.say('done');
  return text;
};

test.each([
  [
    'in a file or a pipe, the end of the count only',
    false,
    false,
    'auditing\naudited 2 of 2 resources\ndone\n',
  ],
  [
    'on a terminal, one line that is written over',
    true,
    false,
    'auditing\n\raudited 1 of 1 resources\raudited 2 of 2 resources\ndone\n',
  ],
  ['nothing where it is to be quiet', true, true, ''],
])('progress: %s', (_title, isTTY, isQuiet, expected) => {
  expect(written(isTTY, isQuiet)).toBe(expected);
});

test('an audit of nothing counts nothing', () => {
  let text = '';
  const progress = progressOn(
    { isTTY: true, write: (chunk: unknown) => Boolean((text += String(chunk))) } as never,
    false,
  );
  progress.endCount();
  expect(text).toBe('');
});
