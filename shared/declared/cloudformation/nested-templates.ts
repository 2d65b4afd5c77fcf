import { isObject, type Json, member } from '../../json/json.ts';
import { isNesting } from './resource-forms.ts';
import { readTemplateText } from './template-text.ts';

/**
 * How nested stacks name their templates, by the logical ids of their resources: by a path, which the CDK notes in Metadata or which stands in
 * TemplateURL or Location before `aws cloudformation package` or `sam package`, or by an address, of which the text with its functions is given.
 * https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
 */
export const nestedTemplates = (
  path: string,
  text: string,
): Map<string, { path: string } | { address: string }> => {
  if (!text.includes('AWS::CloudFormation::Stack') && !text.includes('AWS::Serverless::Application'))
    return new Map();
  const resources = member(readTemplateText(path, text).tree, 'Resources');
  return new Map(
    Object.entries(isObject(resources) ? resources : {}).flatMap(([id, resource]) => {
      const type = member(resource, 'Type');
      if (typeof type !== 'string' || !isNesting(type)) return [];
      const noted = member(member(resource, 'Metadata'), 'aws:asset:path');
      if (typeof noted === 'string' && noted !== '') return [[id, { path: noted }]];
      const properties = member(resource, 'Properties');
      const url = member(properties, 'TemplateURL') ?? member(properties, 'Location');
      const isPath = typeof url === 'string' && url !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(url);
      return [[id, isPath ? { path: url } : { address: shortText(url) }]];
    }),
  );
};

/** An address with its functions as JSON; of what is too deep to be an address, nothing. */
const shortText = (url: Json | undefined): string => {
  try {
    return JSON.stringify(url ?? '');
  } catch {
    return '';
  }
};
