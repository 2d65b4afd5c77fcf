import type { PolicyIndex } from './policy-index.ts';
import { SERVICES_WITH_RCPS } from './rcp-services.ts';
import { type Request, resourceOwner } from './request.ts';

/** All policies that bear on a request. What is left out does not exist: no boundary, no organization, ... */
export type Policies = {
  /** Inline, attached and group policies of the principal. */
  identity?: PolicyIndex;
  boundary?: PolicyIndex;
  session?: PolicyIndex;
  /** One entry for each level: root, organizational units, account. Each level must allow. */
  scps?: readonly PolicyIndex[];
  /** As the SCPs; AWS's own policy that allows everything is on every level and need not be listed. */
  rcps?: readonly PolicyIndex[];
  /** The policy of the resource: a bucket's, a key's, a role's trust policy. */
  resource?: PolicyIndex;
  /** The policy of the VPC endpoint that the request goes through. */
  endpoint?: PolicyIndex;
  /** The organization's management account, which neither SCPs nor RCPs limit. */
  managementAccount?: string;
};

export type LayerName = 'rcp' | 'scp' | 'resource' | 'identity' | 'boundary' | 'session' | 'endpoint';

/** A layer that bears on a request; `level` counts from the root, 0. */
export type Layer = { name: LayerName; level?: number; index: PolicyIndex };

/** The layers that bear on a request, in the order in which AWS asks them. */
export const layersOf = (policies: Policies, request: Request): Layer[] => {
  const { principal, action } = request;
  const { managementAccount } = policies;
  const isIam = principal.account !== undefined;
  const isServiceLinked = principal.kind === 'role' && principal.arn.includes(':role/aws-service-role/');
  const layers: Layer[] = [];
  const hasRcps =
    SERVICES_WITH_RCPS.has(action.slice(0, action.indexOf(':')).toLowerCase()) &&
    !isServiceLinked &&
    (managementAccount === undefined || (resourceOwner(request) ?? principal.account) !== managementAccount);
  if (hasRcps)
    for (const [level, index] of (policies.rcps ?? []).entries()) layers.push({ name: 'rcp', level, index });
  const hasScps =
    isIam && !isServiceLinked && (managementAccount === undefined || principal.account !== managementAccount);
  if (hasScps)
    for (const [level, index] of (policies.scps ?? []).entries()) layers.push({ name: 'scp', level, index });
  if (policies.resource) layers.push({ name: 'resource', index: policies.resource });
  if (isIam && policies.identity) layers.push({ name: 'identity', index: policies.identity });
  if (isIam && policies.boundary) layers.push({ name: 'boundary', index: policies.boundary });
  if (isIam && policies.session) layers.push({ name: 'session', index: policies.session });
  if (policies.endpoint) layers.push({ name: 'endpoint', index: policies.endpoint });
  return layers;
};
