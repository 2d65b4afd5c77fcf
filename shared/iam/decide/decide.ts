import type { Principal } from '../policy/principal.ts';
import { anyGrant, type Grants, grantsOf, NO_GRANTS } from './grants.ts';
import { type Layer, layersOf, type Policies } from './layers.ts';
import { both, either, MAYBE, type Match, NO, negated, YES } from './match.ts';
import { isOtherPartition, ownershipOf } from './ownership.ts';
import type { CompiledStatement, PolicyIndex } from './policy-index.ts';
import { type Request, serviceOf } from './request.ts';
import type { Trace } from './trace.ts';

/**
 * Whether a request is allowed; who is denied by a statement is told from who is only allowed by none. `Unknown`: the
 * answer hangs on something that is not known, such as a context key.
 */
export type Decision = 'Allow' | 'ExplicitDeny' | 'ImplicitDeny' | 'Unknown';

/**
 * The decision on one request. Where nothing allows it, it is an ImplicitDeny also if a Deny may apply as well.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const decide = (policies: Policies, request: Request): Decision => {
  const action = request.action.toLowerCase();
  if (needsNoPermission(action, request.principal)) return 'Allow';
  const layers = layersOf(policies, request);
  let deny: Match = NO;
  for (const { index, bears } of layers) {
    deny = either(deny, both(bears, denyOf(index, action, request, policies)));
    if (deny === YES) return 'ExplicitDeny';
  }
  const allow = allowed(policies, layers, action, request);
  if (allow === NO) return 'ImplicitDeny';
  return allow === YES && deny === NO ? 'Allow' : 'Unknown';
};

/**
 * Who has credentials may ask whose they are, whatever policies say.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
const needsNoPermission = (action: string, { account }: Principal): boolean =>
  action === 'sts:getcalleridentity' && account !== undefined;

/** Whether a statement of the layer denies the request. */
export const denyOf = (index: PolicyIndex, action: string, request: Request, policies: Policies): Match => {
  let match: Match = index.unreadable.length > 0 ? MAYBE : NO;
  for (const compiled of index.candidates(action).denies) {
    const principal = principalGrants(compiled, request, policies);
    match = either(match, both(anyGrant(principal), elementsMatch(compiled, request)));
    if (match === YES) break;
  }
  return match;
};

/** Whether a statement of the layer allows the request, whoever it names. */
export const allowOf = (index: PolicyIndex, action: string, request: Request, policies: Policies): Match =>
  anyGrant(grantsBy(index, action, request, policies));

/** How the layer's Allows reach the principal. */
const grantsBy = (index: PolicyIndex, action: string, request: Request, policies: Policies): Grants => {
  const unread = index.unreadable.length > 0 ? MAYBE : NO;
  const found: Grants = { direct: unread, role: unread, account: unread };
  for (const compiled of index.candidates(action).allows) {
    const match = elementsMatch(compiled, request);
    if (match === NO) continue;
    const { direct, role, account } = principalGrants(compiled, request, policies);
    found.direct = either(found.direct, both(match, direct));
    found.role = either(found.role, both(match, role));
    found.account = either(found.account, both(match, account));
    if (found.direct === YES) break;
  }
  return found;
};

const EVERYONE: Grants = { ...NO_GRANTS, direct: YES };

/** How a statement reaches the principal; one without Principal is about whom its policy is attached to. */
export const principalGrants = (
  { statement }: CompiledStatement,
  { principal }: Request,
  policies: Policies,
  trace?: Trace,
): Grants => {
  if (!statement.principals) return EVERYONE;
  const hasBoundary = statement.effect === 'Deny' && policies.boundary !== undefined;
  return grantsOf(statement.principals, principal, hasBoundary, trace);
};

/** Resource and conditions together. */
const elementsMatch = ({ resource, conditions }: CompiledStatement, request: Request): Match => {
  let match: Match = resource ? resource(request) : YES;
  for (const condition of conditions) {
    if (match === NO) break;
    match = both(match, condition(request));
  }
  return match;
};

/** Whether all layers together allow what none of them denies. */
const allowed = (policies: Policies, layers: readonly Layer[], action: string, request: Request): Match => {
  const { principal, resource } = request;
  if (isOtherPartition(principal.arn, resource)) return NO;
  let limits: Match = YES;
  let identity: Match = principal.kind === 'root' ? YES : NO;
  let bounds: Match = isWithoutSession(policies, principal) ? NO : YES;
  let grants = isResourcePolicyRequired(action, resource) && !policies.resource ? UNKNOWN_GRANTS : NO_GRANTS;
  for (const { name, index, bears } of layers) {
    if (name === 'resource') grants = grantsBy(index, action, request, policies);
    else if (name === 'identity') identity = either(identity, allowOf(index, action, request, policies));
    else if (name === 'scp' || name === 'endpoint')
      limits = both(limits, either(negated(bears), allowOf(index, action, request, policies)));
    else if (name !== 'rcp') bounds = both(bounds, allowOf(index, action, request, policies));
  }
  return both(limits, accountsAllow(both(identity, bounds), bounds, grants, action, request));
};

/**
 * A session of GetFederationToken has what its session policy allows of what its user may do: nothing without one, but
 * what a resource's policy grants the session itself.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export const isWithoutSession = ({ session }: Policies, { kind }: Principal): boolean =>
  kind === 'federated-user' && session === undefined;

const UNKNOWN_GRANTS: Grants = { direct: MAYBE, role: MAYBE, account: MAYBE };

/**
 * What the principal's own policies and the resource's policy come to. In one account either is enough, but that a
 * grant to a role stays within its boundary and session policies, and a grant to the account grants nothing by itself.
 * Between two accounts both must allow. AWS lets every account use what it owns for all. Nobody's and a service's
 * requests hang on the resource's policy alone.
 */
const accountsAllow = (
  own: Match,
  bounds: Match,
  grants: Grants,
  action: string,
  request: Request,
): Match => {
  const { account } = request.principal;
  if (account === undefined) return both(grants.direct, mayBeNobody(action, request.principal));
  const ownership = ownershipOf(request);
  if (ownership === 'foreign') return both(own, anyGrant(grants));
  const isRequired = isResourcePolicyRequired(action, request.resource);
  if (ownership === 'aws') return isRequired ? both(own, anyGrant(grants)) : own;
  const granted = either(grants.direct, both(grants.role, bounds));
  return either(granted, both(own, isRequired ? grants.account : YES));
};

/**
 * Whether a service answers who has no credentials; which others than these do so is not documented.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
export const mayBeNobody = (action: string, { kind }: Principal): Match =>
  kind !== 'anonymous' || OPEN_TO_NOBODY.has(serviceOf(action)) ? YES : MAYBE;

const OPEN_TO_NOBODY: ReadonlySet<string> = new Set(['s3', 'sns', 'sqs']);

/**
 * A role's trust policy and a KMS key's policy must allow, also in the same account: the caller's own policies alone
 * are not enough.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 */
export const isResourcePolicyRequired = (action: string, resource: string): boolean =>
  action.startsWith('kms:') ? /^arn:[^:]*:kms:[^:]*:[^:]*:key\//.test(resource) : ASSUMING.has(action);

const ASSUMING: ReadonlySet<string> = new Set([
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:setsourceidentity',
  'sts:tagsession',
]);
