import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';
import type { ChannelMessage } from './channel-messages.ts';
import type { Gateway } from './gateway.ts';
import type { Random } from './seeded.ts';

/** A function's process, which is restarted after a kill. */
export type Process = {
  /** Rejects where the function does, and where it is killed. */
  handle(records: readonly object[]): Promise<string[]>;
  kills(): number;
  /** What it had told but not noted, at each kill. */
  lost(): readonly ChannelMessage[];
  /** The log of all its processes. */
  log(): Record<string, unknown>[];
  /** No more kills. */
  spare(): void;
  stop(): Promise<void>;
};

/** Kills a process this many times, each at some call within that many. */
export type Killing = { within: number; times: number };

/** A function's time-out in milliseconds: shorter than deployed, so that a killed process's claims end sooner. */
export const FUNCTION_MILLIS = 25_000;

/** Time for the last calls of a killed process to reach its gateway. */
const LAST_CALLS_MILLIS = 50;

export const startProcess = (
  name: 'audit' | 'deliver',
  environment: Record<string, string>,
  gateway: Gateway,
  { within, times }: Killing,
  random: Random,
): Process => {
  const logs: Record<string, unknown>[] = [];
  let kills = 0;
  let isKilled = false;
  let isSpared = times === 0;
  const start = (): Lambda =>
    startLambda(name, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`, environment, { isQuiet: true });
  let lambda = start();
  const arm = (): void => {
    if (isSpared || kills >= times) return;
    gateway.killAt(Math.ceil(within * (0.5 + random())), () => {
      if (isSpared) return;
      kills++;
      isKilled = true;
      lambda.kill();
    });
  };
  arm();
  const replaceKilled = async (): Promise<void> => {
    if (!isKilled) return;
    await lambda.stop();
    await sleep(LAST_CALLS_MILLIS);
    logs.push(...lambda.log());
    isKilled = false;
    gateway.restarted();
    lambda = start();
    arm();
  };
  return {
    handle: async (records) => {
      await replaceKilled(); // the kill may come at a call between two batches
      try {
        return await lambda.handle(records, FUNCTION_MILLIS);
      } finally {
        await replaceKilled();
      }
    },
    kills: () => kills,
    lost: gateway.lost,
    log: () => [...logs, ...lambda.log()],
    spare: () => {
      isSpared = true;
    },
    stop: () => lambda.stop(),
  };
};
