import { partitionOfRegion } from '../domain/regions.ts';
import { globalRegionOf } from '../reader/answers/trails.ts';

/** A Region from which a stack forwards events to the home Region of a deployment. */
export type ForwardedRegion = {
  region: string;
  /** The name of the stack in that Region. */
  stack: string;
  /** All events that are audited, or only those of services that send theirs to one Region of a partition. */
  events: 'all' | 'global';
};

/**
 * The Regions whose events a deployment has forwarded to its home Region: every other watched Region, and the one to which IAM
 * and Organizations send their events.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 * @throws {Error} if a watched Region is in another partition, because no event leaves its partition.
 */
export const forwardedRegions = (home: string, watched: readonly string[] = []): ForwardedRegion[] => {
  const partition = partitionOfRegion(home);
  const elsewhere = watched.find((region) => partitionOfRegion(region) !== partition);
  if (elsewhere !== undefined)
    throw new Error(
      `organization.regions: ${elsewhere} is in the partition ${partitionOfRegion(elsewhere)}, and the home Region ${home} is in ${partition}; deploy once in each partition, with a configuration of its own`,
    );
  const global = globalRegionOf(partition);
  const others = otherRegions(home, watched);
  const unwatched = [global].filter((region) => region !== home && !others.includes(region));
  return [
    ...others.map((region) => ({ region, stack: stackIn(region, global), events: 'all' }) as const),
    ...unwatched.map((region) => ({ region, stack: stackIn(region, global), events: 'global' }) as const),
  ];
};

/** The description of a stack that forwards events. It tells later deployments to which home Region the events go. */
export const forwardingDescription = ({ region, events }: ForwardedRegion, home: string): string =>
  `Pipewarden: forwards the events of ${events === 'all' ? region : 'IAM and Organizations'} to ${home}`;

/** The home Region in the description of a deployed stack; undefined if it is not there. */
export const homeIn = (description: string): string | undefined =>
  /^Pipewarden: forwards the events of .* to ([a-z0-9-]+)$/.exec(description)?.[1];

/** The watched Regions besides the home Region, each once. */
export const otherRegions = (home: string, watched: readonly string[] = []): string[] => [
  ...new Set(watched.filter((region) => region !== home)),
];

/** The stack for the events of IAM keeps its name if the Region is watched too, so that it is updated and not replaced. */
const stackIn = (region: string, global: string): string =>
  region === global ? 'PipewardenIamEvents' : `PipewardenEvents-${region}`;
