import { FOUND, type Found, type Phase, type Step } from './sandbox-plan.ts';

/** What a run needs of the world. */
export type SandboxIo = {
  /** Runs a command with the credentials of an actor, and returns its status and what it wrote to stdout. */
  exec: (command: readonly string[], by: Step['by']) => Promise<{ status: number; stdout: string }>;
  sleep: (milliseconds: number) => Promise<void>;
  now: () => number;
  say: (line: string) => void;
};

const SECONDS_BETWEEN = 20;

/**
 * Does all steps in their order, and then, or after the first that fails, undoes what was done, from the end to the beginning. Returns
 * what went wrong; nothing where all is well.
 */
export const runPlan = async (phases: readonly Phase[], io: SandboxIo): Promise<string[]> => {
  const found = new Map<Found, string>();
  const done: Step[] = [];
  const wrong: string[] = [];
  for (const { title, steps } of phases) {
    if (wrong.length > 0) break;
    io.say(`\n${title}`);
    for (const step of steps) {
      io.say(`  ${step.title}`);
      const problem = await doStep(step, found, io);
      // A deployment that fails may have been done in part. A call that AWS refuses has made nothing, and the thing of that name is another's.
      if (problem === undefined || step.command[0] === 'pipewarden') done.push(step);
      if (problem === undefined) continue;
      wrong.push(`${step.title}: ${problem}`);
      io.say(`    wrong: ${problem}`);
      break;
    }
  }
  io.say('\nCleaning up');
  for (const { title, undo, by } of done.toReversed()) {
    if (!undo) continue;
    const command = filledIn(undo, found);
    if (!command) continue;
    const { status } = await io.exec(command, by);
    if (status !== 0) {
      wrong.push(`${title}: is not undone: ${command.join(' ')} ended with status ${status}`);
      io.say(`    not undone: ${command.join(' ')}`);
    }
  }
  return wrong;
};

const doStep = async (
  { command, by, check, finds }: Step,
  found: Map<Found, string>,
  io: SandboxIo,
): Promise<string | undefined> => {
  const filled = filledIn(command, found);
  if (!filled) return 'something that it needs was not found';
  const until = io.now() + (check?.atMostMinutes ?? 0) * 60_000;
  for (;;) {
    const { status, stdout } = await io.exec(filled, by);
    if (!check) {
      if (status !== 0) return `the command ended with status ${status}`;
      if (!finds) return undefined;
      const value = finds.in(parsed(stdout));
      if (value === undefined) return `the answer tells no ${finds.what}`;
      found.set(finds.what, value);
      return undefined;
    }
    const answer = parsed(stdout);
    const problem = answer === undefined ? `the command ended with status ${status}` : check.wrong(answer);
    if (problem === undefined || io.now() >= until) return problem;
    await io.sleep(SECONDS_BETWEEN * 1000);
  }
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
