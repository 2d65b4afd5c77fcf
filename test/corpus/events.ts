import type { Json, JsonObject } from '../../shared/json/json.ts';
import { type Account, sharedArn } from './account.ts';

/**
 * The events that CloudTrail sends when one account becomes another, wrapped as by EventBridge. Undefined for changes
 * that no event reports (a KMS key's policy, the configuration) and that only a sweep finds.
 */
export const eventsBetween = (before: Account, after: Account): JsonObject[] | undefined => {
  const differs = (key: keyof Account): boolean => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  if (differs('keys') || differs('config')) return undefined;
  const { account, region } = after;
  const iam = (eventName: string, requestParameters: Json) =>
    record({ service: 'iam', eventName, account, region: 'us-east-1', requestParameters });
  const changed = <T>(one: Record<string, T>, other: Record<string, T>): string[] =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
      (key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]),
    );
  const byArn = ({ principals }: Account) =>
    Object.fromEntries(principals.map((principal) => [principal.arn, principal]));
  const principals = changed(byArn(before), byArn(after)).map((arn) => {
    const name = arn.slice(arn.lastIndexOf('/') + 1);
    if (arn.includes(':user/')) return iam('PutUserPolicy', { userName: name, policyName: 'more' });
    const exists = byArn(after)[arn] !== undefined;
    return iam(exists ? 'PutRolePolicy' : 'DeleteRole', { roleName: name });
  });
  const policies = changed(before.managed, after.managed).map((policyArn) =>
    iam('CreatePolicyVersion', { policyArn, setAsDefault: true }),
  );
  const byName = ({ pipelines }: Account) =>
    Object.fromEntries(pipelines.map((pipeline) => [pipeline.name, pipeline]));
  const pipelines = changed(byName(before), byName(after)).map((pipelineName) => {
    const eventName = byName(after)[pipelineName] ? 'UpdatePipeline' : 'DeletePipeline';
    return record({ service: 'sagemaker', eventName, account, region, requestParameters: { pipelineName } });
  });
  const buckets = changed(before.buckets, after.buckets).flatMap((bucketName) => {
    const [was, is] = [before.buckets[bucketName], after.buckets[bucketName]];
    const parts = [
      ['policy', 'PutBucketPolicy'],
      ['cors', 'PutBucketCors'],
      ['tags', 'PutBucketTagging'],
    ] as const;
    return parts
      .filter(([part]) => JSON.stringify(was?.[part]) !== JSON.stringify(is?.[part]))
      .map(([, eventName]) =>
        record({ service: 's3', eventName, account, region, requestParameters: { bucketName } }),
      );
  });
  const scps = differs('scps')
    ? [
        record({
          service: 'organizations',
          eventName: 'UpdatePolicy',
          account,
          region: 'us-east-1',
          requestParameters: { policyId: 'p-networks' },
          responseElements: { policy: { policySummary: { type: 'SERVICE_CONTROL_POLICY' } } },
        }),
      ]
    : [];
  const byId = ({ shares }: Account) => Object.fromEntries(shares.map((share) => [share.id, share]));
  const shares = changed(byId(before), byId(after)).map((id) => {
    const share = byId(after)[id];
    const eventName = share ? 'CreateResourceShare' : 'DisassociateResourceShare';
    const resourceArns = (share ?? byId(before)[id])?.pipelines.map((each) => sharedArn(each, after)) ?? [];
    return record({ service: 'ram', eventName, account, region, requestParameters: { resourceArns } });
  });
  return [...policies, ...scps, ...shares, ...principals, ...buckets, ...pipelines];
};

let count = 0;

type RecordFields = {
  service: string;
  eventName: string;
  account: string;
  region: string;
  requestParameters: Json;
  responseElements?: Json;
};

/** An event of the bus with a CloudTrail record in it. */
export const record = ({
  service,
  eventName,
  account,
  region,
  requestParameters,
  responseElements = null,
}: RecordFields): JsonObject => {
  const eventID = `corpus-${++count}`;
  const eventTime = new Date().toISOString();
  return {
    version: '0',
    id: eventID,
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    account,
    region,
    time: eventTime,
    resources: [],
    detail: {
      eventVersion: '1.11',
      eventID,
      eventTime,
      eventName,
      eventSource: `${service}.amazonaws.com`,
      eventType: 'AwsApiCall',
      awsRegion: region,
      recipientAccountId: account,
      userIdentity: {
        type: 'AssumedRole',
        arn: `arn:aws:sts::${account}:assumed-role/someone/session`,
        accountId: account,
        sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/someone` } },
      },
      requestParameters,
      responseElements,
    },
  };
};
