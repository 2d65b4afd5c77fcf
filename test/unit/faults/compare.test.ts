import { expect, test } from '@jest/globals';
import { compareDeadLetters } from '../../faults/compare.ts';

const aside = (call: string, more: { EventId?: string; ErrorName?: string } = {}, body = 'bad') => ({
  id: `${call} ${Math.random()}`,
  body,
  invocation: call,
  attributes: { EventId: 'm-1', ErrorName: 'Unreadable', Reason: 'not JSON', ...more },
});

test.each<[title: string, deadLetters: ReturnType<typeof aside>[], unanswered: string[], extra: number]>([
  ['once', [aside('one')], [], 0],
  ['by two attempts of one call, whose first answer was not heard', [aside('one'), aside('one')], [], 0],
  ['by two calls', [aside('one'), aside('two')], [], 1],
  ['by two calls, and the function of the first was killed', [aside('one'), aside('two')], ['m-1'], 0],
  ['by two calls, and its queue heard no answer', [aside('one'), aside('two')], ['bad'], 0],
  ['by two calls, and the function of another message was killed', [aside('one'), aside('two')], ['m-2'], 1],
  ['by three calls, and one function was killed', [aside('one'), aside('two'), aside('three')], ['m-1'], 1],
  ['for another reason', [aside('one', { ErrorName: 'OutOfTime' })], [], 1],
])('a malformed message that is put aside %s', (_, deadLetters, unanswered, extra) => {
  const difference = compareDeadLetters({ malformed: ['bad'], deadLetters, unanswered });
  expect(difference.lost).toEqual([]);
  expect(difference.extra).toHaveLength(extra);
});

test('a malformed message that is not put aside is lost, and another that is put aside is extra', () => {
  const { lost, extra } = compareDeadLetters({
    malformed: ['bad'],
    deadLetters: [aside('one', {}, 'good')],
    unanswered: [],
  });
  expect([lost, extra]).toEqual([['not put aside: bad'], ['put aside: not JSON: good']]);
});
