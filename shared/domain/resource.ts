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
  'organization',
  'account',
  'configuration',
  'event',
] as const;

/** `configuration` and `event` are the auditor's own: a list that nobody gave, a record that nobody can read. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** What a verdict is about. The ARN is a file's path for a linted definition, and `file:line` for an unreadable event. */
export type Resource = { type: ResourceType; arn: string };

/** What a person calls the resource: the name in its ARN, or the whole path of what has no ARN. */
export const resourceName = (arn: string): string => (parseArn(arn) ? arnName(arn) : arn);
