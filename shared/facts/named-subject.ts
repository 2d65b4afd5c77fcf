import type { NamedRoles } from '../definition/named-roles.ts';
import type { Definition } from '../definition/parse.ts';
import { found, type Read } from '../reader/read-result.ts';
import type { PipelineSubject } from './facts.ts';
import type { GatherContext } from './gathered.ts';
import { namesRoles } from './read-pipeline-use.ts';

/** The account’s roles for a definition that may name them; undefined where it does not, or where they cannot be read. */
export const namedFor = async (
  definition: Read<Definition>,
  { evidence }: Pick<GatherContext, 'evidence'>,
): Promise<NamedRoles | undefined> => {
  const read = namesRoles(definition) ? await evidence.named() : undefined;
  return read?.ok ? read.value : undefined;
};

/** The pipeline with the roles of its account. */
export const subjectOf = (
  pipeline: Read<PipelineSubject>,
  named: NamedRoles | undefined,
): Read<PipelineSubject> =>
  pipeline.ok && named ? found({ ...pipeline.value, named }, pipeline.asOf) : pipeline;
