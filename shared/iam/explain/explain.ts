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

/** A statement that a decision depends on. */
export type DecidingStatement = {
  layer: LayerName;
  /** Only for SCPs and RCPs: counted from the root, which is 0. */
  level?: number;
  policy: string;
  /** The statement's Sid or, without one, its index in the document (from 0). */
  statement: string | number;
  /** JSON pointer to the statement in its policy. */
  pointer: string;
  effect: Effect;
};

/** A decision, and what a person needs to understand it. */
export type Explanation = {
  decision: Decision;
  /**
   * For ExplicitDeny the Deny statements, for Allow the Allow statements, for Unknown the statements that may or may
   * not apply; empty for ImplicitDeny.
   */
  decidedBy: DecidingStatement[];
  /** Context keys whose unknown values the answer depends on, spelled as in the policies. */
  missingContext: string[];
  /** For ImplicitDeny: the layer that does not allow the request. */
  failedLayer?: { layer: LayerName; level?: number };
  /**
   * The Allow statement of `failedLayer` that comes closest to the request, and its first element that does not
   * match.
   */
  nearest?: DecidingStatement & Nearest;
  /** Why no policy could ever allow the request, as a sentence. */
  because?: string;
  /** Other reasons why the answer is unknown, as sentences. */
  doubts: string[];
};

/** Makes the same decision as `decide` and gives its reasons, at about ten times the work. */
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

/**
 * The reasons of an Unknown: Deny statements that may apply and, in layers that do not surely allow, Allow statements
 * that may apply.
 */
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

/** Context keys are compared without letter case; the first spelling is kept. */
const distinctKeys = (keys: readonly string[]): string[] =>
  [...new Map(keys.toReversed().map((key) => [key.toLowerCase(), key])).values()].toReversed();

/** The layer that does not allow the request, and the statement there that comes closest. */
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

/**
 * The first layer, in AWS's order, that must allow the request and does not. Only its name, where the layer does not
 * exist.
 */
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
