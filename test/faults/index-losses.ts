import type { Random } from '../support/builders/seeded.ts';
import { ACCOUNTS } from './account.ts';
import type { Tables } from './tables.ts';

/** What an index may lose, by the sort keys of its items: half of its parts, its head, or everything. */
const LOSSES: readonly ((sortKey: string, chance: number) => boolean)[] = [
  (sortKey, chance) => sortKey.includes('#') && chance < 0.5,
  (sortKey) => sortKey === 'head',
  () => true,
];

/** Has each account lose something else of its index, in each phase another thing; returns how many items were lost. */
export const loseIndexes = async (tables: Tables, phase: number, random: Random): Promise<number> => {
  let lost = 0;
  for (const [index, account] of ACCOUNTS.entries()) {
    const isLost = LOSSES[(index + phase) % LOSSES.length];
    if (isLost) lost += await tables.loseIndex(account, (sortKey) => isLost(sortKey, random()));
  }
  return lost;
};
