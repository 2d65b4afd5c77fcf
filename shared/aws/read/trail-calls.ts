import {
  CloudTrailClient,
  type CloudTrailClientConfig,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import type { Scope } from '../../domain/scope.ts';
import type { Json } from '../../json/json.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { globalRegionOf, trailFact } from '../../reader/answers/trails.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { ListedTrails, TrailFact } from '../../reader/reader.ts';
import type { AwsClients } from './aws-clients.ts';
import { call } from './call.ts';
import { namingActions } from './naming-actions.ts';

export const makeCloudTrailClient = (config: CloudTrailClientConfig): CloudTrailClient =>
  namingActions('cloudtrail', new CloudTrailClient(config));

/** CloudTrail allows five trails in a Region; trails of the organization and of other Regions are listed too. */
const MAX_TRAILS = 50;

/** The outputs of three commands for one trail. */
type TrailOutput = { Trail: Json; Status: Read<Json>; EventSelectors: Read<Json> };

/** The outputs for all trails, and the Regions whose trails AWS did not list. */
type TrailOutputs = Pick<ListedTrails, 'unlisted'> & { outputs: TrailOutput[] };

/**
 * The trails that log in this Region, or in the Region where IAM’s records arrive. Both Regions are asked, because a
 * trail of one Region is listed only there. Trails of all Regions and of the organization are listed in both.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 */
export const trailOutputs = async (
  cloudtrail: AwsClients['cloudtrail'],
  { region, partition }: Scope,
): Promise<Read<TrailOutputs>> => {
  const outputs: TrailOutput[] = [];
  const unlisted: NonNullable<TrailOutputs['unlisted']>[number][] = [];
  const known = new Set<string>();
  const regions = new Set([region, globalRegionOf(partition)]);
  for (const asked of regions) {
    const client = await cloudtrail(asked);
    const described = await call('DescribeTrails', () => client.send(new DescribeTrailsCommand({})));
    if (!described.ok) {
      if (described.unread.isTransient) return described;
      unlisted.push({ region: asked, unread: described.unread });
      if (unlisted.length === regions.size) return described;
      continue;
    }
    for (const trail of (described.value.trailList ?? []).slice(0, MAX_TRAILS)) {
      if (trail.TrailARN !== undefined && known.has(trail.TrailARN)) continue;
      known.add(trail.TrailARN ?? '');
      outputs.push(await outputsOfTrail(client, trail));
    }
  }
  return found({ outputs, ...(unlisted.length > 0 && { unlisted }) });
};

/** The trail is named by its ARN, as AWS requires for trails of the organization and of other Regions. */
const outputsOfTrail = async (client: CloudTrailClient, trail: Trail): Promise<TrailOutput> => {
  const { TrailARN } = trail;
  const status = await call('GetTrailStatus', () =>
    client.send(new GetTrailStatusCommand({ Name: TrailARN })),
  );
  const selectors = await call('GetEventSelectors', () =>
    client.send(new GetEventSelectorsCommand({ TrailName: TrailARN })),
  );
  return {
    Trail: asJson(trail),
    Status: status.ok ? found(asJson({ IsLogging: status.value.IsLogging })) : status,
    EventSelectors: selectors.ok ? found(asJson(withoutMetadata(selectors.value))) : selectors,
  };
};

const withoutMetadata = ({ $metadata: _, ...answer }: { $metadata: unknown }): object => answer;

export const readTrails = async (
  cloudtrail: AwsClients['cloudtrail'],
  scope: Scope,
): Promise<Read<ListedTrails>> => {
  const outputs = await trailOutputs(cloudtrail, scope);
  if (!outputs.ok) return outputs;
  const trails: TrailFact[] = [];
  const { unlisted } = outputs.value;
  for (const { Trail, Status, EventSelectors } of outputs.value.outputs) {
    const fact = trailFact(Trail, Status, EventSelectors);
    if (!fact) return notRead('DescribeTrails', INCOMPLETE, 'a trail lacks its ARN or home Region');
    trails.push(fact);
  }
  return found({
    trails: trails.toSorted((one, other) => (one.arn < other.arn ? -1 : 1)),
    ...(unlisted && { unlisted }),
  });
};

/** The SDK’s values here are JSON, although their types do not say so. */
const asJson = (value: unknown): Json => value as Json;
