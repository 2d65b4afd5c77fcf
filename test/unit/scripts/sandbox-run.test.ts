import { describe, expect, test } from '@jest/globals';
import { runPlan, type SandboxIo } from '../../../scripts/sandbox-run.ts';
import type { Step } from '../../../scripts/sandbox-steps.ts';

/** How AWS answers a command: in so many minutes, and what happens then. */
type Answer = {
  status?: number;
  stdout?: unknown;
  stderr?: string;
  minutes?: number;
  meanwhile?: () => void;
};

const wrongIn = async (io: SandboxIo, ...steps: Step[]): Promise<string[]> =>
  (await runPlan([{ title: 'all', steps }], io)).wrong;

describe('a run of a plan', () => {
  /** AWS as a run sees it: `answers` by a word of the command. */
  const world = (answers: Record<string, Answer> = {}, over: Partial<SandboxIo> = {}) => {
    const ran: string[] = [];
    const kept = new Map<string, unknown>();
    let now = 0;
    const io: SandboxIo = {
      exec: async (command, _by, { atMostMinutes, session }) => {
        ran.push([...command, ...(session ? ['in a session'] : [])].join(' '));
        const [, answer] = Object.entries(answers).find(([word]) => command.includes(word)) ?? [];
        if (answer?.minutes !== undefined && answer.minutes > atMostMinutes) {
          now += atMostMinutes * 60_000;
          return { status: undefined, stdout: '' };
        }
        answer?.meanwhile?.();
        const { status = 0, stdout = {}, stderr = '' } = answer ?? {};
        return { status, stdout: status === 0 ? JSON.stringify(stdout) : '', stderr };
      },
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
      now: () => now,
      say: () => {},
      keep: async (as, value) => void kept.set(as, value),
      stopped: () => 'no',
      isEmulated: false,
      ...over,
    };
    return { io, ran, kept, now: () => now };
  };
  const step = (name: string, over: Partial<Step> = {}): Step => ({
    title: name,
    by: 'member',
    command: ['aws', name],
    undo: ['aws', `un${name}`],
    ...over,
  });

  test('does the steps in their order and undoes them from the end', async () => {
    const { io, ran } = world();
    expect(await wrongIn(io, step('a'), step('b'))).toEqual([]);
    expect(ran).toEqual(['aws a', 'aws b', 'aws unb', 'aws una']);
  });

  test('ends with the first step that fails, which is not undone, as what it would make may be another’s', async () => {
    const { io, ran } = world({ b: { status: 255 } });
    const wrong = await wrongIn(io, step('a'), step('b'), step('c'));
    expect(wrong).toEqual(['b: the command ended with status 255']);
    expect(ran).toEqual(['aws a', 'aws b', 'aws una']);
  });

  test('undoes a deployment that has failed, and tells what could not be undone', async () => {
    const deploy = step('deploy', { command: ['pipewarden', 'deploy'], undo: ['pipewarden', 'destroy'] });
    const { io, ran } = world({ deploy: { status: 2 }, destroy: { status: 2 } });
    const wrong = await wrongIn(io, deploy);
    expect(ran).toEqual(['pipewarden deploy', 'pipewarden destroy']);
    expect(wrong).toEqual([expect.stringContaining('status 2'), expect.stringContaining('is not undone')]);
  });

  test('waits for what is checked, and no longer than that', async () => {
    const answers: Record<string, Answer> = { look: { stdout: { ready: false } } };
    const { io, now } = world(answers);
    const look = step('look', {
      check: {
        wrong: (answer) => ((answer as { ready: boolean }).ready ? undefined : 'not yet'),
        atMostMinutes: 5,
      },
    });
    expect(await wrongIn(io, look)).toEqual(['look: not yet, after 5 minutes']);
    expect(now()).toBe(5 * 60_000);
    answers.look = { stdout: { ready: true } };
    expect(await wrongIn(io, look)).toEqual([]);
  });

  test('gives later commands what it found, and stops where it found nothing', async () => {
    const make = step('make', {
      finds: { what: 'scp', in: (answer) => (answer as { id?: string }).id },
      undo: ['aws', 'unmake', '<PolicyId>'],
    });
    const use = step('use', { command: ['aws', 'use', '<PolicyId>'], undo: ['aws', 'unuse', '<PolicyId>'] });
    const { io, ran } = world({ make: { stdout: { id: 'p-1' } } });
    expect(await wrongIn(io, make, use)).toEqual([]);
    expect(ran).toEqual(['aws make', 'aws use p-1', 'aws unuse p-1', 'aws unmake p-1']);
    expect(await wrongIn(world().io, make, use)).toEqual(['make: the answer tells no scp']);
  });

  test('ends a command that takes too long, and undoes the rest', async () => {
    const { io, ran } = world({ b: { minutes: 6 } });
    expect(await wrongIn(io, step('a'), step('b'))).toEqual(['b: the command did not end in 5 minutes']);
    expect(ran).toEqual(['aws a', 'aws b', 'aws una']);
    const deploy = step('deploy', { command: ['pipewarden', 'deploy'], atMostMinutes: 20 });
    expect(await wrongIn(world({ deploy: { minutes: 19 } }).io, deploy)).toEqual([]);
  });

  test('undoes what was done, where somebody stops it', async () => {
    let stopped: 'no' | 'undo' = 'no';
    const stop = {
      meanwhile: () => {
        stopped = 'undo';
      },
    };
    const { io, ran } = world({ b: stop }, { stopped: () => stopped });
    expect(await wrongIn(io, step('a'), step('b'), step('c'))).toEqual(['c: stopped before it began']);
    expect(ran).toEqual(['aws a', 'aws b', 'aws unb', 'aws una']);
  });

  test('tells the commands that are left, where somebody stops the undoing', async () => {
    let stopped: 'no' | 'now' = 'no';
    const stop = {
      meanwhile: () => {
        stopped = 'now';
      },
    };
    const { io, ran } = world({ unb: stop }, { stopped: () => stopped });
    const { stays, wrong } = await runPlan([{ title: 'all', steps: [step('a'), step('b')] }], io);
    expect(ran).toEqual(['aws a', 'aws b', 'aws unb']);
    expect([stays, wrong]).toEqual([[{ command: ['aws', 'una'], by: 'member' }], []]);
  });

  test('tries for two minutes to undo what is still in use, and tells what stays', async () => {
    const answers: Record<string, Answer> = { una: { status: 254 } };
    const { io, ran, now } = world(answers);
    const { stays } = await runPlan([{ title: 'all', steps: [step('a')] }], io);
    expect(stays).toEqual([{ command: ['aws', 'una'], by: 'member' }]);
    expect([ran.length, now()]).toEqual([1 + 7, 6 * 20_000]);
  });

  test('keeps answers, also a refusal, which has made nothing', async () => {
    const keeps = { as: 'answer', of: (answer: unknown) => answer };
    const given = world({ a: { stdout: { is: 1 } } });
    expect(await wrongIn(given.io, step('a', { keeps }))).toEqual([]);
    expect(given.kept.get('answer')).toEqual({ is: 1 });
    const refused = world({ a: { status: 254, stderr: 'usage: aws\n\nAccessDenied\n' } });
    expect(await wrongIn(refused.io, step('a', { keeps }))).toEqual([]);
    expect(refused.kept.get('answer')).toEqual({ refused: 'AccessDenied' });
    expect(refused.ran).toEqual(['aws a']);
  });

  test('runs steps in the session that another has opened', async () => {
    const Credentials = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret', SessionToken: 'token' };
    const { io, ran } = world({ open: { stdout: { Credentials } } });
    const inSession = step('use', { inSession: true });
    const { undo: _, ...open } = step('open', { opensSession: true });
    expect(await wrongIn(io, open, inSession)).toEqual([]);
    expect(ran).toEqual(['aws open', 'aws use in a session', 'aws unuse']);
    expect(await wrongIn(world().io, open)).toEqual(['open: the answer tells no credentials']);
    expect(await wrongIn(world().io, inSession)).toEqual(['use: there is no session']);
  });

  test('tells what emulators cannot do as not tried, and as nothing that has passed', async () => {
    const { io, ran } = world({}, { isEmulated: true });
    const beyond = step('b', { beyondEmulators: 'nobody plays it' });
    const result = await runPlan([{ title: 'all', steps: [step('a'), beyond] }], io);
    expect(result).toMatchObject({ passed: 1, wrong: [], notTried: ['b: nobody plays it'] });
    expect(ran).toEqual(['aws a', 'aws una']);
  });
});
