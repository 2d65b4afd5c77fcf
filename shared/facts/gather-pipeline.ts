import type { Definition } from '../definition/parse.ts';
import type { Gap } from '../domain/gap.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { type PipelineUse, pipelineUse, stepsWithRoles } from '../needs/pipeline-use.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { outsideScope } from '../reader/outside-scope.ts';
import { ABSENT, found, notRead, type Read } from '../reader/read.ts';
import type { PipelineFact } from '../reader/reader.ts';
import { NOT_IN_SNAPSHOT } from '../reader/snapshot/files.ts';
import type { AuditRequest, RequestOf } from '../requests/audit-request.ts';
import { bucketRequest, principalRequest } from '../requests/resource-requests.ts';
import type { IsolationFact } from './facts.ts';
import { gapOf } from './gap-of.ts';
import { gatherExecutions } from './gather-executions.ts';
import type { GatherContext, Gathered } from './gathered.ts';

export const gatherPipeline = async (
  request: RequestOf<'pipeline'>,
  context: GatherContext,
): Promise<Gathered> => {
  const { reader } = context;
  const read =
    outsideScope(request.resource.arn, 'DescribePipeline', reader) ??
    (await reader.describePipeline(request.name));
  const isMissing = !read.ok && [ABSENT, NOT_IN_SNAPSHOT].includes(read.unread.code);
  if (request.deleted && isMissing) {
    const { arn } = request.resource;
    const executions = await gatherExecutions(request, { pipeline: read, definition: read, arn }, context);
    return { arn, facts: {}, gone: true, executions };
  }
  const pipeline = isMissing ? pipelineInEvent(request, read) : read;
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
  const changed: readonly 'uses'[] = trigger ? ['uses'] : [];
  const because = { trigger, changed };
  const buckets = use.imageInputs.map(({ bucket }) => bucketRequest(bucket, reader, because));
  const read = await evidence.identities();
  const roles = use.roles.map(({ roleArn }) => roleArn);
  if (!trigger) {
    const missing = read.ok ? roles.filter((arn) => !read.value.byArn.has(arn)) : [];
    return [...buckets, ...missing.flatMap((arn) => principalRequest(arn))];
  }
  const creators = (read.ok ? read.value.identities : [])
    .map(({ principal }) => principal.arn)
    .filter((arn) => matchesAny(config.roles?.creators ?? [], arn));
  return [...buckets, ...[...roles, ...creators].flatMap((arn) => principalRequest(arn, because))];
};

const gapsOf = (definition: Read<Definition>): Gap[] =>
  definition.ok ? definition.value.unchecked.map(gapOf) : [definition.unread];

/** The pipeline as its event carried it, for one that was deleted before anybody looked, or that a snapshot lacks. */
const pipelineInEvent = (request: RequestOf<'pipeline'>, absent: Read<PipelineFact>): Read<PipelineFact> => {
  const { definitionText, roleArn } = request.definitionChanges?.at(-1) ?? {};
  if (definitionText === undefined || roleArn === undefined) {
    return absent.ok || absent.unread.code !== ABSENT || !request.trigger
      ? absent
      : notRead(
          absent.unread.call,
          ABSENT,
          `${absent.unread.message}; it was deleted since, and its event does not hold the definition`,
        );
  }
  return found({ name: request.name, arn: request.resource.arn, roleArn, definitionText });
};
