import type { Json, JsonObject } from '../../json/json.ts';
import type { DeclaredResource } from '../declared.ts';
import { textOf, Untold } from '../hcl/values.ts';
import type { Declares } from './declared-iam.ts';
import type { PlannedResource } from './plan.ts';
import { scopeOf } from './provider-scope.ts';
import { documentFrom, documentOf } from './resource-values.ts';
import type { Part, World } from './world.ts';

const pipeline: Declares = (resource, world) => {
  const name = world.text(resource, 'pipeline_name') ?? '';
  const role = world.text(resource, 'role_arn');
  const definition = definitionOf(resource, world);
  const entry: JsonObject = {
    PipelineName: name,
    PipelineArn: world.text(resource, 'arn') ?? '',
    ...(role !== undefined && { RoleArn: role }),
    ...('definition' in definition && { PipelineDefinition: definition.definition }),
  };
  const origin = world.originOf(resource);
  world.origins.set(entry, origin);
  const declared: DeclaredResource = {
    type: 'pipeline',
    address: resource.address,
    scope: scopeOf(resource, world),
    origin,
    name,
    entry,
    ...('why' in definition && { why: definition.why }),
  };
  return [declared];
};

const UNTOLD = 'its definition cannot be told before the deployment';

const definitionOf = (resource: PlannedResource, world: World): { definition: Json } | { why: string } => {
  const own = documentOf(resource, 'pipeline_definition', world);
  if (own === undefined) return { why: UNTOLD };
  if (own !== null) return { definition: own };
  try {
    const [place] = world.part(resource).blocks('pipeline_definition_s3_location');
    return place ? inBucket(place, world) : { why: 'it has no definition' };
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    return { why: UNTOLD };
  }
};

const OBJECTS = ['aws_s3_object', 'aws_s3_bucket_object'];

/** A definition in a bucket is known where the same plan writes the object. */
const inBucket = (place: Part, world: World): { definition: Json } | { why: string } => {
  const [bucket, key] = ['bucket', 'object_key'].map((name) => textOf(place.attribute(name) ?? null));
  const object = OBJECTS.flatMap((type) => world.model.byType.get(type) ?? []).find(
    (each) => world.text(each, 'bucket') === bucket && world.text(each, 'key') === key,
  );
  const why =
    'its definition is an object in S3 that the plan does not hold; write it with pipeline_definition';
  if (!object) return { why };
  const content = world.part(object).attribute('content') ?? null;
  if (content !== null)
    return { definition: documentFrom(content, world.originOf(object, 'content'), world) };
  const source = world.text(object, 'source');
  const text = source === undefined ? undefined : world.model.sources?.text(source);
  return text === undefined
    ? { why }
    : { definition: documentFrom(text, world.originOf(object, 'source'), world) };
};

const model: Declares = (resource, world) => {
  const name = world.text(resource, 'name') ?? '';
  const role = world.text(resource, 'execution_role_arn');
  const entry: JsonObject = {
    ModelName: name,
    ModelArn: world.text(resource, 'arn') ?? '',
    ...(role !== undefined && { ExecutionRoleArn: role }),
  };
  const origin = world.originOf(resource);
  world.origins.set(entry, origin);
  return [
    {
      type: 'job',
      kind: 'model',
      address: resource.address,
      scope: scopeOf(resource, world),
      origin,
      name,
      entry,
    },
  ];
};

/** What each type of resources of SageMaker declares. */
export const SAGEMAKER: Readonly<Record<string, Declares>> = {
  aws_sagemaker_pipeline: pipeline,
  aws_sagemaker_model: model,
};
