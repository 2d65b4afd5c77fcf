/**
 * How AWS names resources of a type, and what references to it give. In ARNs, `{name}` is the name, `{path}` the property Path, `{region}` and
 * `{account}` those of the stack.
 */
export type ResourceForm = {
  /** The property that gives the name; AWS makes one up where it is missing. */
  name?: string;
  /** What the property has in front of the name. */
  without?: string;
  /** Another property that makes names of another form. */
  prefix?: string;
  /** The longest name, in characters: longer generated ones lose a part of the stack’s and the resource’s. */
  longest?: number;
  /** How AWS makes up a name: from those of the stack and the resource, the same in lower case, or without them. */
  generated?: 'stack' | 'lower-case' | 'id';
  arn?: string;
  /** What `Ref` gives: the name by default, its ARN, or another text with the same places to fill. */
  ref?: 'arn' | { text: string };
  /** What `Fn::GetAtt` gives by attribute, besides `Arn`. `arn` and `name` stand for those; other texts have places to fill. */
  attributes?: Readonly<Record<string, string>>;
};

const sagemaker = (type: string, noun: string, ref: 'arn' | 'name'): ResourceForm => ({
  name: `${noun}Name`,
  longest: 63,
  generated: 'id',
  arn: `sagemaker:{region}:{account}:${type}/{name}`,
  ...(ref === 'arn' && { ref }),
  attributes: { [`${noun}Arn`]: 'arn', [`${noun}Name`]: 'name' },
});

const iam = (kind: string, name: string, longest: number): ResourceForm => ({
  name,
  longest,
  arn: `iam::{account}:${kind}{path}{name}`,
});

/**
 * The types of which policies and pipelines speak. What `Ref` and the attributes give is in each type’s “Return values”, the
 * ARNs in the service authorization reference, generated names in “Name type”.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
 */
const FORMS: Readonly<Record<string, ResourceForm>> = {
  'AWS::IAM::Role': iam('role', 'RoleName', 64),
  'AWS::IAM::User': iam('user', 'UserName', 64),
  'AWS::IAM::Group': iam('group', 'GroupName', 128),
  'AWS::IAM::InstanceProfile': iam('instance-profile', 'InstanceProfileName', 128),
  'AWS::IAM::ManagedPolicy': {
    ...iam('policy', 'ManagedPolicyName', 128),
    ref: 'arn',
    attributes: { PolicyArn: 'arn' },
  },
  'AWS::IAM::Policy': { name: 'PolicyName' },
  'AWS::IAM::SAMLProvider': {
    name: 'Name',
    longest: 128,
    arn: 'iam::{account}:saml-provider/{name}',
    ref: 'arn',
  },
  'AWS::IAM::OIDCProvider': {
    name: 'Url',
    without: 'https://',
    arn: 'iam::{account}:oidc-provider/{name}',
    ref: 'arn',
  },
  'AWS::SageMaker::Pipeline': { name: 'PipelineName', arn: 'sagemaker:{region}:{account}:pipeline/{name}' },
  'AWS::SageMaker::Model': sagemaker('model', 'Model', 'arn'),
  'AWS::SageMaker::ModelPackage': sagemaker('model-package', 'ModelPackage', 'arn'),
  'AWS::SageMaker::ModelPackageGroup': sagemaker('model-package-group', 'ModelPackageGroup', 'arn'),
  'AWS::SageMaker::ProcessingJob': sagemaker('processing-job', 'ProcessingJob', 'arn'),
  'AWS::SageMaker::Endpoint': sagemaker('endpoint', 'Endpoint', 'arn'),
  'AWS::SageMaker::EndpointConfig': sagemaker('endpoint-config', 'EndpointConfig', 'arn'),
  'AWS::SageMaker::FeatureGroup': sagemaker('feature-group', 'FeatureGroup', 'name'),
  'AWS::SageMaker::Image': sagemaker('image', 'Image', 'arn'),
  'AWS::SageMaker::NotebookInstance': sagemaker('notebook-instance', 'NotebookInstance', 'arn'),
  'AWS::SageMaker::MlflowTrackingServer': {
    name: 'TrackingServerName',
    arn: 'sagemaker:{region}:{account}:mlflow-tracking-server/{name}',
    attributes: { TrackingServerArn: 'arn' },
  },
  'AWS::S3::Bucket': {
    name: 'BucketName',
    prefix: 'BucketNamePrefix',
    longest: 63,
    generated: 'lower-case',
    arn: 's3:::{name}',
    attributes: {
      DomainName: '{name}.s3.{suffix}',
      RegionalDomainName: '{name}.s3.{region}.{suffix}',
      DualStackDomainName: '{name}.s3.dualstack.{region}.{suffix}',
      WebsiteURL: 'http://{name}.s3-website.{region}.{suffix}',
    },
  },
  'AWS::KMS::Key': {
    generated: 'id',
    arn: 'kms:{region}:{account}:key/{name}',
    attributes: { KeyId: 'name' },
  },
  'AWS::KMS::ReplicaKey': {
    generated: 'id',
    arn: 'kms:{region}:{account}:key/{name}',
    attributes: { KeyId: 'name' },
  },
  'AWS::KMS::Alias': { name: 'AliasName', arn: 'kms:{region}:{account}:{name}' },
  'AWS::Lambda::Function': {
    name: 'FunctionName',
    longest: 64,
    arn: 'lambda:{region}:{account}:function:{name}',
  },
  'AWS::Serverless::Function': {
    name: 'FunctionName',
    longest: 64,
    arn: 'lambda:{region}:{account}:function:{name}',
  },
  'AWS::Serverless::StateMachine': {
    name: 'Name',
    generated: 'id',
    arn: 'states:{region}:{account}:stateMachine:{name}',
    ref: 'arn',
    attributes: { Name: 'name' },
  },
  'AWS::Serverless::SimpleTable': {
    name: 'TableName',
    longest: 255,
    arn: 'dynamodb:{region}:{account}:table/{name}',
  },
  'AWS::SNS::Topic': {
    name: 'TopicName',
    longest: 256,
    arn: 'sns:{region}:{account}:{name}',
    ref: 'arn',
    attributes: { TopicArn: 'arn', TopicName: 'name' },
  },
  'AWS::SQS::Queue': {
    name: 'QueueName',
    longest: 80,
    arn: 'sqs:{region}:{account}:{name}',
    ref: { text: 'https://sqs.{region}.{suffix}/{account}/{name}' },
    attributes: { QueueName: 'name', QueueUrl: 'https://sqs.{region}.{suffix}/{account}/{name}' },
  },
  'AWS::DynamoDB::Table': {
    name: 'TableName',
    longest: 255,
    arn: 'dynamodb:{region}:{account}:table/{name}',
  },
  'AWS::Logs::LogGroup': {
    name: 'LogGroupName',
    longest: 512,
    arn: 'logs:{region}:{account}:log-group:{name}:*',
  },
  'AWS::ECR::Repository': {
    name: 'RepositoryName',
    longest: 256,
    generated: 'lower-case',
    arn: 'ecr:{region}:{account}:repository/{name}',
    attributes: { RepositoryUri: '{account}.dkr.ecr.{region}.{suffix}/{name}' },
  },
  'AWS::SSM::Parameter': {
    name: 'Name',
    generated: 'id',
  },
  'AWS::StepFunctions::StateMachine': {
    name: 'StateMachineName',
    generated: 'id',
    arn: 'states:{region}:{account}:stateMachine:{name}',
    ref: 'arn',
    attributes: { Name: 'name' },
  },
  'AWS::CodeBuild::Project': {
    name: 'Name',
    generated: 'id',
    arn: 'codebuild:{region}:{account}:project/{name}',
  },
  'AWS::CodePipeline::Pipeline': {
    name: 'Name',
    longest: 100,
    arn: 'codepipeline:{region}:{account}:{name}',
  },
  'AWS::Kinesis::Stream': {
    name: 'Name',
    longest: 128,
    arn: 'kinesis:{region}:{account}:stream/{name}',
  },
  'AWS::KinesisFirehose::DeliveryStream': {
    name: 'DeliveryStreamName',
    longest: 64,
    arn: 'firehose:{region}:{account}:deliverystream/{name}',
  },
};

/** The types that make stacks of their own, of which another template tells. */
const NESTING: ReadonlySet<string> = new Set(['AWS::CloudFormation::Stack', 'AWS::Serverless::Application']);

export const isNesting = (type: string): boolean => NESTING.has(type);

const NO_FORM: ResourceForm = {};

/** The form of a type’s names; without fields where nothing is known of it. */
export const resourceForm = (type: string): ResourceForm =>
  Object.hasOwn(FORMS, type) ? (FORMS[type] ?? NO_FORM) : NO_FORM;

/** How much of the stack’s and of the resource’s name a generated name surely keeps. */
const KEPT = 20;

/**
 * A pattern of the names that AWS makes up for a resource: `<stack>-<logical id>-<random>`, where long names are cut.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
 */
export const generatedPattern = (
  { generated = 'stack', longest }: ResourceForm,
  stack: string | undefined,
  id: string,
): string | undefined => {
  if (generated === 'id' || longest === undefined) return undefined;
  const kept = (text: string): string => (text.length > KEPT ? `${text.slice(0, KEPT)}*` : text);
  const pattern = `${stack === undefined ? '*' : kept(stack)}-${kept(id)}-*`;
  return generated === 'lower-case' ? pattern.toLowerCase() : pattern;
};
