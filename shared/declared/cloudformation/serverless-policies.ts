import type { Json, JsonObject } from '../../json/json.ts';

/** What a policy template of SAM allows: actions on ARNs, in which `${Name}` is the value of the parameter of that name. */
type PolicyTemplate = { parameters: readonly string[]; allows: readonly Allows[] };
type Allows = { actions: readonly string[]; on: readonly string[] };

/** Services whose ARNs have neither a Region nor an account. */
const regional = (service: string, resource: string): string =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;

const BUCKET = 'arn:${AWS::Partition}:s3:::${BucketName}';
const OBJECTS = `${BUCKET}/*`;
const TABLE = regional('dynamodb', 'table/${TableName}');

const of = (parameter: string, actions: readonly string[], ...on: string[]): PolicyTemplate => ({
  parameters: [parameter],
  allows: [{ actions, on }],
});

const S3_READ = [
  's3:GetObject',
  's3:ListBucket',
  's3:GetBucketLocation',
  's3:GetObjectVersion',
  's3:GetLifecycleConfiguration',
];

/**
 * The policy templates whose services matter to our controls. Of all others the text is not known here.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
 */
const TEMPLATES: ReadonlyMap<string, PolicyTemplate> = new Map([
  ['S3ReadPolicy', of('BucketName', S3_READ, BUCKET, OBJECTS)],
  [
    'S3WritePolicy',
    of('BucketName', ['s3:PutObject', 's3:PutObjectAcl', 's3:PutLifecycleConfiguration'], BUCKET, OBJECTS),
  ],
  [
    'S3CrudPolicy',
    of(
      'BucketName',
      [...S3_READ, 's3:PutObject', 's3:PutObjectAcl', 's3:PutLifecycleConfiguration', 's3:DeleteObject'],
      BUCKET,
      OBJECTS,
    ),
  ],
  [
    'S3FullAccessPolicy',
    {
      parameters: ['BucketName'],
      allows: [
        {
          actions: [
            ...['', 'Acl', 'Version', 'Tagging', 'VersionTagging'].map((what) => `s3:GetObject${what}`),
            ...['', 'Acl', 'Tagging', 'VersionTagging'].map((what) => `s3:PutObject${what}`),
            ...['', 'Tagging', 'VersionTagging'].map((what) => `s3:DeleteObject${what}`),
          ],
          on: [OBJECTS],
        },
        {
          actions: [
            's3:ListBucket',
            's3:GetBucketLocation',
            's3:GetLifecycleConfiguration',
            's3:PutLifecycleConfiguration',
          ],
          on: [BUCKET],
        },
      ],
    },
  ],
  [
    'SageMakerCreateEndpointPolicy',
    of('EndpointName', ['sagemaker:CreateEndpoint'], regional('sagemaker', 'endpoint/${EndpointName}')),
  ],
  [
    'SageMakerCreateEndpointConfigPolicy',
    of(
      'EndpointConfigName',
      ['sagemaker:CreateEndpointConfig'],
      regional('sagemaker', 'endpoint-config/${EndpointConfigName}'),
    ),
  ],
  ['KMSDecryptPolicy', of('KeyId', ['kms:Decrypt'], regional('kms', 'key/${KeyId}'))],
  ['KMSEncryptPolicy', of('KeyId', ['kms:Encrypt'], regional('kms', 'key/${KeyId}'))],
  [
    'KMSEncryptPolicy_v2',
    of(
      'KeyId',
      [
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:GenerateDataKeyPair',
        'kms:GenerateDataKeyPairWithoutPlaintext',
      ],
      regional('kms', 'key/${KeyId}'),
    ),
  ],
  [
    'LambdaInvokePolicy',
    of('FunctionName', ['lambda:InvokeFunction'], regional('lambda', 'function:${FunctionName}*')),
  ],
  [
    'SQSPollerPolicy',
    of(
      'QueueName',
      [
        'sqs:ChangeMessageVisibility',
        'sqs:ChangeMessageVisibilityBatch',
        'sqs:DeleteMessage',
        'sqs:DeleteMessageBatch',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
      ],
      regional('sqs', '${QueueName}'),
    ),
  ],
  ['SQSSendMessagePolicy', of('QueueName', ['sqs:SendMessage*'], regional('sqs', '${QueueName}'))],
  ['SNSPublishMessagePolicy', of('TopicName', ['sns:Publish'], regional('sns', '${TopicName}'))],
  [
    'EventBridgePutEventsPolicy',
    of('EventBusName', ['events:PutEvents'], regional('events', 'event-bus/${EventBusName}')),
  ],
  [
    'StepFunctionsExecutionPolicy',
    of('StateMachineName', ['states:StartExecution'], regional('states', 'stateMachine:${StateMachineName}')),
  ],
  [
    'DynamoDBReadPolicy',
    of(
      'TableName',
      ['GetItem', 'Scan', 'Query', 'BatchGetItem', 'DescribeTable'].map((each) => `dynamodb:${each}`),
      TABLE,
      `${TABLE}/index/*`,
    ),
  ],
  [
    'DynamoDBCrudPolicy',
    of(
      'TableName',
      [
        ...['GetItem', 'DeleteItem', 'PutItem', 'Scan', 'Query', 'UpdateItem', 'BatchWriteItem'],
        ...['BatchGetItem', 'DescribeTable', 'ConditionCheckItem'],
      ].map((each) => `dynamodb:${each}`),
      TABLE,
      `${TABLE}/index/*`,
    ),
  ],
]);

/** The parameters of a policy template that is known here; undefined for any other. */
export const templateParameters = (name: string): readonly string[] | undefined =>
  TEMPLATES.get(name)?.parameters;

/** The document of a policy template. `value`: of a parameter, or of a pseudo parameter of CloudFormation. */
export const policyOfTemplate = (name: string, value: (name: string) => string): JsonObject | undefined => {
  const template = TEMPLATES.get(name);
  return (
    template && {
      Statement: template.allows.map(
        ({ actions, on }): Json => ({
          Effect: 'Allow',
          Action: [...actions],
          Resource: on.map((arn) => arn.replaceAll(/\$\{([\w:]+)\}/g, (_, of: string) => value(of))),
        }),
      ),
    }
  );
};
