import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { needInterning } from '../../../shared/needs/need-interning.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('an object that lives as long as the process keeps nothing of the rosters whose needs had it', async () => {
  const lasting = { 'sagemaker:NetworkIsolation': ['true'] };
  const made = Array.from({ length: 5 }, (_, index) => {
    const own = { 'sagemaker:VolumeKmsKey': [`key-${index}`] };
    const { need } = needInterning();
    for (const request of [lasting, own])
      need({ action: 'sagemaker:CreateTrainingJob', resource: '*', request });
    return new WeakRef(own);
  });
  await turn();
  collect();
  expect(made.filter((each) => each.deref() !== undefined)).toEqual([]);
});
