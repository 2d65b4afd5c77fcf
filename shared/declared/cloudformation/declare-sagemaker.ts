import { type JobKindId, jobKind } from '../../definition/job-kinds.ts';
import { sagemakerArn } from '../../domain/arn.ts';
import { asText, isObject, type Json } from '../../json/json.ts';
import {
  baseOf,
  type Declaring,
  entryOf,
  propertyOrigin,
  tagsProperty,
  textProperty,
} from './declared-parts.ts';
import { jsonProperty, objectInFile } from './embedded-text.ts';
import { NO_VALUE, part, UNKNOWN } from './evaluation.ts';
import type { Resource } from './resource.ts';
import type { StackScene } from './scene.ts';

/**
 * A pipeline as DescribePipeline answers it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-pipeline.html
 */
export const declarePipeline: Declaring = (resource, scene) => {
  const base = baseOf(resource, scene);
  const { name } = scene.named(resource);
  const definition = definitionOf(resource, scene);
  const roleArn = textProperty(resource, 'RoleArn', scene);
  if (roleArn === undefined)
    scene.report(propertyOrigin(resource, 'RoleArn'), `the role of the pipeline ${name} is unknown`);
  const parallelism = scene.known(scene.property(resource, 'ParallelismConfiguration'));
  const entry = entryOf(
    {
      PipelineArn: sagemakerArn(scene.scope, `pipeline/${name}`),
      PipelineName: name,
      PipelineDefinition: 'why' in definition ? undefined : definition.value,
      RoleArn: roleArn,
      ParallelismConfiguration: parallelism,
      Tags: tagsProperty(resource, scene),
    },
    resource.properties,
    scene,
  );
  return [{ type: 'pipeline', ...base, name, entry, ...('why' in definition && { why: definition.why }) }];
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-sagemaker-pipeline-pipelinedefinition.html */
const definitionOf = (resource: Resource, scene: StackScene): { value: Json } | { why: string } => {
  const body = jsonProperty(resource, scene, 'PipelineDefinition', 'PipelineDefinitionBody');
  const known = scene.known(body);
  if (typeof known === 'string' || isObject(known)) return { value: known };
  if (body !== NO_VALUE) return { why: 'its PipelineDefinitionBody holds what only the deployment tells' };
  const location = scene.property(resource, 'PipelineDefinition', 'PipelineDefinitionS3Location');
  if (location === NO_VALUE || location === UNKNOWN)
    return {
      why: 'its PipelineDefinition is neither a PipelineDefinitionBody nor a PipelineDefinitionS3Location',
    };
  const key = asText(scene.known(part(location, 'Key')));
  const asset = key === undefined ? undefined : scene.stack.assets?.get(key);
  return asset
    ? { value: objectInFile(asset, scene) }
    : { why: 'its definition is an object in S3, which is not among the files beside the template' };
};

/** The kinds of jobs that CloudFormation can make. */
export const JOB_TYPES: ReadonlyMap<string, JobKindId> = new Map([
  ['AWS::SageMaker::Model', 'model'],
  ['AWS::SageMaker::ModelPackage', 'model-package'],
  ['AWS::SageMaker::ProcessingJob', 'processing-job'],
]);

/** A job as its Describe call answers it: CloudFormation has the names of the API. */
export const declareJob =
  (kind: JobKindId): Declaring =>
  (resource, scene) => {
    const { nameField, arnField, roleFields } = jobKind(kind);
    const { name, arn } = scene.named(resource);
    const members = resource.propertyNames.map((property): [string, Json | undefined] => {
      const value = scene.property(resource, property);
      const isOfRole = roleFields.some((field) => field.split(/[.[]/)[0] === property);
      const known = scene.known(value);
      // A role that is unknown is one that nobody may take for none.
      if (known === undefined && value !== NO_VALUE && isOfRole)
        return [
          property,
          scene.fill({
            name: `${resource.id}.${property}`,
            by: 'given',
            tell: 'write the role into the template',
          }),
        ];
      return [property, known];
    });
    const entry = entryOf(
      { ...Object.fromEntries(members), [nameField]: name, [arnField]: arn },
      resource.properties,
      scene,
    );
    return [{ type: 'job', ...baseOf(resource, scene), kind, name, entry }];
  };
