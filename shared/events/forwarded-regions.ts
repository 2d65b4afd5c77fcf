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

/** How a deployment forwards events, besides which Regions it watches. */
export type Forwarding = {
  /** The Regions in which the stack has the home Region in its name, see `needsOwnName`. */
  ownNames?: readonly string[];
  /** Whether the events of IAM and Organizations are forwarded from a Region that is not watched. Without them, sweeps alone find changes. */
  hasIamEvents?: boolean;
  /** What the names of all stacks of the deployment begin with. */
  stackPrefix?: string | undefined;
};

/**
 * The Regions whose events a deployment has forwarded to its home Region: every other watched Region, and the one to which IAM
 * and Organizations send their events.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 * @throws {Error} if a watched Region is in another partition, because no event leaves its partition.
 */
export const forwardedRegions = (
  home: string,
  watched: readonly string[] = [],
  { ownNames = [], hasIamEvents = true, stackPrefix }: Forwarding = {},
): ForwardedRegion[] => {
  const partition = partitionOfRegion(home);
  const elsewhere = watched.find((region) => partitionOfRegion(region) !== partition);
  if (elsewhere !== undefined)
    throw new Error(
      `organization.regions: ${elsewhere} is in the partition ${partitionOfRegion(elsewhere)}, and the home Region ${home} is in ${partition}; deploy once in each partition, with a configuration of its own`,
    );
  const global = globalRegionOf(partition);
  const others = otherRegions(home, watched);
  const unwatched = hasIamEvents && home !== global && !others.includes(global) ? [global] : [];
  const stackOf = (region: string): string => {
    const { plain, own } = forwarderNames(region, home, stackPrefix);
    return ownNames.includes(region) ? own : plain;
  };
  return [
    ...others.map((region) => ({ region, stack: stackOf(region), events: 'all' }) as const),
    ...unwatched.map((region) => ({ region, stack: stackOf(region), events: 'global' }) as const),
  ];
};

/**
 * The names that a stack in a Region may have which forwards events: the plain one, and the one with the home Region, for a second
 * deployment of the account. The stack for the events of IAM keeps its name if the Region is watched too, so that it is updated and not
 * replaced.
 */
export const forwarderNames = (
  region: string,
  home: string,
  stackPrefix = '',
): { plain: string; own: string } => {
  const name =
    region === globalRegionOf(partitionOfRegion(region))
      ? 'PipewardenIamEvents'
      : `PipewardenEvents-${region}`;
  const plain = `${stackPrefix}${name}`;
  return { plain, own: `${plain}-to-${home}` };
};

/** A stack by its description; undefined where there is none; else why AWS did not tell. */
export type FoundStack = { description: string } | undefined | { unknown: string };

/**
 * Whether a deployment needs a forwarding stack with its home Region in the name. A stack with the plain name that another deployment
 * of the account uses must stay as it is: it would else send its events here, and the other deployment would get none. A stack that the
 * deployment has keeps its name, so that no event is lost between two stacks. Where AWS does not tell whose the plain one is, it may be
 * another’s.
 */
export const needsOwnName = (
  { plain, own }: { plain: FoundStack; own: FoundStack },
  home: string,
): boolean => {
  if (own && 'description' in own) return true;
  if (plain === undefined) return false;
  return 'unknown' in plain || homeIn(plain.description) !== home;
};

/** The description of a stack that forwards events. It tells later deployments to which home Region the events go. */
export const forwardingDescription = ({ region, events }: ForwardedRegion, home: string): string =>
  `Pipewarden: forwards the events of ${events === 'all' ? region : 'IAM and Organizations'} to ${home}`;

/** The prefix of a deployment in the name of its stack that forwards events. */
export const stackPrefixOfForwarder = (stack: string): string =>
  /^(.*)Pipewarden(?:IamEvents|Events-)/.exec(stack)?.[1] ?? '';

/** The home Region in the description of a deployed stack; undefined if it is not there. */
export const homeIn = (description: string): string | undefined =>
  /^Pipewarden: forwards the events of .* to ([a-z0-9-]+)$/.exec(description)?.[1];

/** The watched Regions besides the home Region, each once. */
export const otherRegions = (home: string, watched: readonly string[] = []): string[] => [
  ...new Set(watched.filter((region) => region !== home)),
];
