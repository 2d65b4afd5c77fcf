import { Aws, type Stack, Validations } from 'aws-cdk-lib';
import {
  Effect,
  type IPrincipal,
  type IRole,
  PolicyDocument,
  PolicyStatement,
  Role,
  type RoleProps,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Permission, PlaceName, RoleName } from './permission.ts';
import type { Settings } from './settings.ts';

/** The ARN of each place that permissions name, in the stack with the role. */
export type Places = Partial<Record<PlaceName, string>>;

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': Aws.PARTITION,
  'AWS::Region': Aws.REGION,
  'AWS::AccountId': Aws.ACCOUNT_ID,
  'AWS::URLSuffix': Aws.URL_SUFFIX,
};

/** A service of AWS that assumes a role, on behalf of the account of the role alone. */
export const serviceOfAccount = (service: string): IPrincipal =>
  new ServicePrincipal(
    service,
    // Lambda gives no source account when it assumes a function’s role.
    service === 'lambda.amazonaws.com'
      ? {}
      : { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } },
  );

type Naming = Pick<RoleProps, 'path' | 'roleName'>;

/** The path of a role, where the deployment has one. */
export const rolePathing = ({ rolePath }: Pick<Settings, 'rolePath'>): Naming =>
  rolePath === undefined ? {} : { path: rolePath };

/**
 * The path and name of a role in the account of the deployment, where the deployment says how names begin; else CloudFormation names it.
 * `name` tells it from the others of all deployments of the account.
 */
export const hubRoleNaming = (settings: Pick<Settings, 'rolePath' | 'rolePrefix'>, name: string): Naming => ({
  ...rolePathing(settings),
  ...(settings.rolePrefix !== undefined && { roleName: `${settings.rolePrefix}Pipewarden${name}` }),
});

/**
 * What the ARN of a role in the main stack has after `role`, for policies in stacks that are deployed before it. Where CloudFormation names the
 * role, its own letters at the end are a star.
 */
export const hubRoleArnEnd = (
  settings: Pick<Settings, 'rolePath' | 'rolePrefix'>,
  { mainStack, title, region }: { mainStack: string; title: string; region: string },
): string => {
  const { path = '/', roleName = `${mainStack}-${title}Role*` } = hubRoleNaming(
    settings,
    `${title}-${region}`,
  );
  return `${path}${roleName}`;
};

/** A role with exactly the permissions in the table. Permissions that constructs grant themselves are dropped. */
export const roleFor = (
  stack: Stack,
  id: string,
  {
    name,
    table,
    places,
    ...props
  }: Naming &
    Pick<RoleProps, 'assumedBy' | 'externalIds'> & {
      name: RoleName;
      table: readonly Permission[];
      places: Places;
    },
): IRole => {
  const own = table.filter(({ role }) => role === name);
  const role = new Role(stack, id, {
    ...props,
    description: `Pipewarden: ${DESCRIPTIONS[name]}`,
    inlinePolicies: {
      Permissions: new PolicyDocument({
        statements: own.flatMap(({ actions, on, where, isOfLambdaAlone }) => [
          new PolicyStatement({
            actions: [...actions],
            resources: on.map((text) => resolved(text, places)),
            ...(where && {
              conditions: {
                StringEquals: Object.fromEntries(
                  Object.entries(where).map(([key, value]) => [
                    key,
                    typeof value === 'string'
                      ? resolved(value, places)
                      : value.map((each) => resolved(each, places)),
                  ]),
                ),
              },
            }),
          }),
          ...(isOfLambdaAlone ? [deniedToCode(actions)] : []),
        ]),
      }),
    },
  });
  acknowledgeWildcards(stack, role, own, places);
  return Role.fromRoleArn(stack, `${id}Closed`, role.roleArn, { mutable: false });
};

const deniedToCode = (actions: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.DENY,
    actions: [...actions],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'lambda:SourceFunctionArn': `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:*`,
      },
    },
  });

const DESCRIPTIONS: Readonly<Record<RoleName, string>> = {
  audit: 'looks at the resources of events',
  deliver: 'delivers the changes of findings',
  sweep: 'lists everything to look at',
  report: 'makes the report',
  inventory: 'lists an account for the index',
  hook: 'judges stacks before they are deployed',
  hookCaller: 'lets CloudFormation ask the hook',
  history: 'keeps the history',
  evidence: 'makes evidence packs',
  sweepMachine: 'runs a sweep',
  sweepSchedule: 'starts sweeps',
  reportSchedule: 'starts reports',
  evidenceSchedule: 'starts evidence packs',
  forwardEvents: 'forwards events to the home Region',
  memberReader: 'lets the hub read what it judges in this account',
  memberDelivery: 'lets the hub import findings into Security Hub of this account',
  memberForward: 'forwards events to the hub',
};

const resolved = (text: string, places: Places): string =>
  text.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => {
    const value = PSEUDO[name] ?? places[name as PlaceName];
    if (value === undefined) throw new Error(`a permission names ${name}, which is no place of this stack`);
    return value;
  });

/** Each star is acknowledged separately with its reason, so that cdk-nag still finds any other star. */
const acknowledgeWildcards = (stack: Stack, role: Role, own: readonly Permission[], places: Places): void => {
  const acknowledge = (id: string, reason: string) => Validations.of(role).acknowledge({ id, reason });
  for (const { on, wildcard, reason } of own) {
    if (wildcard === undefined) continue;
    for (const text of on.filter((each) => each.includes('*')))
      acknowledge(
        `AwsSolutions-IAM5[Resource::${flat(stack.resolve(resolved(text, places)))}]`,
        `${reason}: ${wildcard}`,
      );
  }
  if (own.some(({ wildcard }) => wildcard !== undefined))
    acknowledge('Serverless-LambdaStarPermissions', 'AwsSolutions-IAM5 is answered star by star');
};

/** A reference in the form that cdk-nag writes. */
const flat = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, of] = ['', '']] = Object.entries(value);
  if (kind === 'Fn::Join') return (of[1] as unknown[]).map(flat).join(String(of[0]));
  if (kind === 'Fn::GetStackOutput') return JSON.stringify(value);
  return kind === 'Ref' ? `<${of}>` : String(of);
};
