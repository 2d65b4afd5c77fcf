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
import { ABSENT, found, notRead, type Read } from '../reader/read-result.ts';
import type { ExecutionDefinition, ExecutionStep } from '../reader/reader.ts';
import { NOT_IN_SNAPSHOT } from '../reader/snapshot/files.ts';
import type { Caller, ExecutionClaim, StartedByStep } from '../requests/audit-request.ts';
import type { JobOrigin } from './facts.ts';
import type { GatherContext } from './gathered.ts';

/** A job, and what the events told of whoever created it. */
export type JobToTrace = {
  kind: JobKindId;
  arn: string;
  name?: string | undefined;
  caller?: Caller | undefined;
  step?: StartedByStep | undefined;
  /** Its CloudTrail record is looked at by itself. */
  hasRecord?: true | undefined;
  /** When it was seen, ISO 8601. */
  seenAt?: string | undefined;
};

/** The execution that started a job, and its step, or the first characters of that one's name. */
export type Tie = { executionArn: string; stepName?: string; stepNameStart?: string };

/** Who started a job. A `tie` where a pipeline did; a `gap` where it cannot be told. */
export type Traced = { origin: JobOrigin; tie?: Tie; gap?: Unread };

type Claim =
  | ExecutionClaim
  | { by: 'name'; executionId: string; executionArn?: string; stepNameStart?: string };

/**
 * Who started a job: SageMaker's own event outweighs all; then comes its list of the steps of the execution that the job's
 * creator, its tag or its name leads to. Where a snapshot has no such list, the record of the execution's start and the role
 * that called must both agree. Whoever can assume a pipeline's role can pose as it there.
 */
export const traceJob = async (job: JobToTrace, context: GatherContext): Promise<Traced> => {
  const outside = outsideScope(job.arn, LIST, context.reader);
  if (outside && !outside.ok && (job.step || job.caller?.claim)) return unknown(outside.unread);
  if (job.step) return bySageMaker(job.step, job, context);
  if (job.caller) return job.caller.claim ? byClaim(job.caller.claim, job, context) : OWN;
  if (stepTypesOf(job.kind).length === 0) return OWN;
  const claim = job.name === undefined ? undefined : claimOfName(job.name, job.kind);
  if (job.name !== undefined && !claim) return OWN;
  // The record tells more; and a model package in a group has no name, and hardly ever a role.
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
  const executionArn = claim.executionArn ?? (await recall())?.executionArn;
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
  // SageMaker gives its sessions the name of a step, so that a tag in another session is only believed where it confirms it.
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

/** Whether a step that does not name a job may have started it all the same: before its last attempt, or just now. */
const mayHaveStarted = (
  { isRetried, isRunning, jobArns, startedAt }: ExecutionStep,
  { seenAt }: JobToTrace,
): boolean =>
  isRetried ||
  (isRunning && jobArns.length === 0) ||
  (seenAt !== undefined && startedAt !== undefined && Date.parse(startedAt) > Date.parse(seenAt));

/** A name is free again when a job or model was deleted, so that the one who called must be the pipeline as well. */
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

/** Without the steps: of a snapshot that has none, the execution was started, its pipeline’s role called, and it has such a step. */
const byRecords = async (
  { claim, executionArn, refuted, wasSeen, unread }: Claimed & { wasSeen: boolean; unread: Unread },
  job: JobToTrace,
  context: GatherContext,
): Promise<Traced> => {
  const role = await roleOf(executionArn, job, context);
  if (!role.ok && isNoExecutionRole(job, context)) return refuted(unlisted(job));
  if (role.ok && !role.value.isCaller) return refuted(otherRole(role.value, job));
  if (unread.code !== NOT_IN_SNAPSHOT) return unknown(unread);
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

/** The role of an execution’s pipeline, and whether it called: as it is now or, where that did not, as the version that ran had it. */
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
  if (!pipeline.ok) return pipeline;
  const { roleArn = '', modifiedAt } = pipeline.value;
  if (isCalledAs(roleArn, job)) return found({ roleArn, isCaller: true });
  const execution = await reader.describeExecution(executionArn);
  const versionId = execution.ok ? execution.value.versionId : undefined;
  const version = versionId === undefined ? undefined : await reader.describePipelineVersion(name, versionId);
  const isCaller = version?.ok === true && isCalledAs(version.value.roleArn, job);
  return found({ roleArn, isCaller, modifiedAt });
};

/** The steps of a definition that can have started such a job: by their type, and by as much of the name as is told. */
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

/** Whether the execution is of the job's own account and Region. */
const isBeside = (executionArn: string, jobArn: string): boolean => {
  const [execution, job] = [parseArn(executionArn), parseArn(jobArn)];
  return execution?.account === job?.account && execution?.region === job?.region;
};

/** A role's name is unique in its account whatever its path, which the ARN of a session does not hold. */
const isCalledAs = (roleArn: string, { caller }: JobToTrace): boolean => {
  if (caller?.principalArn !== undefined) return caller.principalArn.toLowerCase() === roleArn.toLowerCase();
  const session = parseAssumedRole(caller?.sessionArn ?? '');
  return (
    session !== undefined &&
    session.account === parseArn(roleArn)?.account &&
    session.roleName.toLowerCase() === arnName(roleArn).toLowerCase()
  );
};

/** Whether the caller is none of the roles that pipelines may run under. */
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
