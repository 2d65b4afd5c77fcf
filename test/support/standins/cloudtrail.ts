import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A record in the history: its Region, its time, and the attributes for looking it up. */
export type HistoryRecord = Record<string, unknown> & {
  eventName: string;
  eventSource: string;
  eventTime: string;
  awsRegion: string;
  eventID: string;
};

export type CloudTrailStandIn = {
  endpoint: string;
  add(...records: HistoryRecord[]): void;
  /** The look-ups so far, as `<Region> <attribute>`. */
  lookUps(): string[];
  throttleNext(requests: number): void;
  deny(isDenied: boolean): void;
  stop(): Promise<void>;
};

/**
 * A stand-in for CloudTrail's event history, over the JSON protocol of its SDK client; other operations go to
 * `upstream`. As in the API, a look-up has one attribute, a page has 50 events, the newest come first, and each
 * Region is separate.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const startCloudTrail = async (upstream?: string): Promise<CloudTrailStandIn> => {
  const records: HistoryRecord[] = [];
  const lookUps: string[] = [];
  let throttled = 0;
  let isDenied = false;

  const lookUp = (region: string, input: Input): object => {
    const { LookupAttributes = [], StartTime = 0, EndTime = Date.now() / 1000, MaxResults = 50 } = input;
    const [attribute] = LookupAttributes;
    if (LookupAttributes.length !== 1 || !attribute) throw refusal('InvalidLookupAttributesException');
    const { AttributeKey, AttributeValue } = attribute;
    if (!['EventSource', 'EventName'].includes(AttributeKey)) {
      throw refusal('InvalidLookupAttributesException');
    }
    if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > 50) {
      throw refusal('InvalidMaxResultsException');
    }
    if (StartTime > EndTime) throw refusal('InvalidTimeRangeException');
    lookUps.push(`${region} ${AttributeValue}`);
    const field = AttributeKey === 'EventSource' ? 'eventSource' : 'eventName';
    const found = records
      .filter((record) => record.awsRegion === region && record[field] === AttributeValue)
      .filter(({ eventTime }) => {
        const time = Date.parse(eventTime) / 1000;
        return time >= StartTime && time <= EndTime;
      })
      .toSorted((one, other) => (one.eventTime > other.eventTime ? -1 : 1));
    const from = input.NextToken === undefined ? 0 : Number(/^from-(\d+)$/.exec(input.NextToken)?.[1]);
    if (Number.isNaN(from)) throw refusal('InvalidNextTokenException');
    const to = from + MaxResults;
    return {
      Events: found.slice(from, to).map((record) => ({
        EventId: record.eventID,
        EventName: record.eventName,
        EventSource: record.eventSource,
        EventTime: Date.parse(record.eventTime) / 1000,
        CloudTrailEvent: JSON.stringify(record),
      })),
      ...(to < found.length && { NextToken: `from-${to}` }),
    };
  };

  const answer = (region: string, body: string): object => {
    if (isDenied) throw refusal('AccessDeniedException');
    if (throttled > 0) {
      throttled--;
      throw refusal('ThrottlingException');
    }
    return lookUp(region, JSON.parse(body) as Input);
  };

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const operation = request.headers['x-amz-target']?.toString().split('.').at(-1);
    if (operation !== 'LookupEvents') {
      const passed = await passOn(upstream, request, body);
      response.writeHead(passed.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(await passed.text());
      return;
    }
    const json = { 'content-type': 'application/x-amz-json-1.1' };
    try {
      const text = JSON.stringify(answer(regionOf(request), body));
      response.writeHead(200, json).end(text);
    } catch (error) {
      const { name, message } = error as Error;
      response.writeHead(400, json).end(JSON.stringify({ __type: name, message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (...more) => void records.push(...more),
    lookUps: () => lookUps,
    throttleNext: (count) => {
      throttled = count;
    },
    deny: (is) => {
      isDenied = is;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

type Input = {
  LookupAttributes?: { AttributeKey: string; AttributeValue: string }[];
  StartTime?: number;
  EndTime?: number;
  MaxResults?: number;
  NextToken?: string;
};

const refusal = (name: string): Error => Object.assign(new Error(`refused: ${name}`), { name });

/** The Region for which the request is signed. */
const regionOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d{8}\/([^/]+)\/cloudtrail\//.exec(headers.authorization ?? '')?.[1] ?? '';

const passOn = (
  upstream: string | undefined,
  { method = 'POST', url = '/', headers }: IncomingMessage,
  body: string,
): Promise<Response> => {
  if (upstream === undefined) throw new Error('the stand-in knows LookupEvents alone');
  const { host: _host, connection: _connection, 'content-length': _length, ...others } = headers;
  return fetch(`${upstream}${url}`, { method, headers: others as Record<string, string>, body });
};
