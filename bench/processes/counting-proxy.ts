import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Forwards AWS calls and counts them by service and operation; a process of its own. GET /calls answers the counts since the last one.
 * Usage: node counting-proxy.ts URL; prints its port.
 */

const [upstreamUrl = ''] = process.argv.slice(2);
let calls: Record<string, number> = {};

/** REST operations have no name on the wire. */
const REST_OPERATIONS: Record<string, string> = {
  'POST /findings': 'GetFindings',
  'POST /findings/import': 'BatchImportFindings',
  'PATCH /findings/batchupdate': 'BatchUpdateFindings',
};

const serviceOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'unsigned';

const operationOf = ({ headers, method, url = '' }: IncomingMessage, body: Buffer): string =>
  headers['x-amz-target']?.toString().split('.').at(-1) ??
  /\/operation\/(\w+)/.exec(url)?.[1] ??
  /(?:^|&)Action=(\w+)/.exec(body.subarray(0, 10_000).toString())?.[1] ??
  REST_OPERATIONS[`${method} ${url}`] ??
  `${method} ${url}`;

/** AWS never lists more than 100 training jobs a page; moto lists them all where no number is given. */
const withAwsPageSize = (operation: string, body: Buffer): Buffer => {
  if (operation !== 'ListTrainingJobs') return body;
  return Buffer.from(JSON.stringify({ MaxResults: 100, ...JSON.parse(body.toString()) }));
};

const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const received = Buffer.concat(await incoming.toArray());
  const service = serviceOf(incoming);
  const operation = operationOf(incoming, received);
  const call = `${service}.${operation}`;
  calls[call] = (calls[call] ?? 0) + 1;
  const body = withAwsPageSize(operation, received);
  const target = new URL(incoming.url ?? '/', upstreamUrl);
  const headers = { ...incoming.headers, 'content-length': String(body.length) };
  const upstream = request(target, { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.on('error', (error) => outgoing.writeHead(502).end(error.message));
  upstream.end(body);
};

const server = createServer((incoming, outgoing) => {
  if (incoming.url !== '/calls') {
    forward(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
    return;
  }
  outgoing.end(JSON.stringify(calls));
  calls = {};
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
