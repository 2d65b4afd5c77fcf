import { FOUND, type Found, type Phase, type Step } from './sandbox-steps.ts';

/** Credentials of a session, as the AWS CLI takes them. */
export type Session = Readonly<
  Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string>
>;

/** What a run needs of the world. */
export type SandboxIo = {
  /**
   * Runs a command with the credentials of an actor, or of a session, and returns its status and what it wrote to stdout. After so many
   * minutes it is ended, and has no status.
   */
  exec: (
    command: readonly string[],
    by: Step['by'],
    options: { atMostMinutes: number; session?: Session | undefined },
  ) => Promise<{ status: number | undefined; stdout: string; stderr?: string }>;
  /** May end early where somebody stops the run. */
  sleep: (milliseconds: number) => Promise<void>;
  now: () => number;
  say: (line: string) => void;
  /** Keeps what a step has been answered. */
  keep: (as: string, value: unknown) => Promise<void>;
  /** Whether somebody has stopped the run: then only what was done is undone; and whether that is to stop, too. */
  stopped: () => 'no' | 'undo' | 'now';
  /** Emulators play AWS. */
  isEmulated: boolean;
};

export type SandboxResult = {
  wrong: string[];
  passed: number;
  /** What emulators cannot do, with the reason. */
  notTried: string[];
  /** The commands that would remove what is still there. */
  stays: { command: readonly string[]; by: Step['by'] }[];
};

const SECONDS_BETWEEN = 20;
const MINUTES = 5;
/** Removing takes about as long as deploying, and a person is asked. */
const UNDO_MINUTES = 30;
const UNDO_TRIES = 7;

/**
 * Does all steps in their order, and then, or after the first that fails, or where somebody stops it, undoes what was done, from the end to
 * the beginning.
 */
export const runPlan = async (phases: readonly Phase[], io: SandboxIo): Promise<SandboxResult> => {
  const run: Run = { found: new Map(), io };
  const done: Step[] = [];
  const result: SandboxResult = { wrong: [], passed: 0, notTried: [], stays: [] };
  for (const { title, steps } of phases) {
    if (result.wrong.length > 0) break;
    io.say(`\n${title}`);
    for (const step of steps) {
      if (io.isEmulated && step.beyondEmulators !== undefined) {
        io.say(`  ${step.title}\n    not tried: ${step.beyondEmulators}`);
        result.notTried.push(`${step.title}: ${step.beyondEmulators}`);
        continue;
      }
      io.say(`  ${step.title}`);
      const { problem, isRefused } =
        io.stopped() === 'no' ? await doStep(step, run) : { problem: 'stopped before it began' };
      // A deployment that fails may have been done in part. A call that AWS refuses has made nothing, and the thing of that name is another's.
      if ((problem === undefined && !isRefused) || step.command[0] === 'pipewarden') done.push(step);
      if (problem === undefined) {
        result.passed++;
        continue;
      }
      result.wrong.push(`${step.title}: ${problem}`);
      io.say(`    wrong: ${problem}`);
      break;
    }
  }
  io.say('\nCleaning up');
  for (const { title, undo, by } of done.toReversed()) {
    const command = undo && filledIn(undo, run.found);
    if (!command) continue;
    if (io.stopped() === 'now') {
      result.stays.push({ command, by });
      continue;
    }
    const problem = await undone(command, by, io);
    if (problem === undefined) continue;
    result.stays.push({ command, by });
    result.wrong.push(`${title}: is not undone: ${problem}`);
    io.say(`    not undone: ${problem}`);
  }
  return result;
};

/** What went wrong with an undoing. A thing that is still in use cannot go: a call is made again for two minutes. */
const undone = async (
  command: readonly string[],
  by: Step['by'],
  io: SandboxIo,
): Promise<string | undefined> => {
  for (let tries = command[0] === 'pipewarden' ? 1 : UNDO_TRIES; ; tries--) {
    const { status } = await io.exec(command, by, { atMostMinutes: UNDO_MINUTES });
    if (status === 0) return undefined;
    if (tries === 1 || io.stopped() === 'now')
      return `${command.join(' ')} ${endedText(status, UNDO_MINUTES)}`;
    await io.sleep(SECONDS_BETWEEN * 1000);
  }
};

type Run = { found: Map<Found, string>; session?: Session; io: SandboxIo };

const endedText = (status: number | undefined, minutes: number): string =>
  status === undefined ? `did not end in ${minutes} minutes` : `ended with status ${status}`;

/** What went wrong in a step; nothing where all is well. A refusal that is kept is an answer. */
const doStep = async (step: Step, run: Run): Promise<{ problem?: string; isRefused?: boolean }> => {
  const { io, found } = run;
  const { by, check, finds, keeps, atMostMinutes = MINUTES } = step;
  const command = filledIn(step.command, found);
  if (!command) return { problem: 'something that it needs was not found' };
  if (step.inSession && !run.session) return { problem: 'there is no session' };
  const options = { atMostMinutes, session: step.inSession ? run.session : undefined };
  const until = io.now() + (check?.atMostMinutes ?? 0) * 60_000;
  for (;;) {
    const { status, stdout, stderr = '' } = await io.exec(command, by, options);
    const answer = parsed(stdout);
    const ended = `the command ${endedText(status, atMostMinutes)}`;
    if (check) {
      const problem = answer === undefined ? ended : check.wrong(answer);
      if (problem !== undefined) {
        if (io.now() >= until) return { problem: `${problem}, after ${check.atMostMinutes} minutes` };
        if (io.stopped() !== 'no') return { problem };
        await io.sleep(SECONDS_BETWEEN * 1000);
        continue;
      }
    } else if (status !== 0) {
      if (!keeps || status === undefined) return { problem: ended };
      // The AWS CLI says first how it is used, and last what is wrong.
      await io.keep(keeps.as, { refused: stderr.trim().split('\n').at(-1) });
      return { isRefused: true };
    }
    if (keeps) await io.keep(keeps.as, keeps.of(answer));
    if (step.opensSession) {
      const session = sessionIn(answer);
      if (!session) return { problem: 'the answer tells no credentials' };
      run.session = session;
    }
    if (!finds) return {};
    const value = finds.in(answer);
    if (value === undefined) return { problem: `the answer tells no ${finds.what}` };
    found.set(finds.what, value);
    return {};
  }
};

/** The credentials in an answer of `sts assume-role`. */
const sessionIn = (answer: unknown): Session | undefined => {
  const { AccessKeyId, SecretAccessKey, SessionToken } =
    (answer as { Credentials?: Record<string, unknown> } | undefined)?.Credentials ?? {};
  return typeof AccessKeyId === 'string' &&
    typeof SecretAccessKey === 'string' &&
    typeof SessionToken === 'string'
    ? {
        AWS_ACCESS_KEY_ID: AccessKeyId,
        AWS_SECRET_ACCESS_KEY: SecretAccessKey,
        AWS_SESSION_TOKEN: SessionToken,
      }
    : undefined;
};

const parsed = (stdout: string): unknown => {
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    return undefined;
  }
};

/** The command with what was found before; undefined where that is missing. */
const filledIn = (command: readonly string[], found: ReadonlyMap<Found, string>): string[] | undefined => {
  const filled = command.map((word) => {
    const what = (Object.keys(FOUND) as Found[]).find((each) => FOUND[each] === word);
    return what === undefined ? word : found.get(what);
  });
  return filled.every((word) => word !== undefined) ? filled : undefined;
};
