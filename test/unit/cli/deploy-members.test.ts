import { describe, expect, test } from '@jest/globals';
import { managementCommands, membersPlan, retryLines } from '../../../cli/deploy-members.ts';
import type { MemberTargets } from '../../../shared/config/member-targets.ts';
import { stackNames } from '../../../shared/domain/deployment-names.ts';
import { forwardedRegions } from '../../../shared/events/forwarded-regions.ts';
import { isAwsCalls } from '../../../shared/text/shell-text.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const organization = { id: 'o-abcdef1234', managementAccount: '999988887777', root: 'r-ab12' };
const targets: MemberTargets = {
  organization,
  units: ['ou-ab12-cdefgh34'],
  excluded: ['111122223333'],
  exclude: [],
  accounts: [],
  includesManagementAccount: false,
};
const ROLES =
  'each member gets PipewardenReader-111122223333-eu-west-1 (lets this deployment read what is judged), PipewardenDelivery-111122223333-eu-west-1 (lets it import findings into Security Hub), PipewardenForward-111122223333-eu-west-1 (lets the rules send events to the bus pipewarden-intake here)';

describe('the plan of a deployment with members', () => {
  test('tells accounts, Regions, and what each role may do', () => {
    expect(
      membersPlan(
        {
          targets,
          absent: [],
          inUnits: 12,
          unitNames: new Map([['ou-ab12-cdefgh34', 'ML\u202e']]),
          importsFindings: true,
        },
        scope,
        forwardedRegions('eu-west-1', ['eu-central-1']),
      ),
    ).toEqual([
      'members: 12 accounts in or below ML\\u202e (ou-ab12-cdefgh34) without 111122223333; rules in eu-west-1, eu-central-1, and in us-east-1 for the events of IAM and Organizations',
      ROLES,
      'accounts that come into these units later are set up by AWS',
    ]);
  });

  test('names roles as the deployment does', () => {
    const [, roles] = membersPlan(
      { targets, absent: [], inUnits: 1, unitNames: new Map(), importsFindings: true },
      scope,
      [],
      'acme-',
    );
    expect(roles).toBe(ROLES.replaceAll(/Pipewarden(?=[A-Z])/g, 'acme-Pipewarden'));
  });

  test('tells who is not set up, and that the management account needs commands of its own', () => {
    const single = {
      ...targets,
      units: [],
      excluded: [],
      accounts: ['444455556666'],
      includesManagementAccount: true,
    };
    expect(
      membersPlan(
        {
          targets: single,
          absent: ['000000000000'],
          inUnits: 0,
          unitNames: new Map(),
          importsFindings: true,
        },
        scope,
        forwardedRegions('eu-west-1', ['us-east-1']),
      ),
    ).toEqual([
      'members: 444455556666; rules in eu-west-1, us-east-1',
      ROLES,
      'accounts that come later are set up by the next pipewarden deploy: AWS itself would also set up accounts that are not named, or that are excluded',
      'not set up: 000000000000: the organization o-abcdef1234 has no active account of that number',
      'the management account 999988887777 is left out by StackSets: the commands that set it up follow after the deployment',
    ]);
  });

  test('names the management account, if no other is watched, and no role for findings that nobody wants there', () => {
    const alone = { ...targets, units: [], excluded: [], includesManagementAccount: true };
    const [first, roles] = membersPlan(
      { targets: alone, absent: [], inUnits: 0, unitNames: new Map(), importsFindings: false },
      scope,
      [],
    );
    expect(first).toBe('members: the management account alone; rules in eu-west-1');
    expect(roles).not.toContain('PipewardenDelivery');
  });
});

describe('stacks of members that failed', () => {
  const instance = (account: string, region: string, isCurrent: boolean) => ({
    account,
    region,
    isCurrent,
    isDrifted: false,
    status: isCurrent ? 'SUCCEEDED' : 'FAILED: denied by a policy',
  });
  const name = 'PipewardenMemberRules-111122223333-eu-west-1';

  test('are not told where there are none', () => {
    expect(retryLines(name, [instance('444455556666', 'eu-west-1', true)], { targets, scope })).toEqual([]);
  });

  test('are told with the reason, and with the command that makes them again, and no others', () => {
    const instances = [
      instance('444455556666', 'eu-west-1', false),
      instance('444455556666', 'us-east-1', false),
      instance('777788889999', 'us-east-1', true),
    ];
    const [told, command = '', ...others] = retryLines(name, instances, { targets, scope });
    expect(told).toBe(
      `${name}: 2 stacks not current: 444455556666 eu-west-1 (FAILED: denied by a policy), 444455556666 us-east-1 (FAILED: denied by a policy); mend what the reasons say, and run:`,
    );
    expect(command).toBe(
      `aws cloudformation update-stack-instances --region eu-west-1 --call-as DELEGATED_ADMIN --stack-set-name ${name} --deployment-targets 'OrganizationalUnitIds=r-ab12,Accounts=444455556666,AccountFilterType=INTERSECTION' --regions eu-west-1 us-east-1 --operation-preferences FailureTolerancePercentage=100`,
    );
    expect(isAwsCalls(command)).toBe(true);
    expect(others).toEqual([]);
  });
});

describe('the commands for the management account', () => {
  const parameters = {
    roles: 'Hub=111122223333-eu-west-1 ExternalId=0f5c9d10-aaaa-bbbb-cccc-0123456789ab',
    rules: 'Hub=111122223333-eu-west-1',
  };
  const commands = (root: string, names = stackNames()) =>
    managementCommands({
      scope,
      managementAccount: '999988887777',
      regions: ['eu-west-1', 'us-east-1'],
      parameters,
      root,
      names,
    });

  test('deploy the roles in the home Region, and then the rules in each Region', () => {
    expect(commands('/srv/pipewarden')).toEqual([
      'with credentials of the management account 999988887777, run:',
      'aws cloudformation deploy --region eu-west-1 --stack-name PipewardenMemberRoles-111122223333-eu-west-1 --no-fail-on-empty-changeset --template-file /srv/pipewarden/cdk.out/members/PipewardenMemberRoles.template.json --capabilities CAPABILITY_NAMED_IAM --parameter-overrides Hub=111122223333-eu-west-1 ExternalId=0f5c9d10-aaaa-bbbb-cccc-0123456789ab',
      'aws cloudformation deploy --region eu-west-1 --stack-name PipewardenMemberRules-111122223333-eu-west-1 --no-fail-on-empty-changeset --template-file /srv/pipewarden/cdk.out/members/PipewardenMemberRules.template.json --parameter-overrides Hub=111122223333-eu-west-1',
      'aws cloudformation deploy --region us-east-1 --stack-name PipewardenMemberRules-111122223333-eu-west-1 --no-fail-on-empty-changeset --template-file /srv/pipewarden/cdk.out/members/PipewardenMemberRules.template.json --parameter-overrides Hub=111122223333-eu-west-1',
    ]);
  });

  test('make stacks with the prefix of the deployment, of the same templates', () => {
    const plain = commands('/srv/pipewarden');
    expect(commands('/srv/pipewarden', stackNames('acme-'))).toEqual(
      plain.map((line) => line.replace('--stack-name Pipewarden', '--stack-name acme-Pipewarden')),
    );
  });

  test('run nothing but the AWS CLI, whatever the folder of the checkout is called', () => {
    for (const folder of ['/home/a b', "/tmp/it's; rm -rf ~", '/tmp/$(id)'])
      for (const line of commands(folder).slice(1))
        expect([folder, isAwsCalls(line)]).toEqual([folder, true]);
  });
});
