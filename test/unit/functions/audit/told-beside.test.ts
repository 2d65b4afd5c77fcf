import { expect, test } from '@jest/globals';
import { toldBeside } from '../../../../functions/audit/told-beside.ts';

test('what was told is not told again, and what failed is told again when somebody asks the next time', async () => {
  const answers = [new Error('no table'), new Error('no bucket'), undefined];
  let times = 0;
  const told = toldBeside(async () => {
    const answer = answers[times++];
    if (answer) throw answer;
  });
  const [one, other] = [told(), told()];
  await expect(one).rejects.toThrow('no table');
  await expect(other).rejects.toThrow('no table');
  expect(times).toBe(1);
  await expect(told()).rejects.toThrow('no bucket');
  await told();
  await told();
  expect(times).toBe(3);
});
