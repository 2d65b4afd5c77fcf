import type { JobKindId } from '../definition/job-kinds.ts';
import { isStepNamed, parseJobName } from '../definition/job-name.ts';
import type { Definition, Step } from '../definition/parse.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { arnName, parseArn, parseAssumedRole, pipelineOfExecution } from '../domain/arn.ts';
import type { Unread } from '../domain/gap.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { once } from '../memo.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { outsideScope } from '../reader/outside-scope.ts';
import { ABSENT, found, isLeftOut, notRead, type Read } from '../reader/read-result.ts';
import type { ExecutionDefinition, ExecutionStep } from '../reader/reader.ts';

import type { Caller, ExecutionClaim, StartedByStep } from '../requests/audit-request.ts';
import type { JobOrigin } from './facts.ts';
import type { GatherContext } from './gathered.ts';

/** A job, and what events say about its creator. */
export type JobToTrace = {
  kind: JobKindId;
  arn: string;
  name?: string | undefined;
  caller?: Caller | undefined;
  step?: StartedByStep | undefined;
  /** The job's CloudTrail record has a look of its own. */
  hasRecord?: true | undefined;
  /** When the job was seen, ISO 8601. */
  seenAt?: string | undefined;
};

/** The execution that started a job, and the step's name or its first characters. */
export type Tie = { executionArn: string; stepName?: string; stepNameStart?: string };

/** Who started a job. `tie` is set if a pipeline did, `gap` if the origin is unknown. */
export type Traced = { origin: JobOrigin; tie?: Tie; gap?: Unread };

type Claim =
  | ExecutionClaim
  | { by: 'name'; executionId: string; executionArn?: string; stepNameStart?: string };

/**
 * Finds who started a job. SageMaker's own event outweighs everything else; next comes SageMaker's list of the
 * execution's steps, where the job's session, tag or name only says which execution to ask about. In a snapshot
 * without such lists, the record of the execution's start and the calling role must agree; whoever can assume the
 * pipeline's role can pose as the pipeline there.
 */
export const traceJob = async (job: JobToTrace, context: GatherContext): Promise<Traced> => {
  const outside = outsideScope(job.arn, LIST, context.reader);
  if (outside && !outside.ok && (job.step || job.caller?.claim)) return unknown(outside.unread);
  if (job.step) return bySageMaker(job.step, job, context);
  if (job.caller) return job.caller.claim ? byClaim(job.caller.claim, job, context) : OWN;
  if (stepTypesOf(job.kind).length === 0) return OWN;
  const claim = job.name === undefined ? undefined : claimOfName(job.name, job.kind);
  if (job.name !== undefined && !claim) return OWN;
  // The record's own look knows more. A model package in a group has no name, and hardly ever a role.
  if (job.hasRecord || !claim)
    return { origin: { startedBy: 'unknown', unread: unnamed(job.name ?? 'a job without a name') } };
  return byClaim(claim, job, context);
};

const LIST = 'ListPipelineExecutionSteps';

const OWN: Traced = { origin: { startedBy: 'caller' } };

const posing = (falseClaim: string): Traced => ({ origin: { startedBy: 'caller', falseClaim } });

const unknown = (unread: Unread): Traced => ({ origin: { startedBy: 'unknown', unread }, gap: unread });

const tied = (tie: Tie): Traced => ({
  origin: {
    startedBy: 'pipeline',
    pipelineName: pipelineOfExecution(tie.executionArn) ?? '',
    executionId: arnName(tie.executionArn),
  },
  tie,
});

const unnamed = (what: string): Unread => ({
  call: LIST,
  code: 'NotNamed',
  message: `nothing names the pipeline of ${what}, and AWS finds an execution only by its ARN`,
});

const claimOfName = (name: string, kind: JobKindId): Claim | undefined => {
  const parsed = parseJobName(name, kind);
  return (
    parsed && {
      by: 'name',
      executionId: parsed.executionId,
      ...(parsed.stepNameStart === undefined ? {} : { stepNameStart: parsed.stepNameStart }),
    }
  );
};

const byClaim = async (claim: Claim, job: JobToTrace, context: GatherContext): Promise<Traced> => {
  const recall = once(() => context.recallExecution(claim.executionId));
  const executionArn =
    claim.executionArn ??
    (await recall())?.executionArn ??
    (await context.reader.findExecution?.(claim.executionId));
  const refuted = (why: string): Traced =>
    claim.by === 'session' ? posing(`${shownSession(claim, job)}, but ${why}`) : OWN;
  if (executionArn === undefined) {
    const unread = unnamed(`the execution ${claim.executionId}`);
    return claim.by === 'session' && isNoExecutionRole(job, context)
      ? refuted(unlisted(job))
      : unknown(unread);
  }
  if (!isBeside(executionArn, job.arn)) return refuted('that execution is of another account or Region');
  const listed = await context.reader.listExecutionSteps(executionArn);
  if (listed.ok) return byList(listed.value, { claim, executionArn, refuted }, job, context);
  const { unread } = listed;
  // SageMaker names its sessions after steps. A tag in another session is believed only if SageMaker's list confirms
  // it.
  if (claim.by === 'tag') return OWN;
  const wasSeen = (await recall())?.executionArn === executionArn;
  if (unread.code === ABSENT && !wasSeen) return refuted('there is no such execution');
  if (claim.by === 'name') return unknown(unread);
  return byRecords({ claim, executionArn, refuted, wasSeen, unread }, job, context);
};

type Claimed = { claim: Claim; executionArn: string; refuted: (why: string) => Traced };

const byList = async (
  steps: readonly ExecutionStep[],
  { claim, executionArn, refuted }: Claimed,
  job: JobToTrace,
  context: GatherContext,
): Promise<Traced> => {
  const arn = job.arn.toLowerCase();
  const step = steps.find(({ jobArns }) => jobArns.some((each) => each.toLowerCase() === arn));
  if (step) return bySageMaker({ executionArn, stepName: step.name }, job, context);
  if (claim.by === 'tag') return OWN;
  const definition = await definitionOf(executionArn, context);
  const fitting = definition.ok
    ? stepsBehind(definition.value, job.kind, tieOf(claim, executionArn)).map(({ name }) => name)
    : undefined;
  const pending = steps.find((each) => (fitting?.includes(each.name) ?? true) && mayHaveStarted(each, job));
  if (!pending) return refuted('no step of that execution has started it');
  const role = claim.by === 'session' ? await roleOf(executionArn, job, context) : undefined;
  if (role?.ok && !role.value.isCaller) return refuted(otherRole(role.value, job));
  const message = `step ${pending.name} of ${executionArn} may have started it: SageMaker lists only the job of a step’s last attempt, and only once it has begun`;
  return unknown({ call: LIST, code: 'NotTold', message });
};

/** Whether a step that does not list a job may have started it: in an earlier attempt, or just now. */
const mayHaveStarted = (
  { isRetried, isRunning, jobArns, startedAt }: ExecutionStep,
  { seenAt }: JobToTrace,
): boolean =>
  isRetried ||
  (isRunning && jobArns.length === 0) ||
  (seenAt !== undefined && startedAt !== undefined && Date.parse(startedAt) > Date.parse(seenAt));

/** A job's or model's name is free again after deletion, so the caller must have the pipeline's role as well. */
const bySageMaker = async (
  { executionArn, stepName }: StartedByStep,
  job: JobToTrace,
  context: GatherContext,
): Promise<Traced> => {
  const outside = outsideScope(executionArn, LIST, context.reader);
  if (outside && !outside.ok) return unknown(outside.unread);
  const tie = tied({ executionArn, ...(stepName === undefined ? {} : { stepName }) });
  if (!job.caller) return tie;
  const role = await roleOf(executionArn, job, context);
  if (!role.ok) return unknown(role.unread);
  if (role.value.isCaller) return tie;
  const { modifiedAt } = role.value;
  const which = `step ${stepName ?? '(not named)'} of ${executionArn}`;
  if (modifiedAt !== undefined && Date.parse(modifiedAt) > Date.parse(job.seenAt ?? '')) {
    const message = `${otherRole(role.value, job)}, but was changed since; SageMaker names the job for ${which}`;
    return unknown({ call: 'DescribePipeline', code: 'Changed', message });
  }
  return posing(`SageMaker names a job of that name for ${which}, but ${otherRole(role.value, job)}`);
};

/**
 * Without a list of steps (in a snapshot) a pipeline started the job if the execution was started, the pipeline's
 * role called and its definition has such a step.
 */
const byRecords = async (
  { claim, executionArn, refuted, wasSeen, unread }: Claimed & { wasSeen: boolean; unread: Unread },
  job: JobToTrace,
  context: GatherContext,
): Promise<Traced> => {
  const role = await roleOf(executionArn, job, context);
  if (!role.ok && isNoExecutionRole(job, context)) return refuted(unlisted(job));
  if (role.ok && !role.value.isCaller) return refuted(otherRole(role.value, job));
  if (!isLeftOut(unread)) return unknown(unread);
  if (!role.ok) return unknown(role.unread);
  const described = wasSeen ? undefined : await context.reader.describeExecution(executionArn);
  if (described && !described.ok) return unknown(described.unread);
  const tie = tieOf(claim, executionArn);
  const definition = await definitionOf(executionArn, context);
  const hasStep = !definition.ok || stepsBehind(definition.value, job.kind, tie).length > 0;
  return hasStep ? tied(tie) : refuted('that execution has no such step');
};

const tieOf = ({ stepNameStart }: Claim, executionArn: string): Tie => ({
  executionArn,
  ...(stepNameStart === undefined ? {} : { stepNameStart }),
});

/** The definition that an execution ran. */
export const definitionThatRan = (
  executionArn: string,
  { reader, recallExecution }: GatherContext,
): Promise<Read<ExecutionDefinition>> =>
  reader.describeExecutionDefinition({
    executionArn,
    howStarted: async () => {
      const seen = await recallExecution(arnName(executionArn));
      return seen?.executionArn === executionArn ? seen.started : undefined;
    },
  });

const definitionOf = async (executionArn: string, context: GatherContext): Promise<Read<Definition>> => {
  const ran = await definitionThatRan(executionArn, context);
  return ran.ok ? readDefinition(ran.value.definitionText) : ran;
};

type PipelineRole = { roleArn: string; isCaller: boolean; modifiedAt?: string | undefined };

/**
 * The role of an execution's pipeline, and whether this role called: the present role or, failing that, the role of
 * the version that ran.
 */
const roleOf = async (
  executionArn: string,
  job: JobToTrace,
  context: GatherContext,
): Promise<Read<PipelineRole>> => {
  const { reader } = context;
  const name = pipelineOfExecution(executionArn);
  if (name === undefined)
    return notRead('DescribePipeline', 'NotNamed', `${executionArn} is no execution of a pipeline`);
  const ran = await definitionThatRan(executionArn, context);
  const pipeline = ran.ok && ran.value.roleArn !== undefined ? ran : await reader.describePipeline(name);
  if (!pipeline.ok) {
    // No account holds AWS's own pipelines: of their executions AWS tells the role that was chosen.
    const started = await reader.describeExecution(executionArn);
    const chosen = started.ok ? started.value.roleArn : undefined;
    return chosen === undefined ? pipeline : found({ roleArn: chosen, isCaller: isCalledAs(chosen, job) });
  }
  const { roleArn = '', modifiedAt } = pipeline.value;
  if (isCalledAs(roleArn, job)) return found({ roleArn, isCaller: true });
  const execution = await reader.describeExecution(executionArn);
  const versionId = execution.ok ? execution.value.versionId : undefined;
  const version = versionId === undefined ? undefined : await reader.describePipelineVersion(name, versionId);
  const isCaller = version?.ok === true && isCalledAs(version.value.roleArn, job);
  return found({ roleArn, isCaller, modifiedAt });
};

/**
 * The steps of a definition that may have started such a job, judged by their type and the known part of their name.
 */
export const stepsBehind = (
  { steps }: Definition,
  kind: JobKindId,
  { stepName, stepNameStart }: Tie,
): Step[] => {
  const ofType = steps.filter(({ type }) => stepTypesOf(kind).some((each) => each === type));
  const exact = ofType.filter(({ name }) => name === stepName);
  const told = stepName ?? stepNameStart;
  return exact.length > 0 || told === undefined
    ? exact.length > 0
      ? exact
      : ofType
    : ofType.filter(({ name }) => isStepNamed(name, told, kind));
};

/** Whether the execution belongs to the job's own account and Region. */
const isBeside = (executionArn: string, jobArn: string): boolean => {
  const [execution, job] = [parseArn(executionArn), parseArn(jobArn)];
  return execution?.account === job?.account && execution?.region === job?.region;
};

/** Whether the caller used this role. A session's ARN leaves out the role's path; names are unique in an account. */
const isCalledAs = (roleArn: string, { caller }: JobToTrace): boolean => {
  if (caller?.principalArn !== undefined) return caller.principalArn.toLowerCase() === roleArn.toLowerCase();
  const session = parseAssumedRole(caller?.sessionArn ?? '');
  return (
    session !== undefined &&
    session.account === parseArn(roleArn)?.account &&
    session.roleName.toLowerCase() === arnName(roleArn).toLowerCase()
  );
};

/** Whether `roles.execution` of the configuration is set and does not list the caller. */
const isNoExecutionRole = ({ caller }: JobToTrace, { config }: GatherContext): boolean => {
  const execution = config.roles?.execution ?? [];
  const { principalArn } = caller ?? {};
  return execution.length > 0 && principalArn !== undefined && !matchesAny(execution, principalArn);
};

const unlisted = (job: JobToTrace): string => `roles.execution does not list ${shownCaller(job)}`;

const otherRole = ({ roleArn }: PipelineRole, job: JobToTrace): string =>
  `${shownCaller(job)} created it, and the pipeline runs under ${roleArn}`;

const shownCaller = ({ caller }: JobToTrace): string => caller?.principalArn ?? caller?.sessionArn ?? '';

const shownSession = ({ executionId, stepNameStart }: Claim, job: JobToTrace): string =>
  `a session of ${shownCaller(job)} is named as if step ${stepNameStart ?? '(not named)'} of the execution ${executionId} had created it`;
