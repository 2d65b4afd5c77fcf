import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { isHeartbeatKey } from '../../shared/aws/keep/heartbeats.ts';
import { member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { receivesOf } from '../receives.ts';

/** A record of the table’s stream or a message of the retry queue, and the resource that it names. */
export type DeliveryRecord = {
  /** The id by which Lambda knows the record. */
  id: string;
  resourceArn: string;
  /** Set for a message of the queue. `receives`: how often it was received. */
  message?: { receiptHandle: string; receives: number };
};

/** The records of a batch, the ids of messages that name no resource, and whether a heartbeat was noted. */
export type DeliveryRecords = { records: DeliveryRecord[]; unreadable: string[]; hasHeartbeat: boolean };

const RESOURCE = 'resource#';
/** Longer than any ARN; the table’s keys have at most as many characters. */
const MAX_ARN = 2048;

/** The records of a batch. Stream records without news are left out. */
export const readRecords = ({ Records }: DynamoDBStreamEvent | SQSEvent): DeliveryRecords => {
  const read: DeliveryRecords = { records: [], unreadable: [], hasHeartbeat: false };
  for (const record of Records) {
    if ('messageId' in record) {
      const message = readMessage(record);
      if (message) read.records.push(message);
      else read.unreadable.push(record.messageId);
    } else if (isHeartbeatKey(record.dynamodb?.Keys?.pk?.S)) {
      read.hasHeartbeat = true;
    } else {
      read.records.push(...readStreamRecord(record));
    }
  }
  return read;
};

const readMessage = ({
  messageId,
  body,
  receiptHandle,
  attributes,
}: SQSRecord): DeliveryRecord | undefined => {
  const parsed = parseJson(body);
  const resourceArn = parsed.ok ? member(parsed.value, 'resourceArn') : undefined;
  if (typeof resourceArn !== 'string' || resourceArn === '' || resourceArn.length > MAX_ARN) return undefined;
  return { id: messageId, resourceArn, message: { receiptHandle, receives: receivesOf({ attributes }) } };
};

const readStreamRecord = ({ dynamodb }: DynamoDBRecord): DeliveryRecord[] => {
  const { Keys, NewImage, SequenceNumber: id } = dynamodb ?? {};
  const pk = Keys?.pk?.S;
  const isNews = NewImage?.undelivered !== undefined;
  if (!id || !pk?.startsWith(RESOURCE) || Keys?.sk?.S !== 'state' || !isNews) return [];
  return [{ id, resourceArn: NewImage.arn?.S ?? pk.slice(RESOURCE.length) }];
};
