import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A call as it came, by the operation that its target or form names, else by its method and path. `service` is what its
 * signature is for; empty where it has none.
 */
export type Call = { operation: string; body: string; service: string };
/** What AWS does when it does not answer as it should. */
export type Fault = { status: number; type?: string; body: string } | 'hang' | 'reset';

/** Passes AWS calls on, but for those that a fault is wanted for. */
export type FaultProxy = {
  endpoint: string;
  /** Which calls get a fault from now on. */
  fail(faultOf: (call: Call) => Fault | undefined): void;
  /** The calls since the last time that this was asked. */
  take(): Call[];
  stop(): Promise<void>;
};

/** What stands before and after a call that is passed on. */
export type Passing = {
  /** Where the call goes. */
  upstreamOf: (call: Call) => string;
  before?: (call: Call) => Promise<void> | void;
  /** When the service has answered and the caller does not know it yet. */
  after?: (call: Call, status: number) => void;
};

/** `<key>/<date>/<Region>/<service>/aws4_request`, in a signature. */
const SCOPE = /Credential=[^/]+\/\d+\/[^/]*\/([^/]+)\/aws4_request/;

/** An error in the JSON protocol, as SageMaker and SQS write it. */
export const jsonFault = (code: string, status = 400): Fault => ({
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify({ __type: code, message: `${code} on purpose` }),
});

export const startFaultProxy = async (upstream: string | Passing): Promise<FaultProxy> => {
  const passing: Passing = typeof upstream === 'string' ? { upstreamOf: () => upstream } : upstream;
  let calls: Call[] = [];
  let faultOf: (call: Call) => Fault | undefined = () => undefined;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method = 'GET', url = '/', headers } = request;
    const named = headers['x-amz-target']?.toString().split('.').at(-1);
    const operation = named ?? /(?:^|&)Action=(\w+)/.exec(body.toString('utf8'))?.[1] ?? `${method} ${url}`;
    const service = SCOPE.exec(headers.authorization ?? '')?.[1] ?? '';
    const call = { operation, body: body.toString('utf8'), service };
    calls.push(call);
    const fault = faultOf(call);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    if (fault)
      return void response
        .writeHead(fault.status, { 'content-type': fault.type ?? 'text/html' })
        .end(fault.body);
    const { host: _host, connection: _connection, 'content-length': _length, ...others } = headers;
    await passing.before?.(call);
    const passed = await fetch(`${passing.upstreamOf(call)}${url}`, {
      method,
      headers: others as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    }).catch(() => undefined);
    if (!passed) return void request.socket.destroy();
    const answer = Buffer.from(await passed.arrayBuffer());
    passing.after?.(call, passed.status);
    const kept = ['content-type', 'retry-after', 'x-amzn-errortype'].flatMap((name) => {
      const value = passed.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    const all = { 'content-type': 'application/xml', ...Object.fromEntries(kept) };
    response.writeHead(passed.status, all).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: (wanted) => {
      faultOf = wanted;
    },
    take: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
