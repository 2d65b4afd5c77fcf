import type { FileConfig } from './schema.ts';

/** The service whose delegated administrators may make StackSets for the organization. */
export const STACKSETS_PRINCIPAL = 'member.org.stacksets.cloudformation.amazonaws.com';

/** What a deployment must know of its organization before it may watch other accounts. */
export type OrganizationPlace = {
  /** `o-…` */
  id: string;
  managementAccount: string;
  /** `r-…` */
  root: string;
};

/**
 * The members of a hub: the accounts besides its own that a deployment watches. They are set up by StackSets, which deploy to
 * organizational units, present and future accounts alike, and to single accounts.
 */
export type MemberTargets = {
  organization: OrganizationPlace;
  /** Organizational units, or the root. */
  units: readonly string[];
  /** The accounts in these units that are not members: the hub’s own, those that the configuration excludes, and suspended ones. */
  excluded: readonly string[];
  /** All accounts that the configuration excludes, wherever they are now. */
  exclude: readonly string[];
  /** The members outside of the units. */
  accounts: readonly string[];
  /** Whether the management account is watched too. StackSets leave it out, and the hub’s own account needs no set-up. */
  includesManagementAccount: boolean;
};

/** An account of the organization, as AWS lists it. */
type Listed = { id: string; isActive: boolean };

/**
 * The members that a configuration names. `absent` are the accounts of
 * the configuration that the organization does not have, or that are suspended or closed: a StackSet cannot deploy to them.
 */
export const memberTargets = (
  {
    organization: { organizationalUnits: units = [], accounts = [], exclude = [] } = {},
  }: Pick<FileConfig, 'organization'>,
  hub: string,
  {
    place,
    all,
    inUnits,
  }: {
    place: OrganizationPlace;
    /** All accounts of the organization. */
    all: readonly Listed[];
    /** Those in the organizational units of the configuration, or below. */
    inUnits: readonly Listed[];
  },
): { targets: MemberTargets; absent: string[] } => {
  const active = new Set(all.flatMap(({ id, isActive }) => (isActive ? id : [])));
  const covered = new Set(inUnits.map(({ id }) => id));
  const isOut = new Set([...exclude, hub]);
  const named = [...new Set(accounts)].filter((account) => !isOut.has(account));
  const outside = named.filter((account) => !covered.has(account));
  const { managementAccount } = place;
  return {
    targets: {
      organization: place,
      units,
      excluded: [...covered].filter((account) => isOut.has(account) || !active.has(account)).toSorted(),
      exclude,
      accounts: outside.filter((account) => active.has(account) && account !== managementAccount).toSorted(),
      includesManagementAccount:
        !isOut.has(managementAccount) &&
        (covered.has(managementAccount) || named.includes(managementAccount)),
    },
    absent: named.filter((account) => !active.has(account)),
  };
};

/**
 * Whether AWS itself may set up accounts that come into the units later. It looks at no filter of accounts then, so that it would also
 * set up what is not named, or what is excluded.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
 */
export const isSetUpByAws = ({ units, accounts, exclude }: MemberTargets): boolean =>
  units.length > 0 && accounts.length === 0 && exclude.length === 0;

/** Whether a configuration names accounts besides the deployment’s own, or organizational units. */
export const namesMembers = (
  { organization: { organizationalUnits = [], accounts = [] } = {} }: Pick<FileConfig, 'organization'>,
  own: string,
): boolean => organizationalUnits.length > 0 || accounts.some((account) => account !== own);
