import { setTimeout } from 'node:timers/promises';
import { turns } from '../shared/token-bucket.ts';

/**
 * How often a function that lists an account asks AWS, so that it leaves others of the account their share. In any ten seconds that are
 * fewer than ten calls a second.
 */
export const ACCOUNT_CALLS = { perSecond: 8, burst: 8 };

/** Waits for the turn of the next call in an account. */
export const accountPace = (now: () => Date): (() => Promise<void>) => turns(ACCOUNT_CALLS, { now, sleep });

const sleep = async (milliseconds: number): Promise<void> => {
  await setTimeout(milliseconds);
};
