import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../shared/json/json.ts';
import { type NetworkNeed, networkNeeds, vpcIn } from '../../../shared/preflight/endpoints.ts';
import {
  type Network,
  networkRows,
  type RouteTable,
  type VpcEndpoint,
} from '../../../shared/preflight/network-rows.ts';
import type { PlannedStack } from '../../../shared/preflight/planned-stacks.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';

const ACCOUNT = '111122223333';
const HOME = 'eu-west-1';
const SUBNETS = ['subnet-00000001', 'subnet-00000002'];
const GROUPS = ['sg-00000001'];
const inVpc = (ids: readonly string[], vpc = 'vpc-1', owner = ACCOUNT) =>
  ids.map((id) => ({ id, vpc, owner }));
const denied = notRead('DescribeVpcEndpoints', 'UnauthorizedOperation', 'not allowed (needs ec2:…)');

const need = (over: Partial<NetworkNeed>): NetworkNeed => ({
  service: 'sqs',
  region: HOME,
  endpoints: [`com.amazonaws.${HOME}.sqs`, `cn.com.amazonaws.${HOME}.sqs`],
  hasGateway: false,
  ...over,
});
const S3 = need({ service: 's3', endpoints: [`com.amazonaws.${HOME}.s3`], hasGateway: true });
const endpoint = (over: Partial<VpcEndpoint> = {}): VpcEndpoint => ({
  id: 'vpce-1',
  service: `com.amazonaws.${HOME}.sqs`,
  type: 'Interface',
  state: 'available',
  hasPrivateDns: true,
  routeTables: [],
  ...over,
});
const gateway = (routeTables: string[]) =>
  endpoint({ service: `com.amazonaws.${HOME}.s3`, type: 'Gateway', hasPrivateDns: false, routeTables });
const table = (id: string, subnets: string[], target?: string, isActive = true): RouteTable => ({
  id,
  isMain: subnets.length === 0,
  subnets,
  routes: [
    { destination: '10.0.0.0/16', target: 'local', isActive: true },
    ...(target === undefined ? [] : [{ destination: '0.0.0.0/0', target, isActive }]),
  ],
});
const network = (over: Partial<Network> = {}): Network => ({
  region: HOME,
  account: ACCOUNT,
  subnets: { ids: SUBNETS, read: found(inVpc(SUBNETS)) },
  securityGroups: { ids: GROUPS, read: found(inVpc(GROUPS)) },
  endpoints: found([]),
  routeTables: found([table('rtb-main', [])]),
  ...over,
});
const wayRow = (over: Partial<Network>, of = need({})) => networkRows(network(over), [of])[2];

describe('subnets and security groups', () => {
  const statuses = (over: Partial<Network>) =>
    networkRows(network(over), []).map(({ about, status }) => `${about} ${status}`);
  test.each<[string, Partial<Network>, string[]]>([
    ['of one VPC are in order', {}, ['Subnets OK', 'Security groups OK']],
    [
      'that are not there fail',
      {
        subnets: { ids: SUBNETS, read: notRead('DescribeSubnets', 'InvalidSubnetID.NotFound', 'gone') },
        securityGroups: {
          ids: GROUPS,
          read: notRead('DescribeSecurityGroups', 'InvalidGroup.NotFound', 'gone'),
        },
      },
      ['Subnets WILL_FAIL', 'Security groups WILL_FAIL'],
    ],
    [
      'of several VPCs fail',
      {
        subnets: {
          ids: SUBNETS,
          read: found([...inVpc(['subnet-00000001']), ...inVpc(['subnet-00000002'], 'vpc-2')]),
        },
      },
      ['Subnets WILL_FAIL', 'Security groups OK'],
    ],
    [
      'of two VPCs fail',
      { securityGroups: { ids: GROUPS, read: found(inVpc(GROUPS, 'vpc-2')) } },
      ['Subnets OK', 'Security groups WILL_FAIL'],
    ],
    [
      'that AWS does not tell are never in order',
      { subnets: { ids: SUBNETS, read: denied }, securityGroups: { ids: GROUPS, read: found([]) } },
      ['Subnets NOT_TOLD', 'Security groups NOT_TOLD'],
    ],
  ])('%s', (_, over, expected) => {
    expect(statuses(over)).toEqual(expected);
  });
});

describe('the way to a service', () => {
  test.each<[string, Partial<Network>, NetworkNeed, string]>([
    ['is an interface endpoint', { endpoints: found([endpoint()]) }, need({}), 'OK'],
    [
      'is an endpoint of either name in China',
      { endpoints: found([endpoint({ service: `cn.com.amazonaws.${HOME}.sqs` })]) },
      need({}),
      'OK',
    ],
    [
      'is a gateway endpoint of all route tables',
      {
        endpoints: found([gateway(['rtb-main', 'rtb-1'])]),
        routeTables: found([table('rtb-main', []), table('rtb-1', ['subnet-00000001'])]),
      },
      S3,
      'OK',
    ],
    [
      'is no gateway endpoint of a part of the route tables',
      {
        endpoints: found([gateway(['rtb-1'])]),
        routeTables: found([table('rtb-main', []), table('rtb-1', ['subnet-00000001'])]),
      },
      S3,
      'WILL_FAIL',
    ],
    [
      'is no endpoint without private DNS',
      { endpoints: found([endpoint({ hasPrivateDns: false })]) },
      need({}),
      'WILL_FAIL',
    ],
    [
      'is no endpoint that is still made',
      { endpoints: found([endpoint({ state: 'pending' })]) },
      need({}),
      'WILL_FAIL',
    ],
    [
      'is no endpoint of another service',
      { endpoints: found([endpoint({ service: `com.amazonaws.${HOME}.sns` })]) },
      need({}),
      'WILL_FAIL',
    ],
    ['is a NAT gateway', { routeTables: found([table('rtb-main', [], 'nat-1')]) }, need({}), 'OK'],
    [
      'is a NAT gateway for every subnet',
      { routeTables: found([table('rtb-main', []), table('rtb-1', ['subnet-00000001'], 'nat-1')]) },
      need({}),
      'WILL_FAIL',
    ],
    [
      'is no NAT gateway that is gone',
      { routeTables: found([table('rtb-main', [], 'nat-1', false)]) },
      need({}),
      'WILL_FAIL',
    ],
    [
      'is no internet gateway, as functions have no public address',
      { routeTables: found([table('rtb-main', [], 'igw-1')]) },
      need({}),
      'WILL_FAIL',
    ],
    [
      'may be a transit gateway',
      { routeTables: found([table('rtb-main', [], 'tgw-1')]) },
      need({}),
      'NOT_TOLD',
    ],
    ['may be an endpoint that AWS does not tell', { endpoints: denied }, need({}), 'NOT_TOLD'],
    [
      'is a NAT gateway, whatever AWS does not tell of endpoints',
      { endpoints: denied, routeTables: found([table('rtb-main', [], 'nat-1')]) },
      need({}),
      'OK',
    ],
    ['may be a route that AWS does not tell', { routeTables: denied }, need({}), 'NOT_TOLD'],
    ['may be in a table that AWS does not tell', { routeTables: found([]) }, need({}), 'NOT_TOLD'],
    [
      'may be an endpoint of the account that shares the subnets',
      { subnets: { ids: SUBNETS, read: found(inVpc(SUBNETS, 'vpc-1', '444455556666')) } },
      need({}),
      'NOT_TOLD',
    ],
    [
      'is not known where the subnets are not',
      { subnets: { ids: SUBNETS, read: denied }, endpoints: undefined, routeTables: undefined },
      need({}),
      'NOT_TOLD',
    ],
    ['is missing for what is judged', {}, need({ service: 'sagemaker' }), 'WILL_BE_MISSING'],
  ])('%s', (_, over, of, status) => {
    const row = wayRow(over, of);
    expect(row?.status).toBe(status);
    expect(row?.todo === undefined).toBe(status === 'OK');
  });

  test('is told with the endpoint to make, or that none can be made', () => {
    expect(wayRow({})?.todo).toBe(
      `Make an interface endpoint with private DNS (com.amazonaws.${HOME}.sqs), or give the subnets a default route to a NAT gateway.`,
    );
    expect(wayRow({}, need({ service: 'Slack', endpoints: [] }))?.todo).toBe(
      'No endpoint in the VPC can lead there: give the subnets a default route to a NAT gateway.',
    );
  });
});

describe('what functions reach from a VPC', () => {
  const statement = (action: string | string[], condition?: Json): Json => ({
    Effect: 'Allow',
    Action: action,
    Resource: '*',
    ...(condition !== undefined && { Condition: { StringEquals: condition } }),
  });
  const stackWith = (statements: Json[]): PlannedStack => ({
    account: ACCOUNT,
    region: HOME,
    partition: 'aws',
    name: 'Pipewarden',
    outputs: new Map(),
    resources: [
      {
        id: 'Function',
        type: 'AWS::Lambda::Function',
        properties: {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          VpcConfig: { SubnetIds: SUBNETS, SecurityGroupIds: GROUPS },
        },
      },
      {
        id: 'Role',
        type: 'AWS::IAM::Role',
        properties: { Policies: [{ PolicyDocument: { Statement: statements } }] },
      },
      {
        id: 'Machine',
        type: 'AWS::IAM::Role',
        properties: { Policies: [{ PolicyDocument: { Statement: [statement('states:StartExecution')] } }] },
      },
    ],
  });
  const reached = (stack: PlannedStack) =>
    networkNeeds([stack]).map(
      ({ service, region, endpoints }) => `${service} ${region} ${endpoints[0] ?? '-'}`,
    );

  test('is what their roles are allowed, but what AWS itself calls, in the Regions that are named', () => {
    expect(
      reached(
        stackWith([
          statement(['sqs:SendMessage', 'logs:PutLogEvents', 'ec2:CreateNetworkInterface']),
          statement('kms:Decrypt', { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' }),
          statement(['sagemaker:ListPipelines', 'kms:GetKeyPolicy'], {
            'aws:RequestedRegion': [{ Ref: 'AWS::Region' }, 'eu-central-1'],
          }),
          statement('iam:GetRole'),
        ]),
      ),
    ).toEqual([
      'sqs eu-west-1 com.amazonaws.eu-west-1.sqs',
      'sagemaker eu-west-1 com.amazonaws.eu-west-1.sagemaker.api',
      'sagemaker eu-central-1 -',
      'kms eu-west-1 com.amazonaws.eu-west-1.kms',
      'kms eu-central-1 com.amazonaws.eu-central-1.kms',
      'iam us-east-1 com.amazonaws.iam',
    ]);
  });

  test('are events of IAM where AWS sends them, findings of members where they are, and Slack', () => {
    const stack = stackWith([
      statement('cloudtrail:LookupEvents'),
      statement('securityhub:BatchImportFindings'),
      statement('organizations:DescribeOrganization'),
      statement('sts:AssumeRole'),
      statement('sagemaker:ListPipelines', { 'aws:RequestedRegion': ['us-gov-west-1', 'us-gov-east-1'] }),
      statement('secretsmanager:GetSecretValue'),
    ]);
    expect(reached({ ...stack, partition: 'aws-us-gov', region: 'us-gov-east-1' })).toEqual([
      'cloudtrail us-gov-east-1 com.amazonaws.us-gov-east-1.cloudtrail',
      'cloudtrail us-gov-west-1 -',
      'securityhub us-gov-east-1 com.amazonaws.us-gov-east-1.securityhub',
      'securityhub us-gov-west-1 -',
      'organizations us-gov-west-1 -',
      'sts us-gov-east-1 com.amazonaws.us-gov-east-1.sts',
      'sagemaker us-gov-east-1 com.amazonaws.us-gov-east-1.sagemaker.api',
      'sagemaker us-gov-west-1 -',
      'secretsmanager us-gov-east-1 com.amazonaws.us-gov-east-1.secretsmanager',
      'Slack us-gov-east-1 -',
    ]);
  });

  test('is nothing where they are in none', () => {
    const { resources, ...rest } = stackWith([statement('sqs:SendMessage')]);
    const outside = {
      ...rest,
      resources: resources.map((each) =>
        each.id === 'Function' ? { ...each, properties: { Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } } : each,
      ),
    };
    expect([networkNeeds([outside]), vpcIn([outside])]).toEqual([[], undefined]);
    expect(vpcIn([stackWith([])])).toEqual({ region: HOME, subnets: SUBNETS, securityGroups: GROUPS });
  });
});
