import { arnName, parseArn } from './arn.ts';

export const RESOURCE_TYPES = [
  'pipeline',
  'execution',
  'job',
  'bucket',
  'role',
  'user',
  'group',
  'policy',
  'key',
  'share',
  'organization',
  'account',
  'configuration',
  'event',
  'source',
] as const;

/**
 * `configuration`, `event` and `source` are Pipewarden’s own: a missing list of the configuration, a record that it cannot
 * read, and a template or plan of which it cannot read a part.
 */
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** What a verdict is about. For a linted definition `arn` is the file’s path, for an unreadable event and a part of a source `file:line`. */
export type Resource = { type: ResourceType; arn: string };

/** The type of resource that an ARN names: a job, where SageMaker has it and it is no pipeline or execution; undefined for other texts. */
export const typeOfArn = (arn: string): ResourceType | undefined => {
  const { service, resource } = parseArn(arn) ?? {};
  if (service === undefined || resource === undefined) return undefined;
  if (resource === 'root' || resource === '*') return 'account';
  const kind = resource.split('/')[0] ?? '';
  if (service === 'sagemaker') {
    if (kind !== 'pipeline') return 'job';
    return resource.split('/')[2] === 'execution' ? 'execution' : 'pipeline';
  }
  if (service === 's3') return 'bucket';
  return RESOURCE_TYPES.find((type) => type === (service === 'organizations' ? service.slice(0, -1) : kind));
};

/** The name in the resource’s ARN, of an account its number; the whole text where it is not an ARN. */
export const resourceName = (arn: string): string => {
  const { resource, account } = parseArn(arn) ?? {};
  if (resource === undefined) return arn;
  return resource === '*' && account ? account : arnName(arn);
};
