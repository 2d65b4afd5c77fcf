import {
  CloudFormationClient,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { asText, isObject, type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** What is left when a stack is removed, by the name that AWS knows. */
export type KeptResource = { type: string; name: string; isVersioned: boolean };

/**
 * What a stack that is there leaves behind when it is removed, by the template that it was deployed with.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export const readKeptResources = async (
  options: ClientOptions,
  StackName: string,
): Promise<Read<KeptResource[]>> => {
  const client = namingActions('cloudformation', new CloudFormationClient(clientConfig(options)));
  try {
    const read = await call('GetTemplate', () => client.send(new GetTemplateCommand({ StackName })));
    if (!read.ok) return read;
    const template = parseJson(read.value.TemplateBody ?? '');
    if (!template.ok) return notRead('GetTemplate', INCOMPLETE, 'the template is no JSON');
    const listed = await call('ListStackResources', async () => {
      const names = new Map<string, string>();
      for await (const { StackResourceSummaries = [] } of paginateListStackResources(
        { client },
        { StackName },
      ))
        for (const { LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries)
          names.set(LogicalResourceId, PhysicalResourceId);
      return names;
    });
    return listed.ok ? found(keptIn(template.value, listed.value)) : listed;
  } finally {
    client.destroy();
  }
};

/** The resources that a template keeps. `names`: their physical names by their logical ids. */
export const keptIn = (template: Json, names: ReadonlyMap<string, string>): KeptResource[] => {
  const resources = member(template, 'Resources');
  return Object.entries(isObject(resources) ? resources : {}).flatMap(([id, resource]) => {
    const name = names.get(id);
    const isKept = asText(member(resource, 'DeletionPolicy'))?.startsWith('Retain') === true;
    if (!isKept || name === undefined || name === '') return [];
    const versioning = member(member(resource, 'Properties'), 'VersioningConfiguration');
    const isVersioned = asText(member(versioning, 'Status')) === 'Enabled';
    return [{ type: asText(member(resource, 'Type')) ?? '', name, isVersioned }];
  });
};
