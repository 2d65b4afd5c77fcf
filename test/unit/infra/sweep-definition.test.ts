import { expect, test } from '@jest/globals';
import { hubSweepDefinition, sweepDefinition } from '../../../infra/sweep-definition.ts';
import { isObject } from '../../../shared/json/json.ts';

const PLACES = { functionArn: 'FUNCTION', queueUrl: 'QUEUE', partition: 'aws' };
const definition = sweepDefinition(PLACES);
const ofHub = hubSweepDefinition(PLACES);

/** All state machines in a definition: the whole one and those inside its Map states. */
const machines = (value: unknown): { StartAt: string; States: Record<string, object> }[] => {
  if (!isObject(value)) return [];
  const inner = Object.values(value).flatMap(machines);
  return isObject(value.States) ? [value as never, ...inner] : inner;
};

test.each([
  ['of one account', definition, 2],
  ['of several accounts', ofHub, 3],
])(
  'every state of a sweep %s is reached, and leads to one of its machine or to an end',
  (_of, whole, count) => {
    const all = machines(whole);
    expect(all).toHaveLength(count);
    for (const { StartAt, States } of all) {
      const nexts = Object.values(States).flatMap((state) =>
        [...JSON.stringify(withoutInner(state)).matchAll(/"(?:Next|Default)":"(\w+)"/g)].map(
          ([, next]) => next,
        ),
      );
      expect(new Set([StartAt, ...nexts])).toEqual(new Set(Object.keys(States)));
      for (const state of Object.values(States) as { Type: string; Next?: string; End?: boolean }[])
        expect([
          state.Next !== undefined,
          state.End === true,
          /Choice|Fail|Succeed/.test(state.Type),
        ]).toContain(true);
    }
  },
);

const withoutInner = (state: object): object => ({ ...state, ItemProcessor: undefined });

test('no batch may fail, and ten messages go at once', () => {
  expect(definition.States.Send).toMatchObject({
    ToleratedFailurePercentage: 0,
    ItemBatcher: { MaxItemsPerBatch: 10 },
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' } },
    Next: 'Remember',
  });
});

test.each([
  ['of one account', definition.States, { since: '{% $since %}' }],
  ['of several accounts', ofHub.States.Sweep.ItemProcessor.States, { account: '{% $account %}' }],
])(
  'a sweep %s sends nothing before the index is made anew, and does not wait for it for ever',
  (_of, states, asked) => {
    const { List, IsIndexed, WaitForIndex, AskForIndex } = states;
    expect([List.Next, WaitForIndex.Next, AskForIndex.Next]).toEqual([
      'IsIndexed',
      'AskForIndex',
      'IsIndexed',
    ]);
    expect(IsIndexed).toEqual({
      Type: 'Choice',
      Choices: [{ Condition: '{% $since != null and $waits < 45 %}', Next: 'WaitForIndex' }],
      Default: 'Send',
    });
    expect(AskForIndex.Arguments.Payload).toMatchObject(asked);
    expect(AskForIndex.Assign).toEqual({
      since: '{% $states.result.Payload.isListed ? null : $since %}',
      waits: '{% $waits + 1 %}',
    });
    // Where nobody tells whether the index is there, and after that, the list goes on to be sent.
    expect(AskForIndex.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Send' }]);
    expect(AskForIndex.Output).toBe('{% $states.input %}');
    expect(AskForIndex.Catch[0]?.Output).toBe('{% $states.input %}');
  },
);

test('the time of a sweep is noted only after all of its messages were sent', () => {
  const { List, Remember } = definition.States;
  expect(List.Assign.until).toBe('{% $states.result.Payload.until %}');
  expect(Remember.Arguments.Payload.finished).toBe('{% $until %}');
  expect(Remember.Next).toBe('Completed');
});

test('an account that cannot be swept stops no other, is told, and is not remembered as swept', () => {
  const { Sweep, IsWhole, Completed } = ofHub.States;
  expect(Sweep).toMatchObject({ ToleratedFailurePercentage: 100, MaxConcurrency: 40, Next: 'IsWhole' });
  expect(IsWhole.Choices).toEqual([{ Condition: '{% $isWhole %}', Next: 'Completed' }]);
  expect(Completed.End).toBe(true);
  const { List, Send, IsRead, Remember, Failed, Tell, NotSwept } = Sweep.ItemProcessor.States;
  for (const { Catch } of [List, Send, Remember])
    expect(Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Failed' }]);
  expect(Failed.Next).toBe('Tell');
  expect([Tell.Arguments.QueueUrl, Tell.Next]).toEqual(['QUEUE', 'NotSwept']);
  expect(NotSwept.Type).toBe('Fail');
  expect(Send.Next).toBe('IsRead');
  expect(IsRead.Default).toBe('NotRead');
});

test('the looks at one of several accounts come at a pace, batch after batch', () => {
  const { Send } = ofHub.States.Sweep.ItemProcessor.States;
  expect(Send.MaxConcurrency).toBe(1);
  expect(Send.ItemProcessor.States.Pause).toEqual({ Type: 'Wait', Seconds: 6, Next: 'Sent' });
  expect(JSON.stringify(definition.States.Send)).not.toContain('"Wait"');
});

test('each account of several is asked for by its own number', () => {
  const { List, Remember, Failed } = ofHub.States.Sweep.ItemProcessor.States;
  for (const { Arguments } of [List, Remember, Failed])
    expect(Arguments.Payload).toMatchObject({ account: '{% $account %}', sweepId: '{% $sweepId %}' });
});
