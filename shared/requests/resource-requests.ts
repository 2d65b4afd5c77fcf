import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import type { ChangeOf } from '../domain/change.ts';
import type { Gap } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import type { RequestTrigger } from '../domain/trigger.ts';
import type { Reader } from '../reader/reader.ts';
import type { RequestOf } from './audit-request.ts';

/** A request for a pipeline, without an event. */
export const pipelineRequest = (name: string, scope: Scope, deleted = false): RequestOf<'pipeline'> => ({
  type: 'pipeline',
  resource: { type: 'pipeline', arn: sagemakerArn(scope, `pipeline/${name}`) },
  name,
  changed: [],
  executions: [],
  deleted,
});

/** A request for a pipeline of the reader’s account, in whatever Region, because of an event. */
export const knownPipelineRequest = (
  { name, arn }: { name: string; arn: string },
  { scope }: Pick<Reader, 'scope'>,
  trigger: RequestTrigger | undefined,
): RequestOf<'pipeline'> => ({
  ...pipelineRequest(name, scope),
  resource: { type: 'pipeline', arn },
  ...(trigger && { trigger }),
});

/** A request for a job of which only the name is known. */
export const jobRequest = (kind: JobKindId, name: string, scope: Scope): RequestOf<'job'> => ({
  type: 'job',
  resource: { type: 'job', arn: sagemakerArn(scope, `${jobKind(kind).arnType}/${name}`) },
  changed: [],
  job: { kind, name, nameKeepsCase: true },
});

/** A request for the policies of the organization. */
export const organizationRequest = ({ partition, account }: Scope): RequestOf<'organization'> => ({
  type: 'organization',
  resource: { type: 'organization', arn: `arn:${partition}:organizations::${account}:organization` },
  changed: [],
});

/** A request for the account itself, with the lists that could not be read. */
export const accountRequest = (scope: Scope, gaps: readonly Gap[]): RequestOf<'account'> => ({
  type: 'account',
  resource: { type: 'account', arn: sagemakerArn(scope, '*') },
  changed: [],
  gaps,
});

/** The event that caused a look, and what it changed. */
export type Because<T extends 'role' | 'bucket'> = {
  trigger: RequestTrigger | undefined;
  changed: readonly ChangeOf<T>[];
};

/** A request for a role or user; none for any other ARN. */
export const principalRequest = (
  arn: string,
  { trigger, changed }: Because<'role'> = NO_EVENT,
): RequestOf<'role' | 'user'>[] => {
  const { resource = '' } = parseArn(arn) ?? {};
  const [, type, name] = /^(role|user)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  if ((type !== 'role' && type !== 'user') || name === undefined) return [];
  return [{ type, resource: { type, arn }, name, changed, deleted: false, ...(trigger && { trigger }) }];
};

const NO_EVENT = { trigger: undefined, changed: [] } as const;

export const bucketRequest = (
  name: string,
  { scope }: Pick<Reader, 'scope'>,
  { trigger, changed }: Because<'bucket'> = NO_EVENT,
): RequestOf<'bucket'> => ({
  type: 'bucket',
  resource: { type: 'bucket', arn: `arn:${scope.partition}:s3:::${name}` },
  name,
  changed,
  deleted: false,
  ...(trigger && { trigger }),
});

/** A request for a bucket to which the inputs of pipelines lead. */
export const followedBucket = (
  name: string,
  reader: Pick<Reader, 'scope'>,
  because: Because<'bucket'>,
): RequestOf<'bucket'> => ({ ...bucketRequest(name, reader, because), isFollowed: true });
