import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { permissions } from '../../infra/permissions.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { decide } from '../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import { roleIn } from '../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../shared/json/json.ts';
import { isEndpointKnown, networkNeeds, vpcIn } from '../../shared/preflight/endpoints.ts';
import { plannedStacks } from '../../shared/preflight/planned-stacks.ts';
import { UNIT_MEMBERS } from '../support/templates/members.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';
import type { TemplateJson } from '../support/templates/template-values.ts';

const files = deployables();
afterAll(files.remove);

const VPC = {
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  securityGroups: ['sg-0123456789abcdef0'],
};
const made = deployment(settingsFor(files, { ...VPC, members: UNIT_MEMBERS, regions: ['eu-central-1'] }));
const outside = deployment(settingsFor(files));
const template = Template.fromStack(made.pipewarden).toJSON() as TemplateJson;
const ofType = ({ Resources }: TemplateJson, type: string) =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

test('all functions are in the VPC, where it is given', () => {
  const functions = ofType(template, 'AWS::Lambda::Function');
  expect(functions).toHaveLength(5);
  for (const [, { Properties }] of functions)
    expect(Properties.VpcConfig).toEqual({ SubnetIds: VPC.subnets, SecurityGroupIds: VPC.securityGroups });
  Template.fromStack(made.pipewarden).hasOutput('Subnets', { Value: VPC.subnets.join(',') });
  expect(JSON.stringify(Template.fromStack(outside.pipewarden).toJSON())).not.toMatch(/VpcConfig|ec2:/);
});

const OTHER = 'arn:aws:s3:::other';

/** Texts in place of what CloudFormation resolves, from the inside out; what hangs on other resources is any text. */
const textOf = (_: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const pseudo = { 'AWS::Partition': 'aws', 'AWS::Region': REGION, 'AWS::AccountId': ACCOUNT };
  if ('Ref' in value) return pseudo[value.Ref as keyof typeof pseudo] ?? OTHER;
  if ('Fn::Join' in value) return (value['Fn::Join'] as [string, string[]])[1].join('');
  return Object.keys(value).some((key) => key.startsWith('Fn::')) ? OTHER : value;
};

describe('the permissions of Lambda to attach functions', () => {
  const policiesOf = (id: string) => {
    const policies = (template.Resources[id]?.Properties.Policies ?? []) as { PolicyDocument: Json }[];
    const document = JSON.parse(JSON.stringify(policies[0]?.PolicyDocument), textOf);
    return { identity: indexPolicies([readPolicy(document, { name: id, kind: 'identity' })]) };
  };
  const attached = ofType(template, 'AWS::Lambda::Function').map(
    ([, { Properties }]) => (Properties.Role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0],
  );
  const decision = (id: string, context: Record<string, string>) =>
    decide(policiesOf(id), {
      principal: roleIn({ partition: 'aws', account: ACCOUNT }),
      action: 'ec2:CreateNetworkInterface',
      resource: `arn:aws:ec2:${REGION}:${ACCOUNT}:network-interface/*`,
      context: contextOf({ 'lambda:SourceFunctionArn': null, ...context }),
    });

  test('are those of the functions’ roles alone', () => {
    const allowed = ofType(template, 'AWS::IAM::Role').flatMap(([id]) =>
      decision(id, {}) === 'Allow' ? [id] : [],
    );
    expect(allowed.toSorted()).toEqual(attached.toSorted());
  });

  test('are denied to the code of the functions', () => {
    for (const id of attached)
      expect(
        decision(id, { 'lambda:SourceFunctionArn': `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Any` }),
      ).toBe('ExplicitDeny');
  });
});

test('it is known how functions reach each service that they or the roles of members may call', () => {
  const roles = new Set([
    'audit',
    'deliver',
    'sweep',
    'report',
    'inventory',
    'memberReader',
    'memberDelivery',
  ]);
  const table = permissions({
    secretArns: ['arn:aws:secretsmanager:r:a:secret:x', 'arn:aws:ssm:r:a:parameter/x'],
    topicArns: [],
    findingsGoTo: 'member',
    isTraced: true,
    partition: 'aws',
    subnets: VPC.subnets,
    resolvesWorkflow: true,
    otherRegions: [],
    hasMembers: true,
    hasOrganizationPolicies: true,
  });
  const actions = table.flatMap((each) => (roles.has(each.role) ? each.actions : []));
  expect(actions.length).toBeGreaterThan(50);
  expect(actions.filter((action) => !isEndpointKnown(action))).toEqual([]);
});

test('the check reads from the stacks what functions reach, and where', () => {
  const assembly = made.app.synth();
  const stacks = plannedStacks(
    assembly.manifest as unknown as Json,
    new Map(assembly.stacks.map(({ templateFile, template: each }) => [templateFile, each as Json])),
    { account: ACCOUNT, partition: 'aws' },
  );
  expect(vpcIn(stacks)).toEqual({ region: REGION, ...VPC });
  expect(
    networkNeeds(stacks)
      .map(({ service, region }) => `${service} ${region}`)
      .toSorted(),
  ).toEqual([
    'cloudtrail eu-central-1',
    'cloudtrail eu-west-1',
    'cloudtrail us-east-1',
    'dynamodb eu-west-1',
    'events eu-west-1',
    'iam us-east-1',
    'kms eu-central-1',
    'kms eu-west-1',
    'organizations us-east-1',
    'ram eu-central-1',
    'ram eu-west-1',
    's3 eu-west-1',
    'sagemaker eu-central-1',
    'sagemaker eu-west-1',
    'securityhub eu-central-1',
    'securityhub eu-west-1',
    'sns eu-west-1',
    'sqs eu-west-1',
    'sts eu-west-1',
    'xray eu-west-1',
  ]);
});
