import { arnName } from '../../../shared/domain/arn.ts';
import type { Scope } from '../../../shared/domain/scope.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';
import { ABSENT, found, notRead, type Read } from '../../../shared/reader/read-result.ts';
import type { ListedTrails, Reader, Tags } from '../../../shared/reader/reader.ts';

const SCOPE: Scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

type Method = Exclude<keyof Reader, 'scope' | 'caller' | 'takenAt' | 'findExecution'>;
type Value<M extends Method> = Extract<Awaited<ReturnType<Reader[M]>>, { ok: true }>['value'];

/** The content of an account, by name. Whatever is missing here is absent in the account. */
export type Account = {
  pipelines?: Record<string, Value<'describePipeline'>>;
  /** By name and version: `fraud 2`. */
  pipelineVersions?: Record<string, Value<'describePipelineVersion'>>;
  /** By the execution's id. */
  executions?: Record<string, Value<'describeExecutionDefinition'>>;
  jobs?: Record<string, Value<'describeJob'>>;
  cors?: Record<string, Value<'getBucketCors'>>;
  tags?: Record<string, Record<string, string>>;
  roles?: Record<string, Value<'getRole'>>;
  /** The output of `aws iam get-account-authorization-details`. */
  identities?: Json;
  organization?: Value<'readOrganizationPolicies'>;
  ownOrganization?: Value<'readOwnOrganization'>;
  bucketPolicies?: Record<string, Value<'getBucketPolicy'>>;
  keyPolicies?: Record<string, Value<'getKeyPolicy'>>;
  /** Those of an execution, by its ARN. */
  steps?: Record<string, Value<'listExecutionSteps'>>;
  /** By the execution's ARN. */
  executionFacts?: Record<string, Value<'describeExecution'>>;
  versions?: Record<string, Value<'listPipelineVersions'>>;
  trails?: ListedTrails['trails'];
  /** No share, where they are left out. */
  shares?: Value<'readShares'>;
  /** The names that listPipelines returns; without this list, listPipelines fails. */
  listing?: readonly string[];
};

/**
 * A Reader over a few objects, for faults that no emulator can show. Calls are recorded as `method argument`;
 * `refused` names methods that AWS denies.
 */
export const memoryReader = (
  account: Account,
  refused: readonly Method[] = [],
): { reader: Reader; calls: string[] } => {
  const calls: string[] = [];
  const answer = async <T>(method: Method, name: string, known: Record<string, T> = {}): Promise<Read<T>> => {
    calls.push(name === '' ? method : `${method} ${name}`);
    if (refused.includes(method)) return notRead(method, 'AccessDeniedException', 'not allowed');
    const value = Object.hasOwn(known, name) ? known[name] : undefined;
    return value === undefined ? notRead(method, ABSENT, `there is no ${name}`) : found(value);
  };
  const only = <T>(method: Method, value: T | undefined): Promise<Read<T>> =>
    answer(method, '', value === undefined ? {} : { '': value });
  const unused = (): Promise<never> => Promise.reject(new Error('the event path lists nothing'));
  const reader: Reader = {
    scope: SCOPE,
    describePipeline: (name) => answer('describePipeline', name, account.pipelines),
    describePipelineVersion: (name, versionId) =>
      answer('describePipelineVersion', `${name} ${versionId}`, account.pipelineVersions),
    describeExecutionDefinition: ({ executionArn }) =>
      answer('describeExecutionDefinition', arnName(executionArn), account.executions),
    listExecutionSteps: (executionArn) => answer('listExecutionSteps', executionArn, account.steps),
    describeJob: (_, name) => answer('describeJob', name, account.jobs),
    getBucketCors: (bucket) => answer('getBucketCors', bucket, account.cors),
    getBucketTags: async (bucket) => {
      const tags = await answer('getBucketTags', bucket, account.tags);
      return tags.ok ? found<Tags>(new Map(Object.entries(tags.value))) : tags;
    },
    getRole: (name) => answer('getRole', name, account.roles),
    readIdentities: async () => {
      const details = await only('readIdentities', account.identities);
      return details.ok ? found(identitiesOf(details.value)) : details;
    },
    readOrganizationPolicies: () => only('readOrganizationPolicies', account.organization),
    readOwnOrganization: () => only('readOwnOrganization', account.ownOrganization),
    getBucketPolicy: (bucket) => answer('getBucketPolicy', bucket, account.bucketPolicies),
    getKeyPolicy: (key) => answer('getKeyPolicy', key, account.keyPolicies),
    describeExecution: (executionArn) => answer('describeExecution', executionArn, account.executionFacts),
    listPipelineVersions: (name) => answer('listPipelineVersions', name, account.versions),
    readTrails: () => only('readTrails', account.trails && { trails: account.trails }),
    readShares: () => only('readShares', account.shares ?? []),
    listPipelines: account.listing
      ? () =>
          only(
            'listPipelines',
            account.listing?.map((name) => ({ name })),
          )
      : unused,
    listBuckets: unused,
    listJobs: unused,
  };
  return { reader, calls };
};
