import { describe, expect, test } from '@jest/globals';
import {
  ORGANIZATION_EXAMPLE as EXAMPLE,
  organizationPlan,
  sandboxConfig,
} from '../../../scripts/sandbox-organization-plan.ts';
import { NAME, type Step } from '../../../scripts/sandbox-steps.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROL_IDS } from '../../../shared/domain/control-ids.ts';

const plan = organizationPlan(EXAMPLE).phases;
const steps = plan.flatMap((phase) => phase.steps);
const stepOf = (part: string): Step => {
  const step = steps.find(({ title }) => title.includes(part));
  if (!step) throw new Error(`no step ${part}`);
  return step;
};

describe('the plan of an organization', () => {
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
