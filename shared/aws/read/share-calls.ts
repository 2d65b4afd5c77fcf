import {
  GetPermissionCommand,
  paginateGetResourceShareAssociations,
  paginateGetResourceShares,
  paginateListResourceSharePermissions,
  RAMClient,
  type RAMClientConfig,
  type ResourceSharePermissionSummary,
} from '@aws-sdk/client-ram';
import { groupBy } from '../../group-by.ts';
import type { Json } from '../../json/json.ts';
import { oncePer } from '../../memo.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import {
  documentedActions,
  isOfPipeline,
  type PermissionAnswers,
  type ShareAnswers,
  shareFact,
  shareOf,
} from '../../reader/answers/shares.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { PipelineShare } from '../../reader/reader.ts';
import { allPages, call } from './call.ts';
import { namingActions } from './naming-actions.ts';

export const makeRamClient = (config: RAMClientConfig): RAMClient =>
  namingActions('ram', new RAMClient(config));

/**
 * What RAM says of each share of the account that holds pipelines, or held some until lately. An account without such a
 * share costs one call. RAM lists associations of the account’s own shares only.
 * https://docs.aws.amazon.com/ram/latest/APIReference/API_GetResourceShareAssociations.html
 */
export const shareAnswers = async (client: RAMClient): Promise<Read<Map<string, ShareAnswers>>> => {
  const resources = await associations(client, 'RESOURCE');
  if (!resources.ok) return resources;
  const ofPipelines = groupBy(resources.value.filter(isOfPipeline), shareOf);
  const answers = new Map<string, ShareAnswers>();
  if (ofPipelines.size === 0) return found(answers);
  const principals = await associations(client, 'PRINCIPAL');
  if (!principals.ok) return principals;
  const shares = await call('GetResourceShares', () =>
    allPages(
      paginateGetResourceShares({ client, pageSize: MOST_A_PAGE }, { resourceOwner: 'SELF' }),
      (page) => page.resourceShares,
    ),
  );
  if (!shares.ok) return shares;
  const byArn = new Map(shares.value.map((share) => [share.resourceShareArn, share]));
  const principalsOf = groupBy(principals.value, shareOf);
  const contentOf = contents(client);
  for (const [arn, held] of ofPipelines)
    answers.set(arn, {
      share: asJson(byArn.get(arn) ?? null),
      resources: held,
      principals: principalsOf.get(arn) ?? [],
      permissions: await permissionsOf(client, arn, contentOf),
    });
  return found(answers);
};

/** RAM gives as many at a time at most. */
const MOST_A_PAGE = 500;

const associations = (client: RAMClient, associationType: 'PRINCIPAL' | 'RESOURCE'): Promise<Read<Json[]>> =>
  call('GetResourceShareAssociations', async () => {
    const pages = paginateGetResourceShareAssociations(
      { client, pageSize: MOST_A_PAGE },
      { associationType },
    );
    return (await allPages(pages, (page) => page.resourceShareAssociations)).map(asJson);
  });

type ContentOf = (permission: ResourceSharePermissionSummary) => Promise<Read<Json>>;

const permissionsOf = async (
  client: RAMClient,
  resourceShareArn: string,
  contentOf: ContentOf,
): Promise<Read<PermissionAnswers[]>> => {
  const listed = await call('ListResourceSharePermissions', () =>
    allPages(
      paginateListResourceSharePermissions({ client }, { resourceShareArn }),
      (page) => page.permissions,
    ),
  );
  if (!listed.ok) return listed;
  const answers: PermissionAnswers[] = [];
  for (const permission of listed.value)
    answers.push({ permission: asJson(permission), content: await contentOf(permission) });
  return found(answers);
};

/** The content of a permission, read once for all shares. What AWS documents is not asked for. */
const contents = (client: RAMClient): ContentOf => {
  const read = oncePer(async (key) => {
    const [permissionArn, version] = JSON.parse(key) as [string, string | undefined];
    const answer = await call('GetPermission', () =>
      client.send(
        new GetPermissionCommand({
          permissionArn,
          ...(version === undefined ? {} : { permissionVersion: Number(version) }),
        }),
      ),
    );
    if (!answer.ok) return answer;
    const content = answer.value.permission?.permission;
    return content === undefined
      ? notRead('GetPermission', INCOMPLETE, `the answer holds no content of ${permissionArn}`)
      : found<Json>(content);
  });
  return async (permission) =>
    documentedActions(asJson(permission))
      ? notRead('GetPermission', INCOMPLETE, 'what AWS documents is not asked for')
      : read(JSON.stringify([permission.arn ?? '', permission.version]));
};

export const readShares = async (client: RAMClient): Promise<Read<PipelineShare[]>> => {
  const answers = await shareAnswers(client);
  if (!answers.ok) return answers;
  const shares: PipelineShare[] = [];
  for (const [arn, about] of answers.value) {
    const share = shareFact(arn, about);
    if (!share)
      return notRead('GetResourceShareAssociations', INCOMPLETE, `an association of ${arn} names nothing`);
    shares.push(share);
  }
  return found(shares.toSorted((one, other) => (one.arn < other.arn ? -1 : 1)));
};

/** The SDK’s values here are JSON but for their dates, which nobody reads. */
const asJson = (value: unknown): Json => value as Json;
