import { randomUUID } from 'node:crypto';
import type { Place } from './scale-pipelines.ts';
import {
  ACCOUNT,
  EXECUTION_ROLE_ARN,
  executionId,
  type Job,
  OWN_PREFIX,
  OWN_ROLE_ARN,
  REGION,
  STEP_NAMES,
  trainingArguments,
} from './training-job.ts';

/** Renames all members as CloudTrail writes requests, at any depth: `TrainingImage` becomes `trainingImage`. */
const lowerCamel = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(lowerCamel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.charAt(0).toLowerCase() + key.slice(1),
      lowerCamel(inner),
    ]),
  );
};

/**
 * The jobs whose events a case sends: jobs with an authorised name or, with `violating`, jobs of which every tenth
 * breaks the prefix.
 */
export const jobsToSend = (stored: readonly Job[], violating: boolean): Job[] => {
  const authorised = stored.filter((job) => job.authorised);
  if (!violating) return authorised;
  const breaking = stored.filter((job) => !job.authorised);
  return breaking.flatMap((job, index) => [...authorised.slice(index * 9, index * 9 + 9), job]);
};

/** The EventBridge event of the creation of a step’s job, with an eventID of its own. */
export const creationEvent = (job: Job) =>
  jobEvent({
    ...job,
    roleArn: EXECUTION_ROLE_ARN,
    sessionName: `sagemaker-pipeline-${executionId(job.executionArn)}-${job.stepName.slice(0, 20)}`,
    sourceIPAddress: 'sagemaker.amazonaws.com',
    tags: [{ key: 'sagemaker:pipeline-execution-arn', value: job.executionArn }],
  });

/** The events of so many jobs that a person started: each record holds all that a verdict on its job needs. */
export const ownJobEvents = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const name = `${OWN_PREFIX}-${String(index).padStart(6, '0')}`;
    return jobEvent({
      name,
      arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:training-job/${name}`,
      stepName: STEP_NAMES[index % STEP_NAMES.length] ?? '',
      roleArn: OWN_ROLE_ARN,
      sessionName: 'maya',
      sourceIPAddress: '192.0.2.1',
      tags: [{ key: 'team', value: 'fraud' }],
    });
  });

type JobEvent = Partial<Place> & {
  name: string;
  arn: string;
  stepName: string;
  /** The role and the session of whoever created the job. */
  roleArn: string;
  sessionName: string;
  sourceIPAddress: string;
  /** The role of the job, if it is another one. */
  jobRoleArn?: string;
  tags: { key: string; value: string }[];
};

/** Shape: a real record (version 1.11). */
export const jobEvent = ({
  account = ACCOUNT,
  region = REGION,
  name,
  arn,
  stepName,
  roleArn,
  sessionName,
  sourceIPAddress,
  jobRoleArn,
  tags,
}: JobEvent) => {
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const time = new Date().toISOString().replace(/\.\d+/, '');
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.sagemaker',
    account,
    time,
    region,
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: {
        type: 'AssumedRole',
        principalId: `AROAEXAMPLEEXAMPLE000:${sessionName}`,
        arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
        accountId: account,
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            principalId: 'AROAEXAMPLEEXAMPLE000',
            arn: roleArn,
            accountId: account,
            userName: roleName,
          },
          attributes: { creationDate: time, mfaAuthenticated: 'false' },
        },
      },
      eventTime: time,
      eventSource: 'sagemaker.amazonaws.com',
      eventName: 'CreateTrainingJob',
      awsRegion: region,
      sourceIPAddress,
      userAgent: sourceIPAddress,
      requestParameters: {
        trainingJobName: name,
        ...(lowerCamel(trainingArguments(stepName)) as object),
        ...(jobRoleArn !== undefined && { roleArn: jobRoleArn }),
        enableNetworkIsolation: false,
        enableManagedSpotTraining: false,
        tags,
        trainingJobArn: arn,
      },
      responseElements: { trainingJobArn: arn },
      requestID: randomUUID(),
      eventID: randomUUID(),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: 'Management',
    },
  };
};

/** The EventBridge event of a call by which a person changes something. */
export const changeEvent = (
  service: 'iam' | 'sagemaker',
  eventName: string,
  requestParameters: Record<string, string>,
) => {
  const time = new Date().toISOString().replace(/\.\d+/, '');
  const region = service === 'iam' ? 'us-east-1' : REGION;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    account: ACCOUNT,
    time,
    region,
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
        accountId: ACCOUNT,
        userName: 'admin',
      },
      eventTime: time,
      eventSource: `${service}.amazonaws.com`,
      eventName,
      awsRegion: region,
      sourceIPAddress: '192.0.2.1',
      userAgent: 'aws-cli',
      requestParameters,
      responseElements: null,
      requestID: randomUUID(),
      eventID: randomUUID(),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    },
  };
};

/** The jobs' events as SQS batches, in the form in which the audit function receives them. */
export const sqsBatches = (jobs: readonly Job[], size: number) => eventBatches(jobs.map(creationEvent), size);

/** Events as SQS batches. */
export const eventBatches = (events: readonly object[], size: number) => {
  const records = events.map((event) => ({
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body: JSON.stringify(event),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.now()),
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
    messageAttributes: {},
    md5OfBody: '0'.repeat(32),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:bench-audit`,
    awsRegion: REGION,
  }));
  return Array.from({ length: Math.ceil(records.length / size) }, (_, index) => ({
    Records: records.slice(index * size, (index + 1) * size),
  }));
};
