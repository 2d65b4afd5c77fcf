import type { Call } from '../support/emulators/fault-proxy.ts';
import { MEMBERS } from './account.ts';
import { compareRuns, type Difference } from './compare.ts';
import { NO_FAULTS, type Rates } from './gateway.ts';
import type { Killing } from './processes.ts';
import { type RunOutcome, runBurst, runPhases } from './run.ts';
import { AUDIT_PROCESSES, type Faults } from './system.ts';
import { startWorld } from './world.ts';

export type SuiteOptions = { messages: number; seed: number; burst?: { events: number; seconds: number } };

export type SuiteOutcome = {
  clean: RunOutcome;
  faulty: RunOutcome;
  burst?: Pick<RunOutcome, 'seconds' | 'latencies' | 'undelivered'> & { events: number; sentIn: number };
  difference: Difference;
  /** The duration of each part in seconds. */
  seconds: Record<string, number>;
};

const DISORDER = { duplicates: 0.1, malformed: 0.05, isShuffled: true };
const IN_ORDER = { duplicates: 0, malformed: 0, isShuffled: false };

const RATES: Rates = { throttled: 0.05, failed: 0.02, conflicts: 0.03, refused: 0.1, slackBusy: 0.2 };
/** Higher rates for a short run, in which few calls can have these faults. */
const SHORT_RATES: Rates = { ...RATES, conflicts: 0.15, slackBusy: 0.3 };
const LONG = 5_000;

const NEVER: Killing = { within: 0, times: 0 };

const noFaults = (seed: number): Faults => ({
  seed,
  rates: NO_FAULTS,
  kills: { audit: NEVER, deliver: NEVER, inventory: NEVER },
  roles: [],
  losesIndexes: false,
});

/** A page of IAM’s listing after its first one. */
const isFurtherPage = ({ operation, body }: Call): boolean =>
  operation === 'GetAccountAuthorizationDetails' && new URLSearchParams(body).has('Marker');

const [REFUSING, THROTTLED] = MEMBERS;

/** So few that no message meets them as often as it may be received, and so many that the calls of a process meet several. */
const ROLE_FAULTS: Faults['roles'] = [
  { account: REFUSING, role: 'reader', kind: 'denied', calls: 8 },
  { account: THROTTLED, role: 'reader', kind: 'throttled', calls: 12 },
  { account: REFUSING, role: 'delivery', kind: 'throttled', calls: 8 },
  { account: THROTTLED, role: 'delivery', kind: 'denied', calls: 3 },
];

/**
 * Kills some processes once or, in a long run, several times, at any call: each kill costs the time until the
 * process's claims end.
 */
const allFaults = (seed: number, messages: number): Faults => {
  const [times, rates] = messages < LONG ? [1, SHORT_RATES] : [3, RATES];
  return {
    seed,
    rates,
    kills: {
      audit: { within: Math.round((messages * 0.8) / AUDIT_PROCESSES), times },
      deliver: { within: Math.max(20, Math.round(messages * 0.03)), times },
      inventory: { within: 1, times, at: isFurtherPage },
    },
    roles: ROLE_FAULTS,
    losesIndexes: true,
  };
};

/** Runs the clean run, the same run with all faults, the comparison, and a burst. Long runs end with a sweep. */
export const runSuite = async (
  { messages, seed, burst }: SuiteOptions,
  say: (text: string) => void,
): Promise<SuiteOutcome> => {
  const seconds: Record<string, number> = {};
  const timed = async <T>(part: string, run: () => Promise<T>): Promise<T> => {
    const startedAt = Date.now();
    const value = await run();
    seconds[part] = (Date.now() - startedAt) / 1000;
    say(`${part}: ${seconds[part]} s\n`);
    return value;
  };
  const isSwept = messages >= LONG;
  const events = Math.round(messages * (1 - DISORDER.duplicates - DISORDER.malformed));
  const world = await timed('the account', () => startWorld(events));
  try {
    const clean = await timed('the clean run', () =>
      runPhases(world, { name: 'clean', events, disorder: IN_ORDER, faults: noFaults(seed), isSwept }, say),
    );
    const faulty = await timed('the run through faults', () =>
      runPhases(
        world,
        { name: 'faulty', events, disorder: DISORDER, faults: allFaults(seed, messages), isSwept },
        say,
      ),
    );
    const rushed =
      burst && (await timed('the burst', () => runBurst(world, { ...burst, faults: noFaults(seed) }, say)));
    return {
      clean,
      faulty,
      ...(rushed && burst && { burst: { ...rushed, events: burst.events, sentIn: burst.seconds } }),
      difference: compareRuns(clean, faulty),
      seconds,
    };
  } finally {
    await world.stop();
  }
};
