import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { Resource } from '../templates/cdk.ts';
import { until } from './until.ts';

/** How a test reaches an emulator. */
export type EmulatorClient = {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};

export type MadeTemplate = { Resources: Record<string, Resource> };

/** A template with each resource as a function makes it; undefined leaves the resource out. */
export const adapted = <Template extends MadeTemplate>(
  template: Template,
  adapt: (resource: Resource) => Resource | undefined,
): Template => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).flatMap(([id, resource]) => {
      const made = adapt(resource);
      return made === undefined ? [] : [[id, made]];
    }),
  ),
});

/** Makes a stack of a template, or of that at a URL, and waits until it is there. @returns its outputs. */
export const createStack = async (
  client: EmulatorClient,
  StackName: string,
  template: MadeTemplate | string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, string>> => {
  const cloudformation = new CloudFormationClient(client);
  try {
    await cloudformation.send(
      new CreateStackCommand({
        StackName,
        ...(typeof template === 'string'
          ? { TemplateURL: template }
          : { TemplateBody: JSON.stringify(template) }),
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
      }),
    );
    const stack = await until(
      () => describe(cloudformation, StackName),
      (found) => found?.StackStatus === 'CREATE_COMPLETE',
    );
    return new Map(
      (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } finally {
    cloudformation.destroy();
  }
};

const describe = async (client: CloudFormationClient, StackName: string): Promise<Stack | undefined> => {
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  if (/FAILED|ROLLBACK/.test(stack?.StackStatus ?? ''))
    throw new Error(`${StackName}: ${stack?.StackStatus}: ${stack?.StackStatusReason}`);
  return stack;
};

/** The physical ids of a stack’s resources, by their logical ids. */
export const physicalIds = async (
  client: EmulatorClient,
  StackName: string,
): Promise<Map<string, string>> => {
  const cloudformation = new CloudFormationClient(client);
  const { StackResources = [] } = await cloudformation.send(new DescribeStackResourcesCommand({ StackName }));
  cloudformation.destroy();
  return new Map(
    StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
      LogicalResourceId,
      PhysicalResourceId,
    ]),
  );
};
