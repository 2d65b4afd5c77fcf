import { Aws, CfnStackSet, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isSetUpByAws, type MemberTargets } from '../shared/config/member-targets.ts';
import type { StackNames } from '../shared/domain/deployment-names.ts';

/** What members are told of the hub: the values of the templates’ parameters, by their names. */
export type HubParameters = Readonly<Record<'roles' | 'rules', Readonly<Record<string, string>>>>;

/**
 * The stack that sets up the members, by two StackSets: first the roles in the home Region, because roles are the same in all
 * Regions; then the rules in each Region. Accounts that come into a unit are set up by AWS where that is safe (`isSetUpByAws`).
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
 */
export const membersStack = (
  scope: Construct,
  id: string,
  {
    names,
    hub,
    isManagementAccount,
    members,
    templates,
    parameters,
    regions,
    ...props
  }: StackProps & {
    names: Pick<StackNames, 'memberRoles' | 'memberRules'>;
    /** What the names of the StackSets end with. */
    hub: string;
    isManagementAccount: boolean;
    members: MemberTargets;
    templates: Readonly<Record<'roles' | 'rules', object>>;
    parameters: HubParameters;
    /** The Regions of the rules; the home Region is the first. */
    regions: readonly [string, ...string[]];
  },
): Stack => {
  const stack = new Stack(scope, id, props);
  const isAutomatic = isSetUpByAws(members);
  const stackSet = (
    of: 'roles' | 'rules',
    id: string,
    name: string,
    inRegions: readonly string[],
    after?: CfnStackSet,
  ): CfnStackSet =>
    new CfnStackSet(stack, id, {
      stackSetName: `${name}-${hub}`,
      description: `Pipewarden: ${DESCRIPTIONS[of]} the hub ${hub}`,
      permissionModel: 'SERVICE_MANAGED',
      callAs: isManagementAccount ? 'SELF' : 'DELEGATED_ADMIN',
      autoDeployment: isAutomatic
        ? {
            enabled: true,
            retainStacksOnAccountRemoval: false,
            ...(after && { dependsOn: [arnOf(after, members)] }),
          }
        : { enabled: false },
      capabilities: ['CAPABILITY_NAMED_IAM'],
      managedExecution: { Active: true },
      // One account that cannot be set up must not stop the others.
      operationPreferences: {
        failureTolerancePercentage: 100,
        maxConcurrentPercentage: 100,
        regionConcurrencyType: 'PARALLEL',
      },
      parameters: Object.entries(parameters[of]).map(([parameterKey, parameterValue]) => ({
        parameterKey,
        parameterValue,
      })),
      stackInstancesGroup: groups(members, inRegions),
      templateBody: JSON.stringify(templates[of]),
    });
  const [home] = regions;
  const roles = stackSet('roles', 'MemberRoles', names.memberRoles, [home]);
  const rules = stackSet('rules', 'MemberRules', names.memberRules, regions, roles);
  // Where the automatic deployment names the other StackSet, CloudFormation knows the order already.
  if (!isAutomatic) rules.addResourceDependency(roles);
  return stack;
};

/** A StackSet for an organization is one of the management account, whoever made it. */
const arnOf = ({ attrStackSetId }: CfnStackSet, { organization }: MemberTargets): string =>
  `arn:${Aws.PARTITION}:cloudformation:${Aws.REGION}:${organization.managementAccount}:stackset/${attrStackSetId}`;

const DESCRIPTIONS = { roles: 'the roles of members of', rules: 'the rules of members of' };

/**
 * Where the stacks are deployed. An account is in one group only, because units and single accounts cannot be named together when a
 * StackSet is made.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudformation-stackset-deploymenttargets.html
 */
const groups = (
  { units, excluded, accounts, organization }: MemberTargets,
  regions: readonly string[],
): CfnStackSet.StackInstancesProperty[] => {
  const targets: CfnStackSet.DeploymentTargetsProperty[] = [];
  if (units.length > 0)
    targets.push({
      organizationalUnitIds: [...units],
      ...(excluded.length > 0
        ? { accountFilterType: 'DIFFERENCE', accounts: [...excluded] }
        : { accountFilterType: 'NONE' }),
    });
  if (accounts.length > 0)
    targets.push({
      organizationalUnitIds: [organization.root],
      accountFilterType: 'INTERSECTION',
      accounts: [...accounts],
    });
  return targets.map((deploymentTargets) => ({ deploymentTargets, regions: [...regions] }));
};
