import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';
import { STACKS, templateOf, type Template as Version } from '../support/version-0.1.0/version-0.1.0.ts';

const files = deployables();
afterAll(files.remove);
const made = deployment(settingsFor(files), { isAccountFixed: true });
const iamEvents = made.forwarding.get('us-east-1');
if (!iamEvents) throw new Error('outside of us-east-1 there is a stack that forwards events from there');
const TODAY = {
  PipewardenState: made.state.stack,
  Pipewarden: made.pipewarden,
  PipewardenIamEvents: iamEvents,
};
const today = (stack: keyof typeof STACKS) => Template.fromStack(TODAY[stack]).toJSON() as Version;

/**
 * What holds data, with the properties whose change makes CloudFormation replace it: “Update requires: Replacement” on its page in
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 */
const REPLACED_BY: Readonly<Record<string, readonly string[]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema', 'LocalSecondaryIndexes', 'AttributeDefinitions'],
  'AWS::S3::Bucket': ['BucketName', 'ObjectLockEnabled', 'BucketNamePrefix'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::Events::EventBus': ['Name', 'EventSourceName'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::Logs::LogGroup': ['LogGroupName', 'LogGroupClass'],
  'AWS::Events::Archive': ['ArchiveName', 'SourceArn'],
};

const STACK_NAMES = Object.keys(STACKS) as (keyof typeof STACKS)[];

describe.each(STACK_NAMES)('an update of %s from version 0.1.0', (stack) => {
  const [before, after] = [templateOf(stack), today(stack)];
  const stateful = Object.entries(before.Resources).filter(([, { Type }]) =>
    Object.hasOwn(REPLACED_BY, Type),
  );

  test.each(stateful)('keeps %s as it is', (id, { Type, Properties = {} }) => {
    const now = after.Resources[id];
    expect(now?.Type).toBe(Type);
    const deciding = (of: Readonly<Record<string, unknown>>) =>
      Object.fromEntries((REPLACED_BY[Type] ?? []).map((key) => [key, of[key]]));
    expect(deciding(now?.Properties ?? {})).toEqual(deciding(Properties));
  });

  test('takes away nothing, and makes nothing else of what is there', () => {
    for (const [id, { Type }] of Object.entries(before.Resources))
      expect([id, after.Resources[id]?.Type]).toEqual([id, Type]);
  });

  test('changes no export, because stacks of version 0.1.0 import them until they are updated', () => {
    const imported = new Set(
      STACK_NAMES.flatMap((each) =>
        [...JSON.stringify(templateOf(each)).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(
          ([, name]) => name,
        ),
      ),
    );
    for (const [name, { Value, Export }] of Object.entries(before.Outputs))
      if (Export && imported.has(Export.Name)) expect(after.Outputs[name]).toMatchObject({ Value, Export });
  });
});

test('the stack of version 0.1.0 that imports does so from the one that is updated before it', () => {
  expect(JSON.stringify(templateOf('Pipewarden'))).toContain(
    '"Fn::ImportValue":"PipewardenState-FindingsTable"',
  );
  expect(made.pipewarden.dependencies).toContain(made.state.stack);
});
