import type { Scope } from '../../domain/scope.ts';
import { type AccountIdentities, identitiesOf } from '../../iam/decide/authorization-details.ts';
import { asText, isObject, type Json, member } from '../../json/json.ts';
import { once } from '../../memo.ts';
import {
  accountPath,
  LEVELS_FORM,
  NO_ORGANIZATION,
  ORGANIZATION_FORMS,
  organizationLevelsOf,
  organizationPoliciesOf,
} from '../answers/organization.ts';
import { ABSENT, found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';
import type {
  OrganizationLevel,
  OrganizationPolicies,
  OwnOrganization,
  Reader,
  RoleFact,
} from '../reader.ts';
import {
  atTop,
  INVALID_NAME,
  isFileName,
  isSameName,
  malformed,
  pathOf,
  readJson,
  type SnapshotFile,
} from './files.ts';

/** This one file holds all roles and policies of an account, so that it may be larger than other files. */
export const DETAILS: SnapshotFile = {
  path: ['iam', 'account-authorization-details.json'],
  madeBy: 'aws iam get-account-authorization-details',
  maxBytes: 64 * 1024 * 1024,
};

const ORGANIZATION: SnapshotFile = {
  path: ['organizations', 'organization.json'],
  madeBy: 'aws organizations describe-organization',
};

const MEMBER: SnapshotFile = {
  path: ['organizations', 'account.json'],
  madeBy: 'aws organizations describe-account',
};

export const levelsFile = (name: string): SnapshotFile => ({
  path: ['organizations', name],
  madeBy: 'aws organizations list-policies-for-target',
});

/** The methods of a Reader about the whole account. The listing of IAM is read once for all of them. */
export const snapshotAccount = (
  root: string,
  { account }: Pick<Scope, 'account'>,
): Pick<Reader, 'getRole' | 'readIdentities' | 'readOrganizationPolicies' | 'readOwnOrganization'> => {
  const listing = once(() => readListing(root));
  const identities = once(async (): Promise<Read<AccountIdentities>> => {
    const read = await listing();
    if (!read.ok) return read;
    return read.value.isWhole ? found(identitiesOf(read.value.details)) : wasCut('all users and roles');
  });
  return {
    getRole: async (name) => {
      if (!isFileName(name))
        return notRead(pathOf(DETAILS), INVALID_NAME, 'no role can have the name that was asked for');
      const read = await listing();
      return read.ok ? roleNamed(read.value, name) : read;
    },
    readIdentities: identities,
    readOrganizationPolicies: () => readOrganization(root),
    readOwnOrganization: () => readOwnOrganization(root, account),
  };
};

/** `isWhole` is false where the listing was cut off: what is missing in it may exist. */
type Listing = { details: Json; roles: RoleFact[]; isWhole: boolean };

const readListing = async (root: string): Promise<Read<Listing>> => {
  const read = await readJson(root, DETAILS);
  if (!read.ok) return read;
  const details = read.value;
  const list = member(details, 'RoleDetailList');
  if (!Array.isArray(list)) return malformed(DETAILS, atTop('it holds no RoleDetailList'));
  const roles = list.flatMap((role): RoleFact[] => {
    const name = asText(member(role, 'RoleName'));
    const arn = asText(member(role, 'Arn'));
    return name === undefined || arn === undefined ? [] : [{ name, arn }];
  });
  const more = ['Marker', 'NextToken'].some((field) => asText(member(details, field)) !== undefined);
  return found({ details, roles, isWhole: !more && member(details, 'IsTruncated') !== true });
};

const roleNamed = ({ roles, isWhole }: Listing, name: string): Read<RoleFact> => {
  const role = roles.find((each) => each.name === name) ?? roles.find((each) => isSameName(each.name, name));
  if (role) return found(role);
  return isWhole
    ? notRead(pathOf(DETAILS), ABSENT, `${pathOf(DETAILS)} holds no role ${name}`)
    : wasCut(`the role ${name}`);
};

const wasCut = (what: string): Read<never> =>
  notRead(
    pathOf(DETAILS),
    NOT_IN_SNAPSHOT,
    `${pathOf(DETAILS)} was cut and does not hold ${what}; \`${DETAILS.madeBy}\` makes it whole`,
  );

const SCPS: SnapshotFile = levelsFile('scps.json');

/** One file may hold all policies. What it says, no other file says again, so that none contradicts it. */
const readOrganization = async (root: string): Promise<Read<OrganizationPolicies>> => {
  const read = await readJson(root, SCPS);
  if (!read.ok) return read.unread.code === ABSENT ? found(NO_ORGANIZATION) : howToWrite(read);
  const policies = organizationPoliciesOf(read.value);
  if (!policies) return malformed(SCPS, atTop(`it is not ${ORGANIZATION_FORMS}`));
  const rcps = await readLevels(root, RCPS);
  if (!rcps.ok && !isNone(rcps)) return rcps;
  if (rcps.ok && isObject(read.value) && member(read.value, 'rcps') !== undefined) return saidTwice(RCPS);
  const organization = await readJson(root, ORGANIZATION);
  if (!organization.ok && !isNone(organization)) return organization;
  const all = { ...policies, ...(rcps.ok && { rcps: rcps.value }) };
  if (!organization.ok) return found(all);
  const managementAccount = asText(member(member(organization.value, 'Organization'), 'MasterAccountId'));
  if (managementAccount === undefined)
    return asText(member(member(organization.value, 'Organization'), 'Id')) === undefined
      ? malformed(ORGANIZATION, atTop('it holds no MasterAccountId of an Organization'))
      : found(all);
  return all.managementAccount === undefined || all.managementAccount === managementAccount
    ? found({ ...all, managementAccount })
    : saidTwice(ORGANIZATION);
};

/** The organization’s id in the answer of DescribeOrganization, and the account’s path in that of DescribeAccount. */
const readOwnOrganization = async (root: string, account: string): Promise<Read<OwnOrganization | null>> => {
  const read = await readJson(root, ORGANIZATION);
  if (!read.ok) return read.unread.code === ABSENT ? found(null) : read;
  const id = asText(member(member(read.value, 'Organization'), 'Id'));
  if (id === undefined || !/^o-\w+$/.test(id))
    return malformed(ORGANIZATION, atTop('it holds no Id of an Organization'));
  const described = await readJson(root, MEMBER);
  if (!described.ok) return isNone(described) ? found({ id }) : described;
  const own = member(described.value, 'Account');
  if (asText(member(own, 'Id')) !== account)
    return malformed(MEMBER, atTop(`it does not hold the Account ${account}`));
  const path = accountPath(member(own, 'Paths'), id, account);
  return found({ id, ...(path !== undefined && { path }) });
};

const RCPS: SnapshotFile = levelsFile('rcps.json');

const saidTwice = (file: SnapshotFile): Read<never> =>
  malformed(file, atTop(`${pathOf(SCPS)} says it as well; keep one of them`));

/** Whether an optional file is missing, or says that there is nothing. */
const isNone = (read: Read<unknown>): boolean =>
  !read.ok && [NOT_IN_SNAPSHOT, ABSENT].includes(read.unread.code);

const readLevels = async (root: string, file: SnapshotFile): Promise<Read<OrganizationLevel[]>> => {
  const read = await readJson(root, file);
  if (!read.ok) return read;
  const levels = organizationLevelsOf(read.value);
  return levels ? found(levels) : malformed(file, atTop(`it is not ${LEVELS_FORM}`));
};

/** The advice for a file that no single command makes. */
const howToWrite = (read: Read<never>): Read<never> => {
  if (read.ok || read.unread.code !== NOT_IN_SNAPSHOT) return read;
  const { call, code } = read.unread;
  const sources = '`aws organizations list-policies-for-target` and `describe-policy`';
  const none = '[] says that the account is in no organization';
  return notRead(
    call,
    code,
    `${call} is not in the snapshot; ${sources} tell what to write: ${ORGANIZATION_FORMS}; ${none}`,
  );
};
