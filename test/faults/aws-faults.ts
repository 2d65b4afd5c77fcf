import { type Call, type Fault, jsonFault } from '../support/emulators/fault-proxy.ts';

const xml = (status: number, body: string): Fault => ({ status, type: 'text/xml', body });

const query = (code: string, status: number): Fault =>
  xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>on purpose</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>`,
  );

const s3 = (code: string, status: number): Fault =>
  xml(
    status,
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>on purpose</Message></Error>`,
  );

/** How each service says that a call came too soon, and that it has failed by itself. */
const FAULTS: Readonly<Record<string, { throttled: Fault; failed: Fault }>> = {
  dynamodb: {
    throttled: jsonFault('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException'),
    failed: jsonFault('com.amazonaws.dynamodb.v20120810#InternalServerError', 500),
  },
  events: { throttled: jsonFault('ThrottlingException'), failed: jsonFault('InternalException', 500) },
  iam: { throttled: query('Throttling', 400), failed: query('ServiceFailure', 500) },
  sts: { throttled: query('Throttling', 400), failed: query('InternalFailure', 500) },
  sns: { throttled: query('Throttled', 429), failed: query('InternalError', 500) },
  s3: { throttled: s3('SlowDown', 503), failed: s3('InternalError', 500) },
  securityhub: {
    throttled: jsonFault('TooManyRequestsException', 429),
    failed: jsonFault('InternalException', 500),
  },
};

const ANY = { throttled: jsonFault('ThrottlingException'), failed: jsonFault('InternalFailure', 500) };

/** How a service that speaks the query protocol refuses a call. */
export const DENIED = query('AccessDenied', 403);

/** The fault in the form of the called service; undefined for a call to something other than AWS. */
export const faultFor = ({ service }: Call, kind: 'throttled' | 'failed'): Fault | undefined =>
  service === '' ? undefined : (FAULTS[service] ?? ANY)[kind];
