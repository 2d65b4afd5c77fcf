import type { Trigger } from '../domain/trigger.ts';
import { asText, type Json, memberAnyCase } from '../json/json.ts';
import { BUCKET_READERS } from './bucket-records.ts';
import { IAM_READERS } from './iam-records.ts';
import { JOB_READERS } from './job-records.ts';
import { ORGANIZATIONS_READERS } from './organizations-records.ts';
import { PIPELINE_READERS } from './pipeline-records.ts';
import { callOf, isOmitted, type Reading, type RecordReaders } from './record.ts';

const SAGEMAKER_READERS: RecordReaders = new Map([...PIPELINE_READERS, ...JOB_READERS]);

const READERS: ReadonlyMap<string, RecordReaders> = new Map([
  ['sagemaker.amazonaws.com', SAGEMAKER_READERS],
  ['s3.amazonaws.com', BUCKET_READERS],
  ['iam.amazonaws.com', IAM_READERS],
  ['organizations.amazonaws.com', ORGANIZATIONS_READERS],
]);

/**
 * A CloudTrail record as audit requests. Event names alone do not tell: CodePipeline and Data Pipeline have a
 * CreatePipeline too, so the event source decides first.
 */
export const readCloudTrail = (record: Json, trigger: Trigger): Reading => {
  const source = asText(memberAnyCase(record, 'eventSource')) ?? '';
  const read = READERS.get(source)?.get(trigger.eventName);
  if (!read) return { ignored: `${trigger.eventName} of ${source} changes nothing that a control reads` };
  const errorCode = asText(memberAnyCase(record, 'errorCode'));
  if (errorCode !== undefined) return { ignored: `the call failed (${errorCode}), so that nothing changed` };
  const reading = read(callOf(record, trigger));
  const isCut = isOmitted(memberAnyCase(record, 'requestParameters'));
  if (!('unreadable' in reading) || !isCut) return reading;
  return { unreadable: `CloudTrail left the request out as too large, and ${reading.unreadable}` };
};

/**
 * Every operation whose records lead to a request, by event source: what the EventBridge rules are made from.
 * @public
 */
export const AUDITED_OPERATIONS = {
  'sagemaker.amazonaws.com': [...SAGEMAKER_READERS.keys()],
  's3.amazonaws.com': [...BUCKET_READERS.keys()],
  'iam.amazonaws.com': [...IAM_READERS.keys()],
  'organizations.amazonaws.com': [...ORGANIZATIONS_READERS.keys()],
} as const;
