import { contextValues } from '../decide/context-values.ts';
import {
  allowOf,
  type Decision,
  decide,
  denyOf,
  isResourcePolicyRequired,
  isWithoutSession,
  mayBeNobody,
  principalGrants,
} from '../decide/decide.ts';
import { anyGrant } from '../decide/grants.ts';
import { type Layer, type LayerName, layersOf, type Policies } from '../decide/layers.ts';
import { both, either, MAYBE, type Match, NO, negated, YES } from '../decide/match.ts';
import { isOtherPartition, ownershipOf, partitionOf, resourceOwner } from '../decide/ownership.ts';
import type { CompiledStatement } from '../decide/policy-index.ts';
import { type Request, serviceOf } from '../decide/request.ts';
import type { Trace } from '../decide/trace.ts';
import type { Effect, Policy } from '../policy/policy.ts';
import { type Nearest, nearestOf } from './nearest.ts';
import type { StatementMatch } from './statement-match.ts';

/** A statement that a decision rests on. */
export type DecidingStatement = {
  layer: LayerName;
  /** Of SCPs and RCPs, counted from the root, 0. */
  level?: number;
  policy: string;
  /** Its Sid, or its place in the document, from 0. */
  statement: string | number;
  /** JSON pointer to it in its policy. */
  pointer: string;
  effect: Effect;
};

/** A decision, and what a person needs to see why. */
export type Explanation = {
  decision: Decision;
  /** The Denies of an ExplicitDeny, the Allows of an Allow, whatever an Unknown hangs on; none of an ImplicitDeny. */
  decidedBy: DecidingStatement[];
  /** Context keys, as the policies write them, that the answer hangs on and whose values are not known. */
  missingContext: string[];
  /** The layer that does not allow the request, of an ImplicitDeny. */
  failedLayer?: { layer: LayerName; level?: number };
  /** The Allow of that layer that comes closest, and the element that does not fit. */
  nearest?: DecidingStatement & Nearest;
  /** Why no policy could allow it, as a sentence. */
  because?: string;
  /** Other reasons why the answer is not known, as sentences. */
  doubts: string[];
};

/** The same decision as `decide`, with its reasons; some ten times the work. */
export const explain = (policies: Policies, request: Request): Explanation => {
  const decision = decide(policies, request);
  const layers = layersOf(policies, request);
  const nothing = { decision, decidedBy: [], missingContext: [], doubts: [] };
  switch (decision) {
    case 'ExplicitDeny':
      return { ...nothing, decidedBy: statementsBy(policies, layers, request, 'Deny', YES).map(toDeciding) };
    case 'Allow':
      return { ...nothing, decidedBy: statementsBy(policies, layers, request, 'Allow', YES).map(toDeciding) };
    case 'ImplicitDeny':
      return { ...nothing, ...failure(policies, layers, request) };
    case 'Unknown':
      return { decision, ...reasons(policies, layers, request) };
  }
};

const judge = (
  layer: Layer,
  compiled: CompiledStatement,
  request: Request,
  policies: Policies,
): StatementMatch => {
  const trace: Trace = { missing: new Set(), doubts: new Set() };
  return {
    layer,
    compiled,
    action: compiled.isAbout(request.action.toLowerCase()) ? YES : NO,
    resource: compiled.resource?.(request, trace) ?? YES,
    principal: anyGrant(principalGrants(compiled, request, policies, trace)),
    conditions: compiled.conditions.map((condition) => condition(request, trace)),
    trace,
  };
};

const matchOfAll = ({ layer, action, resource, principal, conditions }: StatementMatch): Match =>
  conditions.reduce(both, both(layer.bears, both(action, both(resource, principal))));

const judged = (policies: Policies, layer: Layer, request: Request, effect: Effect): StatementMatch[] =>
  layer.index.statements
    .filter(({ statement }) => statement.effect === effect)
    .map((compiled) => judge(layer, compiled, request, policies));

const statementsBy = (
  policies: Policies,
  layers: readonly Layer[],
  request: Request,
  effect: Effect,
  match: Match,
): StatementMatch[] =>
  layers
    .flatMap((layer) => judged(policies, layer, request, effect))
    .filter((statement) => matchOfAll(statement) === match);

const toDeciding = ({ layer, compiled: { policy, statement } }: StatementMatch): DecidingStatement => ({
  ...placeOf(layer),
  policy: policy.name,
  statement: statement.sid ?? statement.index,
  pointer: statement.pointer,
  effect: statement.effect,
});

const placeOf = ({ name, level }: Layer): { layer: LayerName; level?: number } => ({
  layer: name,
  ...(level !== undefined && { level }),
});

/** What an Unknown hangs on: Denies that may apply, and where nothing surely allows, Allows that may. */
const reasons = (
  policies: Policies,
  layers: readonly Layer[],
  request: Request,
): Omit<Explanation, 'decision'> => {
  const action = request.action.toLowerCase();
  const open = layers.filter(
    ({ name, index, bears }) =>
      name !== 'rcp' && either(negated(bears), allowOf(index, action, request, policies)) === MAYBE,
  );
  const denying = layers.filter(
    ({ index, bears }) => both(bears, denyOf(index, action, request, policies)) === MAYBE,
  );
  const hanging = [
    ...statementsBy(policies, denying, request, 'Deny', MAYBE),
    ...statementsBy(policies, open, request, 'Allow', MAYBE),
  ];
  const unread = [...new Set([...denying, ...open].flatMap(({ index }) => index.unreadable))].map(
    unreadDoubt,
  );
  const unsure = [...denying, ...open].filter(({ bears }) => bears === MAYBE);
  const notSaid = ['aws:ResourceOrgID', 'aws:PrincipalOrgID'].filter(
    (key) => unsure.length > 0 && contextValues(request, key.toLowerCase()) === undefined,
  );
  const isPolicyMissing = !policies.resource && isResourcePolicyRequired(action, request.resource);
  const missingPolicy = isPolicyMissing
    ? [`the policy of ${request.resource} must allow this, and was not given`]
    : [];
  const noCredentials =
    mayBeNobody(action, request.principal) === MAYBE
      ? [`whether ${serviceOf(action)} answers a request without credentials is not documented`]
      : [];
  return {
    decidedBy: hanging.map(toDeciding),
    missingContext: distinctKeys([...hanging.flatMap(({ trace }) => [...trace.missing]), ...notSaid]),
    doubts: [
      ...new Set([
        ...unread,
        ...missingPolicy,
        ...noCredentials,
        ...unsure.map(({ name }) => unsureDoubt(name, request)),
        ...hanging.flatMap(({ trace }) => [...trace.doubts]),
      ]),
    ],
  };
};

const unsureDoubt = (name: LayerName, request: Request): string =>
  name === 'scp'
    ? `whether the SCPs limit principals of ${request.principal.account}, another account than theirs, is not known`
    : `whether the RCPs limit resources of ${resourceOwner(request)} is not known: they do where that account is under them in its organization`;

const unreadDoubt = ({ name, problems }: Policy): string => {
  const problem = problems.find(({ severity }) => severity === 'error');
  return `${name} cannot be read${problem ? `: ${problem.pointer ? `${problem.pointer}: ` : ''}${problem.message}` : ''}`;
};

/** Keys compare without case; the first spelling stays. */
const distinctKeys = (keys: readonly string[]): string[] =>
  [...new Map(keys.toReversed().map((key) => [key.toLowerCase(), key])).values()].toReversed();

/** Which layer fails to allow, and what comes closest there. */
const failure = (
  policies: Policies,
  layers: readonly Layer[],
  request: Request,
): Pick<Explanation, 'failedLayer' | 'nearest' | 'because'> => {
  const { principal, resource } = request;
  if (isOtherPartition(principal.arn, resource))
    return {
      because: `${principal.arn} is of the partition ${partitionOf(principal.arn)}, and reaches nothing of the partition ${partitionOf(resource)}`,
    };
  const failed = failedLayer(policies, layers, request);
  if (typeof failed === 'string') return { failedLayer: { layer: failed } };
  const nearest = nearestOf(judged(policies, failed, request, 'Allow'), request);
  return {
    failedLayer: placeOf(failed),
    ...(nearest && { nearest: { ...toDeciding(nearest.judged), ...nearest.nearest } }),
  };
};

/** The first layer, in AWS's order, without which nothing could allow the request; a name where it does not exist. */
const failedLayer = (policies: Policies, layers: readonly Layer[], request: Request): Layer | LayerName => {
  const action = request.action.toLowerCase();
  const { account } = request.principal;
  const isAcross = account === undefined || ownershipOf(request) === 'foreign';
  const isResourceNeeded = isAcross || isResourcePolicyRequired(action, request.resource);
  const refusing = (name: LayerName): Layer | undefined =>
    layers.find((layer) => layer.name === name && allowOf(layer.index, action, request, policies) === NO);
  const scp = refusing('scp');
  if (scp) return scp;
  const hasResource = layers.some(({ name }) => name === 'resource');
  if (isResourceNeeded && (refusing('resource') ?? !hasResource)) return refusing('resource') ?? 'resource';
  const own = refusing('identity') ?? (account !== undefined && !policies.identity ? 'identity' : undefined);
  const bounds = refusing('boundary') ?? refusing('session');
  const lacking = isWithoutSession(policies, request.principal) ? 'session' : undefined;
  return own ?? bounds ?? lacking ?? refusing('endpoint') ?? 'identity';
};
