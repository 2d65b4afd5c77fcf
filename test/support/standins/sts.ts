import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** STS for the tests: AssumeRole, refused where a role’s trust policy would refuse it; all else is answered by the emulator. */
export type StsStandIn = {
  endpoint: string;
  /** The ARNs of the roles that were assumed or refused, in their order. */
  asked(): string[];
  /** Refuses all roles of an account by this error, AccessDenied by default, until they are allowed again. */
  deny(account: string, code?: string): void;
  allow(account: string): void;
  stop(): Promise<void>;
};

/** `externalId`: what the trust policy of every role asks for. */
export const startSts = async (
  upstreamUrl: string,
  { externalId }: { externalId: string },
): Promise<StsStandIn> => {
  const asked: string[] = [];
  const denied = new Map<string, string>();
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    const form = new URLSearchParams(body.toString());
    const role = form.get('RoleArn') ?? '';
    if (form.get('Action') === 'AssumeRole') {
      asked.push(role);
      const account = role.split(':')[4] ?? '';
      const code = denied.get(account) ?? (form.get('ExternalId') === externalId ? undefined : DENIED);
      if (code !== undefined) return refuse(role, code, outgoing);
    }
    const headers = { ...incoming.headers, 'content-length': String(body.length) };
    const upstream = request(
      new URL(incoming.url ?? '/', upstreamUrl),
      { method: incoming.method, headers },
      (answered) => {
        outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(outgoing);
      },
    );
    upstream.on('error', (error) => outgoing.destroy(error));
    upstream.end(body);
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => [...asked],
    deny: (account, code = DENIED) => void denied.set(account, code),
    allow: (account) => void denied.delete(account),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const DENIED = 'AccessDenied';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors */
const refuse = (role: string, code: string, outgoing: ServerResponse): void => {
  const message =
    code === DENIED
      ? `User: arn:aws:sts::111122223333:assumed-role/Audit/audit is not authorized to perform: sts:AssumeRole on resource: ${role}`
      : `${code} on purpose`;
  outgoing.writeHead(403, { 'content-type': 'text/xml' });
  outgoing.end(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  );
};
