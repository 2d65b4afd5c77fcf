import { floorsFor } from '../authorised/pipeline-names.ts';
import { authorisedRoles } from '../authorised/roles.ts';
import { creatorPatterns } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { definitionMistakes } from '../definition/definition-mistakes.ts';
import type { Mistake } from '../definition/mistake.ts';
import type { Definition } from '../definition/parse.ts';
import { isManagedPipeline } from '../domain/arn.ts';
import type { Gap } from '../domain/gap.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { anyMatcher, matchesAny } from '../iam/policy/glob.ts';
import { remembered, rememberedPart } from '../memo.ts';
import { inputBuckets } from '../needs/inputs.ts';
import { type PipelineUse, stepsWithRoles } from '../needs/pipeline-use.ts';
import { rolesAsked, type UnreadPipeline } from '../needs/roster.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { outsideScope } from '../reader/outside-scope.ts';
import { ABSENT, found, isLeftOut, NOT_IN_SNAPSHOT, notRead, type Read } from '../reader/read-result.ts';
import type { PipelineFact, PipelineVersion } from '../reader/reader.ts';

import type { AuditRequest, RequestOf } from '../requests/audit-request.ts';
import { bucketRequest, followedBucket, principalRequest } from '../requests/resource-requests.ts';
import type { IsolationFact } from './facts.ts';
import { gapOf } from './gap-of.ts';
import { gatherExecutions } from './gather-executions.ts';
import { gatherManagedPipeline } from './gather-managed-pipeline.ts';
import {
  type Fact,
  type GatherContext,
  type Gathered,
  notApplicable,
  notKnown,
  withoutFacts,
} from './gathered.ts';
import { namedFor, subjectOf } from './named-subject.ts';
import { sharesOf } from './pipeline-shares.ts';
import { definitionOf, ofAllSteps, readUse, unreadPipeline } from './read-pipeline-use.ts';

export const gatherPipeline = async (
  request: RequestOf<'pipeline'>,
  context: GatherContext,
): Promise<Gathered<'pipeline'>> => {
  if (isManagedPipeline(request.resource.arn)) return gatherManagedPipeline(request, context);
  const { reader } = context;
  const read =
    outsideScope(request.resource.arn, 'DescribePipeline', reader) ??
    (await reader.describePipeline(request.name));
  const isMissing = !read.ok && [ABSENT, NOT_IN_SNAPSHOT].includes(read.unread.code);
  if (request.deleted && isMissing) {
    const { arn } = request.resource;
    const executions = await gatherExecutions(request, { pipeline: read, definition: read, arn }, context);
    const follow = await rolesThatMayHaveServed(request, context);
    return withoutFacts('pipeline', notApplicable('it was deleted'), { arn, gone: true, executions, follow });
  }
  const pipeline = isMissing ? pipelineInEvent(request, read) : read;
  const arn = pipeline.ok ? pipeline.value.arn : request.resource.arn;
  const definition = definitionOf(pipeline);
  const named = await namedFor(definition, context);
  const use = readUse(pipeline, definition, reader.scope, context.config, named);
  const asked = use.ok ? use.value : unreadPipeline(request.name, pipeline, use.unread);
  const versions = pipeline.ok ? await versionsOf(request.name, context) : pipeline;
  const { follow, left } = await followUps(asked, request, context);
  return {
    type: 'pipeline',
    arn,
    facts: {
      pipeline: subjectOf(pipeline, named),
      definition,
      mistakes: mistakesOf(pipeline, definition),
      overrides: found({}),
      isolation: isolationOf(pipeline, definition),
      versions,
      shares: pipeline.ok ? await sharesOf(arn, context) : pipeline,
      gaps: found([...gapsOf(definition, use), ...left]),
    },
    gone: false,
    executions: await gatherExecutions(request, { pipeline, definition, arn }, context),
    use: asked,
    ...(isMissing && { isUseOfEvent: true }),
    follow,
  };
};

/** SageMaker accepts no definition with mistakes, so that only what is not deployed yet can have some. */
const mistakesOf = (pipeline: Read<PipelineFact>, definition: Read<Definition>): Fact<readonly Mistake[]> =>
  pipeline.ok && pipeline.value.isDeclared && definition.ok
    ? found(definitionMistakes(pipeline.value.definitionText, definition.value))
    : notApplicable('SageMaker has accepted the definition');

/** Only a floor holds anything against versions. A snapshot need not hold them. */
const versionsOf = async (
  name: string,
  { config, reader }: GatherContext,
): Promise<Fact<readonly PipelineVersion[]>> => {
  if (floorsFor(name, config).length === 0) return notApplicable('no version floor is for it');
  const versions = await reader.listPipelineVersions(name);
  const isNotAsked = !versions.ok && isLeftOut(versions.unread);
  return isNotAsked ? notKnown('nothing that was read tells its versions') : versions;
};

/** How the steps of the pipeline share roles. */
const isolationOf = (pipeline: Read<PipelineFact>, definition: Read<Definition>): Read<IsolationFact> =>
  ofAllSteps(pipeline, definition, (described, steps) => ({
    of: 'pipeline',
    executionRoleArn: described.roleArn,
    steps: stepsWithRoles(described, steps),
  }));

/**
 * At most this many buckets and roles are looked at because of one pipeline: each of them costs calls and has
 * findings.
 */
const MAX_FOLLOWED = 100;

/**
 * What is looked at after a pipeline: its image buckets, the buckets of its inputs and, if an event asked for the look, its roles and the
 * principals that must pass them. A full audit looks at every listed principal anyway, so it adds only used roles
 * that the listing lacks. `left` says how many were left out.
 */
const followUps = async (
  asked: PipelineUse | UnreadPipeline,
  request: RequestOf<'pipeline'>,
  context: GatherContext,
): Promise<{ follow: AuditRequest[]; left: Gap[] }> => {
  if ('why' in asked && !asked.described) return { follow: [], left: [] };
  // With whom it is shared makes no difference to what it asks of roles.
  const isOnlyShared = request.changed.length > 0 && request.changed.every((each) => each === 'sharing');
  const trigger = isOnlyShared ? undefined : request.trigger;
  const { reader, config, evidence } = context;
  const changed: readonly 'uses'[] = trigger ? ['uses'] : [];
  const because = { trigger, changed };
  const read = await evidence.identities('outline');
  const known = read.ok ? read.value.byArn : undefined;
  const used = [...rolesAsked(asked), ...(await rolesBefore(request, context))];
  const roles = fewOf('roles', trigger ? used : used.filter((arn) => known && !known.has(arn)));
  const buckets = fewOf('image buckets', 'why' in asked ? [] : asked.imageInputs.map(({ bucket }) => bucket));
  const inputs = fewOf('buckets of inputs', 'why' in asked ? [] : inputBuckets(asked));
  const creators = trigger && read.ok ? creatorsAmong(read.value.identities)(config) : [];
  return {
    follow: [
      ...buckets.shown.map((bucket) => bucketRequest(bucket, reader, because)),
      ...inputs.shown.map((bucket) => followedBucket(bucket, reader, because)),
      ...[...roles.shown, ...creators].flatMap((arn) => principalRequest(arn, because)),
    ],
    left: [...buckets.left, ...inputs.left, ...roles.left],
  };
};

/**
 * The roles that the pipeline used before it was updated. A role that has lost its pipeline is looked at too: what was
 * right for the pipeline’s role may be wrong for a role that no pipeline uses.
 */
const rolesBefore = async (
  { name, definitionChanges = [] }: RequestOf<'pipeline'>,
  context: GatherContext,
): Promise<string[]> => {
  const { reader, config } = context;
  const made = definitionChanges.flatMap(({ versionId = 0 }) => (versionId > 1 ? versionId : []));
  if (made.length === 0) return [];
  const before = await reader.describePipelineVersion(name, Math.min(...made) - 1);
  if (!before.ok) return [];
  const definition = readDefinition(before.value.definitionText);
  const use = readUse(before, definition, reader.scope, config, await namedFor(definition, context));
  return use.ok ? [...rolesAsked(use.value)] : [before.value.roleArn];
};

/**
 * The roles to look at after a deletion. AWS no longer tells which roles the deleted pipeline used, so these are the
 * roles that the configuration names for pipelines. If there are more than `MAX_FOLLOWED`, the next sweep looks at the
 * others.
 */
const rolesThatMayHaveServed = async (
  { trigger }: RequestOf<'pipeline'>,
  { config, evidence }: GatherContext,
): Promise<AuditRequest[]> => {
  const read = trigger ? await evidence.identities('outline') : undefined;
  if (!read?.ok) return [];
  const named = authorisedRoles(config);
  const roles = [...read.value.byArn.keys()].filter((arn) => matchesAny(named, arn));
  return roles.slice(0, MAX_FOLLOWED).flatMap((arn) => principalRequest(arn, { trigger, changed: ['uses'] }));
};

/** Found once, as thousands of principals are compared at each change of a pipeline. */
const creatorsAmong = remembered((identities: readonly Identity[]) =>
  rememberedPart((config: Config): readonly string[] => {
    const isCreator = anyMatcher(creatorPatterns(config));
    return identities.flatMap(({ principal: { arn } }) => (isCreator(arn) ? arn : []));
  }),
);

const fewOf = (what: string, all: readonly string[]): { shown: string[]; left: Gap[] } => {
  const distinct = [...new Set(all)];
  const shown = distinct.slice(0, MAX_FOLLOWED);
  const more = distinct.length - shown.length;
  const message = `${more} more ${what} of the pipeline are not looked at`;
  return { shown, left: more > 0 ? [{ call: `further ${what}`, code: 'TooMany', message }] : [] };
};

const gapsOf = (definition: Read<Definition>, use: Read<PipelineUse>): Gap[] =>
  definition.ok
    ? [...definition.value.unchecked.map(gapOf), ...(use.ok ? [] : [use.unread])]
    : [definition.unread];

/** The pipeline from its event, if it was deleted before the look or a snapshot lacks it. */
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
