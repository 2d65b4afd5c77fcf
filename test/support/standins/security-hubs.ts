import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Place } from '../builders/events.ts';
import { type SecurityHubStandIn, startSecurityHub } from './security-hub.ts';

/** The Security Hubs of several accounts and Regions behind one endpoint, as the SDK takes one for all. */
export type SecurityHubs = {
  endpoint: string;
  hub(account: string, region: string): SecurityHubStandIn;
  all(): readonly SecurityHubStandIn[];
  /** The access keys with which each account’s findings came. */
  keys(account: string): Set<string>;
  stop(): Promise<void>;
};

const keyOf = ({ account, region }: Place): string => `${account} ${region}`;

export const startSecurityHubs = async (places: readonly Place[]): Promise<SecurityHubs> => {
  const hubs = new Map<string, SecurityHubStandIn>();
  for (const place of places) hubs.set(keyOf(place), await startSecurityHub(place));
  const keys = new Map<string, Set<string>>();
  const hub = (account: string, region: string): SecurityHubStandIn => {
    const found = hubs.get(keyOf({ account, region }));
    if (!found) throw new Error(`no Security Hub in ${account} ${region}`);
    return found;
  };
  const route = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    const { Findings = [] } = JSON.parse(body.toString()) as { Findings?: { AwsAccountId: string }[] };
    const [, key = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
    const account = Findings[0]?.AwsAccountId ?? '';
    keys.set(account, (keys.get(account) ?? new Set()).add(key));
    const target = new URL(incoming.url ?? '/', hub(account, region).endpoint);
    const upstream = request(target, { method: incoming.method, headers: incoming.headers }, (answered) => {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(outgoing);
    });
    upstream.on('error', (error) => outgoing.destroy(error));
    upstream.end(body);
  };
  const server = createServer((incoming, outgoing) => {
    route(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hub,
    all: () => [...hubs.values()],
    keys: (account) => keys.get(account) ?? new Set(),
    stop: async () => {
      for (const each of hubs.values()) await each.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};
