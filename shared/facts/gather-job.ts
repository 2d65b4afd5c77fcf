import type { ExecutionRef } from '../definition/execution-ref.ts';
import { resolveScope, resolveText } from '../definition/expression.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { isStepNamed, parseJobName } from '../definition/job-name.ts';
import type { Step } from '../definition/parse.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { stepRoles } from '../definition/step-values.ts';
import { parseAssumedRole, pipelineOfExecution } from '../domain/arn.ts';
import type { Gap } from '../domain/gap.ts';
import { once } from '../memo.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { outsideScope } from '../reader/outside-scope.ts';
import { found, type Read } from '../reader/read.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import type { Declaration, JobFact } from './facts.ts';
import { type GatherContext, type Gathered, NOTHING_MORE } from './gathered.ts';

export const gatherJob = async (request: RequestOf<'job'>, context: GatherContext): Promise<Gathered> => {
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
    howStarted: async () => (await recall())?.started,
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
  stepTypesOf(kind).some((type) => type === step.type) &&
  (stepNameStart === undefined || isStepNamed(step.name, stepNameStart, kind));
