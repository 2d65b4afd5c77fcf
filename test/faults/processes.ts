import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import type { Random } from '../support/builders/seeded.ts';
import type { Call } from '../support/emulators/fault-proxy.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';
import type { ChannelMessage } from './channel-messages.ts';
import type { Gateway } from './gateway.ts';

/** A function's process, which is restarted after a kill. */
export type Process = {
  /** Returns the ids of the records that come again. Rejects if the function rejects or is killed. */
  handle(records: readonly object[]): Promise<string[]>;
  /** Rejects if the function rejects or is killed. */
  invoke(event: object): Promise<object>;
  kills(): number;
  /** The messages that the function had sent but not yet noted as sent, at each kill. */
  lost(): readonly ChannelMessage[];
  /** The log of all its processes. */
  log(): Record<string, unknown>[];
  /** No more kills. */
  spare(): void;
  stop(): Promise<void>;
};

/** Kills a process this many times, each at some call within that many; `at`: which calls count. */
export type Killing = { within: number; times: number; at?: (call: Call) => boolean };

export type FunctionName = 'audit' | 'deliver' | 'inventory' | 'sweep';

/** A function's time-out in milliseconds: shorter than deployed, so that a killed process's claims end sooner. */
export const FUNCTION_MILLIS = 25_000;

/** More than a sweep keeps for the list that it writes at the end. */
const SWEEP_MILLIS = 120_000;

/** Time for the last calls of a killed process to reach its gateway. */
const LAST_CALLS_MILLIS = 50;

export const startProcess = (
  name: FunctionName,
  environment: Record<string, string>,
  gateway: Gateway,
  { within, times, at = () => true }: Killing,
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
    const kill = (): void => {
      if (isSpared) return;
      kills++;
      isKilled = true;
      lambda.kill();
    };
    gateway.killAt(Math.ceil(within * (0.5 + random())), kill, at);
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
  const survived = async <T>(run: () => Promise<T>): Promise<T> => {
    await replaceKilled(); // the kill may come at a call between two batches
    try {
      return await run();
    } finally {
      await replaceKilled();
    }
  };
  return {
    handle: (records) => survived(() => lambda.handle(records, FUNCTION_MILLIS)),
    invoke: (event) => survived(() => lambda.invoke(event, SWEEP_MILLIS)),
    kills: () => kills,
    lost: gateway.lost,
    log: () => [...logs, ...lambda.log()],
    spare: () => {
      isSpared = true;
    },
    stop: () => lambda.stop(),
  };
};
