import { Agent, createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A call, by the operation that its target or form names, else by method and path. `keyId`, `region` and `service` are those in its
 * signature; empty without one.
 */
export type Call = { operation: string; body: string; keyId: string; region: string; service: string };
/** A failure in place of AWS's answer. */
export type Fault = { status: number; type?: string; body: string } | 'hang' | 'reset';

/** Forwards AWS calls, except those that get a fault. */
export type FaultProxy = {
  endpoint: string;
  /** Sets which calls get a fault from now on. */
  fail(faultOf: (call: Call) => Fault | undefined): void;
  /** The calls since the last call of this method. */
  take(): Call[];
  stop(): Promise<void>;
};

/** Hooks before and after a forwarded call. */
export type Passing = {
  /** The server that gets the call. */
  upstreamOf: (call: Call) => string;
  before?: (call: Call) => Promise<void> | void;
  /** Called when the service has answered, before the caller gets the answer. */
  after?: (call: Call, status: number) => void;
};

/** The scope in a signature: `<key>/<date>/<Region>/<service>/aws4_request`. */
const SCOPE = /Credential=([^/]+)\/\d+\/([^/]*)\/([^/]+)\/aws4_request/;

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
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (incoming, response) => {
    const body = Buffer.concat(await incoming.toArray());
    const { method = 'GET', url = '/', headers } = incoming;
    const named = headers['x-amz-target']?.toString().split('.').at(-1);
    const operation = named ?? /(?:^|&)Action=(\w+)/.exec(body.toString('utf8'))?.[1] ?? `${method} ${url}`;
    const [, keyId = '', region = '', service = ''] = SCOPE.exec(headers.authorization ?? '') ?? [];
    const call = { operation, body: body.toString('utf8'), keyId, region, service };
    calls.push(call);
    const fault = faultOf(call);
    if (fault === 'hang') return;
    if (fault === 'reset') return void incoming.socket.destroy();
    if (fault)
      return void response
        .writeHead(fault.status, { 'content-type': fault.type ?? 'text/html' })
        .end(fault.body);
    const { host: _host, connection: _connection, 'content-length': _length, ...others } = headers;
    await passing.before?.(call);
    const to = `${passing.upstreamOf(call)}${url}`;
    const passed = await pass(to, { method, headers: others, agent }, body).catch(() => undefined);
    if (!passed) return void incoming.socket.destroy();
    passing.after?.(call, passed.status);
    const kept = ['content-type', 'retry-after', 'x-amzn-errortype'].flatMap((name) => {
      const value = passed.headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const all = { 'content-type': 'application/xml', ...Object.fromEntries(kept) };
    response.writeHead(passed.status, all).end(passed.body);
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
        agent.destroy();
      }),
  };
};

type Passed = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Takes half the work of `fetch`, because a run of faults makes 50,000 calls. */
const pass = (
  url: string,
  options: { method: string; headers: OutgoingHttpHeaders; agent: Agent },
  body: Buffer,
): Promise<Passed> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, options, (answer) => {
      answer.toArray().then(
        (chunks) =>
          resolve({
            status: answer.statusCode ?? 502,
            headers: answer.headers,
            body: Buffer.concat(chunks as Buffer[]),
          }),
        reject,
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
