import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import type { Gap } from '../facts/facts.ts';
import type { Scope } from '../findings/finding.ts';
import { sagemakerArn } from '../iam/arn.ts';
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
