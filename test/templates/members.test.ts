import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { EVENT_PATTERNS } from '../../infra/event-patterns.ts';
import type { MemberTargets } from '../../shared/config/member-targets.ts';
import { hubSuffix, memberRoleArn, memberRoleName } from '../../shared/domain/member-roles.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { decide } from '../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import { roleIn } from '../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../shared/json/json.ts';
import {
  ACCOUNT_MEMBERS,
  deployedTemplate,
  hubValues,
  MEMBER,
  ORGANIZATION,
  stackSetsOf,
  UNIT_MEMBERS,
} from '../support/templates/members.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const hub = (
  members: MemberTargets | undefined,
  { regions = [] as string[], region = REGION, resolvesWorkflow = false } = {},
) => deployment(settingsFor(files, { regions, resolvesWorkflow, ...(members && { members }) }), { region });

const own = hub(undefined);
const ofUnit = hub(UNIT_MEMBERS);
const ofAccounts = hub(ACCOUNT_MEMBERS);

type Made = ReturnType<typeof hub>;
type Resource = { Type: string; Properties: Record<string, unknown> };
const membersOf = ({ members }: Made) => {
  if (!members) throw new Error('there is no stack for members');
  return members;
};
const mainOf = ({ pipewarden }: Made): Record<string, Resource> =>
  Template.fromStack(pipewarden).toJSON().Resources;
const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');
const ruleIds = (resources: Record<string, { Type: string }>): string[] =>
  Object.entries(resources).flatMap(([id, { Type }]) =>
    Type === 'AWS::Events::Rule' && !id.startsWith('QueuePurges') ? id : [],
  );

describe('a deployment that watches its own account alone', () => {
  test('has no stack for members, no intake, and assumes no role', () => {
    expect(own.members).toBeUndefined();
    const text = JSON.stringify([
      Template.fromStack(own.pipewarden).toJSON(),
      Template.fromStack(own.state.stack).toJSON(),
    ]);
    expect(text).not.toMatch(/StackSet|pipewarden-intake|sts:AssumeRole"],|EXTERNAL_ID/);
    for (const { Type, Properties } of Object.values(mainOf(own)))
      if (Type === 'AWS::IAM::Role')
        expect(JSON.stringify(Properties.Policies)).not.toContain('sts:AssumeRole');
  });
});

describe('a permissions boundary', () => {
  const boundariesIn = (template: { Resources: Record<string, Resource> }): unknown[] =>
    Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::IAM::Role' ? [Properties.PermissionsBoundary ?? 'none'] : [],
    );
  const ofHub = (made: Made) =>
    [made.state.stack, made.pipewarden, membersOf(made), ...made.forwarding.values()].flatMap((stack) =>
      boundariesIn(Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> }),
    );
  const ofMembers = (made: Made) =>
    Object.values(stackSetsOf(membersOf(made))).flatMap(({ properties }) =>
      boundariesIn(JSON.parse(properties.TemplateBody)),
    );
  const arnIn = (account: unknown[]) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...account]],
  });

  test('is on each role that is made, in the hub and in members, each of its own account', () => {
    const made = deployment(
      settingsFor(files, { members: UNIT_MEMBERS, permissionsBoundary: 'team/Boundary' }),
    );
    const inHub = arnIn([`:iam::${ACCOUNT}:policy/team/Boundary`]);
    const inMember = arnIn([':iam::', { Ref: 'AWS::AccountId' }, ':policy/team/Boundary']);
    expect(ofHub(made)).toEqual(ofHub(ofUnit).map(() => inHub));
    expect(ofMembers(made)).toEqual(ofMembers(ofUnit).map(() => inMember));
  });

  test('is on none where none is named', () => {
    expect(new Set(ofHub(ofUnit))).toEqual(new Set(['none']));
    expect(new Set(ofMembers(ofUnit))).toEqual(new Set(['none']));
  });
});

describe('a hub', () => {
  test('has what its own account needs as before; what comes to it are the intake, its rules and an alarm', () => {
    const [before, after] = [mainOf(own), mainOf(ofUnit)];
    const changed = Object.keys(before).filter(
      (id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]),
    );
    expect(changed.map(nameOf).toSorted()).toEqual(
      [
        ...['AuditFunction', 'AuditRole', 'Dashboard', 'DeadLettersPolicy', 'DeliverFunction', 'DeliverRole'],
        ...[
          'InventoryFunction',
          'InventoryRequests',
          'InventoryRole',
          'RequestsPolicy',
          'SweepFunction',
          'SweepMachine',
          'SweepMachineRole',
          'SweepRole',
          'SweepThrottlesAlarm',
        ],
      ].toSorted(),
    );
    const types = Object.keys(after).flatMap((id) => (id in before ? [] : (after[id]?.Type ?? '')));
    expect(new Set(types)).toEqual(
      new Set([
        'AWS::Events::EventBus',
        'AWS::Events::EventBusPolicy',
        'AWS::Events::Rule',
        'AWS::Events::Archive',
        'AWS::CloudWatch::Alarm',
      ]),
    );
    const state = ({ state: { stack } }: Made) => Template.fromStack(stack).toJSON();
    expect(state(ofUnit)).toEqual(state(own));
  });

  test('tells the functions that assume roles of members how, and no others', () => {
    const told = Object.entries(mainOf(ofUnit)).flatMap(([id, { Type, Properties }]) => {
      const { Variables } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
      return Type === 'AWS::Lambda::Function' && Variables?.EXTERNAL_ID !== undefined
        ? [[nameOf(id), Variables.EXTERNAL_ID]]
        : [];
    });
    const externalId = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
    expect(told.toSorted()).toEqual(
      ['AuditFunction', 'DeliverFunction', 'InventoryFunction', 'SweepFunction'].map((name) => [
        name,
        externalId,
      ]),
    );
  });

  test('matches on the intake what it matches on its own bus, of any account', () => {
    const resources = mainOf(ofUnit);
    const rules = ruleIds(resources).flatMap((id) => resources[id] ?? []);
    const onBus = (isIntake: boolean) =>
      rules.flatMap(({ Properties: { EventBusName, EventPattern } }) => {
        const { account, ...pattern } = EventPattern as { account?: unknown };
        return (EventBusName !== undefined) === isIntake ? [pattern] : [];
      });
    expect(onBus(true)).toHaveLength(EVENT_PATTERNS.length);
    expect(onBus(true)).toEqual(onBus(false));
    for (const { Properties } of rules) {
      expect(JSON.stringify(Properties.Targets)).toMatch(/"Requests[0-9A-F]{8}"/);
      if (Properties.EventBusName !== undefined)
        expect(Properties.EventPattern).not.toHaveProperty('account');
    }
  });

  test('lets the rules of both buses send to the queue', () => {
    const resources = mainOf(ofUnit);
    const policies = Object.entries(resources).filter(([id]) => /^(Requests|DeadLetters)Policy/.test(id));
    expect(policies).toHaveLength(2);
    for (const [, { Properties }] of policies)
      for (const id of ruleIds(resources)) expect(JSON.stringify(Properties)).toContain(`"${id}"`);
  });

  test.each([
    ['cdk-nag has no complaint about members in a unit', ofUnit],
    ['cdk-nag has no complaint about single members', ofAccounts],
  ])('%s', (_, { app }) => {
    expect(() => app.synth()).not.toThrow();
  });

  test('keeps the alarms within the ten metrics that an expression takes', () => {
    for (const { Type, Properties } of Object.values(mainOf(ofUnit)))
      if (Type === 'AWS::CloudWatch::Alarm' && Properties.Metrics)
        expect(
          (Properties.Metrics as { MetricStat?: unknown }[]).filter(({ MetricStat }) => MetricStat).length,
        ).toBeLessThanOrEqual(10);
  });
});

describe('who may send events to the intake', () => {
  const policyOf = (made: Made) => {
    const [statement] = Object.values(mainOf(made)).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Events::EventBusPolicy' ? [Properties.Statement] : [],
    );
    const document = JSON.parse(
      JSON.stringify({ Version: '2012-10-17', Statement: [statement] }).replaceAll(
        /\{"Fn::GetAtt":\["Intake[0-9A-F]{8}","Arn"\]\}/g,
        JSON.stringify(hubValues().IntakeBusArn),
      ),
    ) as Json;
    return indexPolicies([readPolicy(document, { name: 'intake', kind: 'resource' })]);
  };
  const MAY_SEND = indexPolicies([
    readPolicy(
      {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' }],
      },
      { name: 'forward', kind: 'identity' },
    ),
  ]);
  const decision = (
    made: Made,
    {
      account = MEMBER,
      organization = ORGANIZATION.id as string | undefined,
      source = 'aws.sagemaker',
      action = 'events:PutEvents',
    },
  ) =>
    decide(
      { identity: MAY_SEND, resource: policyOf(made) },
      {
        principal: roleIn({ partition: 'aws', account }),
        action,
        resource: hubValues().IntakeBusArn ?? '',
        context: contextOf({
          ...(organization !== undefined && { 'aws:PrincipalOrgID': organization }),
          'aws:PrincipalAccount': account,
          'events:source': source,
        }),
      },
    );

  test.each(EVENT_PATTERNS.flatMap(({ pattern }) => pattern.source))(
    'a member, with an event of %s',
    (source) => {
      expect([decision(ofUnit, { source }), decision(ofAccounts, { source })]).toEqual(['Allow', 'Allow']);
    },
  );

  test('nobody with an event of another service, or of a program', () => {
    for (const source of ['aws.ec2', 'acme.billing'])
      for (const made of [ofUnit, ofAccounts]) expect(decision(made, { source })).toBe('ImplicitDeny');
  });

  test('no account of another organization, even if it is named', () => {
    for (const made of [ofUnit, ofAccounts])
      expect(decision(made, { organization: 'o-zzzzzzzzzz' })).toBe('ImplicitDeny');
  });

  test('no account that is excluded from the unit, and none besides the named ones', () => {
    const excluding = hub({ ...UNIT_MEMBERS, excluded: [MEMBER] });
    expect(decision(excluding, {})).toBe('ImplicitDeny');
    expect(decision(excluding, { account: '777788889999' })).toBe('Allow');
    expect(decision(ofAccounts, { account: '222233334444' })).toBe('ImplicitDeny');
  });

  test('the management account exactly where it is watched', () => {
    const account = ORGANIZATION.managementAccount;
    expect(decision(ofAccounts, { account })).toBe('ImplicitDeny');
    expect(decision(hub({ ...ACCOUNT_MEMBERS, includesManagementAccount: true }), { account })).toBe('Allow');
  });

  test('and nobody may do anything else with the bus', () => {
    for (const action of ['events:PutRule', 'events:PutTargets', 'events:DeleteEventBus'])
      expect(decision(ofUnit, { action })).toBe('ImplicitDeny');
  });

  test('a policy with very many accounts stays within the 10 KB of a bus', () => {
    const accounts = Array.from({ length: 1000 }, (_, index) => String(100_000_000_000 + index));
    for (const members of [
      { ...ACCOUNT_MEMBERS, accounts },
      { ...ACCOUNT_MEMBERS, accounts: accounts.slice(0, 499), includesManagementAccount: true },
      { ...UNIT_MEMBERS, excluded: accounts.slice(0, 500) },
    ]) {
      const [policy] = Object.values(mainOf(hub(members))).filter(
        ({ Type }) => Type === 'AWS::Events::EventBusPolicy',
      );
      expect(JSON.stringify(policy?.Properties.Statement).length).toBeLessThan(10_000);
    }
  });
});

describe('the templates of members', () => {
  const everywhere = hub(UNIT_MEMBERS, {
    regions: ['eu-central-1', 'us-east-1', 'ap-southeast-2'],
    resolvesWorkflow: true,
  });

  test.each([
    ['of a unit', ofUnit],
    ['of accounts', ofAccounts],
    ['in many Regions', everywhere],
  ])('%s hold no account, and fit into a StackSet', (_, made) => {
    for (const { properties } of Object.values(stackSetsOf(membersOf(made)))) {
      expect(properties.TemplateBody).not.toMatch(/\d{12}/);
      expect(properties.TemplateBody.length).toBeLessThan(51_200);
      expect(properties.TemplateBody).not.toMatch(/cdk-bootstrap|cdk-hnb659fds/);
    }
  });

  test('the templates for an account that StackSets leave out are those of the StackSets', () => {
    const { app } = ofUnit;
    app.synth();
    const written = (name: string) =>
      JSON.parse(readFileSync(join(app.outdir, 'members', `${name}.template.json`), 'utf8'));
    const sets = stackSetsOf(membersOf(ofUnit));
    expect(written('PipewardenMemberRoles')).toEqual(JSON.parse(sets.roles.properties.TemplateBody));
    expect(written('PipewardenMemberRules')).toEqual(JSON.parse(sets.rules.properties.TemplateBody));
  });

  test('an output of the hub gives the values of all parameters for such an account, as they are', () => {
    const { Outputs } = Template.fromStack(ofUnit.pipewarden).toJSON() as {
      Outputs: Record<string, { Value: unknown }>;
    };
    const sets = stackSetsOf(membersOf(ofUnit));
    for (const [output, { properties }] of [
      [Outputs.MemberRolesParameters, sets.roles],
      [Outputs.MemberRulesParameters, sets.rules],
    ] as const) {
      const text = JSON.stringify(output?.Value);
      expect(text).not.toContain('Fn::GetStackOutput');
      const names = (properties.Parameters as { ParameterKey: string }[]).map(
        ({ ParameterKey }) => ParameterKey,
      );
      expect([...text.matchAll(/(\w+)=/g)].map(([, name]) => name)).toEqual(names);
    }
  });

  test('every parameter gets a value, and no other is given', () => {
    for (const { properties } of Object.values(stackSetsOf(membersOf(ofUnit)))) {
      const { Parameters } = JSON.parse(properties.TemplateBody) as { Parameters: object };
      const given = (properties.Parameters as { ParameterKey: string }[]).map(
        ({ ParameterKey }) => ParameterKey,
      );
      expect(given.toSorted()).toEqual(Object.keys(Parameters).toSorted());
    }
  });

  describe('the roles', () => {
    const template = deployedTemplate(stackSetsOf(membersOf(ofUnit)).roles.properties.TemplateBody, {
      values: hubValues(),
      region: REGION,
    });
    const roles = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
    const roleNamed = (name: string) =>
      roles.find(({ Properties }) => JSON.stringify(Properties.RoleName).includes(name))?.Properties;
    const trustOf = (name: string) =>
      (roleNamed(name)?.AssumeRolePolicyDocument as { Statement: unknown[] } | undefined)?.Statement;
    const { ExternalId, AuditRoleArn, InventoryRoleArn, SweepRoleArn, DeliverRoleArn } = hubValues();
    const letsIn = (...arns: (string | undefined)[]) => [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: arns.length === 1 ? arns[0] : arns },
        Condition: { StringEquals: { 'sts:ExternalId': ExternalId } },
      },
    ];

    test('let in the functions of the hub that use them, with the external id alone', () => {
      expect(roles).toHaveLength(3);
      expect(trustOf('PipewardenReader')).toEqual(letsIn(AuditRoleArn, InventoryRoleArn, SweepRoleArn));
      expect(trustOf('PipewardenDelivery')).toEqual(letsIn(DeliverRoleArn));
      expect(trustOf('PipewardenForward')).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': MEMBER } },
        },
      ]);
    });

    test('have the names under which the functions look for them', () => {
      const suffix = hubSuffix({ account: ACCOUNT, region: REGION });
      expect(roles.map(({ Properties }) => joined(Properties.RoleName))).toEqual(
        (['reader', 'delivery', 'forward'] as const).map((role) => memberRoleName(role, suffix)),
      );
    });
  });

  const joined = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const { 'Fn::Join': [separator, parts] = ['', []] } = value as { 'Fn::Join'?: [string, unknown[]] };
    return parts.map((part) => (typeof part === 'string' ? part : 'aws')).join(separator);
  };

  test('let nobody import findings, if the configuration wants none in members', () => {
    for (const findingsGoTo of ['hub', 'off'] as const) {
      const made = deployment(settingsFor(files, { members: UNIT_MEMBERS, findingsGoTo }));
      const { roles } = stackSetsOf(membersOf(made));
      expect(roles.properties.TemplateBody).not.toMatch(/securityhub|PipewardenDelivery|DeliverRole/);
      expect(JSON.stringify(roles.properties.Parameters)).not.toContain('DeliverRole');
      const deliver = Object.entries(mainOf(made)).find(([id]) => nameOf(id) === 'DeliverRole')?.[1];
      expect(JSON.stringify(deliver)).not.toContain('sts:AssumeRole"],');
      expect(JSON.stringify(deliver).includes('BatchImportFindings')).toBe(findingsGoTo === 'hub');
    }
  });

  describe('the rules', () => {
    const ALL = EVENT_PATTERNS.map(({ id }) => id);
    const OF_IAM = EVENT_PATTERNS.flatMap(({ id, isGlobal }) => (isGlobal ? id : []));
    const OF_REGION = ALL.filter((id) => !OF_IAM.includes(id));

    test.each([
      ['eu-west-1', [], { 'eu-west-1': OF_REGION, 'us-east-1': OF_IAM }],
      [
        'eu-west-1',
        ['eu-central-1'],
        { 'eu-west-1': OF_REGION, 'eu-central-1': OF_REGION, 'us-east-1': OF_IAM },
      ],
      ['eu-west-1', ['us-east-1'], { 'eu-west-1': OF_REGION, 'us-east-1': ALL }],
      ['us-east-1', ['eu-west-1'], { 'us-east-1': ALL, 'eu-west-1': OF_REGION }],
      ['cn-northwest-1', [], { 'cn-northwest-1': OF_REGION, 'cn-north-1': OF_IAM }],
      ['us-gov-east-1', ['us-gov-west-1'], { 'us-gov-east-1': OF_REGION, 'us-gov-west-1': ALL }],
    ])(
      'of a hub in %s that watches %j, too, are in each Region those of its events',
      (region, regions, expected) => {
        const { properties } = stackSetsOf(membersOf(hub(UNIT_MEMBERS, { region, regions }))).rules;
        const [group] = properties.StackInstancesGroup as { Regions: string[] }[];
        expect(group?.Regions).toEqual(Object.keys(expected));
        const rules = Object.fromEntries(
          (group?.Regions ?? []).map((each) => {
            const values = hubValues(ACCOUNT, region);
            return [
              each,
              ruleIds(deployedTemplate(properties.TemplateBody, { values, region: each }).Resources),
            ];
          }),
        );
        expect(rules).toEqual(expected);
      },
    );

    test('are in no Region for the events of IAM alone, if these are left out', () => {
      const { members } = deployment(settingsFor(files, { members: UNIT_MEMBERS, hasIamEvents: false }));
      const { properties } = stackSetsOf(membersOf({ members } as Made)).rules;
      expect(properties.StackInstancesGroup).toMatchObject([{ Regions: [REGION] }]);
    });

    test('send events of their own account to the hub under the role for that, for a day', () => {
      const { Resources } = deployedTemplate(stackSetsOf(membersOf(ofUnit)).rules.properties.TemplateBody, {
        values: hubValues(),
        region: REGION,
      });
      const role = memberRoleArn(
        'forward',
        { partition: 'aws', account: MEMBER },
        hubSuffix({ account: ACCOUNT, region: REGION }),
      );
      for (const { Properties } of Object.values(Resources)) {
        expect(Properties.EventPattern).toMatchObject({ account: [MEMBER] });
        const [target, ...others] = Properties.Targets as { RoleArn: unknown }[];
        expect(others).toEqual([]);
        expect({ ...target, RoleArn: joined(target?.RoleArn) }).toEqual({
          Id: 'Hub',
          Arn: hubValues().IntakeBusArn,
          RoleArn: role,
          RetryPolicy: { MaximumEventAgeInSeconds: 24 * 60 * 60, MaximumRetryAttempts: 185 },
        });
      }
    });

    test('have no fixed names, so that the rules of several hubs stand side by side', () => {
      const { Resources } = JSON.parse(stackSetsOf(membersOf(ofUnit)).rules.properties.TemplateBody) as {
        Resources: Record<string, Resource>;
      };
      for (const { Properties } of Object.values(Resources)) expect(Properties).not.toHaveProperty('Name');
    });
  });
});

describe('the StackSets', () => {
  const groupsOf = (made: Made, of: 'roles' | 'rules') =>
    stackSetsOf(membersOf(made))[of].properties.StackInstancesGroup;
  const unit = { OrganizationalUnitIds: ['ou-ab12-cdefgh34'] };
  const single = {
    OrganizationalUnitIds: [ORGANIZATION.root],
    AccountFilterType: 'INTERSECTION',
    Accounts: ACCOUNT_MEMBERS.accounts,
  };

  test('deploy to all accounts of a unit but those that are excluded', () => {
    expect(groupsOf(ofUnit, 'roles')).toEqual([
      {
        DeploymentTargets: { ...unit, AccountFilterType: 'DIFFERENCE', Accounts: [ACCOUNT] },
        Regions: [REGION],
      },
    ]);
    expect(groupsOf(hub({ ...UNIT_MEMBERS, excluded: [] }), 'roles')).toEqual([
      { DeploymentTargets: { ...unit, AccountFilterType: 'NONE' }, Regions: [REGION] },
    ]);
  });

  test('deploy to single accounts by the root and a filter', () => {
    expect(groupsOf(ofAccounts, 'rules')).toEqual([
      { DeploymentTargets: single, Regions: [REGION, 'us-east-1'] },
    ]);
  });

  test('deploy to units and to accounts outside of them in two groups, as one cannot have both', () => {
    const both = hub({ ...UNIT_MEMBERS, excluded: [], accounts: ACCOUNT_MEMBERS.accounts });
    expect(groupsOf(both, 'roles')).toEqual([
      { DeploymentTargets: { ...unit, AccountFilterType: 'NONE' }, Regions: [REGION] },
      { DeploymentTargets: single, Regions: [REGION] },
    ]);
  });

  test('set up new accounts by themselves where units alone are named: with single accounts, AWS would set up every new account', () => {
    const automatic = (made: Made) => {
      const { roles, rules } = stackSetsOf(membersOf(made));
      return [roles, rules].map(({ properties }) => properties.AutoDeployment as { Enabled: boolean });
    };
    for (const each of automatic(ofUnit))
      expect(each).toMatchObject({ Enabled: true, RetainStacksOnAccountRemoval: false });
    for (const each of automatic(ofAccounts)) expect(each).toEqual({ Enabled: false });
    expect(automatic(hub({ ...UNIT_MEMBERS, accounts: [MEMBER] }))).toEqual([
      { Enabled: false },
      { Enabled: false },
    ]);
  });

  test('deploy the roles first, also to new accounts', () => {
    const { roles, rules } = stackSetsOf(membersOf(ofUnit));
    expect(stackSetsOf(membersOf(ofAccounts)).rules.dependsOn).toEqual([roles.id]);
    expect(rules.properties.AutoDeployment).toMatchObject({
      DependsOn: [
        {
          'Fn::Join': [
            '',
            [
              ...['arn:', { Ref: 'AWS::Partition' }, ':cloudformation:', { Ref: 'AWS::Region' }],
              `:${ORGANIZATION.managementAccount}:stackset/`,
              { 'Fn::GetAtt': [roles.id, 'StackSetId'] },
            ],
          ],
        },
      ],
    });
  });

  test('go on where an account or Region fails, and work side by side', () => {
    for (const { properties } of Object.values(stackSetsOf(membersOf(ofUnit))))
      expect(properties).toMatchObject({
        PermissionModel: 'SERVICE_MANAGED',
        ManagedExecution: { Active: true },
        OperationPreferences: {
          FailureTolerancePercentage: 100,
          MaxConcurrentPercentage: 100,
          RegionConcurrencyType: 'PARALLEL',
        },
      });
  });

  test('are made by a delegated administrator, unless the hub is the management account', () => {
    const callAs = (made: Made) => stackSetsOf(membersOf(made)).roles.properties.CallAs;
    const organization = { ...ORGANIZATION, managementAccount: ACCOUNT };
    expect(callAs(ofUnit)).toBe('DELEGATED_ADMIN');
    expect(callAs(hub({ ...UNIT_MEMBERS, organization }))).toBe('SELF');
  });

  test('have names with the account and Region of the hub', () => {
    for (const { properties } of Object.values(stackSetsOf(membersOf(ofUnit))))
      expect(JSON.stringify(properties.StackSetName)).toMatch(
        /PipewardenMember(Roles|Rules)-",\{"Ref":"AWS::AccountId"\},"-",\{"Ref":"AWS::Region"\}/,
      );
  });

  test('are deployed after the functions whose roles they let in', () => {
    expect(membersOf(ofUnit).dependencies).toContain(ofUnit.pipewarden);
    const asked = JSON.stringify(Template.fromStack(membersOf(ofUnit)).toJSON()).matchAll(
      /"StackName":"Pipewarden","OutputName":"([^"]+)"/g,
    );
    const outputs = Template.fromStack(ofUnit.pipewarden).findOutputs('*');
    const told = ['ExternalId', ...Object.keys(outputs).filter((name) => name.endsWith('RoleArn'))];
    expect(new Set([...asked].map(([, name]) => name))).toEqual(new Set(told));
  });
});
