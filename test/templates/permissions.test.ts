import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { assumerParameter } from '../../infra/member-templates.ts';
import type { MemberRoleName, Permission, RoleName } from '../../infra/permission.ts';
import { permissions } from '../../infra/permissions.ts';
import { hubSuffix, type MemberRole, memberRoleArn } from '../../shared/domain/member-roles.ts';
import { partitionOfRegion, REGIONS } from '../../shared/domain/regions.ts';
import { FACT_ACTIONS } from '../../shared/facts/fact-actions.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { decide } from '../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import { SERVICES } from '../../shared/iam/lint/service-reference.ts';
import { roleIn } from '../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import { type Catalog, isWithin, type WithinAnswer } from '../../shared/iam/sets/policies-within.ts';
import type { Json } from '../../shared/json/json.ts';
import {
  deployedTemplate,
  hubValues,
  MEMBER,
  stackSetsOf,
  UNIT_MEMBERS,
} from '../support/templates/members.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';
import { type TemplateJson, templateValue } from '../support/templates/template-values.ts';

const files = deployables();
afterAll(files.remove);

const settings = settingsFor(files, {
  slackSecretArn: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:slack-AbCdEf`,
  secretArns: [
    `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:slack-AbCdEf`,
    `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/pipewarden/slack-team`,
  ],
  topicArns: [`arn:aws:sns:${REGION}:${ACCOUNT}:team-alerts`],
  resolvesWorkflow: true,
  hook: 'fail',
  history: 'locked',
  evidence: 'monthly',
});
const json = (stack: Parameters<typeof Template.fromStack>[0]) =>
  Template.fromStack(stack).toJSON() as TemplateJson;

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown };

const logicalId = ({ Resources }: TemplateJson, type: string, construct: string): string => {
  const ids = Object.entries(Resources)
    .filter(([id, { Type }]) => Type === type && new RegExp(`^${construct}[0-9A-F]{8}$`).test(id))
    .map(([id]) => id);
  if (ids.length !== 1) throw new Error(`${ids.length} of ${type} are called ${construct}`);
  return ids[0] ?? '';
};

/** Each role of the main stack. */
const ROLES: Readonly<Record<Exclude<RoleName, 'forwardEvents' | MemberRoleName>, string>> = {
  hook: 'HookRole',
  hookCaller: 'HookCallerRole',
  history: 'HistoryRole',
  evidence: 'EvidenceRole',
  audit: 'AuditRole',
  deliver: 'DeliverRole',
  sweep: 'SweepRole',
  report: 'ReportRole',
  inventory: 'InventoryRole',
  sweepMachine: 'SweepMachineRole',
  sweepSchedule: 'SweepScheduleRole',
  reportSchedule: 'ReportScheduleRole',
  evidenceSchedule: 'EvidenceScheduleRole',
};

/** Each role that a member gives to the hub. */
const MEMBER_ROLES: Readonly<Record<MemberRoleName, string>> = {
  memberReader: 'ReaderRole',
  memberDelivery: 'DeliveryRole',
  memberForward: 'ForwardRole',
};

/**
 * A deployment that watches the given Regions besides its own, and perhaps members: what its table says, and what its roles allow.
 * The member has the account of the hub here, so that ARNs of both are made in one way.
 */
const deploymentFor = (regions: readonly string[], hasMembers = false) => {
  const { state, pipewarden, forwarding, members } = deployment({
    ...settings,
    regions,
    ...(hasMembers && { members: UNIT_MEMBERS, organizationPolicies: files.organizationPolicies }),
  });
  const stateTemplate = json(state.stack);
  const mainTemplate = json(pipewarden);
  const table = permissions({
    ...settings,
    partition: 'aws',
    otherRegions: regions,
    hasMembers,
    hasOrganizationPolicies: hasMembers,
  });
  const roles = [
    ...Object.entries(ROLES).map(([name, construct]) => ({
      title: name,
      name: name as RoleName,
      construct,
      template: mainTemplate,
    })),
    ...[...forwarding].map(([region, stack]) => ({
      title: `forwardEvents of ${region}`,
      name: 'forwardEvents' as const,
      construct: 'ForwardEventsRole',
      template: json(stack),
    })),
    ...(members
      ? Object.entries(MEMBER_ROLES).map(([name, construct]) => ({
          title: `${name} of a member`,
          name: name as RoleName,
          construct,
          template: deployedTemplate(stackSetsOf(members).roles.properties.TemplateBody, {
            values: hubValues(),
            region: REGION,
            account: ACCOUNT,
          }),
        }))
      : []),
  ];

  const inMain = (type: string, construct: string, attribute = 'Arn') =>
    templateValue({ 'Fn::GetAtt': [logicalId(mainTemplate, type, construct), attribute] }, mainTemplate);
  const inState = (name: string) =>
    templateValue(
      { 'Fn::GetStackOutput': { StackName: 'PipewardenState', OutputName: name } },
      mainTemplate,
      {
        PipewardenState: stateTemplate,
      },
    );
  /** The object whose key is that variable of the audit function. */
  const objectOf = (variable: 'CONFIG_KEY' | 'ORGANIZATION_POLICIES_KEY'): string => {
    const audit = mainTemplate.Resources[logicalId(mainTemplate, 'AWS::Lambda::Function', 'AuditFunction')];
    const environment = audit?.Properties.Environment as { Variables: Record<string, unknown> } | undefined;
    const [bucket, key] = ['CONFIG_BUCKET', variable].map((name) =>
      templateValue(environment?.Variables[name], mainTemplate),
    );
    return `arn:aws:s3:::${bucket}/${key}`;
  };
  /** Where each name of the table is, found in the templates without the code that wrote them. */
  const places: Readonly<Record<string, string>> = {
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::URLSuffix': 'amazonaws.com',
    FindingsTable: inState('FindingsTableArn'),
    FindingsStream: inState('FindingsStreamArn'),
    DataKey: inState('DataKeyArn'),
    AlertKey: inState('AlertKeyArn'),
    AlertTopic: inState('AlertTopicArn'),
    EventBus: inState('EventBusArn'),
    SweepBucket: inState('SweepBucketArn'),
    ReportBucket: inState('ReportBucketArn'),
    ConfigurationBucket: inState('ConfigurationBucketArn'),
    HistoryBucket: inState('HistoryBucketArn'),
    HistoryDatabase: 'pipewarden',
    SigningKey: inState('SigningKeyArn'),
    IntakeBus: hubValues().IntakeBusArn ?? '',
    HomeBus: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
    RequestsQueue: inMain('AWS::SQS::Queue', 'Requests'),
    DeadLetters: inMain('AWS::SQS::Queue', 'DeadLetters'),
    DeliveryRetries: inMain('AWS::SQS::Queue', 'DeliveryRetries'),
    DeliveryDeadLetters: inMain('AWS::SQS::Queue', 'DeliveryDeadLetters'),
    AuditLog: inMain('AWS::Logs::LogGroup', 'AuditLog'),
    DeliverLog: inMain('AWS::Logs::LogGroup', 'DeliverLog'),
    SweepLog: inMain('AWS::Logs::LogGroup', 'SweepLog'),
    ReportLog: inMain('AWS::Logs::LogGroup', 'ReportLog'),
    InventoryLog: inMain('AWS::Logs::LogGroup', 'InventoryLog'),
    HookLog: inMain('AWS::Logs::LogGroup', 'HookLog'),
    HistoryLog: inMain('AWS::Logs::LogGroup', 'HistoryLog'),
    EvidenceLog: inMain('AWS::Logs::LogGroup', 'EvidenceLog'),
    EvidenceFunction: inMain('AWS::Lambda::Function', 'EvidenceFunction'),
    HistoryQueue: inMain('AWS::SQS::Queue', 'HistoryQueue'),
    HookFunction: inMain('AWS::Lambda::Function', 'HookFunction'),
    InventoryQueue: inMain('AWS::SQS::Queue', 'Inventories'),
    Heartbeats: inMain('AWS::SQS::Queue', 'Heartbeats'),
    SweepFunction: inMain('AWS::Lambda::Function', 'SweepFunction'),
    ReportFunction: inMain('AWS::Lambda::Function', 'ReportFunction'),
    SweepMachine: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Pipewarden-Sweep`,
    SweepMachineRuns: `arn:aws:states:${REGION}:${ACCOUNT}:execution:Pipewarden-Sweep`,
    ConfigObject: objectOf('CONFIG_KEY'),
    ...(hasMembers && { OrganizationObject: objectOf('ORGANIZATION_POLICIES_KEY') }),
  };
  const place = (text: string): string =>
    text.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => {
      const found = places[name];
      if (found === undefined) throw new Error(`the table names ${name}, which is nowhere`);
      return found;
    });

  return {
    table,
    roles,
    /** The statements of a role of the template, with ARNs in place of references. */
    deployed: ({ construct, template }: (typeof roles)[number]): Statement[] => {
      const role = template.Resources[logicalId(template, 'AWS::IAM::Role', construct)];
      const policies = (role?.Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
      const resolve = (value: unknown) => templateValue(value, template, { PipewardenState: stateTemplate });
      return policies
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .map(({ Effect, Action, Resource, Condition }) => ({
          Effect,
          Action: [Action].flat(),
          Resource: [Resource].flat().map(resolve),
          ...(Condition !== undefined && {
            Condition: Object.fromEntries(
              Object.entries(Condition as object).map(([operator, keys]) => [
                operator,
                Object.fromEntries(
                  Object.entries(keys as object).map(([key, value]) => [key, [value].flat().map(resolve)]),
                ),
              ]),
            ),
          }),
        }));
    },
    /** What lines of the table say, as a policy. */
    stated: (lines: readonly Permission[]): Statement[] =>
      lines.map(({ actions, on, where }) => ({
        Effect: 'Allow',
        Action: [...actions],
        Resource: on.map(place),
        ...(where && {
          Condition: {
            StringEquals: Object.fromEntries(
              Object.entries(where).map(([key, value]) => [key, [value].flat().map(place)]),
            ),
          },
        }),
      })),
  };
};

const DEPLOYMENTS = {
  'one Region': deploymentFor([]),
  'three Regions': deploymentFor(['eu-central-1', 'us-east-1']),
  members: deploymentFor([], true),
  'members in three Regions': deploymentFor(['eu-central-1', 'us-east-1'], true),
};
const { table: TABLE } = DEPLOYMENTS['one Region'];

/** Every action of the services that are known, and of those that the table names. */
const CATALOG: Catalog = {
  actions: [
    ...new Set([
      ...[...SERVICES].flatMap(([prefix, service]) =>
        [...service().actions.values()].map(({ name }) => `${prefix}:${name}`),
      ),
      ...DEPLOYMENTS.members.table.flatMap(({ actions }) => actions),
    ]),
  ],
  resourcesOf: () => undefined,
};

const policiesOf = (Statement: Statement[]) => {
  const document = { Version: '2012-10-17', Statement: Statement as Json[] };
  const read = Statement.length === 0 ? [] : [readPolicy(document, { name: 'role', kind: 'identity' })];
  return { identity: indexPolicies(read) };
};
const PRINCIPAL = roleIn({ partition: 'aws', account: ACCOUNT });

/** Whether `outer` allows everything that `inner` allows. */
const within = (inner: Statement[], outer: Statement[], catalog = CATALOG): WithinAnswer =>
  isWithin(policiesOf(inner), policiesOf(outer), { principal: PRINCIPAL, context: contextOf() }, catalog);

describe.each(Object.entries(DEPLOYMENTS))('with %s,', (_, { table, roles, deployed, stated }) => {
  describe.each(roles)('the role $title', (role) => {
    const { name, construct, template } = role;
    const own = table.filter((line) => line.role === name);

    test('allows what the table says, and nothing else', () => {
      expect(own).not.toEqual([]);
      expect(within(deployed(role), stated(own))).toEqual({ answer: 'yes' });
      expect(within(stated(own), deployed(role))).toEqual({ answer: 'yes' });
    });

    test('allows more than the table without any one of its lines', () => {
      for (const left of own) {
        const rest = stated(own.filter((each) => each !== left));
        const ofLine = { ...CATALOG, actions: left.actions };
        expect({ left, ...within(stated([left]), rest, ofLine) }).toMatchObject({ answer: 'no' });
      }
    });

    test('fits into the 10,240 characters of policies that a role may have', () => {
      expect(JSON.stringify(deployed(role)).length).toBeLessThan(10_240);
    });

    test('has no policy but its own', () => {
      const made = template.Resources[logicalId(template, 'AWS::IAM::Role', construct)];
      expect(made?.Properties).not.toHaveProperty('ManagedPolicyArns');
      expect(made?.Properties.Policies).toHaveLength(1);
      expect(Object.values(template.Resources).map(({ Type }) => Type)).not.toContain('AWS::IAM::Policy');
    });
  });
});

describe('the watched Regions', () => {
  /** What reading a pipeline, job, key or share of a Region takes. */
  const readsIn = (region: string): [action: string, resource: string][] => [
    ['sagemaker:DescribePipeline', `arn:aws:sagemaker:${region}:${ACCOUNT}:pipeline/fraud`],
    ['sagemaker:ListPipelineVersions', `arn:aws:sagemaker:${region}:${ACCOUNT}:pipeline/fraud`],
    ['sagemaker:ListPipelineExecutionSteps', `arn:aws:sagemaker:${region}:${ACCOUNT}:pipeline/fraud`],
    ['sagemaker:DescribeTrainingJob', `arn:aws:sagemaker:${region}:${ACCOUNT}:training-job/fraud-1`],
    ['sagemaker:DescribeModelCardExportJob', `arn:aws:sagemaker:${region}:${ACCOUNT}:model-card/fraud`],
    ['kms:GetKeyPolicy', `arn:aws:kms:${region}:${ACCOUNT}:key/1234`],
    ['ram:ListResourceSharePermissions', `arn:aws:ram:${region}:${ACCOUNT}:resource-share/1234`],
  ];
  /** A key is used by whom its own policy lets; this one leaves it to the policies of the account. */
  const KEY_POLICY = indexPolicies([
    readPolicy(
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
            Action: 'kms:*',
            Resource: '*',
          },
        ],
      },
      { name: 'key', kind: 'resource' },
    ),
  ]);
  const allowed = (
    { roles, deployed }: ReturnType<typeof deploymentFor>,
    name: RoleName,
    region: string,
  ): string[] => {
    const role = roles.find((each) => each.name === name);
    const { identity } = policiesOf(role ? deployed(role) : []);
    return readsIn(region)
      .filter(([action, resource]) => {
        const context = contextOf({ 'aws:RequestedRegion': region });
        const ofKey = action.startsWith('kms:') ? { resource: KEY_POLICY } : {};
        return (
          decide({ identity, ...ofKey }, { principal: PRINCIPAL, action, resource, context }) === 'Allow'
        );
      })
      .map(([action]) => action);
  };
  const all = readsIn(REGION).map(([action]) => action);

  test.each([
    [REGION, all, all],
    ['eu-central-1', [], all],
    ['us-east-1', [], all],
    ['eu-west-2', [], []],
  ])('the auditor reads of %s exactly where it is watched, also in members', (region, inOne, inThree) => {
    expect(allowed(DEPLOYMENTS['one Region'], 'audit', region)).toEqual(inOne);
    expect(allowed(DEPLOYMENTS['three Regions'], 'audit', region)).toEqual(inThree);
    expect(allowed(DEPLOYMENTS.members, 'memberReader', region)).toEqual(inOne);
    expect(allowed(DEPLOYMENTS['members in three Regions'], 'memberReader', region)).toEqual(inThree);
  });

  test.each([
    [REGION, true, true],
    ['eu-central-1', false, true],
    ['eu-west-2', false, false],
  ])('findings on members are imported in %s exactly where it is watched', (region, inOne, inThree) => {
    const isImported = ({ roles, deployed }: ReturnType<typeof deploymentFor>): boolean => {
      const role = roles.find(({ name }) => name === 'memberDelivery');
      return (
        decide(policiesOf(role ? deployed(role) : []), {
          principal: PRINCIPAL,
          action: 'securityhub:BatchImportFindings',
          resource: `arn:aws:securityhub:${region}:${ACCOUNT}:product/${ACCOUNT}/default`,
          context: contextOf({ 'aws:RequestedRegion': region }),
        }) === 'Allow'
      );
    };
    expect([DEPLOYMENTS.members, DEPLOYMENTS['members in three Regions']].map(isImported)).toEqual([
      inOne,
      inThree,
    ]);
  });

  test.each([
    [REGION, true, true],
    ['eu-central-1', false, true],
    ['eu-west-2', false, false],
  ])('a sweep describes the pipelines of %s exactly where it is watched', (region, inOne, inThree) => {
    const isDescribed = (of: ReturnType<typeof deploymentFor>) =>
      allowed(of, 'sweep', region).includes('sagemaker:DescribePipeline');
    expect([isDescribed(DEPLOYMENTS['one Region']), isDescribed(DEPLOYMENTS['three Regions'])]).toEqual([
      inOne,
      inThree,
    ]);
  });

  test('change nothing outside of reading: what is written stays in the home Region', () => {
    const ofReading = new Set(
      Object.values(FACT_ACTIONS).flatMap((facts) => facts.map(({ action }) => action)),
    );
    const written = (table: readonly Permission[]) =>
      table.filter(({ actions }) => !actions.some((action) => ofReading.has(action)));
    expect(written(DEPLOYMENTS['three Regions'].table)).toEqual(written(TABLE));
  });

  test('may be all Regions of the partition', () => {
    const everywhere = REGIONS.filter((region) => partitionOfRegion(region) === 'aws' && region !== REGION);
    const { roles, deployed } = deploymentFor(everywhere, true);
    const sizes = roles.map((role) => JSON.stringify(deployed(role)).length);
    expect(Math.max(...sizes)).toBeLessThan(10_240);
  });
});

describe('the roles of members', () => {
  const { roles, deployed } = DEPLOYMENTS.members;
  const statementsOf = (name: RoleName): Statement[] => {
    const role = roles.find((each) => each.name === name);
    return role ? deployed(role) : [];
  };
  const suffix = hubSuffix({ account: ACCOUNT, region: REGION });
  const { ExternalId = '', ...values } = hubValues();
  const NAMES = { reader: 'memberReader', delivery: 'memberDelivery', forward: 'memberForward' } as const;
  /** Whether a function of the hub may assume the role of the member: both its own policies and the role’s trust policy decide. */
  const mayAssume = (
    name: RoleName,
    of: MemberRole,
    { externalId = ExternalId, hub = suffix } = {},
  ): boolean => {
    const member = roles.find((each) => each.name === NAMES[of]);
    if (!member) throw new Error(`a member has no role ${of}`);
    const { AssumeRolePolicyDocument } =
      member.template.Resources[logicalId(member.template, 'AWS::IAM::Role', member.construct)]?.Properties ??
      {};
    const trust = readPolicy(AssumeRolePolicyDocument as Json, { name: 'trust', kind: 'trust' });
    const arn = values[assumerParameter(name)] ?? `arn:aws:iam::${ACCOUNT}:role/Pipewarden-Other-1`;
    return (
      decide(
        { ...policiesOf(statementsOf(name)), resource: indexPolicies([trust]) },
        {
          principal: { kind: 'role', arn, account: ACCOUNT },
          action: 'sts:AssumeRole',
          resource: memberRoleArn(of, { partition: 'aws', account: MEMBER }, hub),
          context: contextOf(externalId === '' ? {} : { 'sts:ExternalId': externalId }),
        },
      ) === 'Allow'
    );
  };

  test('are assumed by the functions that need them, each its own and no other', () => {
    const assumed = Object.keys(ROLES).flatMap((name) =>
      (['reader', 'delivery', 'forward'] as const).flatMap((role) =>
        mayAssume(name as RoleName, role) ? [[name, role]] : [],
      ),
    );
    expect(assumed).toEqual([
      ['audit', 'reader'],
      ['deliver', 'delivery'],
      ['sweep', 'reader'],
      ['inventory', 'reader'],
    ]);
  });

  test('are not assumed without the external id, nor is a role of another hub', () => {
    for (const [name, role] of [
      ['audit', 'reader'],
      ['sweep', 'reader'],
      ['inventory', 'reader'],
      ['deliver', 'delivery'],
    ] as const) {
      expect(mayAssume(name, role)).toBe(true);
      expect(mayAssume(name, role, { externalId: '' })).toBe(false);
      expect(mayAssume(name, role, { externalId: 'another' })).toBe(false);
      expect(mayAssume(name, role, { hub: `${ACCOUNT}-us-east-1` })).toBe(false);
    }
  });

  test('read what the functions read in their own account, and nothing else', () => {
    const READING =
      /^((sagemaker|iam|organizations|ram|cloudtrail):|kms:(GetKeyPolicy|DescribeKey)|s3:(GetBucket|ListAll))/;
    const inHub = DEPLOYMENTS.members.stated(
      DEPLOYMENTS.members.table.filter(
        ({ role, actions, on }) =>
          ['audit', 'sweep'].includes(role) &&
          actions.every((action) => READING.test(action)) &&
          // Which accounts there are is asked with the hub’s own role alone.
          !actions.includes('organizations:ListAccountsForParent') &&
          !on.includes('${DataKey}') &&
          !on.includes('${AlertKey}'),
      ),
    );
    expect(within(inHub, statementsOf('memberReader'))).toEqual({ answer: 'yes' });
    expect(within(statementsOf('memberReader'), inHub)).toEqual({ answer: 'yes' });
  });

  test('that read change nothing, and those that write import findings and forward events alone', () => {
    const actionsOf = (name: RoleName) => statementsOf(name).flatMap(({ Action }) => Action);
    for (const action of actionsOf('memberReader'))
      expect(action).toMatch(/^[a-z0-9]+:(Describe|Get|List|Lookup)\w*$/);
    expect(actionsOf('memberDelivery').toSorted()).toEqual([
      'securityhub:BatchImportFindings',
      'securityhub:BatchUpdateFindings',
      'securityhub:GetFindings',
    ]);
    expect(actionsOf('memberForward')).toEqual(['events:PutEvents']);
  });
});

describe('the table', () => {
  test('has a reason for each permission, and for each star', () => {
    for (const { reason, wildcard, on, actions } of TABLE) {
      expect(reason).toMatch(/\w/);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
      expect({ on, hasReason: wildcard !== undefined }).toEqual({
        on,
        hasReason: on.some((text) => text.includes('*')),
      });
    }
  });

  test('allows an action on everything only where the action takes no resource, or with a reason', () => {
    const onAll = TABLE.filter(({ on, wildcard }) => on.includes('*') && wildcard?.includes('no resource'));
    for (const action of onAll.flatMap(({ actions }) => actions)) {
      const [prefix = '', operation = ''] = action.split(':');
      const known = SERVICES.get(prefix)?.().actions.get(operation.toLowerCase());
      expect({ action, types: known?.types ?? [] }).toEqual({ action, types: [] });
    }
  });

  test('writes nothing but tables, queues, topics, findings, events, reports, copies and the history of the system itself', () => {
    const writing = TABLE.filter(({ role }) => role === 'audit')
      .flatMap(({ actions }) => actions)
      .filter((action) => !/:(Get|List|Describe|Receive|PutTrace|PutTelemetry)/.test(action));
    expect(new Set(writing.map((action) => action.split(':')[0]))).toEqual(
      new Set(['dynamodb', 'kms', 'logs', 's3', 'sqs']),
    );
    const onS3 = TABLE.filter(({ actions }) => actions.includes('s3:PutObject') && actions.length === 1);
    expect(onS3.map(({ role, on }) => [role, on])).toEqual([
      ['audit', ['${ConfigurationBucket}/configurations/*']],
      ['history', ['${HistoryBucket}/*']],
    ]);
  });

  test('gives rights over secrets, other topics and workflows only where the configuration asks', () => {
    const without = permissions({
      secretArns: [],
      topicArns: [],
      findingsGoTo: 'member',
      isTraced: true,
      partition: 'aws',
      resolvesWorkflow: false,
      otherRegions: [],
      hasMembers: false,
      hasOrganizationPolicies: false,
    });
    const actions = without.flatMap((each) => each.actions);
    expect(actions).not.toContain('secretsmanager:GetSecretValue');
    expect(actions).not.toContain('securityhub:BatchUpdateFindings');
    expect(without.find(({ actions }) => actions.includes('sns:Publish'))?.on).toEqual(['${AlertTopic}']);
  });
});
