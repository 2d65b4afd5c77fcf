import { randomUUID } from 'node:crypto';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** An account and a Region. */
export type Place = { account: string; region: string };

export const HOME: Place = { account: ACCOUNT, region: REGION };

export const roleArn = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`;
export const sagemakerArn = (resource: string, { account, region } = HOME): string =>
  `arn:aws:sagemaker:${region}:${account}:${resource}`;

/** The identity of a role's session, as CloudTrail writes it. */
export const session = (role: string, name: string, account = ACCOUNT) => ({
  type: 'AssumedRole',
  arn: `arn:aws:sts::${account}:assumed-role/${role.split('/').at(-1)}/${name}`,
  accountId: account,
  sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn(role, account), accountId: account } },
});

/** A CloudTrail record of a call that succeeded, with any of its fields replaced. */
export const cloudTrail = (
  eventName: string,
  requestParameters: unknown,
  fields: Record<string, unknown> = {},
): Record<string, unknown> => ({
  eventVersion: '1.11',
  userIdentity: session('data-scientist', 'maya'),
  eventTime: new Date().toISOString(),
  eventSource: 'sagemaker.amazonaws.com',
  eventName,
  awsRegion: REGION,
  requestParameters,
  responseElements: null,
  eventID: randomUUID(),
  eventType: 'AwsApiCall',
  recipientAccountId: ACCOUNT,
  ...fields,
});

/** A record in EventBridge's envelope, which EventBridge gives the account and Region of the record. */
export const envelope = (record: Record<string, unknown>): Record<string, unknown> => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'AWS API Call via CloudTrail',
  source: `aws.${String(record.eventSource).split('.')[0]}`,
  account: record.recipientAccountId,
  time: record.eventTime,
  region: record.awsRegion,
  resources: [],
  detail: record,
});

/** A job that a step of an execution created. */
export const stepJob = ({
  executionId,
  step,
  name,
  role,
  executionRole = 'pipelines/fraud',
}: {
  executionId: string;
  step: string;
  name: string;
  role: string;
  executionRole?: string;
}): Record<string, unknown> =>
  cloudTrail(
    'CreateTrainingJob',
    { trainingJobName: name, roleArn: roleArn(role) },
    {
      userIdentity: session(executionRole, `sagemaker-pipeline-${executionId}-${step.slice(0, 20)}`),
      responseElements: { trainingJobArn: sagemakerArn(`training-job/${name}`) },
    },
  );
