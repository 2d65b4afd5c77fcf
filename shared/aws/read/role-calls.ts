import {
  EntityType,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsResponse,
  GetRoleCommand,
  IAMClient,
  type IAMClientConfig,
  type ManagedPolicyDetail,
  paginateGetAccountAuthorizationDetails,
  type RoleDetail,
} from '@aws-sdk/client-iam';
import { isPolicyOfAws } from '../../domain/arn.ts';
import { type AccountIdentities, identitiesOf } from '../../iam/decide/authorization-details.ts';
import type { Json } from '../../json/json.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { tooLargeToList } from '../../reader/listing-bound.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { RoleFact } from '../../reader/reader.ts';
import { call, pagesWithin } from './call.ts';
import { namingActions } from './naming-actions.ts';

export const makeIamClient = (config: IAMClientConfig): IAMClient =>
  namingActions('iam', new IAMClient(config));

/** A role with its ARN. The ARN contains the role’s path, which the ARN of a session does not. */
export const readRole = async (client: IAMClient, name: string): Promise<Read<RoleFact>> => {
  const output = await call('GetRole', () => client.send(new GetRoleCommand({ RoleName: name })));
  if (!output.ok) return output;
  const { RoleName, Arn } = output.value.Role ?? {};
  return RoleName === undefined || Arn === undefined
    ? notRead('GetRole', INCOMPLETE, `the answer holds no role ${name}`)
    : found({ name: RoleName, arn: Arn });
};

/** All users and roles with their policies, from all pages; not read where these have more than `most` characters. */
export const readIdentities = async (
  client: IAMClient,
  most = Number.POSITIVE_INFINITY,
): Promise<Read<AccountIdentities>> => {
  const callName = 'GetAccountAuthorizationDetails';
  const pages = await call(callName, () =>
    pagesWithin(
      most,
      paginateGetAccountAuthorizationDetails(
        { client },
        { Filter: Object.values(EntityType), MaxItems: 1000 },
      ),
      (page) => JSON.stringify(page).length,
    ),
  );
  if (!pages.ok) return pages;
  return pages.value
    ? found(identitiesOf(detailsOf(pages.value)))
    : tooLargeToList(callName, 'users, roles and policies', `${most} characters`);
};

/** One page of all users, roles, groups and policies, as JSON, and the mark of the next page. */
export const readDetailsPage = async (
  client: IAMClient,
  marker: string | undefined,
): Promise<Read<{ details: Json; marker?: string }>> => {
  const page = await call('GetAccountAuthorizationDetails', () =>
    client.send(
      new GetAccountAuthorizationDetailsCommand({
        Filter: Object.values(EntityType),
        MaxItems: 1000,
        ...(marker !== undefined && { Marker: marker }),
      }),
    ),
  );
  if (!page.ok) return page;
  const { IsTruncated, Marker } = page.value;
  const details: Json = JSON.parse(JSON.stringify(detailsOf([page.value])));
  return found({ details, ...(IsTruncated && Marker !== undefined && { marker: Marker }) });
};

/** The pages as one output of the AWS CLI, except that documents stay encoded: `readPolicy` decodes them. */
const detailsOf = (pages: readonly GetAccountAuthorizationDetailsResponse[]): Json => {
  const details: unknown = {
    UserDetailList: pages.flatMap((page) => page.UserDetailList ?? []),
    GroupDetailList: pages.flatMap((page) => page.GroupDetailList ?? []),
    RoleDetailList: pages.flatMap((page) => page.RoleDetailList ?? []).map(withTimeAsText),
    Policies: pages.flatMap((page) => page.Policies ?? []).map(inForce),
  };
  return details as Json;
};

const withTimeAsText = ({ RoleLastUsed, ...role }: RoleDetail) => ({
  ...role,
  ...(RoleLastUsed && {
    RoleLastUsed: { ...RoleLastUsed, LastUsedDate: RoleLastUsed.LastUsedDate?.toISOString() },
  }),
});

/** A managed policy of AWS with its default version only, as nobody can put another one in force. */
const inForce = ({ Arn, PolicyVersionList = [] }: ManagedPolicyDetail) => ({
  Arn,
  PolicyVersionList:
    Arn !== undefined && isPolicyOfAws(Arn)
      ? PolicyVersionList.filter(({ IsDefaultVersion }) => IsDefaultVersion)
      : PolicyVersionList,
});
