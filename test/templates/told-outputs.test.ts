import { afterAll, describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { UNIT_MEMBERS } from '../support/templates/members.ts';
import { deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';
import type { TemplateJson } from '../support/templates/template-values.ts';

const files = deployables();
afterAll(files.remove);

const KEY = `arn:aws:kms:${REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const TOPIC = `arn:aws:sns:${REGION}:111122223333:alerts`;

const stacksOf = (over: object): Stack[] => {
  const { state, pipewarden, forwarding, members } = deployment(
    settingsFor(files, { regions: ['eu-central-1'], members: UNIT_MEMBERS, ...over }),
  );
  return [state.stack, pipewarden, ...forwarding.values(), ...(members ? [members] : [])];
};
const templateOf = (stack: Stack) => Template.fromStack(stack).toJSON() as TemplateJson;

/** What a template reads of other stacks: each with the name of an output. */
const readBy = (template: TemplateJson): { stack: string; output: string }[] =>
  [
    ...JSON.stringify(template).matchAll(
      /"Fn::GetStackOutput":\{"StackName":"([^"]+)","OutputName":"(\w+)"\}/g,
    ),
  ].map(([, stack = '', output = '']) => ({ stack, output }));

describe.each([
  ['by default', {}],
  ['with a key and a topic of the organization’s', { keyArn: KEY, alertTopicArn: TOPIC }],
  ['with names of the organization’s', { rolePath: '/team/', rolePrefix: 'acme-', stackPrefix: 'acme-' }],
])('what stacks know of each other, %s', (_, over) => {
  const stacks = stacksOf(over);

  test('is imported by none, because CloudFormation changes no export that is in use', () => {
    for (const stack of stacks) expect(JSON.stringify(templateOf(stack))).not.toContain('Fn::ImportValue');
  });

  test('is an output of a stack that is deployed before', () => {
    const all = new Map(stacks.map((stack) => [stack.stackName, stack]));
    const read = stacks.flatMap((by) => readBy(templateOf(by)).map((from) => ({ by, from })));
    expect(read.length).toBeGreaterThan(10);
    for (const { by, from } of read) {
      const other = all.get(from.stack);
      expect(by.dependencies).toContain(other);
      if (other) expect(Object.keys(templateOf(other).Outputs ?? {})).toContain(from.output);
    }
  });
});

test('another key or topic takes away the exports of what it replaces alone', () => {
  const exportsOf = (over: object) =>
    new Map(
      stacksOf(over).flatMap((stack) =>
        Object.values(templateOf(stack).Outputs ?? {}).flatMap(({ Value, Export }) =>
          Export ? [[Export.Name, JSON.stringify(Value)] as const] : [],
        ),
      ),
    );
  const before = exportsOf({});
  const gone = (over: object) => {
    const after = exportsOf(over);
    return [...before].flatMap(([name, value]) => (after.get(name) === value ? [] : [name]));
  };
  const [keys, topic] = [gone({ keyArn: KEY }), gone({ alertTopicArn: TOPIC })];
  expect(keys.toSorted()).toEqual(['PipewardenState-AlertKeyArn', 'PipewardenState-DataKeyArn']);
  // Its key goes with the topic.
  expect(topic.toSorted()).toEqual(['PipewardenState-AlertKeyArn', 'PipewardenState-AlertTopicArn']);
});
