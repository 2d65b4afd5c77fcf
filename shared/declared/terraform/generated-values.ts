import { sagemakerArn } from '../../domain/arn.ts';
import { suffixOf } from '../../domain/regions.ts';
import type { Scope } from '../../domain/scope.ts';
import { member } from '../../json/json.ts';
import type { Value } from '../hcl/values.ts';
import { isMarked, type PlannedResource } from './plan.ts';
import { documentData } from './policy-document.ts';
import { scopeOf } from './provider-scope.ts';
import type { Derive, World } from './world.ts';

/** How the ARN and the id of a type of resources are made. `{…}` is an attribute of it, `$` its scope: `$p`, `$r`, `$a` and `$s`. */
type Form = {
  /** The attribute that a user may leave out, for which Terraform makes up a text. */
  name: string;
  arn?: string;
  /** The attribute that its id is. */
  id?: string;
  others?: Readonly<Record<string, string>>;
};

const sagemaker = (name: string, type: string, id = name): Form => ({
  name,
  id,
  arn: `arn:$p:sagemaker:$r:$a:${type}/{${name}}`,
});

/**
 * ARNs by the forms of the service authorization reference.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const FORMS: Readonly<Record<string, Form>> = {
  aws_iam_role: { name: 'name', id: 'name', arn: 'arn:$p:iam::$a:role{path}{name}' },
  aws_iam_user: { name: 'name', id: 'name', arn: 'arn:$p:iam::$a:user{path}{name}' },
  aws_iam_group: { name: 'name', id: 'name', arn: 'arn:$p:iam::$a:group{path}{name}' },
  aws_iam_policy: { name: 'name', id: 'arn', arn: 'arn:$p:iam::$a:policy{path}{name}' },
  aws_iam_instance_profile: { name: 'name', id: 'name', arn: 'arn:$p:iam::$a:instance-profile{path}{name}' },
  aws_iam_role_policy: { name: 'name' },
  aws_iam_user_policy: { name: 'name' },
  aws_iam_group_policy: { name: 'name' },
  aws_s3_bucket: { name: 'bucket', id: 'bucket', arn: 'arn:$p:s3:::{bucket}' },
  aws_sagemaker_pipeline: { name: 'pipeline_name', id: 'pipeline_name' },
  aws_sagemaker_model: sagemaker('name', 'model'),
  aws_sagemaker_endpoint: sagemaker('name', 'endpoint'),
  aws_sagemaker_endpoint_configuration: sagemaker('name', 'endpoint-config'),
  aws_sagemaker_model_package_group: sagemaker('model_package_group_name', 'model-package-group'),
  aws_sagemaker_feature_group: sagemaker('feature_group_name', 'feature-group'),
  aws_sagemaker_image: sagemaker('image_name', 'image'),
  aws_kms_key: { name: 'key_id', id: 'key_id', arn: 'arn:$p:kms:$r:$a:key/{key_id}' },
  aws_kms_alias: { name: 'name', id: 'name', arn: 'arn:$p:kms:$r:$a:{name}' },
  aws_sqs_queue: {
    name: 'name',
    id: 'url',
    arn: 'arn:$p:sqs:$r:$a:{name}',
    others: { url: 'https://sqs.$r.$s/$a/{name}' },
  },
  aws_sns_topic: { name: 'name', id: 'arn', arn: 'arn:$p:sns:$r:$a:{name}' },
  aws_lambda_function: {
    name: 'function_name',
    id: 'function_name',
    arn: 'arn:$p:lambda:$r:$a:function:{function_name}',
  },
  aws_cloudwatch_log_group: { name: 'name', id: 'name', arn: 'arn:$p:logs:$r:$a:log-group:{name}' },
  aws_dynamodb_table: { name: 'name', id: 'name', arn: 'arn:$p:dynamodb:$r:$a:table/{name}' },
  aws_ecr_repository: {
    name: 'name',
    id: 'name',
    arn: 'arn:$p:ecr:$r:$a:repository/{name}',
    others: { registry_id: '$a', repository_url: '$a.dkr.ecr.$r.$s/{name}' },
  },
  aws_sfn_state_machine: { name: 'name', id: 'arn', arn: 'arn:$p:states:$r:$a:stateMachine:{name}' },
  aws_codebuild_project: { name: 'name', id: 'arn', arn: 'arn:$p:codebuild:$r:$a:project/{name}' },
};

/** Ids that AWS makes up, and their forms. */
const MADE_UP: Readonly<Record<string, string>> = {
  'aws_iam_role.unique_id': 'AROA*',
  'aws_iam_user.unique_id': 'AIDA*',
  'aws_iam_group.unique_id': 'AGPA*',
  'aws_iam_policy.policy_id': 'ANPA*',
  'aws_kms_key.key_id': '*',
};

/** What follows from the type of a resource for an attribute that the plan does not tell. */
export const derived: Derive = (resource, attribute, world) => {
  const { type, mode } = resource;
  if (mode === 'data') return ofData(resource, attribute, world);
  const like = MADE_UP[`${type}.${attribute}`];
  if (like !== undefined) return madeUp(resource, attribute, like, world, 'nothing; AWS makes it up');
  if (type === 'aws_sagemaker_pipeline' && attribute === 'arn')
    return sagemakerArn(scopeOf(resource, world), `pipeline/${world.text(resource, 'pipeline_name') ?? ''}`);
  const form = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
  if (!form) return undefined;
  if (attribute === form.name) return nameOf(resource, attribute, world);
  if (attribute === 'id' && form.id) return world.text(resource, form.id);
  const pattern = attribute === 'arn' ? form.arn : form.others?.[attribute];
  return pattern && filled(pattern, resource, world);
};

const filled = (pattern: string, resource: PlannedResource, world: World): string => {
  const { partition, region, account } = scopeOf(resource, world);
  const scope: Readonly<Record<string, string>> = {
    ...{ p: partition, r: region, a: account },
    s: suffixOf(partition),
  };
  return pattern.replaceAll(/\$([pras])|\{(\w+)\}/g, (_, letter?: string, name?: string) =>
    letter === undefined
      ? (world.text(resource, name ?? '') ?? (name === 'path' ? '/' : ''))
      : (scope[letter] ?? ''),
  );
};

const madeUp = (
  { address }: PlannedResource,
  attribute: string,
  like: string,
  world: World,
  tell = `give ${address} a ${attribute}`,
): Value => world.ask({ name: `${address}.${attribute}`, like, by: 'generated', tell });

/**
 * A name that is left out begins with the prefix that is given, or with `terraform-`. Whether it is left out only the sources tell,
 * unless there is a prefix.
 */
const nameOf = (resource: PlannedResource, attribute: string, world: World): Value | undefined => {
  const key = attribute === 'bucket' ? 'bucket_prefix' : 'name_prefix';
  const marks = member(resource.unknown, key);
  const prefix = isMarked(marks) || resource.unknown === true ? undefined : member(resource.values, key);
  const isHidden = isMarked(member(resource.sensitive, key));
  if (typeof prefix === 'string' && prefix !== '')
    return madeUp(resource, attribute, isHidden ? '*' : `${prefix}*`, world);
  if (world.isSet(resource, attribute) !== false) return undefined;
  if (world.isSet(resource, key))
    return madeUp(resource, attribute, isHidden ? '*' : `${world.text(resource, key) ?? ''}*`, world);
  return madeUp(resource, attribute, 'terraform-*', world);
};

const ofData = (resource: PlannedResource, attribute: string, world: World): Value | undefined => {
  const scope = (): Scope => scopeOf(resource, world);
  switch (`${resource.type}.${attribute}`) {
    case 'aws_caller_identity.account_id':
    case 'aws_caller_identity.id':
      return scope().account;
    case 'aws_region.name':
    case 'aws_region.region':
    case 'aws_region.id':
      return scope().region;
    case 'aws_partition.partition':
    case 'aws_partition.id':
      return scope().partition;
    case 'aws_partition.dns_suffix':
      return suffixOf(scope().partition);
    case 'aws_iam_policy_document.json':
    case 'aws_iam_policy_document.minified_json':
      return documentData(world.part(resource), world);
    case 'aws_s3_bucket.arn':
      return filled('arn:$p:s3:::{bucket}', resource, world);
    default:
      return undefined;
  }
};
