import { hasNoAnswer, isAwsAccessError } from '../shared/aws/read/access-error.ts';
import { assumedRole, assumingRoles, type SessionCredentials } from '../shared/aws/read/assumed-role.ts';
import { call } from '../shared/aws/read/call.ts';
import { awsClients } from '../shared/aws/read/clients.ts';
import { organizationOf } from '../shared/aws/read/organization-of.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import { isWatched } from '../shared/config/watched-accounts.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { hubSuffix, memberRoleArn } from '../shared/domain/member-roles.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import { keepingLatest } from '../shared/memo.ts';
import { notReadYet } from '../shared/reader/insistent-reader.ts';
import type { OrganizationSource } from '../shared/reader/organization-source.ts';
import { readCache } from '../shared/reader/read-cache.ts';
import { found, notRead, type Read } from '../shared/reader/read-result.ts';
import type { Reader } from '../shared/reader/reader.ts';
import type {
  AccountAnswer,
  AccountsConnected,
  KeepAccount,
  KeptAccount,
  OpenAccount,
} from './account-context.ts';

type Credentials = () => Promise<SessionCredentials>;

/** Credentials are a thousandth of what a container keeps of an account at hand, and to get them anew is a call. */
const MOST_SESSIONS = 2_000;

/**
 * The members of the hub, each of which is read by the role that it gives to the hub. Each answer is made anew, so that a member
 * which was moved in the organization, or whose role was mended, is known as it is now.
 */
export const memberAccounts = (
  connected: AccountsConnected,
  keep: KeepAccount,
): ((account: string) => OpenAccount) => {
  const { scope: own, externalId, memberRolesBegin } = connected;
  const credentialsOf = keepingLatest(MOST_SESSIONS, assumingRoles({ region: own.region, externalId }));
  return (account) => {
    const scope = { ...own, account };
    const role = memberRoleArn('reader', scope, hubSuffix(own), memberRolesBegin);
    return memberAccount(scope, { role, credentials: credentialsOf(role) }, connected, keep);
  };
};

const memberAccount = (
  scope: Scope,
  { role, credentials }: { role: string; credentials: Credentials },
  { scope: own, stored, options = {} }: AccountsConnected,
  keep: KeepAccount,
): OpenAccount => {
  const { account } = scope;
  const kept = keep(scope, awsClients({ ...options, credentials, region: own.region }), {
    ...options,
    credentials,
  });
  const [reader] = kept.readers;
  const answer = async (): Promise<AccountAnswer> => {
    const watched = await isMember(stored, reader, own.account);
    if (!watched.ok) return unreadOf(kept, watched.unread);
    if (!watched.value)
      return { is: 'unwatched', reason: `the configuration does not watch the account ${account}` };
    const assumed = await assume(credentials, role);
    if (!assumed.ok) return unreadOf(kept, assumed.unread);
    const config = await accountConfig(stored, reader);
    if (!config.ok) return unreadOf(kept, config.unread);
    return { is: 'watched', context: { ...kept, config: config.value } };
  };
  return { readers: kept.readers, answer };
};

/** What AWS may still answer is no reason: whoever asked tries again. */
const unreadOf = ({ scope, readers }: KeptAccount, because: Unread): AccountAnswer => {
  if (because.isTransient) throw notReadYet(because);
  return { is: 'unread', scope, regions: readers.map((each) => each.scope.region), unread: because };
};

/** Whether the configuration names an account, whose organizational units are read only where this hangs on them. */
const isMember = async (stored: FileConfig, reader: Reader, own: string): Promise<Read<boolean>> => {
  const { account } = reader.scope;
  const named = isWatched(stored, { account }, own);
  if (named !== undefined) return found(named);
  const organization = await reader.readOwnOrganization();
  if (!organization.ok) return organization;
  const path = organization.value === null ? null : organization.value.path;
  const isBelow = isWatched(stored, { account, path }, own);
  return isBelow === undefined ? { ok: false, unread: UNITS_UNKNOWN } : found(isBelow);
};

const UNITS_UNKNOWN: Unread = {
  call: 'DescribeAccount',
  code: 'OrganizationalUnitUnknown',
  message:
    'AWS does not tell the organizational units of the account, on which organization.organizationalUnits hangs: register the account of the deployment as a delegated administrator, or name this account in organization.accounts',
};

/** Whether the role can be assumed. Credentials that are still valid are not asked for again. */
const assume = async (credentials: Credentials, role: string): Promise<Read<true>> => {
  try {
    const read = await call('AssumeRole', credentials);
    return read.ok ? found(true) : { ok: false, unread: withAdvice(read.unread, role) };
  } catch (error) {
    if (!isAwsAccessError(error)) throw error;
    const { name, message, code } = error.cause as Error & { code?: unknown };
    // A network that fails says nothing of the role.
    if (code !== undefined) throw notReadYet({ call: 'AssumeRole', code: String(code), message });
    return { ok: false, unread: withAdvice({ call: 'AssumeRole', code: name, message }, role) };
  }
};

const withAdvice = ({ message, ...because }: Unread, role: string): Unread => {
  const advice =
    because.code === STS_OFF
      ? 'turn the home Region of the hub, whose STS it asks, on in the account'
      : 'see that the stack set PipewardenMemberRoles has a current instance in the account';
  return {
    ...because,
    message: `${message}. The hub reads the account by the role ${role}: ${advice}`,
  };
};

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors */
const STS_OFF = 'RegionDisabledException';

/**
 * What the management account tells of all accounts by the role that it gives to the hub; nobody answers where the hub does not
 * watch it, or may not assume the role.
 */
export const managementOrganization = (connected: AccountsConnected): OrganizationSource => {
  const { scope: own, stored, clients, now } = connected;
  const accounts = readCache<string | undefined>({ now, seconds: MANAGEMENT_SECONDS, maxEntries: 1 });
  let known: OrganizationSource | undefined;
  const source = async (): Promise<Read<OrganizationSource>> => {
    if (known) return found(known);
    const management = await accounts.read('', async () => {
      const { readManagementAccount } = await import('../shared/aws/read/live-organization.ts');
      return readManagementAccount(await clients.organizations());
    });
    if (!management.ok) return management;
    const account = management.value;
    if (account === undefined || isWatched(stored, { account }, own.account) !== true) return NOBODY;
    known = organizationWithRole(account, connected);
    return found(known);
  };
  const ask = async <T>(question: (of: OrganizationSource) => Promise<Read<T>>): Promise<Read<T>> => {
    const answering = await source();
    if (!answering.ok) return answering;
    try {
      return await question(answering.value);
    } catch (error) {
      if (!isAwsAccessError(error) || hasNoAnswer(error)) throw error;
      return NOBODY;
    }
  };
  return {
    policiesOf: (account) => ask((of) => of.policiesOf(account)),
    ownOf: (account) => ask((of) => of.ownOf(account)),
    forgetBefore: (time) => known?.forgetBefore(time),
  };
};

/** An organization hardly ever gets another management account. */
const MANAGEMENT_SECONDS = 300;

/** Says that another one is to be asked; nobody is told of it. */
const NOBODY = notRead('AssumeRole', 'AccessDenied', 'the management account gives the hub no role');

const organizationWithRole = (
  account: string,
  { scope: own, options = {}, externalId, memberRolesBegin, now }: AccountsConnected,
): OrganizationSource => {
  const role = memberRoleArn('reader', { ...own, account }, hubSuffix(own), memberRolesBegin);
  const credentials = assumedRole({ role, region: own.region, externalId });
  const { organizations } = awsClients({ ...options, credentials, region: own.region });
  return organizationOf(organizations, { caller: account, now });
};
