import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it came, by the operation that its target or form names, else by its method and path. */
export type Call = { operation: string; body: string };
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

/** An error in the JSON protocol, as SageMaker and SQS write it. */
export const jsonFault = (code: string, status = 400): Fault => ({
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify({ __type: code, message: `${code} on purpose` }),
});

export const startFaultProxy = async (upstream: string): Promise<FaultProxy> => {
  let calls: Call[] = [];
  let faultOf: (call: Call) => Fault | undefined = () => undefined;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method = 'GET', url = '/', headers } = request;
    const named = headers['x-amz-target']?.toString().split('.').at(-1);
    const operation = named ?? /(?:^|&)Action=(\w+)/.exec(body.toString('utf8'))?.[1] ?? `${method} ${url}`;
    const call = { operation, body: body.toString('utf8') };
    calls.push(call);
    const fault = faultOf(call);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    if (fault)
      return void response
        .writeHead(fault.status, { 'content-type': fault.type ?? 'text/html' })
        .end(fault.body);
    const { host: _host, connection: _connection, 'content-length': _length, ...others } = headers;
    const passed = await fetch(`${upstream}${url}`, {
      method,
      headers: others as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    }).catch(() => undefined);
    if (!passed) return void request.socket.destroy();
    const type = passed.headers.get('content-type') ?? 'application/xml';
    response.writeHead(passed.status, { 'content-type': type }).end(Buffer.from(await passed.arrayBuffer()));
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
