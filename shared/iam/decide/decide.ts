import type { Principal } from '../policy/principal.ts';
import { anyGrant, type Grants, grantsOf, NO_GRANTS } from './grants.ts';
import { type Layer, layersOf, type Policies } from './layers.ts';
import { KLEENE, type Logic } from './logic.ts';
import { both, MAYBE, type Match, NO, negated, YES } from './match.ts';
import { isOtherPartition, nthColon, ownershipOf } from './ownership.ts';
import type { CompiledStatement, PolicyIndex } from './policy-index.ts';
import { type Request, serviceOf } from './request.ts';
import type { Trace } from './trace.ts';

/**
 * The answer to a request. ExplicitDeny: a statement denies the request. ImplicitDeny: no statement allows it.
 * Unknown: the answer depends on something that is not known, such as the value of a context key.
 */
export type Decision = 'Allow' | 'ExplicitDeny' | 'ImplicitDeny' | 'Unknown';

/**
 * Decides one request. A request that nothing allows is an ImplicitDeny, even where a Deny may apply as well.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export const decide = (policies: Policies, request: Request): Decision => {
  if (needsNoPermission(request.action.toLowerCase(), request.principal)) return 'Allow';
  const { deny, allow } = partsOf(policies, request, KLEENE, fitting(request));
  if (deny === YES) return 'ExplicitDeny';
  if (allow === NO) return 'ImplicitDeny';
  return allow === YES && deny === NO ? 'Allow' : 'Unknown';
};

/**
 * AWS answers GetCallerIdentity to everyone with credentials, even where a policy denies the action.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
const needsNoPermission = (action: string, { account }: Principal): boolean =>
  action === 'sts:getcalleridentity' && account !== undefined;

/** Tells whether a statement's Resource and conditions match. */
type Fits<T> = (compiled: CompiledStatement) => T;

/**
 * What denies and what allows a request, or a whole set of requests that differ only in what `fits` looks at. Apart
 * from `fits`, the decision depends on the resource only through the patterns of `arnDistinctions`.
 */
export const partsOf = <T>(
  policies: Policies,
  request: Request,
  logic: Logic<T>,
  fits: Fits<T>,
): { deny: T; allow: T } => {
  const layers = layersOf(policies, request);
  const action = request.action.toLowerCase();
  let deny = logic.of(NO);
  for (const { index, bears } of layers) {
    deny = logic.either(
      deny,
      logic.both(logic.of(bears), denyBy(index, action, request, policies, logic, fits)),
    );
    if (logic.isYes(deny)) return { deny, allow: logic.of(NO) };
  }
  return { deny, allow: allowed(policies, layers, action, request, logic, fits) };
};

/** Whether the layer denies the request. */
export const denyOf = (index: PolicyIndex, action: string, request: Request, policies: Policies): Match =>
  denyBy(index, action, request, policies, KLEENE, fitting(request));

const denyBy = <T>(
  index: PolicyIndex,
  action: string,
  request: Request,
  policies: Policies,
  logic: Logic<T>,
  fits: Fits<T>,
): T => {
  let denied = logic.of(index.unreadable.length > 0 ? MAYBE : NO);
  for (const compiled of index.candidates(action).denies) {
    const principal = anyGrant(principalGrants(compiled, request, policies));
    denied = logic.either(denied, logic.both(logic.of(principal), fits(compiled)));
    if (logic.isYes(denied)) break;
  }
  return denied;
};

/** Whether the layer allows the request, in whichever way its statements name the principal. */
export const allowOf = (index: PolicyIndex, action: string, request: Request, policies: Policies): Match =>
  anyGrant(grantsBy(index, action, request, policies, KLEENE, fitting(request)));

/** What the layer's Allow statements grant, by the way in which they reach the principal (see `Grants`). */
type Reaching<T> = { direct: T; role: T; account: T };

const grantsBy = <T>(
  index: PolicyIndex,
  action: string,
  request: Request,
  policies: Policies,
  logic: Logic<T>,
  fits: Fits<T>,
): Reaching<T> => {
  const unread = logic.of(index.unreadable.length > 0 ? MAYBE : NO);
  const found: Reaching<T> = { direct: unread, role: unread, account: unread };
  for (const compiled of index.candidates(action).allows) {
    const reach = principalGrants(compiled, request, policies);
    if (anyGrant(reach) === NO) continue;
    const fit = fits(compiled);
    found.direct = withGrant(found.direct, reach.direct, fit, logic);
    found.role = withGrant(found.role, reach.role, fit, logic);
    found.account = withGrant(found.account, reach.account, fit, logic);
    if (logic.isYes(found.direct)) break;
  }
  return found;
};

const withGrant = <T>(granted: T, reach: Match, fit: T, { either, both, of }: Logic<T>): T =>
  reach === NO ? granted : either(granted, both(fit, of(reach)));

const anyReaching = <T>({ direct, role, account }: Reaching<T>, { either }: Logic<T>): T =>
  either(direct, either(role, account));

const EVERYONE: Grants = { ...NO_GRANTS, direct: YES };

/**
 * How a statement reaches the principal. A statement without a Principal element applies to whoever its policy is
 * attached to.
 */
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

/** The match of one request: Resource and conditions together. */
const fitting =
  (request: Request): Fits<Match> =>
  ({ resource, conditions }) => {
    let match: Match = resource ? resource(request) : YES;
    for (let at = 0; at < conditions.length && match !== NO; at++)
      match = both(match, conditions[at]?.(request) ?? YES);
    return match;
  };

/** What all layers together allow, before any Deny is considered. */
const allowed = <T>(
  policies: Policies,
  layers: readonly Layer[],
  action: string,
  request: Request,
  logic: Logic<T>,
  fits: Fits<T>,
): T => {
  const { principal, resource } = request;
  if (isOtherPartition(principal.arn, resource)) return logic.of(NO);
  const reaching = (index: PolicyIndex) => grantsBy(index, action, request, policies, logic, fits);
  const allows = (index: PolicyIndex): T => anyReaching(reaching(index), logic);
  let limits = logic.of(YES);
  let identity = logic.of(principal.kind === 'root' ? YES : NO);
  let bounds = logic.of(isWithoutSession(policies, principal) ? NO : YES);
  const untold = logic.of(isResourcePolicyRequired(action, resource) && !policies.resource ? MAYBE : NO);
  let grants: Reaching<T> = { direct: untold, role: untold, account: untold };
  for (const { name, index, bears } of layers) {
    if (name === 'resource') grants = reaching(index);
    else if (name === 'identity') identity = logic.either(identity, allows(index));
    else if (name === 'scp' || name === 'endpoint')
      limits = logic.both(limits, logic.either(logic.of(negated(bears)), allows(index)));
    else if (name !== 'rcp') bounds = logic.both(bounds, allows(index));
  }
  const own = logic.both(identity, bounds);
  return logic.both(limits, accountsAllow(own, bounds, grants, action, request, logic));
};

/**
 * A GetFederationToken session may do what both its session policy and its user's policies allow. Without a session
 * policy it may do only what a resource policy grants to the session itself.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export const isWithoutSession = ({ session }: Policies, { kind }: Principal): boolean =>
  kind === 'federated-user' && session === undefined;

/**
 * Combines the principal's own policies with the resource policy. Within one account either of them is enough, but
 * boundary and session policies limit a grant to a role, and a grant to the account gives nothing by itself. Across
 * accounts both must allow. Every account may use resources that AWS owns, such as managed policies. A request of a
 * service or an anonymous caller depends on the resource policy alone.
 */
const accountsAllow = <T>(
  own: T,
  bounds: T,
  grants: Reaching<T>,
  action: string,
  request: Request,
  logic: Logic<T>,
): T => {
  const { account } = request.principal;
  if (account === undefined)
    return logic.both(grants.direct, logic.of(mayBeNobody(action, request.principal)));
  const ownership = ownershipOf(request);
  if (ownership === 'foreign') return logic.both(own, anyReaching(grants, logic));
  const isRequired = isResourcePolicyRequired(action, request.resource);
  if (ownership === 'aws') return isRequired ? logic.both(own, anyReaching(grants, logic)) : own;
  const granted = logic.either(grants.direct, logic.both(grants.role, bounds));
  return logic.either(granted, isRequired ? logic.both(own, grants.account) : own);
};

/**
 * Whether a service answers callers without credentials. AWS documents this only for the services listed below.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
export const mayBeNobody = (action: string, { kind }: Principal): Match =>
  kind !== 'anonymous' || OPEN_TO_NOBODY.has(serviceOf(action)) ? YES : MAYBE;

const OPEN_TO_NOBODY: ReadonlySet<string> = new Set(['s3', 'sns', 'sqs']);

/**
 * Whether nothing grants the action, whatever the resource and the context are: no statement of the principal's own
 * policies can allow it, and no policy of a resource is known or required.
 */
export const isNeverGranted = (
  { identity, resource }: Policies,
  { action, principal }: Pick<Request, 'action' | 'principal'>,
): boolean => {
  const name = action.toLowerCase();
  if (resource || principal.account === undefined || principal.kind === 'root') return false;
  if (name.startsWith('kms:') || ASSUMING.has(name) || needsNoPermission(name, principal)) return false;
  return !identity || (identity.unreadable.length === 0 && identity.candidates(name).allows.length === 0);
};

/**
 * The part of a resource's ARN by which a decision distinguishes resources, apart from what the `fits` of `partsOf`
 * looks at. Two resources with the same part lie in the same patterns of `arnDistinctions`.
 */
export const decidingPartOf = (resource: string): string => {
  const colon = nthColon(resource, 5);
  if (colon < 0) return resource;
  return DECIDING_NAMES.test(resource.slice(colon + 1)) ? resource : resource.slice(0, colon);
};

/** Names of keys, of aliases of keys and of service-linked roles, which decide by themselves. */
const DECIDING_NAMES = /^(?:key|alias|role\/aws-service-role)\//;

/**
 * The trust policy of a role and the policy of a KMS key must allow a request, even within one account: the caller's
 * own policies are not enough.
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
