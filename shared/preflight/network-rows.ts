import { unreadText } from '../domain/gap.ts';
import type { Read } from '../reader/read-result.ts';
import { listed } from '../text/listed.ts';
import { shellText } from '../text/shell-text.ts';
import type { NetworkNeed } from './endpoints.ts';
import { isOwnService, notTold, ok, type PreflightRow } from './preflight-row.ts';

/** A subnet or security group. */
export type InVpc = { id: string; vpc: string; owner: string };

export type VpcEndpoint = {
  id: string;
  service: string;
  type: string;
  state: string;
  hasPrivateDns: boolean;
  routeTables: readonly string[];
};

export type RouteTable = {
  id: string;
  isMain: boolean;
  subnets: readonly string[];
  /** `target`: the id of a gateway, interface or connection, or `local`. */
  routes: readonly { destination: string; target: string; isActive: boolean }[];
};

/** What AWS tells of the network of the functions. */
export type Network = {
  region: string;
  account: string;
  /** The ids that the deployment was given, and what AWS tells of them. */
  subnets: { ids: readonly string[]; read: Read<readonly InVpc[]> };
  securityGroups: { ids: readonly string[]; read: Read<readonly InVpc[]> };
  /** Those of the VPC; undefined where it is not known which VPC that is. */
  endpoints: Read<readonly VpcEndpoint[]> | undefined;
  routeTables: Read<readonly RouteTable[]> | undefined;
};

/** The VPC of the subnets; undefined where they are of none or several, or AWS did not tell. */
export const vpcOf = (subnets: Read<readonly InVpc[]>): string | undefined => {
  const vpcs = subnets.ok ? [...new Set(subnets.value.map(({ vpc }) => vpc))] : [];
  return vpcs.length === 1 ? vpcs[0] : undefined;
};

/** Whether the subnets and security groups are there, in one VPC, and how functions in them reach each service. */
export const networkRows = (network: Network, needs: readonly NetworkNeed[]): PreflightRow[] => [
  placesRow('Subnets', network, network.subnets),
  placesRow('Security groups', network, network.securityGroups),
  ...needs.map((need) => needRow(need, network)),
];

const NOT_FOUND = /^Invalid(?:SubnetI[dD]|GroupId|Group|SecurityGroupI[dD])\.(?:NotFound|Malformed)$/;

const placesRow = (
  about: 'Subnets' | 'Security groups',
  { region, subnets }: Network,
  { ids, read }: Network['subnets'],
): PreflightRow => {
  const place = { about, region };
  const option = about === 'Subnets' ? '--subnets' : '--security-groups';
  if (!read.ok) {
    const { code, message } = read.unread;
    return NOT_FOUND.test(code)
      ? {
          ...place,
          status: 'WILL_FAIL',
          found: `${code}: ${message}`,
          todo: `Give ${option} the ids of those of one VPC in ${region}.`,
        }
      : notTold(place, read.unread, `whether ${listed(ids)} are there is not known`);
  }
  const absent = ids.filter((id) => !read.value.some((each) => each.id === id));
  if (absent.length > 0)
    return {
      ...place,
      status: 'NOT_TOLD',
      found: `AWS answered without ${listed(absent)}`,
      todo: `See that they are there: aws ec2 describe-${about === 'Subnets' ? 'subnets --subnet-ids' : 'security-groups --group-ids'} ${absent.map(shellText).join(' ')} --region ${region}`,
    };
  const vpcs = [...new Set(read.value.map(({ vpc }) => vpc))];
  const own = vpcOf(subnets.read);
  if (vpcs.length > 1 || (own !== undefined && vpcs[0] !== own))
    return {
      ...place,
      status: 'WILL_FAIL',
      found: `they are in ${listed([...new Set([...(own === undefined ? [] : [own]), ...vpcs])])}, and a function is in one VPC`,
      todo: `Give --subnets and --security-groups the ids of those of one VPC.`,
    };
  return ok(place, `${listed(ids)} are in ${listed(vpcs)}`);
};

/** By what calls to a service leave the VPC. */
export type Way = { endpoint: string } | { nat: readonly string[] };

const needRow = (need: NetworkNeed, network: Network): PreflightRow => {
  const { service, region, endpoints, hasGateway } = need;
  const place = { about: `Way to ${service}`, region };
  const way = wayTo(need, network);
  if (way && 'endpoint' in way)
    return ok(place, `${way.endpoint} leads there; whether its policy lets the functions in is not asked`);
  if (way) return ok(place, `the default routes to ${listed(way.nat)} lead there`);
  const make =
    endpoints.length === 0
      ? 'no endpoint in the VPC can lead there: give the subnets a default route to a NAT gateway'
      : `make ${hasGateway ? 'a gateway endpoint for all route tables of the subnets, or an interface endpoint' : 'an interface endpoint'} with private DNS (${endpoints[0]}), or give the subnets a default route to a NAT gateway`;
  const why = unknownWays(network);
  if (why !== undefined)
    return {
      ...place,
      status: 'NOT_TOLD',
      found: `whether anything leads there from the subnets is not known: ${why}`,
      todo: `See that something does, or ${make}.`,
    };
  return {
    ...place,
    status: isOwnService(service) ? 'WILL_FAIL' : 'WILL_BE_MISSING',
    found: `nothing leads there from ${listed(network.subnets.ids)}`,
    todo: `${make.charAt(0).toUpperCase()}${make.slice(1)}.`,
  };
};

/** Why it is not known that there is no way; undefined where all is told. */
const unknownWays = ({ account, subnets, endpoints, routeTables }: Network): string | undefined => {
  if (!subnets.read.ok) return unreadText(subnets.read.unread);
  if (!endpoints || !routeTables) return 'the subnets are in no one VPC';
  if (!endpoints.ok) return unreadText(endpoints.unread);
  if (!routeTables.ok) return unreadText(routeTables.unread);
  const others = subnets.read.value.filter(({ owner }) => owner !== account);
  if (others.length > 0)
    return `${listed(others.map(({ id }) => id))} belong to account ${others[0]?.owner}, whose endpoints are not told`;
  const tables = tablesOf(subnets.ids, routeTables.value);
  if (tables.some((table) => table === undefined)) return 'AWS did not tell the route table of each subnet';
  const elsewhere = tables.flatMap((table) =>
    (table?.routes ?? []).flatMap(({ target, isActive }) =>
      isActive && !/^(?:local$|igw-|eigw-|vpce-|nat-)/.test(target) ? target : [],
    ),
  );
  return elsewhere.length > 0
    ? `routes to ${listed([...new Set(elsewhere)])} may lead to an endpoint or to the internet`
    : undefined;
};

/** The endpoint that leads to a service, or the NAT gateways to which all subnets have a default route; undefined where neither is known. */
export const wayTo = (
  { endpoints: names, hasGateway }: NetworkNeed,
  { subnets, endpoints, routeTables }: Network,
): Way | undefined => {
  const tables = routeTables?.ok ? tablesOf(subnets.ids, routeTables.value) : [];
  const isForAll = (endpoint: VpcEndpoint): boolean => {
    if (endpoint.state.toLowerCase() !== 'available' || !names.includes(endpoint.service)) return false;
    if (endpoint.type === 'Interface') return endpoint.hasPrivateDns;
    return (
      hasGateway &&
      endpoint.type === 'Gateway' &&
      tables.length > 0 &&
      tables.every((table) => table !== undefined && endpoint.routeTables.includes(table.id))
    );
  };
  const endpoint = endpoints?.ok ? endpoints.value.find(isForAll) : undefined;
  if (endpoint) return { endpoint: endpoint.id };
  const nats = tables.map(
    (table) =>
      table?.routes.find(
        ({ destination, target, isActive }) =>
          isActive && destination === '0.0.0.0/0' && target.startsWith('nat-'),
      )?.target,
  );
  const known = nats.flatMap((nat) => nat ?? []);
  return nats.length > 0 && known.length === nats.length ? { nat: [...new Set(known)] } : undefined;
};

/** The route table of each subnet: its own, else the main one of the VPC. */
const tablesOf = (subnets: readonly string[], tables: readonly RouteTable[]): (RouteTable | undefined)[] =>
  subnets.map(
    (subnet) => tables.find((table) => table.subnets.includes(subnet)) ?? tables.find(({ isMain }) => isMain),
  );
