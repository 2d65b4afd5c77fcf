import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Forwards AWS calls and counts them by operation. */
export type CountingProxy = { endpoint: string; take(): Record<string, number>; stop(): Promise<void> };

const READS = /^(Describe|Get|List|BatchGet|Query|Scan|Search)/;

/** Those of the calls that read: of the account, and of the auditor's own tables. */
export const readsOf = (calls: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(calls).filter(([operation]) => READS.test(operation)));

/** REST calls have no operation on the wire; S3's are told by their subresource. */
const operationOf = (method: string, url: string, target: string | undefined, body: string): string => {
  const named =
    target?.split('.').at(-1) ?? /\/operation\/(\w+)/.exec(url)?.[1] ?? /(?:^|&)Action=(\w+)/.exec(body)?.[1];
  if (named) return named;
  const subresource = /\?(cors|tagging)/.exec(url)?.[1];
  return `${method === 'GET' ? 'Get' : 'Put'}${subresource ?? url}`;
};

export const startCountingProxy = async (upstreamUrl: string): Promise<CountingProxy> => {
  let calls: Record<string, number> = {};
  const server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray());
    const { method = 'GET', url = '/', headers } = incoming;
    const operation = operationOf(method, url, headers['x-amz-target']?.toString(), body.toString('utf8'));
    calls[operation] = (calls[operation] ?? 0) + 1;
    const upstream = request(new URL(url, upstreamUrl), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', () => outgoing.destroy());
    upstream.end(body);
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
