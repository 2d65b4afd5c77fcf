import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import type { Gap } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import type { Trigger } from '../domain/trigger.ts';
import type { Reader } from '../reader/reader.ts';
import type { AuditRequest } from './audit-request.ts';

/** The request to look at a pipeline that no event is about. */
export const pipelineRequest = (name: string, scope: Scope, deleted = false): AuditRequest => ({
  type: 'pipeline',
  resource: { type: 'pipeline', arn: sagemakerArn(scope, `pipeline/${name}`) },
  name,
  executions: [],
  deleted,
});

/** The request to look at a job of which nothing but the name is known. */
export const jobRequest = (kind: JobKindId, name: string, scope: Scope): AuditRequest => ({
  type: 'job',
  resource: { type: 'job', arn: sagemakerArn(scope, `${jobKind(kind).arnType}/${name}`) },
  job: { kind, name, nameKeepsCase: true },
});

/** The request to look at the policies of the organization. */
export const organizationRequest = ({ partition, account }: Scope): AuditRequest => ({
  type: 'organization',
  resource: { type: 'organization', arn: `arn:${partition}:organizations::${account}:organization` },
});

/** The request to look at the account as such, and to say what of it could not be listed. */
export const accountRequest = (scope: Scope, gaps: readonly Gap[]): AuditRequest => ({
  type: 'account',
  resource: { type: 'account', arn: sagemakerArn(scope, '*') },
  gaps,
});

/** The request to look at a role or user; none for any other ARN. */
export const principalRequest = (arn: string, trigger?: Trigger): AuditRequest[] => {
  const { resource = '' } = parseArn(arn) ?? {};
  const [, type, name] = /^(role|user)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  if ((type !== 'role' && type !== 'user') || name === undefined) return [];
  return [{ type, resource: { type, arn }, name, deleted: false, ...(trigger && { trigger }) }];
};

/** The request to look at a bucket. */
export const bucketRequest = (
  name: string,
  { scope }: Pick<Reader, 'scope'>,
  trigger?: Trigger,
): AuditRequest => ({
  type: 'bucket',
  resource: { type: 'bucket', arn: `arn:${scope.partition}:s3:::${name}` },
  name,
  deleted: false,
  ...(trigger ? { trigger } : {}),
});
