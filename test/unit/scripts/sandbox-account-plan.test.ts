import { describe, expect, test } from '@jest/globals';
import {
  ACCOUNT_EXAMPLE,
  accountConfig,
  accountPlan,
  COLLECTED,
} from '../../../scripts/sandbox-account-plan.ts';
import { NAME, type Step } from '../../../scripts/sandbox-steps.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROL_IDS } from '../../../shared/domain/control-ids.ts';

const { phases, files } = accountPlan(ACCOUNT_EXAMPLE);
const steps = phases.flatMap((phase) => phase.steps);
const stepOf = (part: string): Step => {
  const step = steps.find(({ title }) => title.includes(part));
  if (!step) throw new Error(`no step ${part}`);
  return step;
};

describe('the plan of one account', () => {
  test('undoes all that it makes, and each call that makes something has the name of the sandbox', () => {
    const making = steps.filter(({ command }) => command[0] === 'aws' && /^create-/.test(command[2] ?? ''));
    expect(making.length).toBeGreaterThan(6);
    for (const { command, undo } of making) {
      expect(command.join(' ')).toContain(NAME);
      expect(undo?.[2]).toBe(command[2]?.replace('create', 'delete'));
    }
    const undone = steps.flatMap(({ undo }) => (undo ? [undo] : [])).toReversed();
    expect(undone.at(-1)).toContain('destroy');
  });

  test('has a valid configuration', () => {
    expect(files['account.yaml']).toBe(JSON.stringify(accountConfig()));
    expect(parseConfig(files['account.yaml'] ?? '', 'account.yaml', CONTROL_IDS)).toMatchObject(
      accountConfig(),
    );
  });

  test('has a definition that CloudTrail cuts, of at most 50 steps, with arguments as SageMaker takes them', () => {
    const { Steps } = JSON.parse(files['large.json'] ?? '');
    expect((files['large.json'] ?? '').length).toBeGreaterThan(102_400);
    expect(Steps.length).toBeLessThanOrEqual(50);
    for (const { Arguments } of Steps) {
      const { ContainerArguments } = Arguments.AppSpecification;
      expect(ContainerArguments.length).toBeLessThanOrEqual(100);
      expect(Math.max(...ContainerArguments.map((each: string) => each.length))).toBeLessThanOrEqual(256);
    }
  });

  test('names no image that there is, and no job that computes for more than a minute', () => {
    const words = JSON.stringify([phases, files]);
    expect(new Set(words.match(/[\w.-]+\.amazonaws\.com\/[\w:.-]+/g))).toEqual(
      new Set([`111122223333.dkr.ecr.eu-west-1.amazonaws.com/${NAME}:none`]),
    );
    const runtimes = words.match(/MaxRuntimeInSeconds\\*":\d+/g) ?? [];
    expect(new Set(runtimes.map((each) => each.split(':')[1]))).toEqual(new Set(['60']));
  });

  const row = (about: string, status: string) => ({ about, status, found: 'it is so', todo: 'do it' });
  const record = (name: string) => ({
    CloudTrailEvent: JSON.stringify({ requestParameters: { pipelineName: name } }),
  });
  test.each<[string, unknown, unknown]>([
    [
      'What the deployment will meet',
      { rows: [row('X-Ray', 'WILL_BE_MISSING')] },
      { rows: [row('CloudTrail', 'WILL_BE_MISSING')] },
    ],
    [
      'What the deployment will meet',
      { rows: [row('CloudTrail', 'OK')] },
      { rows: [row('Lambda concurrency', 'WILL_FAIL')] },
    ],
    [
      'What the deployment will meet',
      { rows: [row('Stack PipewardenState', 'OK')] },
      { rows: [row('Stack Pipewarden', 'OK')] },
    ],
    ['pipeline-job-prefix on the pipeline', { Findings: [{}] }, { Findings: [] }],
    [
      'The execution succeeds',
      { executions: [{ name: NAME, status: 'SUCCEEDED' }] },
      { executions: [{ name: NAME, status: 'RUNNING' }] },
    ],
    [
      'The jobs of the execution',
      { PipelineExecutionSteps: [{ StepName: 'a', StepStatus: 'Failed' }] },
      { PipelineExecutionSteps: [{ StepName: 'a', StepStatus: 'Executing' }] },
    ],
    [
      'The jobs of the execution',
      { PipelineExecutionSteps: [{ StepName: 'a', StepStatus: 'Stopped' }] },
      { PipelineExecutionSteps: [] },
    ],
    ['In it, version 1 may be started', { PipelineExecutionArn: 'arn' }, {}],
    ['CreatePipeline', { Events: [record(NAME)] }, { Events: [record('others')] }],
  ])('checks that: %s', (title, good, bad) => {
    const { check } = stepOf(title);
    expect(check?.wrong(good)).toBeUndefined();
    expect(check?.wrong(bad)).toBeDefined();
  });

  test('collects only its own records, of each call', () => {
    for (const eventName of [...COLLECTED.surely, ...COLLECTED.perhaps]) {
      const { keeps } =
        steps.find(({ command }) => command.some((word) => word.endsWith(`=${eventName}`))) ?? {};
      expect(keeps?.as).toBe(`records-${eventName}`);
      expect(keeps?.of({ Events: [record(NAME), record('others')] })).toEqual([
        { requestParameters: { pipelineName: NAME } },
      ]);
    }
  });

  test('keeps the calls of the deployment’s own functions, and finds the audit function', () => {
    const record = (name: string) => ({
      message: JSON.stringify({
        resources: [{ ARN: `arn:aws:lambda:eu-west-1:111122223333:function:${name}` }],
      }),
    });
    const calls = { events: [record('Pipewarden-Audit1A'), record('others')] };
    expect(stepOf('Calls of the functions').keeps?.of(calls)).toEqual([
      JSON.parse(record('Pipewarden-Audit1A').message),
    ]);
    const resource = (LogicalResourceId: string, ResourceType: string) => ({
      LogicalResourceId,
      ResourceType,
      PhysicalResourceId: `Pipewarden-${LogicalResourceId}`,
    });
    const { finds } = stepOf('The audit function');
    const all = [
      resource('AuditLogs1A', 'AWS::Logs::LogGroup'),
      resource('Sweep1A', 'AWS::Lambda::Function'),
      resource('Audit1A', 'AWS::Lambda::Function'),
    ];
    expect(finds?.in({ StackResourceSummaries: all })).toBe('Pipewarden-Audit1A');
    expect(finds?.in({ StackResourceSummaries: all.slice(0, 2) })).toBeUndefined();
  });

  test('empties a bucket before it is removed, when nobody writes to it any more', () => {
    const undone = steps.flatMap(({ undo }) => (undo ? [undo.join(' ')] : [])).toReversed();
    const order = ['delete-trail', 'delete-bucket-policy', 's3 rm s3://', 'delete-bucket '];
    const places = order.map((part) =>
      undone.findIndex((each) => each.includes(part) && each.includes('trail')),
    );
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places[0]).toBeGreaterThanOrEqual(0);
  });

  test('is bounded: no step waits for longer than half an hour', () => {
    for (const { check, atMostMinutes = 5 } of steps)
      expect(Math.max(check?.atMostMinutes ?? 0, atMostMinutes)).toBeLessThanOrEqual(30);
  });
});
