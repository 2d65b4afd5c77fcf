import {
  CloudTrailClient,
  type CloudTrailClientConfig,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { INCOMPLETE } from '../facts/describe.ts';
import { found, notRead, type Read } from '../facts/read.ts';
import type { TrailFact } from '../facts/reader.ts';
import { globalRegionOf, trailFact } from '../facts/trails.ts';
import type { Scope } from '../findings/finding.ts';
import type { Json } from '../json.ts';
import { call } from './call.ts';
import type { AwsClients } from './clients.ts';

export const makeCloudTrailClient = (config: CloudTrailClientConfig): CloudTrailClient =>
  new CloudTrailClient(config);

/** CloudTrail takes five trails a Region; those of an organization and of other Regions come on top. */
const MAX_TRAILS = 50;

/**
 * The trails that log in the Region or where IAM's records arrive. A trail of one Region is told nowhere else, so both
 * are asked; trails of all Regions, and of the organization, are told in each.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 */
export const readTrails = async (
  cloudtrail: AwsClients['cloudtrail'],
  { region, partition }: Scope,
): Promise<Read<TrailFact[]>> => {
  const trails = new Map<string, TrailFact>();
  for (const asked of new Set([region, globalRegionOf(partition)])) {
    const client = await cloudtrail(asked);
    const described = await call('DescribeTrails', () => client.send(new DescribeTrailsCommand({})));
    if (!described.ok) return described;
    for (const trail of (described.value.trailList ?? []).slice(0, MAX_TRAILS)) {
      if (trail.TrailARN !== undefined && trails.has(trail.TrailARN)) continue;
      const fact = await describeTrail(client, trail);
      if (!fact) return notRead('DescribeTrails', INCOMPLETE, 'a trail lacks its ARN or home Region');
      trails.set(fact.arn, fact);
    }
  }
  return found([...trails.values()].toSorted((one, other) => (one.arn < other.arn ? -1 : 1)));
};

/** By its ARN, which a trail of the organization or of another Region must be asked by. */
const describeTrail = async (client: CloudTrailClient, trail: Trail): Promise<TrailFact | undefined> => {
  const { TrailARN } = trail;
  const status = await call('GetTrailStatus', () =>
    client.send(new GetTrailStatusCommand({ Name: TrailARN })),
  );
  const selectors = await call('GetEventSelectors', () =>
    client.send(new GetEventSelectorsCommand({ TrailName: TrailARN })),
  );
  return trailFact(
    asJson(trail),
    status.ok ? found(asJson({ IsLogging: status.value.IsLogging })) : status,
    selectors.ok ? found(asJson(selectors.value)) : selectors,
  );
};

/** What the SDK gives of texts and switches is JSON, though its types do not say so. */
const asJson = (value: unknown): Json => value as Json;
