import { parseArn } from '../domain/arn.ts';
import type { Gap } from '../domain/gap.ts';
import type { Resource } from '../domain/resource.ts';
import { watch } from '../facts/dated-context.ts';
import { gather } from '../facts/gather.ts';
import { type GatherContext, type GatheredFacts, notApplicable, type SomeFacts } from '../facts/gathered.ts';
import { groupFinished } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import { found } from '../reader/read-result.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { type JudgeContext, observe } from './observe.ts';

/** What an audit needs: the reader and the configuration, the controls, and the time. */
export type AuditContext = GatherContext & JudgeContext;

/** What one look at a resource gave: observations of it and of its executions, and what to look at next. */
export type Audited = {
  observations: Observation[];
  follow: readonly AuditRequest[];
  /** What a pipeline asks of the account, or why that is not known; undefined for any other resource. */
  use?: PipelineUse | UnreadPipeline;
};

/** Gathers the facts of one resource and evaluates its controls. What AWS refuses to tell is a finding, not an exception. */
export const auditResource = async (request: AuditRequest, context: AuditContext): Promise<Audited> => {
  // The time before the first read: what changed during the reads is for a later look to see.
  const startedAt = context.now();
  const judging = { ...context, now: () => startedAt };
  const watched = isOfKept(request) ? watch(context) : undefined;
  const gathered = await gather(request, watched?.context ?? context);
  const { arn, facts, gone, isAbsent, executions, follow = [], use, accountGaps, principalArn } = gathered;
  const about = {
    ...(request.trigger ? { trigger: request.trigger } : {}),
    ...(principalArn === undefined ? {} : { principal: principalArn }),
  };
  const isJudged = !accountGaps && request.type !== 'group' && request.type !== 'policy';
  const gathering = { scope: context.reader.scope, config: context.config };
  const resource: Resource = { type: request.type, arn };
  const dated = (observation: Observation): Observation => {
    const readAt = watched?.readAt();
    return readAt ? { ...observation, readAt } : observation;
  };
  const judged = () => dated(observe(resource, gone ? 'gone' : facts, judging, about, { isAbsent }));
  return {
    observations: [
      ...(isJudged ? groupFinished(judged(), resource, pipelineOfJob(arn, facts), gathering) : []),
      // What cannot be read was asked for just now: nothing that failed is kept.
      ...(accountGaps ? [observeAccount(accountGaps, judging)] : []),
      ...(!accountGaps && isAboutPrincipals(request) ? [dated(observeAccount([], judging))] : []),
      ...executions.flatMap((execution) => {
        const ran: Resource = { type: 'execution', arn: execution.arn };
        const observed = observe(ran, execution.facts, judging, { trigger: execution.trigger });
        return groupFinished(observed, ran, arn, gathering);
      }),
    ],
    follow,
    ...(use && { use }),
  };
};

/** Whether its verdicts are made with what readers keep for a while; a pipeline and a job are read anew. */
const isOfKept = ({ type }: AuditRequest): boolean => type !== 'pipeline' && type !== 'job';

/** The pipeline that started a job, in the job's own account and Region. */
const pipelineOfJob = (jobArn: string, { job }: SomeFacts): string | undefined => {
  const name =
    job?.ok && job.value.origin.startedBy === 'pipeline' ? job.value.origin.pipelineName : undefined;
  const arn = parseArn(jobArn);
  return name && arn
    ? `arn:${arn.partition}:sagemaker:${arn.region}:${arn.account}:pipeline/${name}`
    : undefined;
};

/** Whether to say that the account's evidence can be read again; for each role that a pipeline leads to is too often. */
const isAboutPrincipals = (request: AuditRequest): boolean => {
  switch (request.type) {
    case 'role':
    case 'user':
      return request.changed.length === 0 || request.changed.some((change) => change !== 'uses');
    case 'group':
    case 'policy':
      return true;
    case 'pipeline':
    case 'job':
    case 'bucket':
    case 'organization':
    case 'account':
      return false;
  }
};

/** What all principals of an account lack is one finding, on the account. */
const observeAccount = (gaps: readonly Gap[], context: JudgeContext): Observation => {
  const { partition, account } = context.reader.scope;
  const arn = `arn:${partition}:iam::${account}:root`;
  const facts: GatheredFacts<'account'> = {
    trails: notApplicable('its trails are judged Region by Region'),
    gaps: found([...gaps]),
  };
  return observe({ type: 'account', arn }, facts, context);
};
