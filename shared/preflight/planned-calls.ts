import { assume, type Context, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { type Request, serviceOf } from '../iam/decide/request.ts';
import type { Principal } from '../iam/policy/principal.ts';
import { NETWORK_KEYS } from '../iam/sets/network-limits.ts';
import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import { globalRegionOf } from '../reader/answers/trails.ts';
import { functionRolesIn, isCalledByCode } from './endpoints.ts';
import { type PlannedResource, type PlannedStack, resolvedText } from './planned-stacks.ts';

/** A call that a deployment makes once, or that its roles make afterwards. */
export type PlannedCall = {
  by: 'deployment' | 'role';
  /** Who calls, in a few words. */
  caller: string;
  region: string;
  request: Request;
  /** Whether the code of a function makes the call, from a VPC or outside; missing for calls that AWS or who deploys makes. */
  code?: 'in-vpc' | 'outside';
  /** All tags that the call gives to what it makes, by key in lower case, where they are known. */
  tags?: ReadonlyMap<string, string>;
};

/**
 * The first call by which CloudFormation makes a resource of a type. A test holds the list to the templates.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const CREATED_BY: Readonly<Record<string, string>> = {
  'AWS::CloudFormation::LambdaHook': 'cloudformation:ActivateType',
  'AWS::CloudFormation::StackSet': 'cloudformation:CreateStackSet',
  'AWS::CloudWatch::Alarm': 'cloudwatch:PutMetricAlarm',
  'AWS::CloudWatch::Dashboard': 'cloudwatch:PutDashboard',
  'AWS::DynamoDB::GlobalTable': 'dynamodb:CreateTable',
  'AWS::Events::Archive': 'events:CreateArchive',
  'AWS::Events::EventBus': 'events:CreateEventBus',
  'AWS::Events::EventBusPolicy': 'events:PutPermission',
  'AWS::Events::Rule': 'events:PutRule',
  'AWS::IAM::Role': 'iam:CreateRole',
  'AWS::KMS::Key': 'kms:CreateKey',
  'AWS::Lambda::EventSourceMapping': 'lambda:CreateEventSourceMapping',
  'AWS::Lambda::Function': 'lambda:CreateFunction',
  'AWS::Lambda::ResourcePolicy': 'lambda:PutResourcePolicy',
  'AWS::Logs::LogGroup': 'logs:CreateLogGroup',
  'AWS::S3::Bucket': 's3:CreateBucket',
  'AWS::S3::BucketPolicy': 's3:PutBucketPolicy',
  'AWS::Scheduler::Schedule': 'scheduler:CreateSchedule',
  'AWS::SNS::Topic': 'sns:CreateTopic',
  'AWS::SNS::TopicPolicy': 'sns:SetTopicAttributes',
  'AWS::SQS::Queue': 'sqs:CreateQueue',
  'AWS::SQS::QueuePolicy': 'sqs:SetQueueAttributes',
  'AWS::StepFunctions::StateMachine': 'states:CreateStateMachine',
};

/** The call by which CloudFormation begins to make a resource of a type; undefined for a type that no template has. */
export const createdBy = (type: string): string | undefined =>
  Object.hasOwn(CREATED_BY, type) ? CREATED_BY[type] : undefined;

/** The VPC of the functions, and the endpoint by which they reach a service, by the prefix of its actions, where one is known. */
export type CallNetwork = { vpc: string; endpoints: ReadonlyMap<string, string> };

/** The calls of a deployment and of its roles. */
export const plannedCalls = (stacks: readonly PlannedStack[], network?: CallNetwork): PlannedCall[] =>
  stacks.flatMap((stack) => [...deploymentCalls(stack), ...rolesCalls(stack, network)]);

const deploymentCalls = (stack: PlannedStack): PlannedCall[] => {
  const { region, deployRoleArn, executionRoleArn, resources } = stack;
  const calls: PlannedCall[] = [];
  if (deployRoleArn !== undefined)
    calls.push({
      by: 'deployment',
      caller: 'the deploy role of the CDK',
      region,
      request: requestOf(stack, roleOf(stack, deployRoleArn), 'cloudformation:CreateChangeSet'),
    });
  if (executionRoleArn === undefined) return calls;
  const principal = roleOf(stack, executionRoleArn);
  if (JSON.stringify(resources.map(({ properties }) => properties)).includes('"Fn::GetStackOutput"'))
    calls.push({
      by: 'deployment',
      caller: 'CloudFormation',
      region,
      request: requestOf(stack, principal, 'cloudformation:DescribeStacks'),
    });
  for (const resource of resources) {
    const action = createdBy(resource.type);
    if (action === undefined) continue;
    const tags = member(resource.properties, 'Tags') === undefined ? undefined : tagsOf(resource);
    const resourceArn = `arn:${stack.partition}:${serviceOf(action)}:${region}:${stack.account}:${stack.name}-${resource.id}`;
    calls.push({
      by: 'deployment',
      caller: 'CloudFormation',
      region,
      ...(tags && { tags }),
      request: requestOf(stack, principal, action, resourceArn, {
        ...tagContext(tags ?? new Map()),
        ...(action === 'iam:CreateRole' && { 'iam:PermissionsBoundary': boundaryOf(resource, stack) }),
      }),
    });
  }
  return calls;
};

/** The calls that the roles of a stack are allowed, each once for a role. */
const rolesCalls = (stack: PlannedStack, network: CallNetwork | undefined): PlannedCall[] => {
  const functionRoles = functionRolesIn(stack);
  return stack.resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .flatMap((role) => {
      const [path = '/', name = `${stack.name}-${role.id}-EXAMPLE`] = ['Path', 'RoleName'].map((key) =>
        asText(member(role.properties, key)),
      );
      const arn = `arn:${stack.partition}:iam::${stack.account}:role${path}${name}`;
      const principal: Principal = { ...roleOf(stack, arn), tags: tagsOf(role) };
      return asList(member(role.properties, 'Policies'))
        .flatMap((policy) => asList(member(member(policy, 'PolicyDocument'), 'Statement')))
        .flatMap((statement) => {
          const [first] = asList(member(statement, 'Resource'));
          const resource = exampleOf(first === undefined ? undefined : resolvedText(first, stack));
          return asList(member(statement, 'Action')).flatMap((text): PlannedCall[] => {
            const action = asText(text) ?? '';
            if (!/^[a-z0-9-]+:\w+$/.test(action) || member(statement, 'Effect') !== 'Allow') return [];
            const code =
              isCalledByCode(action) && !isForService(statement) ? functionRoles.get(role.id) : undefined;
            return [
              {
                by: 'role',
                caller: `${stack.name}-${role.id}`,
                region: stack.region,
                ...(code && { code }),
                request: requestOf(
                  stack,
                  principal,
                  action,
                  resource,
                  grantedContext(statement, stack),
                  code === 'in-vpc' ? fromVpc(serviceOf(action), network) : FROM_SERVICE,
                ),
              },
            ];
          });
        });
    });
};

/** Through an endpoint, a call tells the VPC and no address of the internet; else it is not known what it tells. */
const fromVpc = (service: string, network: CallNetwork | undefined): Context => {
  const endpoint = network?.endpoints.get(service);
  return endpoint === undefined || network === undefined
    ? DIRECT
    : assume(DIRECT, {
        'aws:SourceVpc': network.vpc,
        'aws:SourceVpce': endpoint,
        'aws:SourceIp': null,
      });
};

/**
 * What the conditions of a role’s own statement say of its calls. What a service asks of a key, it asks for the role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
 */
const grantedContext = (statement: Json, stack: PlannedStack): Record<string, ContextValue> => {
  const equals = member(member(statement, 'Condition'), 'StringEquals');
  const stated = Object.fromEntries(
    Object.entries(isObject(equals) ? equals : {}).flatMap(([key, value]) => {
      const [first] = asList(value);
      const text = first === undefined ? undefined : resolvedText(first, stack);
      return text === undefined ? [] : [[key, text]];
    }),
  );
  if (!isForService(statement)) return stated;
  return {
    ...stated,
    'aws:ViaAWSService': 'true',
    // Of the services that use our key, DynamoDB alone is told by this key.
    ...(stated['kms:ViaService']?.startsWith('dynamodb.') && { 'aws:CalledVia': 'dynamodb.amazonaws.com' }),
  };
};

/** Whether a statement of a role is for what a service asks of a key. */
const isForService = (statement: Json): boolean =>
  member(member(member(statement, 'Condition'), 'StringEquals'), 'kms:ViaService') !== undefined;

/** One resource that a pattern means. */
const exampleOf = (pattern: string | undefined): string | undefined =>
  pattern === '*' ? '*' : pattern?.replaceAll('*', 'example');

const roleOf = ({ account }: PlannedStack, arn: string): Principal => ({ kind: 'role', arn, account });

const tagsOf = ({ properties }: PlannedResource): Map<string, string> => {
  const tags = member(properties, 'Tags');
  const pairs = Array.isArray(tags)
    ? tags.map((tag) => [asText(member(tag, 'Key')), asText(member(tag, 'Value'))])
    : Object.entries(isObject(tags) ? tags : {}).map(([key, value]) => [key, asText(value)]);
  return new Map(
    pairs.flatMap(([key, value]) =>
      key === undefined || value === undefined ? [] : [[key.toLowerCase(), value] as const],
    ),
  );
};

const tagContext = (tags: ReadonlyMap<string, string>): Record<string, ContextValue> =>
  Object.fromEntries([...tags].map(([key, value]) => [`aws:RequestTag/${key}`, value]));

/** The permissions boundary that a role of the template gets; null where it gets none, which a policy may demand. */
const boundaryOf = ({ properties }: PlannedResource, stack: PlannedStack): ContextValue => {
  const boundary = member(properties, 'PermissionsBoundary');
  return boundary === undefined ? null : (resolvedText(boundary, stack) ?? []);
};

/** The ARNs of the permissions boundaries that the roles of stacks get, each once; undefined for one that the template does not tell. */
export const boundariesOf = (stacks: readonly PlannedStack[]): (string | undefined)[] => [
  ...new Set(
    stacks.flatMap((stack) =>
      stack.resources.flatMap(({ type, properties }) => {
        const boundary = type === 'AWS::IAM::Role' ? member(properties, 'PermissionsBoundary') : undefined;
        return boundary === undefined ? [] : [resolvedText(boundary, stack)];
      }),
    ),
  ),
];

/** What is known of every call. */
const DIRECT: Context = contextOf({
  'aws:ViaAWSService': 'false',
  'aws:CalledVia': null,
  'aws:SecureTransport': 'true',
  'aws:MultiFactorAuthPresent': null,
});

/**
 * What is known of a call by a role that AWS has assumed for a service, from outside every VPC. From which public address it
 * comes is not known.
 */
const FROM_SERVICE: Context = assume(
  DIRECT,
  Object.fromEntries(
    NETWORK_KEYS.flatMap((key): [string, ContextValue][] => (key === 'aws:sourceip' ? [] : [[key, null]])),
  ),
);

/** Services whose calls go to one Region of a partition. */
const GLOBAL = new Set(['iam', 'organizations']);

const requestOf = (
  { account, region, partition }: PlannedStack,
  principal: Principal,
  action: string,
  resource?: string,
  values: Readonly<Record<string, ContextValue>> = {},
  context: Context = FROM_SERVICE,
): Request => {
  const service = serviceOf(action);
  return {
    principal,
    action,
    resource: resource ?? `arn:${partition}:${service}:${region}:${account}:Pipewarden`,
    resourceAccount: account,
    context: assume(context, {
      'aws:RequestedRegion': GLOBAL.has(service) ? globalRegionOf(partition) : region,
      ...values,
    }),
  };
};
