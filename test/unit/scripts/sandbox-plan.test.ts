import { describe, expect, test } from '@jest/globals';
import { EXAMPLE, NAME, type Step, sandboxConfig, sandboxPlan } from '../../../scripts/sandbox-plan.ts';
import { runPlan, type SandboxIo } from '../../../scripts/sandbox-run.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROL_IDS } from '../../../shared/domain/control-ids.ts';

const plan = sandboxPlan(EXAMPLE);
const steps = plan.flatMap((phase) => phase.steps);
const stepOf = (part: string): Step => {
  const step = steps.find(({ title }) => title.includes(part));
  if (!step) throw new Error(`no step ${part}`);
  return step;
};

describe('the plan of a sandbox', () => {
  test('undoes all that it makes, and each call that makes something has the name of the sandbox', () => {
    const making = steps.filter(
      ({ command }) => command[0] === 'aws' && /^(?:create|put|attach)-/.test(command[2] ?? ''),
    );
    expect(making.length).toBeGreaterThan(6);
    for (const { command, undo } of making) {
      expect(command.join(' ')).toContain(command[2] === 'attach-policy' ? '<PolicyId>' : NAME);
      if (command[2] !== 'put-bucket-tagging') expect(undo).toBeDefined();
    }
    const undone = steps.flatMap(({ undo }) => (undo ? [undo] : [])).toReversed();
    const order = (...parts: string[]) =>
      undone.findIndex((command) => parts.every((part) => command.includes(part)));
    expect(order('detach-policy')).toBeLessThan(order('delete-policy'));
    const role = `${NAME}-execution`;
    expect(order('delete-role-policy', role)).toBeLessThan(order('delete-role', role));
    expect(order('destroy')).toBe(undone.length - 1);
  });

  test.each(['of the unit', 'others, too'] as const)('has a valid configuration (%s)', (accounts) => {
    const config = sandboxConfig(EXAMPLE, accounts);
    expect(parseConfig(JSON.stringify(config), 'smoke.yaml', CONTROL_IDS)).toMatchObject(config);
  });

  test('checks what AWS says of its StackSets', () => {
    const { check } = stepOf('AutoDeployment.DependsOn');
    const arn =
      'arn:aws:cloudformation:eu-west-1:222233334444:stackset/PipewardenMemberRoles-111122223333-eu-west-1:0a1b';
    const answer = (Enabled: boolean, ...DependsOn: string[]) => ({
      StackSet: { AutoDeployment: { Enabled, DependsOn } },
    });
    expect(check?.wrong(answer(true, arn))).toBeUndefined();
    expect(check?.wrong(answer(true))).toContain('depends on');
    expect(check?.wrong(answer(true, arn, arn))).toContain('depends on');
    expect(check?.wrong(answer(false, arn))).toContain('not automatic');
    expect(check?.wrong({})).toBeDefined();

    const [others] = plan.at(-1)?.steps.slice(1) ?? [];
    const instances = (...of: [account: string, status: string][]) => ({
      Summaries: of.map(([Account, Status]) => ({ Account, Status })),
    });
    const wrong = (...of: [string, string][]) => others?.check?.wrong(instances(...of));
    expect(wrong(['444455556666', 'CURRENT'], ['888899990000', 'CURRENT'])).toBeUndefined();
    expect(wrong(['444455556666', 'CURRENT'], ['888899990000', 'INOPERABLE'])).toContain('888899990000');
    expect(
      wrong(['444455556666', 'CURRENT'], ['888899990000', 'CURRENT'], ['777788889999', 'CURRENT']),
    ).toContain('777788889999');
  });

  test.each([
    [
      'The execution succeeds',
      { executions: [{ name: NAME, status: 'SUCCEEDED' }] },
      { executions: [{ name: NAME, status: 'FAILED' }] },
    ],
    [
      'The member is covered',
      { members: [{ account: '444455556666', isCovered: true }] },
      { members: [{ account: '444455556666', isCovered: false }] },
    ],
    ['job prefixes: pipeline-job-prefix', { Findings: [{}] }, { Findings: [] }],
  ])('checks that: %s', (title, good, bad) => {
    const { check } = stepOf(title);
    expect(check?.wrong(good)).toBeUndefined();
    expect(check?.wrong(bad)).toBeDefined();
    expect(check?.wrong({})).toBeDefined();
  });
});

describe('a run of a plan', () => {
  /** AWS as a run sees it: `answers` by a word of the command. */
  const world = (answers: Record<string, { status?: number; stdout?: unknown }> = {}) => {
    const ran: string[] = [];
    let now = 0;
    const io: SandboxIo = {
      exec: async (command) => {
        ran.push(command.join(' '));
        const [, answer] = Object.entries(answers).find(([word]) => command.includes(word)) ?? [];
        return { status: answer?.status ?? 0, stdout: JSON.stringify(answer?.stdout ?? {}) };
      },
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
      now: () => now,
      say: () => {},
    };
    return { io, ran, now: () => now };
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
    expect(await runPlan([{ title: 'all', steps: [step('a'), step('b')] }], io)).toEqual([]);
    expect(ran).toEqual(['aws a', 'aws b', 'aws unb', 'aws una']);
  });

  test('ends with the first step that fails, which is not undone, as what it would make may be another’s', async () => {
    const { io, ran } = world({ b: { status: 255 } });
    const wrong = await runPlan([{ title: 'all', steps: [step('a'), step('b'), step('c')] }], io);
    expect(wrong).toEqual(['b: the command ended with status 255']);
    expect(ran).toEqual(['aws a', 'aws b', 'aws una']);
  });

  test('undoes a deployment that has failed, and tells what could not be undone', async () => {
    const deploy = step('deploy', { command: ['pipewarden', 'deploy'], undo: ['pipewarden', 'destroy'] });
    const { io, ran } = world({ deploy: { status: 2 }, destroy: { status: 2 } });
    const wrong = await runPlan([{ title: 'all', steps: [deploy] }], io);
    expect(ran).toEqual(['pipewarden deploy', 'pipewarden destroy']);
    expect(wrong).toEqual([expect.stringContaining('status 2'), expect.stringContaining('is not undone')]);
  });

  test('waits for what is checked, and no longer than that', async () => {
    const answers: Record<string, { stdout?: unknown }> = { look: { stdout: { ready: false } } };
    const { io, now } = world(answers);
    const look = step('look', {
      check: {
        wrong: (answer) => ((answer as { ready: boolean }).ready ? undefined : 'not yet'),
        atMostMinutes: 5,
      },
    });
    expect(await runPlan([{ title: 'all', steps: [look] }], io)).toEqual(['look: not yet']);
    expect(now()).toBe(5 * 60_000);
    answers.look = { stdout: { ready: true } };
    expect(await runPlan([{ title: 'all', steps: [look] }], io)).toEqual([]);
  });

  test('gives later commands what it found, and stops where it found nothing', async () => {
    const make = step('make', {
      finds: { what: 'scp', in: (answer) => (answer as { id?: string }).id },
      undo: ['aws', 'unmake', '<PolicyId>'],
    });
    const use = step('use', { command: ['aws', 'use', '<PolicyId>'], undo: ['aws', 'unuse', '<PolicyId>'] });
    const { io, ran } = world({ make: { stdout: { id: 'p-1' } } });
    expect(await runPlan([{ title: 'all', steps: [make, use] }], io)).toEqual([]);
    expect(ran).toEqual(['aws make', 'aws use p-1', 'aws unuse p-1', 'aws unmake p-1']);
    expect(await runPlan([{ title: 'all', steps: [make, use] }], world().io)).toEqual([
      'make: the answer tells no scp',
    ]);
  });
});
