/**
 * The options of a deployment that each later one must be given again, by the names of settings. `output`: the output of the stack
 * with the functions that tells the value; `lost`: what happens without it.
 */
export const KEPT_OPTIONS = [
  {
    key: 'permissionsBoundary',
    flag: '--permissions-boundary',
    output: 'PermissionsBoundary',
    lost: 'all roles lose their permissions boundary',
  },
  {
    key: 'rolePath',
    flag: '--role-path',
    output: 'RolePath',
    lost: 'all roles are made anew, without the path',
  },
  {
    key: 'rolePrefix',
    flag: '--role-prefix',
    output: 'RolePrefix',
    lost: 'all roles are made anew, without the prefix',
  },
  {
    key: 'subnets',
    flag: '--subnets',
    output: 'Subnets',
    lost: 'the functions leave their VPC, with its subnets',
  },
  {
    key: 'securityGroups',
    flag: '--security-groups',
    output: 'SecurityGroups',
    lost: 'the functions leave their VPC, with its security groups',
  },
  { key: 'keyArn', flag: '--key-arn', output: 'KeyArn', lost: 'a key is made in place of' },
  {
    key: 'alertTopicArn',
    flag: '--alert-topic-arn',
    output: 'AlertTopicArn',
    lost: 'a topic is made in place of',
  },
  {
    key: 'stateStack',
    flag: '--state-stack',
    output: 'StateStack',
    lost: 'findings, reports and subscriptions begin anew, in place of those of',
  },
  {
    key: 'hook',
    flag: '--hook',
    output: 'Hook',
    lost: 'nothing is judged any more before it is deployed, as it is with the hook in the mode',
  },
  {
    key: 'hookSeverity',
    flag: '--hook-severity',
    output: 'HookSeverity',
    lost: 'the hook refuses from HIGH on, in place of from',
  },
  {
    key: 'history',
    flag: '--history',
    output: 'History',
    lost: 'nothing more is kept in the history, which is in the mode',
  },
  {
    key: 'evidence',
    flag: '--evidence',
    output: 'Evidence',
    lost: 'no evidence packs are made any more, as they are',
  },
] as const;

export type KeptOption = (typeof KEPT_OPTIONS)[number]['key'];
