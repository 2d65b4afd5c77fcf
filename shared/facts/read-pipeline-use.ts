import type { Config } from '../config/schema.ts';
import type { NamedRoles } from '../definition/named-roles.ts';
import { type Definition, MAX_STEPS } from '../definition/parse.ts';
import { type Unread, unreadText } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import { type PipelineUse, pipelineUse } from '../needs/pipeline-use.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { notRead, type Read } from '../reader/read-result.ts';
import type { PipelineFact } from '../reader/reader.ts';
import { attempt } from './attempt.ts';

/** The definition of a pipeline, as far as it is known. */
export const definitionOf = (pipeline: Read<PipelineFact>): Read<Definition> => {
  if (!pipeline.ok) return pipeline;
  const { untoldDefinition, definitionText } = pipeline.value;
  return untoldDefinition ? { ok: false, unread: untoldDefinition } : readDefinition(definitionText);
};

/** Derives something from all steps together; not read if the definition has more steps than are read. */
export const ofAllSteps = <T>(
  pipeline: Read<PipelineFact>,
  definition: Read<Definition>,
  tell: (pipeline: PipelineFact, definition: Definition) => T,
): Read<T> => {
  if (!pipeline.ok) return pipeline;
  if (!definition.ok) return definition;
  if (definition.value.isCut)
    return notRead('PipelineDefinition', 'TooManySteps', `it has more than ${MAX_STEPS} steps`);
  return attempt('PipelineDefinition', () => tell(pipeline.value, definition.value));
};

/** What a pipeline needs of the account. If this fails, only this one pipeline counts as unread. */
export const readUse = (
  pipeline: Read<PipelineFact>,
  definition: Read<Definition>,
  scope: Scope,
  config: Config,
  named?: NamedRoles,
): Read<PipelineUse> =>
  ofAllSteps(pipeline, definition, (described, steps) => pipelineUse(described, steps, scope, config, named));

/** Whether a definition may name roles in another way than by their ARNs. Only steps on EMR do. */
export const namesRoles = (definition: Read<Definition>): boolean =>
  definition.ok && definition.value.steps.some(({ type }) => type === 'EMR');

/** A pipeline of which only the name is known and, if SageMaker describes it, the ARN and the role. */
export const unreadPipeline = (
  name: string,
  pipeline: Read<PipelineFact>,
  unread: Unread,
): UnreadPipeline => ({
  name,
  why: unreadText(unread),
  ...(pipeline.ok && { described: { arn: pipeline.value.arn, roleArn: pipeline.value.roleArn } }),
});

/** If the pipelines of a Region cannot be listed, unknown pipelines may use any role. */
export const unlistedPipelines = (unread: Unread, { region }: Scope): UnreadPipeline => ({
  name: `of ${region} that no list tells`,
  why: unreadText(unread),
});
