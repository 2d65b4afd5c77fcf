import { afterAll, describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { hubRoleNaming } from '../../infra/roles.ts';
import type { Settings } from '../../infra/settings.ts';
import { stateStackOf } from '../../shared/domain/deployment-names.ts';
import { REGIONS } from '../../shared/domain/regions.ts';
import {
  deployedTemplate,
  hubValues,
  MEMBER,
  stackSetsOf,
  UNIT_MEMBERS,
} from '../support/templates/members.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const hub = (over: Partial<Settings>) =>
  deployment(settingsFor(files, { members: UNIT_MEMBERS, regions: ['eu-central-1'], ...over }));
const plain = hub({});
const named = hub({ rolePath: '/team/ml/', rolePrefix: 'acme-' });
const stacked = hub({ stackPrefix: 'acme-' });

type Made = ReturnType<typeof hub>;
type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;
const membersOf = ({ members }: Made): Stack => {
  if (!members) throw new Error('there is no stack for members');
  return members;
};
const resourcesIn = (stack: Stack): Resources => Template.fromStack(stack).toJSON().Resources;
const memberTemplate = (made: Made, of: 'roles' | 'rules') =>
  deployedTemplate(stackSetsOf(membersOf(made))[of].properties.TemplateBody, {
    values: hubValues(),
    region: REGION,
  });
const ofType = (resources: Resources, type: string) =>
  Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
/** A text of which all parts are known but those of AWS. */
const joined = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, of] = ['', []]] = Object.entries(value);
  return kind === 'Fn::Join' ? (of as [string, unknown[]])[1].map(joined).join('') : '';
};
const stacksOf = (made: Made): Stack[] => [
  made.state.stack,
  made.pipewarden,
  ...made.forwarding.values(),
  membersOf(made),
];
const rolesOf = (made: Made) =>
  [...stacksOf(made).map(resourcesIn), memberTemplate(made, 'roles').Resources].flatMap((resources) =>
    ofType(resources, 'AWS::IAM::Role').map(({ Path, RoleName }) => ({
      Path,
      RoleName: RoleName === undefined ? undefined : joined(RoleName),
    })),
  );

describe('a path and a prefix of roles', () => {
  test('are on each role, in the hub, where events are forwarded, and in members', () => {
    expect(rolesOf(named)).toHaveLength(rolesOf(plain).length);
    for (const role of rolesOf(named))
      expect(role).toEqual({
        Path: '/team/ml/',
        RoleName: expect.stringMatching(/^acme-Pipewarden[A-Z]/),
      });
    const names = rolesOf(named).map(({ RoleName }) => RoleName);
    expect(new Set(names).size).toBe(names.length);
  });

  test('leave roles as they were where none is given: those of the hub are named by CloudFormation', () => {
    for (const { Path, RoleName } of rolesOf(plain)) {
      expect(Path).toBeUndefined();
      expect(RoleName ?? 'PipewardenReader').toMatch(/^Pipewarden(?:Reader|Delivery|Forward)/);
    }
    const paths = rolesOf(hub({ rolePath: '/team/' }));
    expect(paths.map(({ Path }) => Path)).toEqual(paths.map(() => '/team/'));
    expect(paths.map(({ RoleName }) => RoleName)).toEqual(rolesOf(plain).map(({ RoleName }) => RoleName));
  });

  test.each(REGIONS)('leave room for the names of the hub’s roles in %s', (region) => {
    const names = ['ReportSchedule', 'Inventory', `Events-${region}`].map(
      (name) => hubRoleNaming({ rolePrefix: 'x'.repeat(16) }, `${name}-${region}`).roleName ?? '',
    );
    for (const name of names) expect(name).toMatch(/^x{16}Pipewarden[\w-]{1,38}$/);
  });

  test('are known to the functions that assume the roles of members, and to what these may assume', () => {
    const told = (made: Made) =>
      ofType(resourcesIn(made.pipewarden), 'AWS::Lambda::Function').flatMap(({ Environment }) => {
        const { EXTERNAL_ID, MEMBER_ROLES_BEGIN } = (Environment as { Variables: Record<string, unknown> })
          .Variables;
        return EXTERNAL_ID === undefined ? [] : [MEMBER_ROLES_BEGIN];
      });
    expect(told(named)).toEqual(['/team/ml/acme-', '/team/ml/acme-', '/team/ml/acme-', '/team/ml/acme-']);
    expect(new Set(told(plain))).toEqual(new Set([undefined]));
    const assumed = (made: Made) =>
      JSON.stringify(resourcesIn(made.pipewarden)).match(/:iam::\*:role\/[^"]*?Pipewarden\w+-/g);
    expect(new Set(assumed(named))).toEqual(
      new Set([
        ':iam::*:role/team/ml/acme-PipewardenReader-',
        ':iam::*:role/team/ml/acme-PipewardenDelivery-',
      ]),
    );
    expect(assumed(named)).toHaveLength(assumed(plain)?.length ?? 0);
  });

  test('are in the ARN by which the rules of a member send', () => {
    const roles = new Set(
      ofType(memberTemplate(named, 'rules').Resources, 'AWS::Events::Rule').map(({ Targets }) =>
        joined((Targets as { RoleArn: unknown }[])[0]?.RoleArn),
      ),
    );
    expect([...roles]).toEqual([
      expect.stringContaining(`:iam::${MEMBER}:role/team/ml/acme-PipewardenForward-${ACCOUNT}-${REGION}`),
    ]);
  });

  test('are outputs, by which a later deployment tells what it changes', () => {
    const main = Template.fromStack(named.pipewarden);
    main.hasOutput('RolePath', { Value: '/team/ml/' });
    main.hasOutput('RolePrefix', { Value: 'acme-' });
    expect(Template.fromStack(plain.pipewarden).findOutputs('Role*')).toEqual({});
  });
});

describe('a prefix of stacks', () => {
  test('is on all stacks and StackSets', () => {
    expect(stacksOf(stacked).map(({ stackName }) => stackName)).toEqual(
      stacksOf(plain).map(({ stackName }) => `acme-${stackName}`),
    );
    const sets = ofType(resourcesIn(membersOf(stacked)), 'AWS::CloudFormation::StackSet');
    expect(sets.map(({ StackSetName }) => JSON.stringify(StackSetName))).toEqual([
      expect.stringContaining('"acme-PipewardenMemberRoles-'),
      expect.stringContaining('"acme-PipewardenMemberRules-'),
    ]);
  });

  test('is on all that is named after stacks, so that nothing names a stack without it', () => {
    for (const [index, stack] of stacksOf(stacked).entries()) {
      const text = (of: Stack) => {
        const { TemplateBody: _, ...rest } = Template.fromStack(of).toJSON();
        return JSON.stringify(rest).replaceAll(/"TemplateBody":"(?:[^"\\]|\\.)*"/g, '');
      };
      const names = (of: Stack) =>
        text(of).match(/(?:acme-)?Pipewarden(?:State|IamEvents|Events|Members)?-(?!HASH)\w+/g) ?? [];
      const [with_, without] = [names(stack), names(stacksOf(plain)[index] as Stack)];
      expect(with_).toEqual(without.map((name) => `acme-${name}`));
    }
  });

  test('lets the alarms of the deployment tell its topic', () => {
    const [policy] = ofType(resourcesIn(stacked.state.stack), 'AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policy)).toContain(':alarm:acme-Pipewarden-*');
  });
});

describe('a prefix of stacks that comes later', () => {
  const moved = hub({ stackPrefix: 'acme-', stateStack: 'PipewardenState' });

  test('leaves the stack with what is kept as it is, but for the alarms that may tell its topic', () => {
    const [before, after] = [plain, moved].map((made) => resourcesIn(made.state.stack)) as [
      Resources,
      Resources,
    ];
    expect(moved.state.stack.stackName).toBe('PipewardenState');
    for (const [id, resource] of Object.entries(before))
      if (resource.Type !== 'AWS::SNS::TopicPolicy') expect([id, after[id]]).toEqual([id, resource]);
    expect(Object.keys(after)).toEqual(Object.keys(before));
  });

  test('is on all others, which read from that stack', () => {
    const others = (made: Made) => stacksOf(made).slice(1);
    expect(others(moved).map(({ stackName }) => stackName)).toEqual(
      others(plain).map(({ stackName }) => `acme-${stackName}`),
    );
    const text = JSON.stringify(resourcesIn(moved.pipewarden));
    expect(text).toContain('{"StackName":"PipewardenState","OutputName":"FindingsTable"}');
    expect(text).not.toContain('acme-PipewardenState');
  });

  test('is an output, by which a later deployment tells what it loses', () => {
    Template.fromStack(moved.pipewarden).hasOutput('StateStack', { Value: 'PipewardenState' });
  });

  test.each(['Pipewarden', 'acme-PipewardenState2', '-PipewardenState', ''])(
    'is not read from %j',
    (name) => {
      expect(() => stateStackOf(name)).toThrow('--state-stack must be the name');
    },
  );
});

test.each([
  ['a path and a prefix of roles', named],
  ['a prefix of stacks', stacked],
])('cdk-nag has no complaint about %s', (_, { app }) => {
  expect(() => app.synth()).not.toThrow();
});
