import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The number of calls of each operation, by `service.Operation`. */
export type Calls = Record<string, number>;

/** Forwards AWS calls to an emulator and counts them. */
export type CountingProxy = {
  endpoint: string;
  /** The calls since the last call of this method. */
  take(): Calls;
  stop(): Promise<void>;
};

const READS = /\.(Describe|Get|List|BatchGet|TransactGet|Query|Scan|Search|Head|HEAD |GET )/;

/** Whether the call (as `service.Operation`) only reads. */
export const isRead = (call: string): boolean => READS.test(call);

/** REST requests do not name their operation: Security Hub's are recognised by their path, S3's by the subresource. */
const REST_OPERATIONS: [line: RegExp, operation: string][] = [
  [/^POST \/findings$/, 'GetFindings'],
  [/^POST \/findings\/import$/, 'BatchImportFindings'],
  [/^PATCH \/findings\/batchupdate$/, 'BatchUpdateFindings'],
  [/^GET \/[^?]*\?cors=?$/, 'GetBucketCors'],
  [/^GET \/[^?]*\?tagging=?$/, 'GetBucketTagging'],
];

const serviceOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unsigned';

const operationOf = ({ headers, method, url = '' }: IncomingMessage, body: Buffer): string => {
  const line = `${method} ${url}`;
  return (
    headers['x-amz-target']?.toString().split('.').at(-1) ??
    /\/operation\/(\w+)/.exec(url)?.[1] ??
    /(?:^|&)Action=(\w+)/.exec(body.subarray(0, 10_000).toString())?.[1] ??
    REST_OPERATIONS.find(([known]) => known.test(line))?.[1] ??
    /[?&]x-id=(\w+)/.exec(url)?.[1] ??
    line
  );
};

/** The call that a request makes, as `service.Operation`. */
export const callOf = (incoming: IncomingMessage, body: Buffer): string =>
  `${serviceOf(incoming)}.${operationOf(incoming, body)}`;

/** AWS never lists more than 100 training jobs on a page, while moto lists all of them if no number is given. */
const withAwsPageSize = (operation: string, body: Buffer): Buffer => {
  if (operation !== 'ListTrainingJobs') return body;
  return Buffer.from(JSON.stringify({ MaxResults: 100, ...JSON.parse(body.toString()) }));
};

/** Sends a request whose body was read to another server, and that server’s answer back. */
export const passOn = (
  upstreamUrl: string,
  { method, headers, url = '/' }: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): void => {
  const sent = { ...headers, 'content-length': String(body.length) };
  const upstream = request(new URL(url, upstreamUrl), { method, headers: sent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.on('error', (error) => outgoing.destroy(error));
  upstream.end(body);
};

export const startCountingProxy = async (upstreamUrl: string): Promise<CountingProxy> => {
  let calls: Calls = {};
  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const received = Buffer.concat(await incoming.toArray());
    const operation = operationOf(incoming, received);
    const call = callOf(incoming, received);
    calls[call] = (calls[call] ?? 0) + 1;
    passOn(upstreamUrl, incoming, withAwsPageSize(operation, received), outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = calls;
      calls = {};
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
