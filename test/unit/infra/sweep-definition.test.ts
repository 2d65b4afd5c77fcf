import { expect, test } from '@jest/globals';
import { sweepDefinition } from '../../../infra/sweep-definition.ts';
import { isObject } from '../../../shared/json/json.ts';

const definition = sweepDefinition({ functionArn: 'FUNCTION', queueUrl: 'QUEUE', partition: 'aws' });

/** Each set of states, with those of maps. */
const machines = (value: unknown): { StartAt: string; States: Record<string, object> }[] => {
  if (!isObject(value)) return [];
  const inner = Object.values(value).flatMap(machines);
  return isObject(value.States) ? [value as never, ...inner] : inner;
};

test('every state is reached, and leads to one of its machine or to an end', () => {
  const all = machines(definition);
  expect(all).toHaveLength(2);
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
});

const withoutInner = (state: object): object => ({ ...state, ItemProcessor: undefined });

test('no batch may fail, and ten messages go at once', () => {
  expect(definition.States.Send).toMatchObject({
    ToleratedFailurePercentage: 0,
    ItemBatcher: { MaxItemsPerBatch: 10 },
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' } },
    Next: 'Remember',
  });
});

test('the time of a sweep is noted only after all of its messages were sent', () => {
  const { List, Remember } = definition.States;
  expect(List.Assign.until).toBe('{% $states.result.Payload.until %}');
  expect(Remember.Arguments.Payload.finished).toBe('{% $until %}');
  expect(Remember.Next).toBe('Completed');
});
