import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';

/** A record of the table's stream, or a message of the retry queue, and the resource that it is about. */
export type DeliveryRecord = {
  /** What Lambda knows it by. */
  id: string;
  resourceArn: string;
  /** Of a message; how often it was received. */
  message?: { receiptHandle: string; receives: number };
};

/** The records of a batch. `unreadable` = messages that name no resource. */
export type DeliveryRecords = { records: DeliveryRecord[]; unreadable: string[] };

const RESOURCE = 'resource#';
/** No ARN is so long; the keys of the table are, at most. */
const MAX_ARN = 2048;

/** What a batch is about: records of the stream that are no news are left out. */
export const readRecords = ({ Records }: DynamoDBStreamEvent | SQSEvent): DeliveryRecords => {
  const read: DeliveryRecords = { records: [], unreadable: [] };
  for (const record of Records) {
    if ('messageId' in record) {
      const message = readMessage(record);
      if (message) read.records.push(message);
      else read.unreadable.push(record.messageId);
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
  const receives = Number(attributes?.ApproximateReceiveCount) || 1;
  return { id: messageId, resourceArn, message: { receiptHandle, receives } };
};

const readStreamRecord = ({ dynamodb }: DynamoDBRecord): DeliveryRecord[] => {
  const { Keys, NewImage, SequenceNumber: id } = dynamodb ?? {};
  const pk = Keys?.pk?.S;
  const isNews = NewImage?.undelivered !== undefined;
  if (!id || !pk?.startsWith(RESOURCE) || Keys?.sk?.S !== 'state' || !isNews) return [];
  return [{ id, resourceArn: NewImage.arn?.S ?? pk.slice(RESOURCE.length) }];
};
