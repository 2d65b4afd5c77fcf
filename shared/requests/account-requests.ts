import type { Config } from '../config/schema.ts';
import type { Gap } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import type { AccountIdentities, Identity } from '../iam/decide/authorization-details.ts';
import { isPattern } from '../iam/policy/glob.ts';
import { found, type Read, unreadOf } from '../reader/read-result.ts';
import type { PipelineSummary, Reader } from '../reader/reader.ts';
import type { AuditRequest } from './audit-request.ts';
import {
  bucketRequest,
  jobRequest,
  organizationRequest,
  pipelineRequest,
  principalRequest,
} from './resource-requests.ts';

/** The lists of an account. `jobs` and `buckets` are undefined where nobody needs them. */
export type AccountLists = {
  pipelines: Read<PipelineSummary[]>;
  identities: Read<AccountIdentities>;
  buckets?: Read<string[]>;
  jobs?: Awaited<ReturnType<Reader['listJobs']>>;
};

/** The lists of one Region of an account. */
export type RegionLists = Pick<AccountLists, 'pipelines' | 'jobs'>;

/** Whether image buckets are configured by tag or pattern, so that all buckets must be listed. */
export const needsBuckets = ({ imageBuckets = {} }: Pick<Config, 'imageBuckets'>): boolean =>
  imageBuckets.tags !== undefined || (imageBuckets.names ?? []).some(isPattern);

/** Reads the lists for the audit of a whole account. */
export const listAccount = async (
  reader: Reader,
  wanted: { buckets: boolean; jobs: boolean },
): Promise<AccountLists> => {
  const [pipelines, jobs, buckets, identities] = await Promise.all([
    reader.listPipelines(),
    wanted.jobs ? reader.listJobs() : undefined,
    wanted.buckets ? reader.listBuckets() : undefined,
    reader.readIdentities(),
  ]);
  return { pipelines, identities, ...(jobs && { jobs }), ...(buckets && { buckets }) };
};

/** The lists of a further Region of an account, of which all else is listed already. */
export const listRegion = async (reader: Reader, wanted: { jobs: boolean }): Promise<RegionLists> => {
  const [pipelines, jobs] = await Promise.all([
    reader.listPipelines(),
    wanted.jobs ? reader.listJobs() : undefined,
  ]);
  return { pipelines, ...(jobs && { jobs }) };
};

/** A request for every resource in the lists of one Region. */
export const regionRequests = (
  { pipelines, jobs = found([]) }: RegionLists,
  { scope }: Pick<Reader, 'scope'>,
): AuditRequest[] => [
  ...pipelineRequests(pipelines.ok ? pipelines.value : [], scope),
  ...(jobs.ok ? jobs.value : []).map(({ kind, name }) => jobRequest(kind, name, scope)),
];

/** A request for every resource in the lists; of users and roles only for those that `isWanted` accepts. */
export const accountRequests = (
  { identities, buckets, ...ofRegion }: AccountLists,
  config: Config,
  { scope }: Pick<Reader, 'scope'>,
  isWanted: (identity: Identity) => boolean = () => true,
): AuditRequest[] => {
  const named = (config.imageBuckets?.names ?? []).filter((name) => !isPattern(name));
  const bucketNames = [...named, ...(needsBuckets(config) && buckets?.ok ? buckets.value : [])];
  return [
    ...regionRequests(ofRegion, { scope }),
    ...[...new Set(bucketNames)].map((name) => bucketRequest(name, { scope })),
    ...(identities.ok ? identities.value.identities : [])
      .filter(isWanted)
      .flatMap(({ principal }) => principalRequest(principal.arn)),
    organizationRequest(scope),
  ];
};

/** Sorted by name, so that no finding depends on the order in which AWS lists the pipelines. */
const pipelineRequests = (listed: readonly PipelineSummary[], scope: Scope): AuditRequest[] =>
  listed.toSorted(byName).map(({ name }) => pipelineRequest(name, scope));

const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);

/** The lists that could not be read. */
export const listGaps = ({ pipelines, jobs, buckets, identities }: Partial<AccountLists>): Gap[] =>
  [pipelines, jobs, buckets, identities].flatMap((read) => (read && unreadOf(read)) ?? []);
