import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { hookOf, type Settings } from '../../infra/settings.ts';
import { UNIT_MEMBERS } from '../support/templates/members.ts';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const mainWith = (over: Partial<Settings>): Template =>
  Template.fromStack(deployment(settingsFor(files, over)).pipewarden);

type Hook = {
  Alias: string;
  FailureMode: string;
  LambdaFunction: { 'Fn::GetAtt': [string, string] };
  ExecutionRole: { 'Fn::GetAtt': [string, string] };
  TargetOperations: string[];
  TargetFilters: { Actions: string[]; TargetNames?: string[]; Targets?: unknown };
  StackFilters: { FilteringCriteria: string; StackNames: { Exclude: string[] } };
};
const hooksIn = (template: Template): Hook[] =>
  Object.values(template.findResources('AWS::CloudFormation::LambdaHook')).map(
    ({ Properties }) => Properties as Hook,
  );
const functionIn = (template: Template): { id: string; variables: Record<string, string> } => {
  const [[id = '', { Properties }] = ['', { Properties: { Environment: {} } }]] = Object.entries(
    template.findResources('AWS::Lambda::Function'),
  ).filter(([each]) => each.startsWith('HookFunction'));
  return { id, variables: Properties.Environment.Variables };
};

test('a deployment has no hook unless it is asked for', () => {
  const template = mainWith({});
  expect(hooksIn(template)).toEqual([]);
  expect(JSON.stringify(template.toJSON())).not.toMatch(/HookFunction|hooks\.cloudformation/);
});

describe('a deployment with a hook', () => {
  const template = mainWith({ hook: 'warn' });

  test('asks one function, about templates and change sets, and about resources of the types that it judges', () => {
    const [stacks, resources, deletions, ...others] = hooksIn(template);
    const { id } = functionIn(template);
    expect(others).toEqual([]);
    for (const each of [stacks, resources, deletions]) expect(each?.LambdaFunction['Fn::GetAtt'][0]).toBe(id);
    expect(stacks).toMatchObject({
      Alias: 'Pipewarden::Hook::Stacks',
      TargetOperations: ['STACK', 'CHANGE_SET'],
      TargetFilters: { Actions: ['CREATE', 'UPDATE'] },
    });
    expect(stacks?.TargetFilters).not.toHaveProperty('TargetNames');
    expect(resources).toMatchObject({
      Alias: 'Pipewarden::Hook::Resources',
      TargetOperations: ['RESOURCE', 'CLOUD_CONTROL'],
      TargetFilters: {
        Actions: ['CREATE', 'UPDATE'],
        TargetNames: expect.arrayContaining([
          'AWS::IAM::Role',
          'AWS::SageMaker::Pipeline',
          'AWS::S3::Bucket',
        ]),
      },
    });
  });

  test('asks also about deletions of such resources, of which it only ever warns', () => {
    for (const hook of ['warn', 'fail', 'strict'] as const) {
      const [, resources, deletions] = hooksIn(mainWith({ hook }));
      expect(deletions).toMatchObject({
        Alias: 'Pipewarden::Hook::Deletions',
        FailureMode: 'WARN',
        TargetOperations: ['RESOURCE', 'CLOUD_CONTROL'],
        TargetFilters: { Actions: ['DELETE'], TargetNames: resources?.TargetFilters.TargetNames },
      });
    }
  });

  test('only warns, and lets pass what cannot be judged, unless it is to refuse', () => {
    const modes = (['warn', 'fail', 'strict'] as const).map((hook) => {
      const made = mainWith({ hook });
      const { HOOK_UNJUDGED, HOOK_SEVERITY } = functionIn(made).variables;
      return [
        hook,
        ...hooksIn(made)
          .slice(0, 2)
          .map(({ FailureMode }) => FailureMode),
        HOOK_UNJUDGED,
        HOOK_SEVERITY,
      ];
    });
    expect(modes).toEqual([
      ['warn', 'WARN', 'WARN', 'pass', 'HIGH'],
      ['fail', 'FAIL', 'FAIL', 'pass', 'HIGH'],
      ['strict', 'FAIL', 'FAIL', 'refuse', 'HIGH'],
    ]);
  });

  test('never judges its own stacks, neither by the filters of the hooks nor by its function', () => {
    const own = (over: Partial<Settings>): unknown[] => {
      const made = mainWith({ hook: 'fail', ...over });
      return [
        ...hooksIn(made).map(({ StackFilters }) => StackFilters.StackNames.Exclude),
        functionIn(made).variables.OWN_STACKS?.split(','),
      ];
    };
    const names = ['Pipewarden', 'PipewardenState'];
    expect(own({})).toEqual([names, names, names, names]);
    const prefixed = ['acme-Pipewarden', 'acme-PipewardenState'];
    expect(own({ stackPrefix: 'acme-' })).toEqual([prefixed, prefixed, prefixed, prefixed]);
    const hub = [...names, 'PipewardenMembers'];
    expect(own({ members: UNIT_MEMBERS })).toEqual([hub, hub, hub, hub]);
  });

  test('has aliases that CloudFormation takes, whatever the prefix', () => {
    for (const { Alias } of hooksIn(mainWith({ hook: 'warn', stackPrefix: 'a-b-c-d-e-f-g' })))
      expect(Alias).toMatch(/^(?!aws)[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/i);
  });

  test('lets CloudFormation’s hooks of its account take the role that calls it, and nobody else call it', () => {
    const [{ ExecutionRole } = { ExecutionRole: { 'Fn::GetAtt': [''] } }] = hooksIn(template);
    const role = template.toJSON().Resources[ExecutionRole['Fn::GetAtt'][0] ?? ''];
    expect(role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'hooks.cloudformation.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    const { id } = functionIn(template);
    const policies = Object.values(template.findResources('AWS::Lambda::ResourcePolicy')).filter(
      ({ Properties }) => Properties.ResourceArn['Fn::GetAtt'][0] === id,
    );
    expect(policies).toHaveLength(1);
    expect(JSON.stringify(policies[0])).toContain(ExecutionRole['Fn::GetAtt'][0]);
  });

  test('tells by alarms where it fails, is throttled, or could not judge', () => {
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties.AlarmName,
    );
    expect(names).toEqual(
      expect.arrayContaining([
        'Pipewarden-HookErrors',
        'Pipewarden-HookThrottles',
        'Pipewarden-HookUnjudged',
      ]),
    );
  });

  test('tells what a later deployment has to be given again', () => {
    const outputs = mainWith({ hook: 'fail', hookSeverity: 'CRITICAL' }).findOutputs('*');
    expect([outputs.Hook?.Value, outputs.HookSeverity?.Value]).toEqual(['fail', 'CRITICAL']);
  });
});

describe('the options of the hook', () => {
  test.each([
    [{ hook: undefined, hookSeverity: undefined }, {}],
    [{ hook: 'warn', hookSeverity: undefined }, { hook: 'warn' }],
    [
      { hook: 'strict', hookSeverity: 'MEDIUM' },
      { hook: 'strict', hookSeverity: 'MEDIUM' },
    ],
  ])('%j', (given, settings) => expect(hookOf(given)).toEqual(settings));

  test.each([
    [{ hook: 'on', hookSeverity: undefined }, '--hook must be one of warn, fail, strict; it is on'],
    [{ hook: 'fail', hookSeverity: 'high' }, '--hook-severity must be one of INFORMATIONAL, LOW'],
    [{ hook: undefined, hookSeverity: 'HIGH' }, '--hook-severity goes with --hook'],
  ])('%j is refused', (given, says) => expect(() => hookOf(given)).toThrow(says));
});
