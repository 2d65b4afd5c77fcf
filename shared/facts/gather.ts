import type { Config } from '../config/schema.ts';
import { resolveScope, resolveText } from '../definition/expression.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { isStepNamed, parseJobName } from '../definition/job-name.ts';
import type { Definition, Step } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { AuditRequest } from '../events/audit-request.ts';
import type { Trigger } from '../findings/finding.ts';
import { parseArn, parseAssumedRole } from '../iam/arn.ts';
import { matchesAny } from '../iam/glob.ts';
import { once } from '../once.ts';
import type { AccountEvidence } from './account-evidence.ts';
import { pipelineOfExecution } from './execution.ts';
import {
  type Declaration,
  type FactName,
  type Facts,
  type Gap,
  gapOf,
  type IsolationFact,
  type JobFact,
} from './facts.ts';
import { gatherAccount } from './gather-account.ts';
import { gatherBucket } from './gather-bucket.ts';
import { type GatheredExecution, gatherExecutions } from './gather-executions.ts';
import { gatherMembers, gatherOrganization, gatherPrincipal, principalRequest } from './gather-principal.ts';
import { type PipelineUse, pipelineUse, stepsWithRoles } from './pipeline-use.ts';
import { ABSENT, found, notRead, type Read, type Unread } from './read.ts';
import { readDefinition } from './read-definition.ts';
import type { ExecutionRef, PipelineFact, Reader } from './reader.ts';
import { NOT_IN_SNAPSHOT } from './snapshot-files.ts';

/** The facts of one resource, each read or not. */
export type GatheredFacts = { [F in FactName]?: Read<Facts[F]> };

/** What was gathered for one request. */
export type Gathered = {
  /** The resource's ARN as AWS gives it, where it was read. */
  arn: string;
  facts: GatheredFacts;
  /** The resource was deleted: its findings are closed. */
  gone: boolean;
  /** A pipeline's executions that were started with values of their own: each is a resource for itself. */
  executions: readonly GatheredExecution[];
  /** What a pipeline asks of the account; undefined where it could not be read. */
  use?: PipelineUse;
  /** What is to be looked at next. */
  follow?: readonly AuditRequest[];
  /** What the whole account's evidence lacks, so that nothing is said of this resource. */
  accountGaps?: readonly Unread[];
  principalArn?: string;
};

/** What gathering needs beside the request. */
export type GatherContext = {
  reader: Reader;
  config: Config;
  /** The ARN and parameters of an execution whose start was seen earlier. */
  recallExecution: (
    executionId: string,
  ) => Promise<{ executionArn: string; parameters: Readonly<Record<string, string>> } | undefined>;
  evidence: AccountEvidence;
};

const NOTHING_MORE = { executions: [] };

type RequestOf<T extends AuditRequest['type']> = Extract<AuditRequest, { type: T }>;

/** The facts that the controls of a resource need, read with as few calls as the request leaves open. */
export const gather = async (request: AuditRequest, context: GatherContext): Promise<Gathered> => {
  switch (request.type) {
    case 'pipeline':
      return gatherPipeline(request, context);
    case 'job':
      return gatherJob(request, context);
    case 'bucket':
      return gatherBucket(request, context);
    case 'role':
    case 'user':
      return gatherPrincipal(request, context);
    case 'group':
    case 'policy':
      return gatherMembers(request, context);
    case 'organization':
      return gatherOrganization(request, context);
    case 'account':
      return gatherAccount(request, context);
  }
};

/** A SageMaker resource can be read only in its own account and Region. */
const outsideScope = (arn: string, call: string, { scope }: Reader): Read<never> | undefined => {
  const { account, region } = parseArn(arn) ?? {};
  const isOutside = (account && account !== scope.account) || (region && region !== scope.region);
  if (!isOutside) return undefined;
  return notRead(
    call,
    'OutsideScope',
    `${arn} is not in account ${scope.account}, Region ${scope.region}, which this audit reads`,
  );
};

const gatherPipeline = async (request: RequestOf<'pipeline'>, context: GatherContext): Promise<Gathered> => {
  const { reader } = context;
  const read =
    outsideScope(request.resource.arn, 'DescribePipeline', reader) ??
    (await reader.describePipeline(request.name));
  const isAbsent = !read.ok && read.unread.code === ABSENT;
  if (request.deleted && !read.ok && [ABSENT, NOT_IN_SNAPSHOT].includes(read.unread.code)) {
    return { arn: request.resource.arn, facts: {}, gone: true, ...NOTHING_MORE };
  }
  const pipeline = isAbsent ? pipelineInEvent(request, read) : read;
  const arn = pipeline.ok ? pipeline.value.arn : request.resource.arn;
  const definition = pipeline.ok ? readDefinition(pipeline.value.definitionText) : pipeline;
  const use = usesOfPipeline(pipeline, definition, context);
  return {
    arn,
    facts: {
      pipeline,
      definition,
      overrides: found({}),
      isolation: use.ok ? found(use.value.isolation) : use,
      gaps: found(gapsOf(definition)),
    },
    gone: false,
    executions: await gatherExecutions(request, { pipeline, definition, arn }, context),
    ...(use.ok && { use: use.value.use, follow: await followUps(use.value.use, request, context) }),
  };
};

/** What the pipeline asks of the account, and how its steps share roles. */
const usesOfPipeline = (
  pipeline: Read<PipelineFact>,
  definition: Read<Definition>,
  { config, reader: { scope } }: GatherContext,
): Read<{ use: PipelineUse; isolation: IsolationFact }> => {
  if (!pipeline.ok) return pipeline;
  if (!definition.ok) return definition;
  return found({
    use: pipelineUse(pipeline.value, definition.value, scope, config),
    isolation: {
      of: 'pipeline',
      executionRoleArn: pipeline.value.roleArn,
      steps: stepsWithRoles(pipeline.value, definition.value),
    },
  });
};

/**
 * Who is looked at when a pipeline has changed: its image buckets, its roles, and who must be able to pass them. An
 * audit of everything looks at all principals anyway, but for roles that no listing holds.
 */
const followUps = async (
  use: PipelineUse,
  { trigger }: RequestOf<'pipeline'>,
  { reader, config, evidence }: GatherContext,
): Promise<AuditRequest[]> => {
  const buckets = use.imageInputs.map(({ bucket }) => bucketRequest(bucket, reader, trigger));
  const read = await evidence.identities();
  const roles = use.roles.map(({ roleArn }) => roleArn);
  if (!trigger) {
    const missing = read.ok ? roles.filter((arn) => !read.value.byArn.has(arn)) : [];
    return [...buckets, ...missing.flatMap((arn) => principalRequest(arn))];
  }
  const creators = (read.ok ? read.value.identities : [])
    .map(({ principal }) => principal.arn)
    .filter((arn) => matchesAny(config.roles?.creators ?? [], arn));
  return [...buckets, ...[...roles, ...creators].flatMap((arn) => principalRequest(arn, trigger))];
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

const gapsOf = (definition: Read<Definition>): Gap[] =>
  definition.ok ? definition.value.unchecked.map(gapOf) : [definition.unread];

/** The pipeline as its event carried it, for one that was deleted before anybody looked. */
const pipelineInEvent = (request: RequestOf<'pipeline'>, absent: Read<PipelineFact>): Read<PipelineFact> => {
  const { definitionText, roleArn } = request.inEvent ?? {};
  if (definitionText === undefined || roleArn === undefined) {
    return absent.ok || !request.trigger
      ? absent
      : notRead(
          absent.unread.call,
          ABSENT,
          `${absent.unread.message}; it was deleted since, and its event does not hold the definition`,
        );
  }
  return found({ name: request.name, arn: request.resource.arn, roleArn, definitionText });
};

const gatherJob = async (request: RequestOf<'job'>, context: GatherContext): Promise<Gathered> => {
  const { job: hint, resource } = request;
  const gaps: Gap[] = [];
  const described =
    hint.roleArns === undefined && jobKind(hint.kind).roleFields.length > 0 && hint.name !== undefined
      ? (outsideScope(resource.arn, `Describe${jobKind(hint.kind).noun}`, context.reader) ??
        (await context.reader.describeJob(hint.kind, hint.name)))
      : undefined;
  if (described && !described.ok) gaps.push(described.unread);
  const principalArn = await principalOf(request, context, gaps);
  const name = described?.ok ? described.value.name : hint.name;
  const declaration = await readDeclaration(request, name, principalArn, context);
  if (!declaration.ok) gaps.push(declaration.unread);
  const roleArns = hint.roleArns ?? (described?.ok ? described.value.roleArns : []);
  const pipelineName = declaration.ok
    ? declaration.value?.pipelineName
    : hint.execution?.executionArn && pipelineOfExecution(hint.execution.executionArn);
  const job: JobFact = {
    kind: hint.kind,
    arn: resource.arn,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: hint.nameKeepsCase || described?.ok === true,
    roleArns,
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(hint.startedByPipeline === undefined ? {} : { startedByPipeline: hint.startedByPipeline }),
    ...(hint.hasRecord ? { hasRecord: true } : {}),
    ...(hint.execution ? { executionId: hint.execution.executionId } : {}),
    ...(pipelineName === undefined ? {} : { pipelineName }),
  };
  const declarationForRole: Read<Declaration | null> = described && !described.ok ? described : declaration;
  return {
    arn: resource.arn,
    facts: { job: found(job), declaration: declarationForRole, gaps: found(gaps) },
    gone: false,
    ...NOTHING_MORE,
    ...(principalArn === undefined ? {} : { principalArn }),
  };
};

/** The principal behind a job: where a record names only a session, the role is read, as its path is not in the session. */
const principalOf = async (
  { job }: RequestOf<'job'>,
  { reader, config }: GatherContext,
  gaps: Gap[],
): Promise<string | undefined> => {
  const { principalArn, sessionArn } = job.caller ?? {};
  if (principalArn !== undefined || sessionArn === undefined)
    return principalArn ?? job.execution?.principalArn;
  const session = parseAssumedRole(sessionArn);
  const isNeeded = config.prefixes?.some(({ roles }) => roles !== undefined) ?? false;
  if (!session || !isNeeded) return undefined;
  const role = outsideScope(sessionArn, 'GetRole', reader) ?? (await reader.getRole(session.roleName));
  if (role.ok) return role.value.arn;
  gaps.push(role.unread);
  return undefined;
};

/** What the definition of the job's execution declares; null for a job that no pipeline started. */
const readDeclaration = async (
  { job, resource }: RequestOf<'job'>,
  name: string | undefined,
  principalArn: string | undefined,
  { reader, recallExecution }: GatherContext,
): Promise<Read<Declaration | null>> => {
  const parsed = name === undefined ? undefined : parseJobName(name, job.kind);
  const executionId =
    job.execution?.executionId ?? (job.startedByPipeline === undefined ? parsed?.executionId : undefined);
  if (job.startedByPipeline === false || executionId === undefined) return found(null);
  const stepNameStart = job.execution?.stepNameStart ?? parsed?.stepNameStart;
  const recall = once(() => recallExecution(executionId));
  const executionArn = job.execution?.executionArn ?? (await recall())?.executionArn;
  const ref: ExecutionRef = {
    executionId,
    kind: job.kind,
    ...(executionArn === undefined ? {} : { executionArn }),
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(stepNameStart === undefined ? {} : { stepNameStart }),
    ...(parsed?.form === 'custom' ? { baseJobName: parsed.baseName } : {}),
  };
  const read =
    outsideScope(resource.arn, 'DescribePipelineDefinitionForExecution', reader) ??
    (await reader.describeExecutionDefinition(ref));
  const isPipelines = job.startedByPipeline || executionArn !== undefined || parsed?.form === 'default';
  if (!read.ok) return isPipelines ? read : found(null);
  const definition = readDefinition(read.value.definitionText);
  if (!definition.ok) return definition;
  const steps = definition.value.steps.filter((step) => canHaveStarted(step, ref));
  const scope = resolveScope(definition.value);
  const isParametrised = steps
    .flatMap(stepRoles)
    .some(({ value }) => resolveText(value, scope).parameters.length > 0);
  const parameters = isParametrised ? (await recall())?.parameters : {};
  return found({
    pipelineName: read.value.pipelineName,
    ...(read.value.roleArn === undefined ? {} : { pipelineRoleArn: read.value.roleArn }),
    executionId,
    definition: definition.value,
    steps,
    ...(parameters ? { parameters } : {}),
  });
};

const canHaveStarted = (step: Step, { kind, stepNameStart }: ExecutionRef): boolean =>
  jobKind(kind).stepTypes.includes(step.type) &&
  (stepNameStart === undefined || isStepNamed(step.name, stepNameStart, kind));
