import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import { contextOf } from '../iam/decide/context.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { isPattern } from '../iam/policy/glob.ts';
import { roleIn } from '../iam/policy/principal.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { allowedForAll } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { aliasKey, type Need } from '../needs/need.ts';

/** A policy as people attach it. */
export type PolicyDocument = { Version: '2012-10-17'; Statement: PolicyStatement[] };

export type PolicyStatement = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/**
 * The smallest policy that allows the needs. The engine has found that each need is allowed for all of its resources,
 * and that some need is no longer allowed if a statement, action or resource is removed.
 * @throws {Error} where a need is not met. No input leads to that.
 */
export const leastPolicy = (needs: readonly Need[], scope: Scope): PolicyDocument => {
  const document = withoutIdle(groupedPolicy(needs), needs, scope);
  const unmet = unmetNeed(document, needs, scope);
  if (unmet) throw new Error(`the policy does not allow ${unmet.action} on ${unmet.resource}`);
  return document;
};

/** The needs as a policy. Actions that are needed for the same resources share a statement. */
export const groupedPolicy = (asked: readonly Need[]): PolicyDocument => {
  const needs = asked.map((need) => ({ ...need, resource: need.lasting ?? need.resource }));
  const byAction = groupBy(needs, (need) => JSON.stringify([need.action, conditionOf(need) ?? {}]));
  const byResources = groupBy(byAction.values(), (group) =>
    JSON.stringify([
      group[0] ? (conditionOf(group[0]) ?? {}) : {},
      [...new Set(group.map(({ resource }) => resource))].toSorted(),
    ]),
  );
  const sids = new Set<string>();
  return {
    Version: '2012-10-17',
    Statement: [...byResources.values()].map((groups) => {
      const all = groups.flat();
      const [first] = all;
      const Condition = first && conditionOf(first);
      return {
        Sid: sidOf(
          all.map(({ action }) => action),
          sids,
        ),
        Effect: 'Allow',
        Action: [...new Set(all.map((need) => need.action))],
        Resource: [...new Set(all.map(({ resource }) => resource))],
        ...(Condition && { Condition }),
      };
    }),
  };
};

/** An alias limits what is meant by any key. Where its key is known, the statement names that one. */
const conditionOf = ({ context, alias, resource }: Need): PolicyStatement['Condition'] => {
  const isOfAlias = alias !== undefined && resource.endsWith('*');
  return context || isOfAlias
    ? {
        ...(context && { StringEquals: { ...context } }),
        ...(isOfAlias && { 'ForAnyValue:StringEquals': aliasKey({ alias }) }),
      }
    : undefined;
};

/**
 * A statement is named after its first action, and says so if it has actions of other services beside it. A second statement of
 * that name gets a number.
 */
const sidOf = ([action = '', ...others]: readonly string[], taken: Set<string>): string => {
  const service = action.slice(0, action.indexOf(':') + 1);
  const isMixed = others.some((other) => !other.startsWith(service));
  const name = `${action.slice(service.length)}${isMixed ? 'AndOthers' : ''}`;
  let sid = name;
  for (let number = 2; taken.has(sid); number++) sid = `${name}${number}`;
  taken.add(sid);
  return sid;
};

/** Removes parts that are not needed, as a pattern can include another pattern. */
const withoutIdle = (document: PolicyDocument, needs: readonly Need[], scope: Scope): PolicyDocument => {
  const [idle] = idleParts(document, needs, scope);
  return idle ? withoutIdle(idle.rest, needs, scope) : document;
};

/**
 * A part of a document: its pointer, its actions, its resource where the part is one resource, and the document without
 * it.
 */
type PolicyPart = { pointer: string; actions: readonly string[]; resource?: string; rest: PolicyDocument };

/**
 * The parts that no need requires, each found when the caller asks for the next.
 * @public
 */
export const idleParts = function* (
  document: PolicyDocument,
  needs: readonly Need[],
  scope: Scope,
): Generator<PolicyPart> {
  for (const part of partsOf(document)) {
    const touched = needs.filter(({ action }) => part.actions.includes(action));
    // Sorted so that the need which brought the resource in comes first: it is the most likely to be unmet, and one is
    // enough.
    const likely = touched.toSorted(
      (a, b) => Number(b.resource === part.resource) - Number(a.resource === part.resource),
    );
    if (!unmetNeed(part.rest, likely, scope)) yield part;
  }
};

const partsOf = function* ({ Version, Statement }: PolicyDocument): Generator<PolicyPart> {
  for (const [index, statement] of Statement.entries()) {
    const { Action: actions, Resource: resources } = statement;
    const pointer = `/Statement/${index}`;
    const without = (less: Partial<PolicyStatement>): PolicyDocument => ({
      Version,
      Statement: Statement.with(index, { ...statement, ...less }),
    });
    yield { pointer, actions, rest: { Version, Statement: Statement.toSpliced(index, 1) } };
    // In a list of one element the part is the whole statement, which comes above.
    if (actions.length > 1)
      for (const [at, action] of actions.entries())
        yield {
          pointer: `${pointer}/Action/${at}`,
          actions: [action],
          rest: without({ Action: actions.toSpliced(at, 1) }),
        };
    if (resources.length > 1)
      for (const [at, resource] of resources.entries())
        yield {
          pointer: `${pointer}/Resource/${at}`,
          actions,
          resource,
          rest: without({ Resource: resources.toSpliced(at, 1) }),
        };
  }
};

/**
 * The first need of which this policy alone does not allow everything.
 * @public
 */
export const unmetNeed = (document: PolicyDocument, needs: readonly Need[], scope: Scope): Need | undefined =>
  needs.find((need) => {
    const { action, resource, context } = need;
    const policy = readPolicy(relevantPart(document, need), { name: 'generated', kind: 'identity' });
    // A resource of another account also needs a policy of its owner, which no policy of the role can replace. So the
    // request is made in the resource’s own account.
    const arn = parseArn(resource);
    const partition = arn && !isPattern(arn.partition) ? arn.partition : scope.partition;
    const request = {
      principal: roleIn({ partition, account: arn?.account || scope.account }),
      action,
      context: contextOf({ ...context, ...aliasKey(need) }, 'absent'),
    };
    const policies = {
      identity: indexPolicies([policy]),
      ...(action.startsWith('kms:') && { resource: keyPolicyOf(request.principal.account ?? '') }),
    };
    const universe = meantBy(resource, action);
    return allowedForAll({ policies, request, universe }, sharedWork()).answer !== 'all';
  });

/** As AWS makes it: the policy of a key that leaves it to the policies of its account. */
const keyPolicyOf = (account: string) =>
  indexPolicies([
    readPolicy(
      {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { AWS: account }, Action: 'kms:*', Resource: '*' },
      },
      { name: 'key policy', kind: 'resource' },
    ),
  ]);

/** The statements about the need’s action, with only those resources that can match the need’s resource. */
const relevantPart = (
  { Version, Statement }: PolicyDocument,
  { action, resource }: Need,
): PolicyDocument => ({
  Version,
  Statement: Statement.filter(({ Action }) => Action.includes(action)).flatMap((statement) => {
    const Resource = statement.Resource.filter((pattern) => beginAlike(pattern, resource));
    return Resource.length > 0 ? { ...statement, Resource } : [];
  }),
});

/**
 * Whether two patterns agree up to the first wildcard of either. Where they do not, they have no resource in common.
 */
const beginAlike = (one: string, other: string): boolean => {
  const end = Math.min(fixedLength(one), fixedLength(other));
  return one.slice(0, end) === other.slice(0, end);
};

const fixedLength = (pattern: string): number => {
  const open = pattern.search(/[*?$]/);
  return open < 0 ? Number.POSITIVE_INFINITY : open;
};
