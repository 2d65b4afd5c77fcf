import { JOB_KINDS } from '../../shared/definition/job-kinds.ts';
import { AUDITED_DETAIL_TYPES, auditedOperations, EVENT_SOURCES } from '../../shared/events/audited-calls.ts';
import { readEvents } from '../../shared/events/read-events.ts';
import { isObject, type Json, type JsonObject, member } from '../../shared/json/json.ts';
import { ACCOUNT, cloudTrail, envelope, REGION, roleArn, sagemakerArn } from '../support/builders/events.ts';

/** A request with the names that all audited operations need: each reader finds the name that it looks for. */
const REQUEST = {
  ...Object.fromEntries(
    Object.values(JOB_KINDS).map(({ nameField }) => [
      nameField.slice(0, 1).toLowerCase() + nameField.slice(1),
      'fraud-train',
    ]),
  ),
  pipelineName: 'fraud',
  bucketName: 'acme-images',
  roleName: 'fraud-train',
  userName: 'maya',
  groupName: 'scientists',
  policyArn: `arn:aws:iam::${ACCOUNT}:policy/train`,
  policyId: 'p-networks',
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  aliasName: 'alias/fraud',
  targetKeyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  resourceArns: [sagemakerArn('pipeline/fraud')],
};

/** A call of a service, as EventBridge sends it. */
export const called = (
  eventSource: string,
  eventName: string,
  fields: Record<string, unknown> = {},
): JsonObject => envelope(cloudTrail(eventName, REQUEST, { eventSource, ...fields })) as JsonObject;

const NATIVE_DETAIL = {
  ...Object.fromEntries(
    Object.values(JOB_KINDS).flatMap(({ nameField, arnField, arnType }) => [
      [nameField, 'fraud-train'],
      [arnField, sagemakerArn(`${arnType}/fraud-train`)],
    ]),
  ),
  RoleArn: roleArn('fraud-train'),
  pipelineArn: sagemakerArn('pipeline/fraud'),
  pipelineExecutionArn: sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6'),
  stepName: 'Train',
  metadata: { trainingJob: { arn: sagemakerArn('training-job/fraud-train') } },
};

/** An event that SageMaker itself sends. */
export const told = (detailType: string, detail: JsonObject = {}): JsonObject => ({
  version: '0',
  id: 'told',
  'detail-type': detailType,
  source: 'aws.sagemaker',
  account: ACCOUNT,
  time: '2026-11-20T10:00:00Z',
  region: REGION,
  resources: [],
  detail: { ...NATIVE_DETAIL, ...detail },
});

/** One event for each audited operation and each of SageMaker's own event types. */
export const auditedEvents = (): [name: string, event: JsonObject][] => [
  ...EVENT_SOURCES.flatMap((source) =>
    auditedOperations(source).map((operation): [string, JsonObject] => [
      `${operation} of ${source}`,
      called(source, operation),
    ]),
  ),
  ...AUDITED_DETAIL_TYPES.map((type): [string, JsonObject] => [type, told(type)]),
];

/**
 * Records that only their content shows to be irrelevant: a pattern that excluded them might exclude relevant ones
 * too.
 */
const TOLD_BY_CONTENT = [
  'a policy of type ',
  'what was tagged is no bucket',
  'the new share holds no pipeline of this account',
  'the call is about no pipeline of this account',
  'the step has no job yet',
  'SageMaker made this job for the tuning job',
  'SageMaker made the job for the tuning job',
];

/**
 * What the auditor does with an event: it requests a look (also to report that it does not understand the event), or
 * nothing.
 */
export type Use = 'looks' | 'nothing' | 'nothing, by its content';
export const useOf = (event: Json): Use => {
  const { requests, unreadable, ignored } = readEvents(event, 'event');
  if (requests.length + unreadable.length > 0) return 'looks';
  const isByContent = ignored.some(({ reason }) => TOLD_BY_CONTENT.some((start) => reason.startsWith(start)));
  return isByContent ? 'nothing, by its content' : 'nothing';
};

/** A record or event from a file as the bus would send it; undefined for anything else. */
export const asSent = (value: Json): JsonObject | undefined => {
  if (!isObject(value)) return undefined;
  if (member(value, 'detail-type') !== undefined) return value;
  if (member(value, 'eventName') === undefined) return undefined;
  const account = value.recipientAccountId ?? ACCOUNT;
  return { ...(envelope(value) as JsonObject), account };
};
