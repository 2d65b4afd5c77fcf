import pLimit from 'p-limit';
import { formCall, jsonCall, s3Put } from './aws-call.ts';
import type { Bucket, CorsRules, Role, ScaleAccount } from './scale-account.ts';

const CONCURRENCY = 4;
const IAM_VERSION = '2010-05-08';

/** Makes an account in moto through its API: roles, policies, buckets and pipelines. */
export const loadIntoMoto = async (
  endpoint: string,
  account: ScaleAccount,
  pipelines: number,
): Promise<void> => {
  const limit = pLimit(CONCURRENCY);
  const policies = await makePolicies(endpoint, account);
  await limit.map(account.roles, (role) => makeRole(endpoint, role, policies));
  await limit.map(account.buckets, (bucket) => makeBucket(endpoint, account.place.region, bucket));
  const indexes = Array.from({ length: pipelines }, (_, index) => index);
  await limit.map(indexes, (index) => {
    const { name, roleArn, definitionText } = account.pipelineAt(index);
    return jsonCall(endpoint, 'SageMaker.CreatePipeline', {
      PipelineName: name,
      ClientRequestToken: `bench-${name}`.padEnd(32, '-'),
      PipelineDefinition: definitionText,
      RoleArn: roleArn,
    });
  });
};

const iam = (endpoint: string, Action: string, form: Record<string, string>): Promise<string> =>
  formCall(endpoint, 'iam', { Action, Version: IAM_VERSION, ...form });

/** Makes the managed policies and returns their ARNs, because moto has none of AWS's own. */
const makePolicies = async (
  endpoint: string,
  { managed, place }: ScaleAccount,
): Promise<ReadonlyMap<string, string>> => {
  const arns = new Map<string, string>();
  for (const [arn, document] of Object.entries(managed)) {
    const PolicyName = arn.split('/').at(-1) ?? '';
    await iam(endpoint, 'CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(document) });
    arns.set(arn, `arn:aws:iam::${place.account}:policy/${PolicyName}`);
  }
  return arns;
};

const makeRole = async (
  endpoint: string,
  { name: RoleName, path, trust, policies, managed, tags }: Role,
  arns: ReadonlyMap<string, string>,
): Promise<void> => {
  const tagFields = Object.entries(tags).flatMap(([key, value], index): [string, string][] => [
    [`Tags.member.${index + 1}.Key`, key],
    [`Tags.member.${index + 1}.Value`, value],
  ]);
  await iam(endpoint, 'CreateRole', {
    RoleName,
    Path: path,
    AssumeRolePolicyDocument: JSON.stringify(trust),
    ...Object.fromEntries(tagFields),
  });
  for (const [PolicyName, document] of Object.entries(policies))
    await iam(endpoint, 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: JSON.stringify(document) });
  for (const arn of managed)
    await iam(endpoint, 'AttachRolePolicy', { RoleName, PolicyArn: arns.get(arn) ?? arn });
};

const makeBucket = async (
  endpoint: string,
  region: string,
  { name, policy, cors, tags }: Bucket,
): Promise<void> => {
  const place = xml('CreateBucketConfiguration', xml('LocationConstraint', region));
  await s3Put(endpoint, `/${name}`, place);
  await s3Put(endpoint, `/${name}?policy`, JSON.stringify(policy));
  const tagSet = Object.entries(tags).map(([key, value]) =>
    xml('Tag', xml('Key', key) + xml('Value', value)),
  );
  await s3Put(endpoint, `/${name}?tagging`, xml('Tagging', xml('TagSet', tagSet.join(''))));
  if (cors)
    await s3Put(endpoint, `/${name}?cors`, xml('CORSConfiguration', cors.CORSRules.map(ruleXml).join('')));
};

const xml = (name: string, content: string): string => `<${name}>${content}</${name}>`;

/** A CORS rule as XML, where each value of a list is an element with a singular name. */
const ruleXml = (rule: CorsRules['CORSRules'][number]): string =>
  xml(
    'CORSRule',
    Object.entries(rule)
      .flatMap(([field, values]) => values.map((value) => xml(field.replace(/s$/, ''), value)))
      .join(''),
  );
