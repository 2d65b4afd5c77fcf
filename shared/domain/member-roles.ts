/**
 * The roles that a member (an account which the hub watches) gives to the hub, by how their names begin. `reader` reads facts and
 * the history of events, `delivery` imports findings into Security Hub, `forward` sends events to the hub.
 */
const MEMBER_ROLES = {
  reader: 'PipewardenReader',
  delivery: 'PipewardenDelivery',
  forward: 'PipewardenForward',
} as const;

export type MemberRole = keyof typeof MEMBER_ROLES;

/** The event bus in the home Region of the hub, to which the members’ rules send. */
export const INTAKE_BUS = 'pipewarden-intake';

/** The session name under which functions of the hub assume a role of a member. CloudTrail of the member shows the name. */
export const MEMBER_SESSION = 'pipewarden';

/** What the names of the members’ roles end with: several hubs may watch one account. At most 28 characters. */
export const hubSuffix = ({ account, region }: { account: string; region: string }): string =>
  `${account}-${region}`;

/** The name of a role in a member; `suffix` is that of the hub. A role’s name has at most 64 characters. */
export const memberRoleName = (role: MemberRole, suffix: string, prefix = ''): string =>
  `${prefix}${MEMBER_ROLES[role]}-${suffix}`;

/** The ARN of a role in a member. The parts may be patterns or references of a template; `begin` is that of `rolesBegin`. */
export const memberRoleArn = (
  role: MemberRole,
  { partition, account }: { partition: string; account: string },
  suffix: string,
  begin = '/',
): string => `arn:${partition}:iam::${account}:role${memberRoleName(role, suffix, begin)}`;
