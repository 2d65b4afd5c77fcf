import { expect, test } from '@jest/globals';
import { progressOn } from '../../../cli/progress.ts';

const written = (isTTY: boolean, isQuiet: boolean, counts: readonly number[]): string => {
  const chunks: string[] = [];
  const stream = { isTTY, write: (chunk: string | Uint8Array) => chunks.push(String(chunk)) > 0 };
  const progress = progressOn(stream, isQuiet);
  progress.say('auditing');
  for (const count of counts) progress.count(count, count); // each resource leads to one more
  progress.endCount();
  progress.say('done');
  return chunks.join('');
};

const ONE_LINE = 'auditing\n\raudited 1 of 1 resources\raudited 2 of 2 resources\ndone\n';

test.each<[string, boolean, boolean, number[], string]>([
  ['its end in a file or a pipe', false, false, [1, 2], 'auditing\naudited 2 of 2 resources\ndone\n'],
  ['one line that is written over on a terminal', true, false, [1, 2], ONE_LINE],
  ['no count of nothing', true, false, [], 'auditing\ndone\n'],
  ['nothing where it is to be quiet', true, true, [1, 2], ''],
])('progress: %s', (_title, isTTY, isQuiet, counts, expected) => {
  expect(written(isTTY, isQuiet, counts)).toBe(expected);
});
