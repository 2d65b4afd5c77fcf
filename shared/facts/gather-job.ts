import { resolveScope, resolveText } from '../definition/expression.ts';
import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { tuningJobOf } from '../definition/job-name.ts';
import { stepRoles } from '../definition/step-values.ts';
import { arnName, parseAssumedRole } from '../domain/arn.ts';
import type { Gap } from '../domain/gap.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { outsideScope } from '../reader/outside-scope.ts';
import { found, notRead, type Read } from '../reader/read-result.ts';
import type { JobDescription } from '../reader/reader.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import type { Declaration, JobFact } from './facts.ts';
import { type GatherContext, type Gathered, NOTHING_MORE } from './gathered.ts';
import { definitionThatRan, type JobToTrace, stepsBehind, type Tie, traceJob } from './job-origin.ts';

export const gatherJob = async (
  request: RequestOf<'job'>,
  context: GatherContext,
): Promise<Gathered<'job'>> => {
  const { job: hint, resource } = request;
  const gaps: Gap[] = [];
  const described = await describedWhereUntold(request, context);
  if (described && !described.ok) gaps.push(described.unread);
  const principalArn = await principalOf(request, context, gaps);
  const about = jobToTrace(request, described);
  const { origin, tie, gap } = await traceJob(about, context);
  if (gap) gaps.push(gap);
  const declaration = tie ? await readDeclaration(tie, about.kind, context) : found(null);
  if (!declaration.ok) gaps.push(declaration.unread);
  const name = described?.ok ? described.value.name : hint.name;
  const tuningJobArn = described?.ok ? described.value.tuningJobArn : undefined;
  const pipelineName = declaration.ok ? declaration.value?.pipelineName : undefined;
  const job: JobFact = {
    kind: hint.kind,
    arn: resource.arn,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: hint.nameKeepsCase || described?.ok === true,
    roleArns: hint.roleArns ?? (described?.ok ? described.value.roleArns : []),
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(hint.hasRecord ? { hasRecord: true } : {}),
    origin: origin.startedBy === 'pipeline' && pipelineName ? { ...origin, pipelineName } : origin,
    ...(tuningJobArn === undefined ? {} : { tuningJobName: tuningJobName(tuningJobArn, name) }),
  };
  const isPosing = origin.startedBy === 'caller' && origin.falseClaim !== undefined;
  const isRoleRead = !described || described.ok || isPosing;
  const declarationForRole: Read<Declaration | null> = isRoleRead ? declaration : described;
  return {
    type: 'job',
    arn: resource.arn,
    facts: { job: found(job), declaration: declarationForRole, gaps: found(gaps) },
    gone: false,
    ...NOTHING_MORE,
    ...(principalArn === undefined ? {} : { principalArn }),
  };
};

/** The answer of AWS where the event does not tell the roles of the job; undefined where there is nothing to ask. */
const describedWhereUntold = async (
  { job: { kind, name, roleArns, hasRecord }, resource }: RequestOf<'job'>,
  { reader }: GatherContext,
): Promise<Read<JobDescription> | undefined> => {
  const { noun, roleFields } = jobKind(kind);
  if (roleArns !== undefined || roleFields.length === 0) return undefined;
  const call = `Describe${noun}`;
  if (name !== undefined)
    return outsideScope(resource.arn, call, reader) ?? (await reader.describeJob(kind, name));
  return hasRecord
    ? undefined
    : notRead(call, 'NotNamed', 'the record tells neither the roles of the job nor its name');
};

/** The tuning job's name in the letter case of the training job's name, because an ARN may be in lower case. */
const tuningJobName = (tuningJobArn: string, name = ''): string => {
  const inArn = arnName(tuningJobArn);
  const inName = tuningJobOf(name);
  return inName?.toLowerCase() === inArn.toLowerCase() ? inName : inArn;
};

/** The job whose origin is searched. For a training job that SageMaker made for a tuning job, it is the tuning job. */
const jobToTrace = (
  { job, resource, trigger }: RequestOf<'job'>,
  described: Read<JobDescription> | undefined,
): JobToTrace => {
  const { caller, step, hasRecord } = job;
  const told = { caller, step, hasRecord, seenAt: trigger?.eventTime };
  const tuningJobArn = described?.ok ? described.value.tuningJobArn : undefined;
  if (tuningJobArn !== undefined && !caller && !step)
    return { ...told, kind: 'hyper-parameter-tuning-job', arn: tuningJobArn, name: arnName(tuningJobArn) };
  const name = described?.ok ? described.value.name : job.name;
  return { ...told, kind: job.kind, arn: resource.arn, name };
};

/**
 * The principal that created a job. A session's ARN leaves out the role's path, so the role is read if the
 * configuration assigns prefixes to roles.
 */
const principalOf = async (
  { job }: RequestOf<'job'>,
  { reader, config }: GatherContext,
  gaps: Gap[],
): Promise<string | undefined> => {
  const { principalArn, sessionArn } = job.caller ?? {};
  if (principalArn !== undefined || sessionArn === undefined) return principalArn;
  const session = parseAssumedRole(sessionArn);
  const isNeeded = config.prefixes?.some(({ roles }) => roles !== undefined) ?? false;
  if (!session || !isNeeded) return undefined;
  const role = outsideScope(sessionArn, 'GetRole', reader) ?? (await reader.getRole(session.roleName));
  if (role.ok) return role.value.arn;
  gaps.push(role.unread);
  return undefined;
};

/** What the definition that the job's execution ran declares about the job. */
const readDeclaration = async (
  tie: Tie,
  kind: JobKindId,
  context: GatherContext,
): Promise<Read<Declaration>> => {
  const { executionArn } = tie;
  const read = await definitionThatRan(executionArn, context);
  if (!read.ok) return read;
  const definition = readDefinition(read.value.definitionText);
  if (!definition.ok) return definition;
  const steps = stepsBehind(definition.value, kind, tie);
  const scope = resolveScope(definition.value);
  const isParametrised = steps
    .flatMap(stepRoles)
    .some(({ value }) => resolveText(value, scope).parameters.length > 0);
  const parameters = isParametrised ? await parametersOf(executionArn, context) : {};
  return found({
    pipelineName: read.value.pipelineName,
    ...(read.value.roleArn === undefined ? {} : { pipelineRoleArn: read.value.roleArn }),
    executionId: arnName(executionArn),
    definition: definition.value,
    steps,
    ...(parameters && { parameters }),
  });
};

/** An execution's values, from the record of its start or from AWS; undefined if neither tells them. */
const parametersOf = async (
  executionArn: string,
  { reader, recallExecution }: GatherContext,
): Promise<Readonly<Record<string, string>> | undefined> => {
  const seen = await recallExecution(arnName(executionArn));
  if (seen?.executionArn === executionArn && seen.parameters) return seen.parameters;
  const described = await reader.describeExecution(executionArn);
  return described.ok ? described.value.parameters : undefined;
};
