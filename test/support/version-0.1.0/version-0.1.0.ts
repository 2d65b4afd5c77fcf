import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { forMiniStack } from '../emulators/deployment.ts';
import { adapted, createStack, type EmulatorClient, physicalIds } from '../emulators/stacks.ts';
import type { Resource } from '../templates/cdk.ts';

/**
 * The stacks of version 0.1.0, as its CDK app made them at commit 76246fa8, without alarms, dashboard and metadata; and the items that its
 * functions had stored and told of one pipeline with a wrong prefix.
 */
export const STACKS = {
  PipewardenState: 'eu-west-1',
  Pipewarden: 'eu-west-1',
  PipewardenIamEvents: 'us-east-1',
} as const;

export type Template = {
  Description: string;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown; Export?: { Name: string } }>;
};

const textOf = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

export const templateOf = (stack: keyof typeof STACKS): Template =>
  JSON.parse(textOf(`${stack}.template.json`));

/** The pipeline of the items, and the first message about it in Slack, where the bot had posted it. */
export const PIPELINE = 'fraud-kept';

/** The items, stored yesterday. */
const itemsAt = (now: Date): Record<string, AttributeValue>[] => {
  const day = 24 * 60 * 60 * 1000;
  const yesterday = new Date(now.valueOf() - day);
  return JSON.parse(
    textOf('items.json')
      .replaceAll('YESTERDAY_MILLIS', String(yesterday.valueOf()))
      .replaceAll('YESTERDAY', yesterday.toISOString().slice(0, 10))
      .replaceAll('NEXT_YEAR', String(Math.floor((now.valueOf() + 365 * day) / 1000))),
  );
};

/** Deploys version 0.1.0 with functions that do nothing, and its items into its table. */
export const deployVersion = async (client: EmulatorClient): Promise<void> => {
  for (const [stack, region] of Object.entries(STACKS) as [keyof typeof STACKS, string][])
    await createStack({ ...client, region }, stack, adapted(templateOf(stack), forThis));
  const TableName = (await physicalIds(client, 'PipewardenState')).get('Findings172CF60E');
  const table = new DynamoDBClient(client);
  for (const Item of itemsAt(new Date())) await table.send(new PutItemCommand({ TableName, Item }));
  table.destroy();
};

const forThis = (resource: Resource): Resource | undefined => {
  const made = forMiniStack(resource);
  return made?.Type === 'AWS::Lambda::Function' ? withoutCode(made) : made;
};

const withoutCode = (resource: Resource): Resource => ({
  ...resource,
  Properties: { ...resource.Properties, Code: { ZipFile: 'exports.handler = async () => ({});' } },
});
