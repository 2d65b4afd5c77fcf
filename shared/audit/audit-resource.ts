import { accountRootArn, parseArn } from '../domain/arn.ts';
import type { AuditedType } from '../domain/change.ts';
import type { Gap } from '../domain/gap.ts';
import type { Resource } from '../domain/resource.ts';
import { watch } from '../facts/dated-context.ts';
import { gather } from '../facts/gather.ts';
import type { GatherContext, SomeFacts } from '../facts/gathered.ts';
import { wholeAccountFacts } from '../facts/whole-account.ts';
import { groupFinished } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { type JudgeContext, observe } from './observe.ts';

/** Everything that an audit needs: reader, configuration, controls and clock. */
export type AuditContext = GatherContext & JudgeContext;

/** The result of one look: observations of the resource and of its executions, and the resources to look at next. */
export type Audited = {
  resource: Resource;
  observations: Observation[];
  follow: readonly AuditRequest[];
  /** What a pipeline needs of the account, or why this is unknown; undefined for other resources. */
  use?: PipelineUse | UnreadPipeline;
  /** Only the pipeline’s event tells it: AWS has no such pipeline at the time of the look. */
  isUseOfEvent?: true;
};

/**
 * Gathers the facts of one resource and runs its controls. If AWS refuses an answer, the result is a finding, not an
 * exception.
 */
export const auditResource = async (request: AuditRequest, context: AuditContext): Promise<Audited> => {
  // The look is dated before its first read, because it may miss a change that happens during the reads.
  const startedAt = context.now();
  const judging = { ...context, now: () => startedAt };
  const watched = watchOf(request, context);
  const isPipeline = request.type === 'pipeline';
  const gathered = await gather(request, watched?.context ?? context);
  const {
    arn,
    facts,
    gone,
    isAbsent,
    executions,
    follow = [],
    use,
    isUseOfEvent,
    accountGaps,
    principalArn,
  } = gathered;
  const about = {
    ...(request.trigger ? { trigger: request.trigger } : {}),
    ...(principalArn === undefined ? {} : { principal: principalArn }),
  };
  const isJudged = !accountGaps && !UNJUDGED.includes(request.type);
  const groupContext = { scope: context.reader.scope, config: context.config };
  const resource: Resource = { type: request.type, arn };
  const dated = (observation: Observation): Observation => {
    const readAt = watched?.readAt();
    if (!readAt) return observation;
    // A pipeline’s definition is not kept, so that the time of the look counts beside that of the shares.
    return { ...observation, readAt: isPipeline ? { ...readAt, look: startedAt.valueOf() } : readAt };
  };
  const judged = () => dated(observe(resource, gone ? 'gone' : facts, judging, about, { isAbsent }));
  return {
    resource,
    observations: [
      ...(isJudged ? groupFinished(judged(), resource, pipelineOfJob(arn, facts), groupContext) : []),
      // These need no older date: readers keep successful answers only, so a failure is always new.
      ...(accountGaps ? [observeAccount(accountGaps, judging)] : []),
      ...(!accountGaps && isAboutPrincipals(request) ? [dated(observeAccount([], judging))] : []),
      ...executions.flatMap((execution) => {
        const ran: Resource = { type: 'execution', arn: execution.arn };
        const observed = observe(ran, execution.facts, judging, { trigger: execution.trigger });
        return groupFinished(observed, ran, arn, groupContext);
      }),
    ],
    follow,
    ...(use && { use }),
    ...(isUseOfEvent && { isUseOfEvent }),
  };
};

/** The types of which only the principals or pipelines behind them are judged. */
const UNJUDGED: readonly AuditedType[] = ['group', 'policy', 'key', 'share'];

/** Whether a reader may have kept evidence for a while: jobs are always read anew; of a pipeline, all but its shares. */
const watchOf = ({ type }: AuditRequest, context: AuditContext) => {
  if (type === 'job') return undefined;
  return type === 'pipeline' ? watch(context, (kind) => kind === 'shares') : watch(context);
};

/** The pipeline that started a job. It is in the job's own account and Region. */
const pipelineOfJob = (jobArn: string, { job }: SomeFacts): string | undefined => {
  const name =
    job?.ok && job.value.origin.startedBy === 'pipeline' ? job.value.origin.pipelineName : undefined;
  const arn = parseArn(jobArn);
  return name && arn
    ? `arn:${arn.partition}:sagemaker:${arn.region}:${arn.account}:pipeline/${name}`
    : undefined;
};

/**
 * Whether a look also reports that the account's evidence is readable. Looks at the roles of a changed pipeline do
 * not, because there are too many of them.
 */
const isAboutPrincipals = (request: AuditRequest): boolean => {
  switch (request.type) {
    case 'role':
    case 'user':
      return request.changed.length === 0 || request.changed.some((change) => change !== 'uses');
    case 'group':
    case 'policy':
      return true;
    case 'key':
    case 'share':
    case 'pipeline':
    case 'job':
    case 'bucket':
    case 'organization':
    case 'account':
      return false;
  }
};

/**
 * Evidence that all principals of an account lack is one finding, on the account. The account in its Region is another
 * resource, with verdicts of its own.
 */
const observeAccount = (gaps: readonly Gap[], context: AuditContext): Observation => {
  const arn = accountRootArn(context.reader.scope);
  const told = context.coverage ? ['gaps', 'coverage'] : ['gaps'];
  const controls = context.controls.filter(({ requires }) => requires.some((fact) => told.includes(fact)));
  const facts = wholeAccountFacts(gaps, context.coverage);
  return observe({ type: 'account', arn }, facts, { ...context, controls });
};
