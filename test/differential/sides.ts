import { runSimulation } from '@cloud-copilot/iam-simulate';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { type Decision, decide } from '../../shared/iam/decide/decide.ts';
import { indexPolicies, type PolicyIndex } from '../../shared/iam/decide/policy-index.ts';
import type { PolicyKind } from '../../shared/iam/policy/policy.ts';
import { principalOf } from '../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../shared/json/json.ts';
import type { Case } from './generate.ts';

const layer = (kind: PolicyKind, ...documents: Json[]): PolicyIndex =>
  indexPolicies(documents.map((document, at) => readPolicy(document, { name: `${kind}-${at}`, kind })));

/** The decision of our engine. A key without a value is absent from the request, as in iam-simulate. */
export const ours = (one: Case): Decision => {
  const principal = principalOf(one.principal);
  if (!principal) throw new Error(`${one.principal} is no principal`);
  return decide(
    {
      identity: layer('identity', ...one.identity),
      scps: one.scps.map((document) => layer('scp', document)),
      rcps: one.rcps.map((document) => layer('rcp', document)),
      ...(one.boundary !== undefined && { boundary: layer('boundary', one.boundary) }),
      ...(one.session !== undefined && { session: layer('session', one.session) }),
      ...(one.resourcePolicy !== undefined && { resource: layer('resource', one.resourcePolicy) }),
      ...(one.endpoint !== undefined && { endpoint: layer('endpoint', one.endpoint) }),
    },
    {
      principal,
      action: one.action,
      resource: one.resource,
      resourceAccount: one.resourceAccount,
      context: contextOf(one.context, 'absent'),
    },
  );
};

const DECISIONS: Readonly<Record<string, Decision>> = {
  Allowed: 'Allow',
  ExplicitlyDenied: 'ExplicitDeny',
  ImplicitlyDenied: 'ImplicitDeny',
};

const named = (documents: readonly Json[], prefix: string) =>
  documents.map((policy, at) => ({ name: `${prefix}-${at}`, policy }));
const level = (document: Json, at: number) => ({
  orgIdentifier: `ou-${at}`,
  policies: named([document], `level-${at}`),
});

/** What iam-simulate decides; undefined where it refuses the request, as its validation of actions and resources may. */
export const theirs = async (one: Case): Promise<Decision | undefined> => {
  const answer = await runSimulation(
    {
      request: {
        principal: one.principal,
        action: one.action,
        resource: { resource: one.resource, accountId: one.resourceAccount },
        contextVariables: one.context,
      },
      identityPolicies: named(one.identity, 'identity'),
      serviceControlPolicies: one.scps.map(level),
      resourceControlPolicies: one.rcps.map(level),
      ...(one.boundary !== undefined && { permissionBoundaryPolicies: named([one.boundary], 'boundary') }),
      ...(one.session !== undefined && { sessionPolicy: one.session }),
      ...(one.resourcePolicy !== undefined && { resourcePolicy: one.resourcePolicy }),
      ...(one.endpoint !== undefined && { vpcEndpointPolicies: named([one.endpoint], 'endpoint') }),
    },
    {},
  );
  return answer.resultType === 'error' ? undefined : DECISIONS[answer.overallResult];
};
