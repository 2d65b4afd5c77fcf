import { setTimeout as sleep } from 'node:timers/promises';

/** What a sweep of a hub calls in its steps (`infra/sweep-definition.ts`). */
export type SweepSteps = {
  /** Invokes the sweep function. */
  invoke: (input: object) => Promise<object>;
  /** The text of an object in the bucket of sweeps. */
  read: (key: string) => Promise<string>;
  /** Sends messages of one account to the auditor’s queue, at most ten. */
  send: (account: string, messages: readonly object[]) => Promise<void>;
};

/** Up to when each account is swept; null for an account that could not be read, undefined for one whose sweep failed. */
export type PlayedSweep = Map<string, string | null | undefined>;

const ATTEMPTS = 4;
const MOST_WAITS = 30;
const WAIT_MS = 200;
const BATCH = 10;

/**
 * Plays the state machine of a hub’s sweep of all accounts or of chosen ones, its accounts side by side and without the pauses
 * between batches: no emulator of Step Functions knows what it uses.
 */
export const playSweep = async (
  sweepId: string,
  steps: SweepSteps,
  chosen: readonly string[] | true = true,
): Promise<PlayedSweep> => {
  const { key } = (await retried(() => steps.invoke({ sweepId, accounts: chosen }))) as { key: string };
  const accounts = JSON.parse(await steps.read(key)) as { account: string }[];
  return new Map(
    await Promise.all(
      accounts.map(async ({ account }) => [account, await sweepOne({ sweepId, account }, steps)] as const),
    ),
  );
};

const sweepOne = async (
  one: { sweepId: string; account: string },
  { invoke, read, send }: SweepSteps,
): Promise<string | null | undefined> => {
  try {
    const swept = (await retried(() => invoke(one))) as { key: string; until: string | null; since?: number };
    await indexed(one, swept.since, invoke);
    const messages = JSON.parse(await read(swept.key)) as object[];
    for (let at = 0; at < messages.length; at += BATCH)
      await send(one.account, messages.slice(at, at + BATCH));
    if (swept.until !== null) await retried(() => invoke({ ...one, finished: swept.until }));
    return swept.until;
  } catch (error) {
    const failed = { error: 'Failed', cause: String(error).slice(0, 2000) };
    const { body } = (await retried(() => invoke({ ...one, failed }))) as { body: string };
    await send(one.account, [JSON.parse(body) as object]);
    return undefined;
  }
};

/** Waits for the index that a sweep has made anew; not for ever, as its inventory may fail. */
const indexed = async (
  one: object,
  since: number | undefined,
  invoke: SweepSteps['invoke'],
): Promise<void> => {
  if (since === undefined) return;
  for (let wait = 1; wait <= MOST_WAITS; wait++) {
    const { isListed } = (await retried(() => invoke({ ...one, since }))) as { isListed: boolean };
    if (isListed) return;
    await sleep(WAIT_MS);
  }
};

const retried = async <T>(run: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
};
