import type { Config } from '../config/schema.ts';
import { resolveScope, resolveText } from '../definition/expression.ts';
import { type ImageInput, imageInputs } from '../definition/image-inputs.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { isStepNamed, parseJobName } from '../definition/job-name.ts';
import { type Definition, parseDefinition, type Step } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { AuditRequest, ExecutionStart } from '../events/audit-request.ts';
import type { Trigger } from '../findings/finding.ts';
import { arnName, parseArn, parseAssumedRole } from '../iam/arn.ts';
import { matchesAny } from '../iam/glob.ts';
import { once } from '../once.ts';
import { pipelineOfExecution } from './execution.ts';
import {
  type Declaration,
  type FactName,
  type Facts,
  type Gap,
  gapOf,
  type ImageBucketFact,
  type JobFact,
} from './facts.ts';
import { ABSENT, found, notRead, type Read } from './read.ts';
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
  executions: { arn: string; trigger: Trigger; facts: GatheredFacts }[];
  /** The buckets that a pipeline's definition names as image inputs: they are looked at next. */
  imageInputs: readonly ImageInput[];
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
  /** The pipelines' image inputs that are known, by bucket. */
  imageInputs: ReadonlyMap<string, { pipelineName: string; step: string }>;
};

const NOTHING_MORE = { executions: [], imageInputs: [] };

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
      return {
        arn: request.resource.arn,
        facts: { gaps: found([]) },
        gone: request.deleted,
        ...NOTHING_MORE,
      };
    case 'user':
      throw new Error('TODO: Not implemented yet');
    case 'group':
      throw new Error('TODO: Not implemented yet');
    case 'policy':
      throw new Error('TODO: Not implemented yet');
    case 'organization':
      throw new Error('TODO: Not implemented yet');
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

const gatherPipeline = async (
  request: RequestOf<'pipeline'>,
  { reader }: GatherContext,
): Promise<Gathered> => {
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
  return {
    arn,
    facts: {
      pipeline,
      definition,
      overrides: found({}),
      gaps: found(gapsOf(definition)),
    },
    gone: false,
    executions: await Promise.all(
      request.executions
        .filter(({ parameters }) => Object.keys(parameters).length > 0)
        .map(async (start) => {
          const isOther = start.isVersionChosen && pipeline.ok;
          const ran = isOther ? await definitionOfExecution(start, reader) : definition;
          return {
            arn: start.executionArn ?? `${arn}/execution/${start.trigger.eventId}`,
            trigger: start.trigger,
            facts: {
              pipeline,
              definition: ran,
              overrides: found(start.parameters),
              gaps: found(isOther || !ran.ok ? gapsOf(ran) : []),
            },
          };
        }),
    ),
    imageInputs: definition.ok ? imageInputs(resolveScope(definition.value, request.name)) : [],
  };
};

const gapsOf = (definition: Read<Definition>): Gap[] =>
  definition.ok ? definition.value.unchecked.map(gapOf) : [definition.unread];

/** The definition of the version that an execution runs. */
const definitionOfExecution = async (
  { executionArn }: ExecutionStart,
  reader: Reader,
): Promise<Read<Definition>> => {
  if (executionArn === undefined) {
    return notRead(
      'DescribePipelineDefinitionForExecution',
      'NotNamed',
      'the event does not name the execution',
    );
  }
  const read = await reader.describeExecutionDefinition({
    executionId: arnName(executionArn),
    executionArn,
    kind: 'job',
  });
  return read.ok ? readDefinition(read.value.definitionText) : read;
};

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

/** A definition's text, parsed; one that cannot be parsed is a gap with its place. */
export const readDefinition = (text: string): Read<Definition> => {
  const parsed = parseDefinition(text);
  if (parsed.ok) return found(parsed.definition);
  const { line, column, message } = parsed.error;
  return notRead(`PipelineDefinition, line ${line}, column ${column}`, 'Unreadable', message);
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

const gatherBucket = async (request: RequestOf<'bucket'>, context: GatherContext): Promise<Gathered> => {
  const { name, resource } = request;
  if (request.deleted) return { arn: resource.arn, facts: {}, gone: true, ...NOTHING_MORE };
  const because = await imageBucketBecause(name, context);
  const imageBucket: Read<ImageBucketFact> = because.ok
    ? await readImageBucket(name, because.value, context.reader)
    : because;
  return {
    arn: resource.arn,
    facts: { imageBucket, gaps: found(imageBucket.ok ? [] : [imageBucket.unread]) },
    gone: false,
    ...NOTHING_MORE,
  };
};

const readImageBucket = async (
  name: string,
  because: string | undefined,
  reader: Reader,
): Promise<Read<ImageBucketFact>> => {
  if (because === undefined) return found({ name });
  const cors = await reader.getBucketCors(name);
  return cors.ok ? found({ name, because, cors: cors.value }) : cors;
};

/** Why a bucket is an image bucket; undefined where it is none. What the configuration says costs no call. */
const imageBucketBecause = async (
  name: string,
  { reader, config, imageInputs: inputs }: GatherContext,
): Promise<Read<string | undefined>> => {
  const { names = [], tags = {} } = config.imageBuckets ?? {};
  if (matchesAny(names, name)) return found('the configuration names it');
  const input = inputs.get(name);
  if (input) return found(`step ${input.step} of pipeline ${input.pipelineName} reads images from it`);
  const wanted = Object.entries(tags);
  if (wanted.length === 0) return found(undefined);
  const read = await reader.getBucketTags(name);
  if (!read.ok) return read;
  const [key, value] = wanted.find(([tag, text]) => read.value.get(tag) === text) ?? [];
  return found(key === undefined ? undefined : `it is tagged ${key}=${value}`);
};
