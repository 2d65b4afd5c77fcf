import { type IAMClient, paginateGetAccountAuthorizationDetails } from '@aws-sdk/client-iam';
import {
  type AliasListEntry,
  GetKeyPolicyCommand,
  type KMSClient,
  paginateListAliases,
} from '@aws-sdk/client-kms';
import {
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  DescribePipelineCommand,
  paginateListPipelineVersions,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { parseJson } from '../../json/json-text.ts';
import type { Read } from '../../reader/read-result.ts';
import { allPages, call } from './call.ts';

/** The answer of one call, without what the SDK adds. Dates become texts when the answer is written as JSON. */
const output = async <T extends { $metadata: unknown }>(
  name: string,
  send: () => Promise<T>,
): Promise<Read<Omit<T, '$metadata'>>> => {
  const answer = await call(name, send);
  if (!answer.ok) return answer;
  const { $metadata: _metadata, ...value } = answer.value;
  return { ok: true, value };
};

/** The output of `aws sagemaker describe-pipeline`. */
export const pipelineOutput = (client: SageMakerClient, name: string): Promise<Read<object>> =>
  output('DescribePipeline', () => client.send(new DescribePipelineCommand({ PipelineName: name })));

/** The output of `aws sagemaker list-pipeline-versions`. */
export const versionsOutput = (client: SageMakerClient, name: string): Promise<Read<object>> =>
  call('ListPipelineVersions', async () => ({
    PipelineVersionSummaries: await allPages(
      paginateListPipelineVersions({ client }, { PipelineName: name, MaxResults: 100 }),
      (page) => page.PipelineVersionSummaries,
    ),
  }));

/** The output of `aws iam get-account-authorization-details`, with all pages in one and policy documents decoded. */
export const authorizationOutput = (client: IAMClient): Promise<Read<object>> =>
  call('GetAccountAuthorizationDetails', async () => {
    const pages = await allPages(
      paginateGetAccountAuthorizationDetails({ client }, { MaxItems: 1000 }),
      (page) => [page],
    );
    return decoded({
      UserDetailList: pages.flatMap((page) => page.UserDetailList ?? []),
      GroupDetailList: pages.flatMap((page) => page.GroupDetailList ?? []),
      RoleDetailList: pages.flatMap((page) => page.RoleDetailList ?? []),
      Policies: pages.flatMap((page) => page.Policies ?? []),
      IsTruncated: false,
    });
  });

const DOCUMENTS = new Set(['AssumeRolePolicyDocument', 'PolicyDocument', 'Document']);

/** A document that is not JSON stays as IAM gave it, because `readPolicy` says what is wrong with it. */
const decoded = (details: object): object =>
  JSON.parse(JSON.stringify(details), (key, value: unknown) => {
    if (!DOCUMENTS.has(key) || typeof value !== 'string') return value;
    return documentOf(value) ?? value;
  });

const documentOf = (encoded: string): unknown => {
  try {
    const parsed = parseJson(decodeURIComponent(encoded));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined;
  }
};

/** The files about a bucket. `absent` is the error code by which S3 says that the bucket has no such configuration. */
export const BUCKET_FILES = [
  { file: 'cors.json', absent: 'NoSuchCORSConfiguration' },
  { file: 'policy.json', absent: 'NoSuchBucketPolicy' },
  { file: 'tagging.json', absent: 'NoSuchTagSet' },
] as const;

/** The output of `aws s3api get-bucket-cors`, `get-bucket-policy` or `get-bucket-tagging`. */
export const bucketOutput = (
  client: S3Client,
  bucket: string,
  file: (typeof BUCKET_FILES)[number]['file'],
): Promise<Read<object>> => {
  const input = { Bucket: bucket };
  switch (file) {
    case 'cors.json':
      return output('GetBucketCors', () => client.send(new GetBucketCorsCommand(input)));
    case 'policy.json':
      return output('GetBucketPolicy', () => client.send(new GetBucketPolicyCommand(input)));
    case 'tagging.json':
      return output('GetBucketTagging', () => client.send(new GetBucketTaggingCommand(input)));
  }
};

/** The output of `aws kms get-key-policy`. */
export const keyPolicyOutput = (client: KMSClient, keyId: string): Promise<Read<object>> =>
  output('GetKeyPolicy', () => client.send(new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default' })));

/** The output of `aws kms list-aliases`. */
export const aliasesOutput = (client: KMSClient): Promise<Read<{ Aliases: AliasListEntry[] }>> =>
  call('ListAliases', async () => ({
    Aliases: await allPages(paginateListAliases({ client }, {}), (page) => page.Aliases),
  }));
