import pLimit from 'p-limit';
import type { Unread } from '../../domain/gap.ts';
import { isObject } from '../../json/json.ts';
import { once } from '../../memo.ts';
import { keyReference } from '../../reader/answers/key-reference.ts';
import { firstAnswering, type OrganizationSource } from '../../reader/organization-source.ts';
import { ABSENT, type Read } from '../../reader/read-result.ts';
import type { OrganizationLevel } from '../../reader/reader.ts';
import { TAKEN_AT } from '../../reader/snapshot/reader.ts';
import {
  aliasesOutput,
  authorizationOutput,
  BUCKET_FILES,
  bucketOutput,
  keyPolicyOutput,
  pipelineOutput,
  versionsOutput,
} from './account-outputs.ts';
import type { AwsClients } from './aws-clients.ts';
import { listBucketNames } from './bucket-calls.ts';
import { awsClients } from './clients.ts';
import { jobOutput, listJobsInProgress } from './job-calls.ts';
import type { ConnectedAccount } from './live-account.ts';
import { organizationOf } from './organization-of.ts';
import { listPipelineSummaries } from './pipeline-calls.ts';
import { shareAnswers } from './share-calls.ts';
import { trailOutputs } from './trail-calls.ts';

/** The folder that a snapshot is written to. A path is a list of segments. */
export type SnapshotTarget = {
  write: (path: readonly string[], content: unknown) => Promise<void>;
  writeRead: (path: readonly string[], read: Read<unknown>, absentCode?: string) => Promise<void>;
  makeFolder: (...path: string[]) => Promise<void>;
  note: (path: string, unread: Unread) => void;
};

/** How many resources are read at the same time. */
const CONCURRENCY = 8;

/** The parts of a snapshot, each written as the AWS CLI writes it. */
export type Snapshotter = {
  account: () => Promise<void>;
  buckets: (names: readonly string[]) => Promise<void>;
  keys: (keys: readonly string[]) => Promise<void>;
};

/**
 * Writes what AWS says of the account. What could not be read is noted in the target and stops nothing else. `shared`: whoever
 * may tell of the organization for all its accounts, and is asked first.
 */
export const snapshotter = (
  { options, scope, identity }: ConnectedAccount,
  to: SnapshotTarget,
  shared?: OrganizationSource,
): Snapshotter => {
  const clients = awsClients(options);
  const takenAt = new Date().toISOString();
  const own = organizationOf(clients.organizations, { caller: scope.account });
  const organization = shared ? firstAnswering(shared, own) : own;
  const limit = pLimit(CONCURRENCY);
  const takenBuckets = new Set<string>();
  const buckets = async (names: readonly string[]): Promise<void> => {
    const s3 = await clients.s3();
    const fresh = names.filter((name) => !takenBuckets.has(name));
    for (const name of fresh) takenBuckets.add(name);
    await limit.map(fresh, async (bucket) => {
      for (const { file, absent } of BUCKET_FILES)
        await to.writeRead(['s3', bucket, file], await bucketOutput(s3, bucket, file), absent);
    });
  };
  const aliases = once(async () => {
    const read = await aliasesOutput(await clients.kms());
    await to.writeRead(['kms', 'aliases.json'], read);
    return new Map(
      read.ok ? read.value.Aliases.map(({ AliasName, TargetKeyId }) => [AliasName, TargetKeyId]) : [],
    );
  });
  const writtenKeys = new Set<string>();
  const key = async (named: string): Promise<void> => {
    const reference = keyReference(named, scope, 'GetKeyPolicy');
    if (!reference.ok) return;
    const { type, name } = reference.value;
    const id = type === 'id' ? name : (await aliases()).get(name);
    if (id === undefined || writtenKeys.has(id)) return;
    writtenKeys.add(id);
    await to.writeRead(['kms', id, 'policy.json'], await keyPolicyOutput(await clients.kms(), id));
  };
  return {
    account: async () => {
      await Promise.all([
        writePipelines(clients, to, limit),
        writeJobs(clients, scope, to, limit),
        writeOrganization(organization, scope.account, to),
        writeTrails(clients, scope, to),
        writeShares(clients, to),
        clients.iam().then(async (iam) => {
          await to.writeRead(['iam', 'account-authorization-details.json'], await authorizationOutput(iam));
        }),
        clients.s3().then(async (s3) => {
          const names = await listBucketNames(s3);
          await to.makeFolder('s3');
          if (!names.ok) to.note('s3/buckets.json', names.unread);
          await to.write(
            ['s3', 'buckets.json'],
            names.ok ? { Buckets: names.value.map((Name) => ({ Name })) } : { NotRead: names.unread.code },
          );
          if (names.ok) await buckets(names.value);
        }),
      ]);
      // Written last: a folder without this file is not a snapshot, and this one is incomplete before.
      await to.write(['caller-identity.json'], {
        ...identity,
        Region: scope.region,
        [TAKEN_AT]: takenAt,
      });
    },
    buckets,
    keys: async (keys) => void (await limit.map(keys, key)),
  };
};

type Limit = ReturnType<typeof pLimit>;

const writePipelines = async ({ sagemaker }: AwsClients, to: SnapshotTarget, limit: Limit): Promise<void> => {
  const listed = await listPipelineSummaries(sagemaker);
  if (!listed.ok) return to.note('sagemaker/pipelines', listed.unread);
  await to.makeFolder('sagemaker', 'pipelines');
  await limit.map(listed.value, async ({ name }) => {
    const folder = ['sagemaker', 'pipelines', name];
    const pipeline = await pipelineOutput(sagemaker, name);
    if (!pipeline.ok && pipeline.unread.code === ABSENT) return; // deleted since it was listed
    await to.writeRead([...folder, 'pipeline.json'], pipeline);
    await to.writeRead([...folder, 'versions.json'], await versionsOutput(sagemaker, name));
  });
};

const writeJobs = async (
  { sagemaker }: AwsClients,
  scope: ConnectedAccount['scope'],
  to: SnapshotTarget,
  limit: Limit,
): Promise<void> => {
  const listed = await listJobsInProgress(sagemaker);
  if (!listed.ok) return to.note('sagemaker/jobs', listed.unread);
  await limit.map(listed.value, async ({ kind, name }) => {
    const job = await jobOutput(sagemaker, scope, kind, name);
    if (!job.ok && job.unread.code === ABSENT) return;
    await to.writeRead(
      ['sagemaker', 'jobs', kind, `${name}.json`],
      job.ok ? { ok: true, value: plain(job.value) } : job,
    );
  });
};

/** A part of a trail that could not be read is left out, and a Region without a list is told, as the Reader of the folder expects. */
const writeTrails = async (
  { cloudtrail }: AwsClients,
  scope: ConnectedAccount['scope'],
  to: SnapshotTarget,
): Promise<void> => {
  const path = 'cloudtrail/trails.json';
  const outputs = await trailOutputs(cloudtrail, scope);
  if (!outputs.ok) return to.note(path, outputs.unread);
  const { outputs: all, unlisted = [] } = outputs.value;
  for (const { unread } of unlisted) to.note(path, unread);
  for (const { Status, EventSelectors } of all)
    for (const part of [Status, EventSelectors]) if (!part.ok) to.note(path, part.unread);
  const trails = all.map(({ Trail, Status, EventSelectors }) => ({
    Trail,
    ...(Status.ok && { Status: Status.value }),
    ...(EventSelectors.ok && { EventSelectors: EventSelectors.value }),
  }));
  await to.write(path.split('/'), [
    ...trails,
    ...unlisted.map(({ region, unread }) => ({ Unlisted: { Region: region, ...unread } })),
  ]);
};

/** What could not be read of a permission is left out, as the Reader of the folder expects. */
const writeShares = async ({ ram }: AwsClients, to: SnapshotTarget): Promise<void> => {
  const path = 'ram/resource-shares.json';
  const answers = await shareAnswers(await ram());
  if (!answers.ok) return to.note(path, answers.unread);
  const shares = [...answers.value].map(([arn, { share, resources, principals, permissions }]) => {
    if (!permissions.ok) to.note(path, permissions.unread);
    return {
      ResourceShare: isObject(share) ? share : { resourceShareArn: arn },
      Resources: resources,
      Principals: principals,
      ...(permissions.ok && {
        Permissions: permissions.value.map(({ permission, content }) => ({
          ...(isObject(permission) && permission),
          ...(content.ok && { permission: content.value }),
        })),
      }),
    };
  });
  await to.write(path.split('/'), shares);
};

/** The answer without what the SDK adds. */
const plain = (answer: unknown): unknown => {
  const { $metadata: _metadata, ...value } = answer as { $metadata?: unknown };
  return value;
};

const writeOrganization = async (
  organization: OrganizationSource,
  account: string,
  to: SnapshotTarget,
): Promise<void> => {
  const own = await organization.ownOf(account);
  const read = await organization.policiesOf(account);
  const managementAccount = read.ok ? read.value.managementAccount : undefined;
  if (own.ok && own.value)
    await to.write(['organizations', 'organization.json'], {
      Organization: {
        Id: own.value.id,
        ...(managementAccount !== undefined && { MasterAccountId: managementAccount }),
      },
    });
  if (own.ok && own.value?.path !== undefined)
    await to.write(['organizations', 'account.json'], {
      Account: { Id: account, Paths: [`${own.value.path}${account}`] },
    });
  if (!read.ok) return to.note('organizations/scps.json', read.unread);
  const { scps, rcps } = read.value;
  await to.write(['organizations', 'scps.json'], scps.map(levelOutput));
  await to.write(['organizations', 'rcps.json'], rcps.map(levelOutput));
};

const levelOutput = ({ target, policies }: OrganizationLevel) => ({
  target,
  policies: policies.map(({ name, document }) => ({ Name: name, Content: JSON.stringify(document) })),
});
