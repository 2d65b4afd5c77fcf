import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import { awsClients, type ClientOptions } from '../shared/aws/read/clients.ts';
import { liveReader } from '../shared/aws/read/live-reader.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { otherRegions } from '../shared/events/forwarded-regions.ts';
import { type CachedReader, cachedReader } from '../shared/reader/cached-reader.ts';
import type { Reader } from '../shared/reader/reader.ts';

type Options = {
  /** The clients of the function’s own Region. */
  clients: AwsClients;
  /** How the clients of the other Regions are made. */
  options?: ClientOptions;
  now: () => Date;
  /** What is done with each reader before its answers are kept. */
  withReader?: (reader: Reader) => Reader;
};

/**
 * The readers of the function’s account: that of its own Region first, then one for each other Region that the configuration
 * names. The pipelines of all these are watched.
 */
export const regionReaders = (
  scope: Scope,
  { organization }: FileConfig,
  { clients, options = {}, now, withReader = (reader) => reader }: Options,
): readonly [CachedReader, ...CachedReader[]] => {
  const readerIn = (own: AwsClients, region: string): CachedReader =>
    cachedReader(withReader(liveReader({ ...own, scope: { ...scope, region } })), { now });
  const others = otherRegions(scope.region, organization?.regions);
  return [
    readerIn(clients, scope.region),
    // Buckets are asked for by the client of the function’s own Region, which follows S3 to theirs.
    ...others.map((region) => readerIn({ ...awsClients({ ...options, region }), s3: clients.s3 }, region)),
  ];
};
