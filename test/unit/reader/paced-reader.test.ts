import { expect, test } from '@jest/globals';
import { pacedReader } from '../../../shared/reader/paced-reader.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { turns } from '../../../shared/token-bucket.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

test('readers that share their turns ask no more often than one, and answer as they would', async () => {
  let time = 0;
  const asked: number[] = [];
  const turn = turns(
    { perSecond: 10, burst: 2 },
    {
      now: () => new Date(0),
      sleep: async (milliseconds) => {
        time = Math.max(time, milliseconds);
      },
    },
  );
  const { reader } = memoryReader({ listing: [] });
  const both = ['eu-west-1', 'us-east-1'].map((region) =>
    pacedReader(
      {
        ...reader,
        scope: { ...reader.scope, region },
        listBuckets: async () => {
          asked.push(time);
          return found([region]);
        },
      },
      turn,
    ),
  );
  for (let call = 0; call < 3; call++)
    for (const each of both) expect(await each.listBuckets()).toEqual(found([each.scope.region]));
  // Two at once, then one each tenth of a second.
  expect(asked).toEqual([0, 0, 100, 200, 300, 400]);
});
