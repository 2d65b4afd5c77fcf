import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  DescribeTypeCommand,
  GetTemplateCommand,
  paginateListImports,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { parseArn } from '../../domain/arn.ts';
import { INTAKE_BUS } from '../../domain/member-roles.ts';
import { parseJson } from '../../json/json-text.ts';
import type { DescribedKey, DescribedTopic } from '../../preflight/key-rows.ts';
import type { InVpc, RouteTable, VpcEndpoint } from '../../preflight/network-rows.ts';
import { reservedIn, resourcesOf } from '../../preflight/planned-stacks.ts';
import { type DeployedStack, isStackMade, type WatchingHub } from '../../preflight/preflight-rows.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { accessAsUnread } from '../read/access-error.ts';
import { call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** Few attempts, so that a Region which does not answer delays nobody for long. */
const configOf = (options: ClientOptions) =>
  clientConfig({ ...options, maxAttempts: 3, requestMillis: 5000 });

/** One call, with a client that ends with it. Where no call can succeed, that is an answer as well: of this Region or service. */
const asked = async <Client extends { destroy(): void }, Output>(
  name: string,
  client: Client,
  send: (client: Client) => Promise<Output>,
): Promise<Read<Output>> => {
  try {
    return await call(name, () => send(client));
  } catch (error) {
    return accessAsUnread(name, error);
  } finally {
    client.destroy();
  }
};

/** Whether AWS takes the credentials in the Region of the options. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const askRegion = (options: ClientOptions): Promise<Read<unknown>> =>
  asked('GetCallerIdentity', namingActions('sts', new STSClient(configOf(options))), (client) =>
    client.send(new GetCallerIdentityCommand({})),
  );

/** The version of the CDK’s bootstrap, as its parameter holds it. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
export const askBootstrap = async (options: ClientOptions, parameter: string): Promise<Read<string>> => {
  const read = await asked('GetParameter', namingActions('ssm', new SSMClient(configOf(options))), (client) =>
    client.send(new GetParameterCommand({ Name: parameter })),
  );
  return read.ok ? found(read.value.Parameter?.Value ?? '') : read;
};

/** Whether a managed policy is there. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html */
export const askPolicy = (options: ClientOptions, arn: string): Promise<Read<unknown>> =>
  asked('GetPolicy', namingActions('iam', new IAMClient(configOf(options))), (client) =>
    client.send(new GetPolicyCommand({ PolicyArn: arn })),
  );

/** The concurrency of an account in a Region. https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
export const askConcurrency = async (
  options: ClientOptions,
): Promise<Read<{ limit: number; unreserved: number }>> => {
  const name = 'GetAccountSettings';
  const read = await asked(name, namingActions('lambda', new LambdaClient(configOf(options))), (client) =>
    client.send(new GetAccountSettingsCommand({})),
  );
  if (!read.ok) return read;
  const { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved } =
    read.value.AccountLimit ?? {};
  return limit === undefined || unreserved === undefined
    ? notRead(name, INCOMPLETE, 'the answer holds no limits')
    : found({ limit, unreserved });
};

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html */
export const askSecurityHub = (options: ClientOptions): Promise<Read<unknown>> =>
  asked('DescribeHub', namingActions('securityhub', new SecurityHubClient(configOf(options))), (client) =>
    client.send(new DescribeHubCommand({})),
  );

const cloudformation = (options: ClientOptions) =>
  namingActions('cloudformation', new CloudFormationClient(configOf(options)));

/** Whether CloudFormation knows a type. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeType.html */
export const askType = (options: ClientOptions, type: string): Promise<Read<unknown>> =>
  asked('DescribeType', cloudformation(options), (client) =>
    client.send(new DescribeTypeCommand({ Type: 'RESOURCE', TypeName: type })),
  );

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export const askStack = async (options: ClientOptions, name: string): Promise<DeployedStack> => {
  const read = await asked('DescribeStacks', cloudformation(options), (client) =>
    client.send(new DescribeStacksCommand({ StackName: name })),
  );
  if (!read.ok) return read.unread.message.includes('does not exist') ? undefined : read;
  const [stack] = read.value.Stacks ?? [];
  if (stack?.StackStatus === undefined)
    return notRead('DescribeStacks', INCOMPLETE, 'the answer holds no state of the stack');
  const version = stack.Outputs?.find(({ OutputKey }) => OutputKey === 'Version')?.OutputValue;
  return found({ status: stack.StackStatus, ...(version !== undefined && { version }) });
};

/**
 * The name of the stack that has made a resource; undefined where none has.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
 */
export const askOwner = async (
  options: ClientOptions,
  physicalId: string,
): Promise<Read<string | undefined>> => {
  const name = 'DescribeStackResources';
  const read = await asked(name, cloudformation(options), (client) =>
    client.send(new DescribeStackResourcesCommand({ PhysicalResourceId: physicalId })),
  );
  if (!read.ok) return /^Stack .* does not exist$/.test(read.unread.message) ? found(undefined) : read;
  const owner = read.value.StackResources?.find(
    ({ PhysicalResourceId }) => PhysicalResourceId === physicalId,
  );
  return owner?.StackName === undefined
    ? notRead(name, INCOMPLETE, 'the answer names no stack')
    : found(owner.StackName);
};

/**
 * What the functions of a stack that is there reserve; undefined where none are, though the stack may have a template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
 */
export const askReserved = async (
  options: ClientOptions,
  name: string,
  stack: DeployedStack,
): Promise<Read<number> | undefined> => {
  if (stack?.ok !== true) return stack;
  const { status } = stack.value;
  const isThere = isStackMade(status);
  if (isThere === undefined)
    return notRead(
      'GetTemplate',
      INCOMPLETE,
      `the stack is ${status}, which may lack a part of its template`,
    );
  if (!isThere) return undefined;
  const read = await asked('GetTemplate', cloudformation(options), (client) =>
    client.send(new GetTemplateCommand({ StackName: name })),
  );
  if (!read.ok) return read;
  const parsed = parseJson(read.value.TemplateBody ?? '');
  return parsed.ok
    ? found(reservedIn(resourcesOf(parsed.value)))
    : notRead('GetTemplate', INCOMPLETE, 'the template is no JSON');
};

/**
 * The names of the stacks that import an export; none where there is no such export.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html
 */
export const askImporters = async (
  options: ClientOptions,
  ExportName: string,
): Promise<Read<readonly string[]>> => {
  const read = await asked('ListImports', cloudformation(options), async (client) => {
    const names: string[] = [];
    for await (const { Imports = [] } of paginateListImports({ client }, { ExportName }))
      names.push(...Imports);
    return names;
  });
  // An export that nobody imports, or that is not there, is a fault to AWS.
  return !read.ok && /is not imported by any stack|does not exist|No export named/.test(read.unread.message)
    ? found([])
    : read;
};

const kms = (options: ClientOptions) => namingActions('kms', new KMSClient(configOf(options)));

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const askKey = async (options: ClientOptions, arn: string): Promise<Read<DescribedKey>> => {
  const name = 'DescribeKey';
  const read = await asked(name, kms(options), (client) =>
    client.send(new DescribeKeyCommand({ KeyId: arn })),
  );
  if (!read.ok) return read;
  const { KeyState: state, KeySpec: spec, KeyUsage: usage } = read.value.KeyMetadata ?? {};
  return state === undefined || spec === undefined || usage === undefined
    ? notRead(name, INCOMPLETE, 'the answer lacks the state, the spec or the usage of the key')
    : found({ state, spec, usage });
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
export const askKeyPolicy = async (options: ClientOptions, arn: string): Promise<Read<string>> => {
  const name = 'GetKeyPolicy';
  const read = await asked(name, kms(options), (client) =>
    client.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' })),
  );
  if (!read.ok) return read;
  return read.value.Policy === undefined
    ? notRead(name, INCOMPLETE, 'the answer holds no policy')
    : found(read.value.Policy);
};

/** https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
export const askTopic = async (options: ClientOptions, arn: string): Promise<Read<DescribedTopic>> => {
  const read = await asked(
    'GetTopicAttributes',
    namingActions('sns', new SNSClient(configOf(options))),
    (client) => client.send(new GetTopicAttributesCommand({ TopicArn: arn })),
  );
  if (!read.ok) return read;
  const { Policy: policy, KmsMasterKeyId: key } = read.value.Attributes ?? {};
  return found({ ...(policy && { policy }), ...(key && { key }) });
};

const ec2 = (options: ClientOptions) => namingActions('ec2', new EC2Client(configOf(options)));

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html */
export const askSubnets = async (options: ClientOptions, ids: readonly string[]): Promise<Read<InVpc[]>> => {
  const read = await asked('DescribeSubnets', ec2(options), (client) =>
    client.send(new DescribeSubnetsCommand({ SubnetIds: [...ids] })),
  );
  if (!read.ok) return read;
  return found(
    (read.value.Subnets ?? []).map(({ SubnetId: id = '', VpcId: vpc = '', OwnerId: owner = '' }) => ({
      id,
      vpc,
      owner,
    })),
  );
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html */
export const askSecurityGroups = async (
  options: ClientOptions,
  ids: readonly string[],
): Promise<Read<InVpc[]>> => {
  const read = await asked('DescribeSecurityGroups', ec2(options), (client) =>
    client.send(new DescribeSecurityGroupsCommand({ GroupIds: [...ids] })),
  );
  if (!read.ok) return read;
  return found(
    (read.value.SecurityGroups ?? []).map(({ GroupId: id = '', VpcId: vpc = '', OwnerId: owner = '' }) => ({
      id,
      vpc,
      owner,
    })),
  );
};

/** The endpoints of a VPC, of which a Region has 50 by default. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html */
export const askEndpoints = async (options: ClientOptions, vpc: string): Promise<Read<VpcEndpoint[]>> => {
  const name = 'DescribeVpcEndpoints';
  const read = await asked(name, ec2(options), (client) =>
    client.send(
      new DescribeVpcEndpointsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }], MaxResults: 1000 }),
    ),
  );
  if (!read.ok) return read;
  if (read.value.NextToken) return notRead(name, INCOMPLETE, 'the VPC has more than 1,000 endpoints');
  return found(
    (read.value.VpcEndpoints ?? []).map((endpoint) => ({
      id: endpoint.VpcEndpointId ?? '',
      service: endpoint.ServiceName ?? '',
      type: endpoint.VpcEndpointType ?? '',
      state: endpoint.State ?? '',
      // With that option, names in the VPC lead to the gateway endpoint, and to this one only from outside of AWS.
      hasPrivateDns:
        endpoint.PrivateDnsEnabled === true &&
        endpoint.DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint !== true,
      routeTables: endpoint.RouteTableIds ?? [],
    })),
  );
};

/** The route tables of a VPC, which has at most 200 by default. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html */
export const askRouteTables = async (options: ClientOptions, vpc: string): Promise<Read<RouteTable[]>> => {
  const name = 'DescribeRouteTables';
  const read = await asked(name, ec2(options), (client) =>
    client.send(
      new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }], MaxResults: 100 }),
    ),
  );
  if (!read.ok) return read;
  if (read.value.NextToken) return notRead(name, INCOMPLETE, 'the VPC has more than 100 route tables');
  return found(
    (read.value.RouteTables ?? []).map(({ RouteTableId, Associations = [], Routes = [] }) => ({
      id: RouteTableId ?? '',
      isMain: Associations.some(({ Main }) => Main === true),
      subnets: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
      routes: Routes.map((route) => ({
        destination: route.DestinationCidrBlock ?? '',
        target:
          route.NatGatewayId ??
          route.TransitGatewayId ??
          route.VpcPeeringConnectionId ??
          route.NetworkInterfaceId ??
          route.CoreNetworkArn ??
          route.EgressOnlyInternetGatewayId ??
          route.GatewayId ??
          'what AWS does not name',
        isActive: route.State === 'active',
      })),
    })),
  );
};

/** A bus has 300 rules by default, and this many pages of a hundred are read. */
const MAX_PAGES = 5;

/** StackSets name stacks after themselves, and CloudFormation names rules after their stacks, cut; a prefix may stand before. */
const RULE_OF_HUB = /^StackSet-|PipewardenM/;

/**
 * The hubs whose rules are on the default bus.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html
 */
export const askHubs = async (options: ClientOptions): Promise<Read<WatchingHub[]>> => {
  const names: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const read = await asked('ListRules', eventbridge(options), (client) =>
      client.send(new ListRulesCommand({ Limit: 100, ...(token !== undefined && { NextToken: token }) })),
    );
    if (!read.ok) return read;
    names.push(
      ...(read.value.Rules ?? []).flatMap(({ Name }) => (Name && RULE_OF_HUB.test(Name) ? Name : [])),
    );
    token = read.value.NextToken;
    if (token === undefined) return hubsOf(options, names);
  }
  return notRead('ListRules', INCOMPLETE, `the bus has more than ${MAX_PAGES * 100} rules`);
};

/** A hub has some ten rules, and an account few hubs. */
const MAX_RULES = 50;

const hubsOf = async (options: ClientOptions, names: readonly string[]): Promise<Read<WatchingHub[]>> => {
  const call = 'ListTargetsByRule';
  if (names.length > MAX_RULES)
    return notRead(call, INCOMPLETE, `${names.length} rules may be those of hubs, more than ${MAX_RULES}`);
  const hubs = new Map<string, WatchingHub>();
  for (const name of names) {
    const read = await asked(call, eventbridge(options), (client) =>
      client.send(new ListTargetsByRuleCommand({ Rule: name, Limit: 100 })),
    );
    if (!read.ok) return read;
    if (read.value.NextToken !== undefined)
      return notRead(call, INCOMPLETE, `the rule ${name} has more than 100 targets`);
    for (const { Arn = '' } of read.value.Targets ?? []) {
      const bus = parseArn(Arn);
      if (bus?.service !== 'events' || !Arn.endsWith(`:event-bus/${INTAKE_BUS}`)) continue;
      hubs.set(`${bus.account} ${bus.region}`, { account: bus.account, region: bus.region });
    }
  }
  return found([...hubs.values()]);
};

const eventbridge = (options: ClientOptions) =>
  namingActions('events', new EventBridgeClient(configOf(options)));
