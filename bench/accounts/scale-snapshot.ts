import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { ScaleAccount } from './scale-account.ts';

const CONCURRENCY = 16;
const CREATED = '2026-03-02T09:14:07.512000+00:00';

/** Writes an account as a snapshot folder, with its configuration beside it. */
export const writeSnapshot = async (
  folder: string,
  account: ScaleAccount,
  pipelines: number,
): Promise<void> => {
  const { place } = account;
  const write = async (path: string, content: object): Promise<void> => {
    const file = join(folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, JSON.stringify(content, null, 2));
  };
  const limit = pLimit(CONCURRENCY);
  await write('caller-identity.json', {
    UserId: 'AROAEXAMPLE:auditor',
    Account: place.account,
    Arn: `arn:aws:sts::${place.account}:assumed-role/auditor/auditor`,
    Region: place.region,
  });
  await write('iam/account-authorization-details.json', details(account));
  await write('organizations/scps.json', account.scps);
  await write('pipewarden.json', account.config);
  await limit.map(account.buckets, async ({ name, policy, cors, tags }) => {
    await write(`s3/${name}/policy.json`, { Policy: JSON.stringify(policy) });
    await write(`s3/${name}/cors.json`, cors ?? { absent: true });
    await write(`s3/${name}/tagging.json`, {
      TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
  });
  await limit.map(
    Array.from({ length: pipelines }, (_, index) => index),
    async (index) => {
      const { name, roleArn, definitionText } = account.pipelineAt(index);
      const arn = `arn:aws:sagemaker:${place.region}:${place.account}:pipeline/${name}`;
      await write(`sagemaker/pipelines/${name}/pipeline.json`, {
        PipelineArn: arn,
        PipelineName: name,
        PipelineDisplayName: name,
        PipelineDefinition: definitionText,
        RoleArn: roleArn,
        PipelineStatus: 'Active',
        CreationTime: CREATED,
        LastModifiedTime: CREATED,
      });
      await write(`sagemaker/pipelines/${name}/versions.json`, {
        PipelineVersionSummaries: [4, 3, 2, 1].map((PipelineVersionId) => ({
          PipelineArn: arn,
          PipelineVersionId,
          CreationTime: CREATED,
        })),
      });
    },
  );
};

/** As `aws iam get-account-authorization-details` puts it out. */
const details = ({ roles, managed }: ScaleAccount) => ({
  UserDetailList: [],
  GroupDetailList: [],
  RoleDetailList: roles.map(({ name, path, arn, trust, policies, managed: attached, tags }) => ({
    Path: path,
    RoleName: name,
    RoleId: `AROA${name.toUpperCase()}`,
    Arn: arn,
    CreateDate: CREATED,
    AssumeRolePolicyDocument: trust,
    InstanceProfileList: [],
    RolePolicyList: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({
      PolicyName,
      PolicyDocument,
    })),
    AttachedManagedPolicies: attached.map((PolicyArn) => ({
      PolicyName: PolicyArn.split('/').at(-1),
      PolicyArn,
    })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    RoleLastUsed: {},
  })),
  Policies: Object.entries(managed).map(([arn, Document]) => ({
    PolicyName: arn.split('/').at(-1),
    PolicyId: `ANPA${arn.length}`,
    Arn: arn,
    Path: '/',
    DefaultVersionId: 'v1',
    AttachmentCount: roles.filter(({ managed: attached }) => attached.includes(arn)).length,
    IsAttachable: true,
    PolicyVersionList: [{ Document, VersionId: 'v1', IsDefaultVersion: true, CreateDate: CREATED }],
  })),
  IsTruncated: false,
});
