import { rolesBegin } from '../shared/domain/deployment-names.ts';
import { hubSuffix, type MemberRole, memberRoleArn } from '../shared/domain/member-roles.ts';
import { FACTS, listsForSweeps, SWEPT_FACTS } from './function-permissions.ts';
import type { MemberRoleName, Permission, RoleName } from './permission.ts';
import { importsFindings, reads, readsChanged } from './permission-groups.ts';
import type { Settings } from './settings.ts';

/** The roles of members that functions of the hub assume, and which functions these are. */
export const assumersOf = ({
  findingsGoTo,
}: Pick<Settings, 'findingsGoTo'>): Partial<Record<MemberRoleName, readonly RoleName[]>> => ({
  memberReader: ['audit', 'sweep', 'inventory'],
  ...(findingsGoTo === 'member' && { memberDelivery: ['deliver'] }),
});

/** The permissions of the hub’s functions to find and sweep members and to assume their roles, and those of the members’ roles. */
export const memberPermissions = (
  settings: Pick<Settings, 'findingsGoTo' | 'resolvesWorkflow' | 'rolePath' | 'rolePrefix'> & {
    otherRegions: readonly string[];
  },
): Permission[] => {
  const { memberReader = [], memberDelivery = [] } = assumersOf(settings);
  const { otherRegions } = settings;
  const begin = rolesBegin(settings);
  return [
    ...memberReader.map((role) => assumes(role, 'reader', begin, 'reads the accounts of members')),
    ...memberDelivery.map((role) =>
      assumes(role, 'delivery', begin, 'imports the findings on members into Security Hub of their accounts'),
    ),
    {
      role: 'sweep',
      actions: [
        'organizations:DescribeOrganization',
        'organizations:DescribeAccount',
        'organizations:ListParents',
        'organizations:ListAccountsForParent',
        'organizations:ListOrganizationalUnitsForParent',
        'organizations:DescribeOrganizationalUnit',
      ],
      on: ['*'],
      reason:
        'lists the accounts that the configuration names by their organizational units, and tells the names of these',
      wildcard: 'which accounts and units there are is what it asks',
    },
    {
      role: 'audit',
      actions: [
        'organizations:ListAccountsForParent',
        'organizations:ListOrganizationalUnitsForParent',
        'organizations:ListTargetsForPolicy',
      ],
      on: ['*'],
      reason: 'finds the accounts that a change of the organization reaches',
      wildcard: 'which accounts and units there are is what it asks',
    },
    {
      role: 'sweep',
      actions: ['s3:GetObject'],
      on: ['${SweepBucket}/sweeps/*'],
      reason: 'reads what a sweep has found open in the accounts',
      wildcard: 'each sweep has its own folder',
    },
    {
      role: 'sweepMachine',
      actions: ['states:RedriveExecution'],
      on: ['${SweepMachineRuns}/*'],
      reason: 'a redrive goes on with the accounts that were not swept',
      wildcard: 'an execution’s name is made when it starts',
    },
    ...reads('memberReader', [...new Set([...FACTS, ...SWEPT_FACTS])], otherRegions),
    ...readsChanged('memberReader'),
    ...listsForSweeps('memberReader'),
    ...(memberDelivery.length > 0 ? importsFindings('memberDelivery', settings, otherRegions) : []),
    {
      role: 'memberForward',
      actions: ['events:PutEvents'],
      on: ['${IntakeBus}'],
      reason: 'forwards the events that the hub looks at',
    },
  ];
};

/** The suffix of the hub’s own roles in members, in a template of the hub. */
const SUFFIX = hubSuffix({ account: '${AWS::AccountId}', region: '${AWS::Region}' });

const assumes = (role: RoleName, of: MemberRole, begin: string, reason: string): Permission => ({
  role,
  actions: ['sts:AssumeRole'],
  on: [memberRoleArn(of, { partition: '${AWS::Partition}', account: '*' }, SUFFIX, begin)],
  reason,
  wildcard: 'accounts come and go; the name of the role ends with the account and the Region of the hub',
});
