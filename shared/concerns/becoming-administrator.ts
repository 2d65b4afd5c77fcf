import type { AccountPrincipal, Facts } from '../facts/facts.ts';
import { type ContextValue, contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { administratorAnswer, allowedBeyond } from '../iam/sets/questions.ts';
import { type SharedWork, sharedWork } from '../iam/sets/shared-work.ts';
import { rolesIn, type Universe, usersIn } from '../iam/sets/universe.ts';
import { doubtEvidence } from '../judging/concern.ts';
import { oncePer, remembered } from '../memo.ts';
import {
  BY_ITSELF,
  type Call,
  callOf,
  EXPECTED,
  mayBeAllowed,
  type Reaching,
  reachingsOf,
} from './iam-calls.ts';
import { tagsInRequest } from './resource-tags.ts';

/** The calls by which a principal gets an administrator’s permissions, the first one first. */
export type Way = readonly [Call, ...Call[]];

type Account = Facts['principals'];

/**
 * The first way by which a principal gets an administrator’s permissions, or perhaps gets them; undefined if there is
 * none. The ways are: being one; writing its own policies; writing, assuming or taking over another role; credentials of
 * another user; making a role. Boundaries and SCPs that keep the result from being an administrator count.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
 */
export const wayToAdministrator = (
  by: AccountPrincipal,
  account: Account,
  shared: SharedWork,
): Way | undefined =>
  best(
    reachingsOf(by.policies).map(
      (reaching) => () =>
        best([() => isOne(by, reaching, shared), ...waysFrom(by, reaching, account, inEffect(account))]),
    ),
  );

/** The first way that is sure, else the first one that is not. */
const best = (ways: readonly (() => Way | undefined)[]): Way | undefined => {
  let perhaps: Way | undefined;
  for (const find of ways) {
    const way = find();
    if (way && isSure(way)) return way;
    perhaps ??= way;
  }
  return perhaps;
};

export const isSure = (way: Way): boolean => way.every((call) => call.isSure);

/** The call that makes a stack, before calls that the stack makes. */
export const stackFor = (by: AccountPrincipal, { isByStack }: Reaching): Way | [] | undefined => {
  if (!isByStack) return [];
  const { partition, account, region } = by.scope;
  const stack = `arn:${partition}:cloudformation:${region}:${account}:stack/any/*`;
  for (const action of ['cloudformation:CreateStack', 'cloudformation:UpdateStack']) {
    const call = callOf(by, action, stack, BY_ITSELF, { 'cloudformation:RoleArn': null });
    if (call) return [call];
  }
  return undefined;
};

const after = (
  before: Way | [] | undefined,
  call: Call | undefined,
  ...then: readonly Call[]
): Way | undefined => before && call && ([...before, call, ...then] as unknown as Way);

/** An administrator without further ado. */
const isOne = (by: AccountPrincipal, reaching: Reaching, shared: SharedWork): Way | undefined => {
  const { policies, identity, administrator } = by;
  const told =
    administrator.answer === 'unknown'
      ? administratorAnswer(
          policies,
          identity.principal,
          shared,
          contextOf({ ...untagged(policies), ...reaching.keys }),
        )
      : administrator;
  if (told.answer === 'no') return undefined;
  return after(stackFor(by, reaching), {
    by: identity.principal.arn,
    action: 'iam:PutRolePolicy',
    isSure: told.answer === 'yes',
    evidence: {
      ...(told.answer === 'yes'
        ? why(told.example.explanation, told.action, 'any role')
        : doubtEvidence(told.doubt, 'iam:PutRolePolicy', () => 'any role')),
      expected: EXPECTED,
    },
  });
};

/** Any role has no tags, as far as it is known. Roles that exist are judged with their own tags. */
const untagged = remembered((policies: Policies) => ({
  ...tagsInRequest(new Map(), policies, 'iam:PutRolePolicy'),
  ...tagsInRequest(new Map(), policies, 'iam:AttachRolePolicy'),
}));

/** The principals of an account that are administrators, or become so in some way, each with the way. */
const inEffect = remembered((account: Account): ReadonlyMap<string, Way> => {
  const found = new Map<string, Way>();
  for (const each of account) {
    if (each.administrator.answer === 'no') continue;
    const way = isOne(each, BY_ITSELF, sharedWork(STEPS));
    if (way) found.set(each.identity.principal.arn, way);
  }
  // A role that leads to another one is found in the next round.
  const others = account.filter(
    ({ identity, policies }) => identity.principal.kind === 'role' && isActive(policies),
  );
  for (let round = 0; round < MOST_ROLES_IN_A_ROW; round++) {
    const before = found.size;
    for (const by of others) {
      const { arn } = by.identity.principal;
      if (found.has(arn)) continue;
      const way = best(
        reachingsOf(by.policies).flatMap((reaching) => waysFrom(by, reaching, account, new Map(found))),
      );
      if (way) found.set(arn, way);
    }
    if (found.size === before) break;
  }
  return found;
});

const STEPS = 500_000;
const MOST_ROLES_IN_A_ROW = 4;

/** The calls without which nobody becomes an administrator. */
const WRITING = ['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:CreatePolicyVersion'] as const;
const WRITING_USERS = ['iam:PutUserPolicy', 'iam:AttachUserPolicy'] as const;
const OF_USERS = ['iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile'] as const;
const ASSUME = 'sts:AssumeRole';
const RETRUST = 'iam:UpdateAssumeRolePolicy';
const ACQUIRE = 'iam:AcquireRole';

const isActive = (policies: Policies): boolean =>
  [...WRITING, ...OF_USERS, ASSUME, RETRUST, ACQUIRE].some((action) => mayBeAllowed(policies, action));

const waysFrom = (
  by: AccountPrincipal,
  reaching: Reaching,
  account: Account,
  known: ReadonlyMap<string, Way>,
): (() => Way | undefined)[] => {
  const { arn } = by.identity.principal;
  const start = () => stackFor(by, reaching);
  const startedBy = (way: Way | undefined): Way | undefined => way && after(start(), ...way);
  const roles = rolesAmong(account);
  const writes = WRITING.some((action) => mayBeAllowed(by.policies, action));
  const targets = [...known].filter(([role, way]) => role !== arn && way.every((call) => call.by !== arn));
  const byArn = byArnIn(account);
  return [
    () =>
      writes && by.identity.principal.kind === 'role' ? after(start(), writing(by, by, reaching)) : undefined,
    ...targets.map(([target, way]) => () => {
      const to = byArn.get(target);
      return to && after(start(), taking(by, to, reaching), ...way);
    }),
    ...(writes
      ? roles
          .filter((role) => role.identity.principal.arn !== arn && !known.has(role.identity.principal.arn))
          .map((role) => () => {
            const written = writing(by, role, reaching);
            const taken = written && taking(by, role, reaching);
            return taken && after(start(), written, taken);
          })
      : []),
    ...(WRITING_USERS.some((action) => mayBeAllowed(by.policies, action))
      ? [
          ...usersAmong(account).map((user) => () => {
            const written = writingUser(by, user, reaching);
            const taken = written && taking(by, user, reaching);
            return taken && after(start(), written, taken);
          }),
          () => startedBy(making(by, reaching, USER)),
        ]
      : []),
    () => startedBy(making(by, reaching, ROLE)),
    () => after(start(), acquiring(by, reaching)),
  ];
};

const rolesAmong = remembered((account: Account) =>
  account.filter(({ identity }) => identity.principal.kind === 'role'),
);

const usersAmong = remembered((account: Account) =>
  account.filter(({ identity }) => identity.principal.kind === 'user'),
);

const byArnIn = remembered(
  (account: Account) => new Map(account.map((each) => [each.identity.principal.arn, each])),
);

/** AWS lets nobody change these by calls of IAM. */
const isOfAws = (arn: string): boolean => /:role\/(?:aws-service-role|aws-reserved)\//.test(arn);

/** The call that gives a role every permission, if neither its boundary nor an SCP keeps it from having them. */
const writing = (by: AccountPrincipal, role: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const { arn } = role.identity.principal;
  if (isOfAws(arn)) return undefined;
  const boundaryArn = boundaryOf(role.policies);
  const call =
    callOf(by, 'iam:PutRolePolicy', arn, reaching, { 'iam:PermissionsBoundary': boundaryArn }, role) ??
    callOf(
      by,
      'iam:AttachRolePolicy',
      arn,
      reaching,
      { 'iam:PermissionsBoundary': boundaryArn, 'iam:PolicyARN': administratorAccess(by) },
      role,
    ) ??
    ownPoliciesOf(role)
      .map((policyArn) => callOf(by, 'iam:CreatePolicyVersion', policyArn, reaching, {}))
      .find(Boolean);
  if (!call) return undefined;
  const would = wouldBeAdministrator(role);
  if (would === 'yes') return call;
  const lifted =
    callOf(
      by,
      'iam:DeleteRolePermissionsBoundary',
      arn,
      reaching,
      { 'iam:PermissionsBoundary': boundaryArn },
      role,
    ) ?? callOf(by, 'iam:CreatePolicyVersion', boundaryArn ?? '', reaching, {});
  if (boundaryArn !== null && lifted && wouldBeUnbounded(role) === 'yes') return call;
  return would === 'unknown' ? { ...call, isSure: false } : undefined;
};

const administratorAccess = ({ scope }: AccountPrincipal): string =>
  `arn:${scope.partition}:iam::aws:policy/AdministratorAccess`;

const boundaryOf = ({ boundary }: Policies): string | null => boundary?.policies[0]?.name ?? null;

/** The policies of the account’s own that a role has attached. */
const ownPoliciesOf = ({ policies, scope }: AccountPrincipal): string[] =>
  (policies.identity?.policies ?? []).flatMap(({ name }) =>
    name.startsWith(`arn:${scope.partition}:iam::${scope.account}:policy/`) ? name : [],
  );

const EVERYTHING = indexPolicies([FULL_AWS_ACCESS]);

/** Whether a role with every permission of its own would be an administrator. */
const wouldBeAdministrator = remembered(({ policies, identity }: AccountPrincipal) =>
  answerWith({ ...policies, identity: EVERYTHING }, identity.principal),
);

const wouldBeUnbounded = remembered(({ policies, identity }: AccountPrincipal) => {
  const { boundary: _, ...others } = policies;
  return answerWith({ ...others, identity: EVERYTHING }, identity.principal);
});

const answerWith = (policies: Policies, principal: AccountPrincipal['identity']['principal']) =>
  administratorAnswer(policies, principal, sharedWork(STEPS), contextOf(BY_ITSELF.keys)).answer;

/** The call by which a principal acts as another one. */
const taking = (by: AccountPrincipal, to: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const { arn, kind } = to.identity.principal;
  if (kind === 'user')
    return OF_USERS.map((action) => callOf(by, action, arn, reaching, {}, to)).find(Boolean);
  // A stack assumes no role as its caller.
  const assumed = reaching.isByStack ? undefined : assuming(by, to, reaching);
  if (assumed?.isSure || isOfAws(arn)) return assumed;
  return callOf(by, RETRUST, arn, reaching, {}, to) ?? assumed;
};

const assuming = (by: AccountPrincipal, to: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const { trust } = to.identity;
  if (!trust || !admitsAccount(trust)) return undefined;
  return callOf(by, ASSUME, to.identity.principal.arn, reaching, {}, to, trustIndex(trust));
};

const trustIndex = remembered((trust: Policy): PolicyIndex => indexPolicies([trust]));

/** Whether a trust policy may let in principals of accounts. Most let in services alone. */
const admitsAccount = remembered(
  ({ statements, isReadable }: Policy): boolean =>
    !isReadable ||
    statements.some(
      ({ effect, principals }) =>
        effect === 'Allow' &&
        (!principals || principals.isNot || principals.principals.some(({ type }) => type === 'AWS')),
    ),
);

/** How a principal is made that its maker can act as: the call, those that give it permissions, and credentials for it. */
type Making = {
  universe: (account: AccountPrincipal['scope']) => Universe;
  create: string;
  write: readonly [inline: string, attached: string];
  /** One of these is enough; none is needed for a role, because its maker writes whom the role trusts. */
  credentials: readonly string[];
};

const ROLE: Making = {
  universe: rolesIn,
  create: 'iam:CreateRole',
  write: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
  credentials: [],
};
const USER: Making = {
  universe: usersIn,
  create: 'iam:CreateUser',
  write: WRITING_USERS,
  credentials: OF_USERS,
};

/**
 * The calls that make a principal without boundary, with every permission. Each call is tried on the resources that another
 * one is allowed for, because one policy may name fewer than the other.
 */
const making = (by: AccountPrincipal, reaching: Reaching, how: Making): Way | undefined => {
  const { universe, create, write, credentials } = how;
  if (!mayBeAllowed(by.policies, create) || wouldBeUnbounded(by) === 'no') return undefined;
  const keysOf = (action: string): Readonly<Record<string, ContextValue>> => ({
    ...(!credentials.includes(action) && { 'iam:PermissionsBoundary': null }),
    ...(action === write[1] && { 'iam:PolicyARN': administratorAccess(by) }),
  });
  const asked = oncePer((action) => {
    const context = contextOf({ ...reaching.keys, ...keysOf(action) });
    const request = { principal: by.identity.principal, action, context };
    const question = { policies: by.policies, request, universe: universe(by.scope) };
    return allowedBeyond(question, sharedWork(STEPS));
  });
  const on = (resource: string, action: string): Call | undefined =>
    callOf(by, action, resource, reaching, keysOf(action));
  const ways = write.flatMap((written) =>
    [written, create, ...credentials].map((action) => (): Way | undefined => {
      const resource = exampleIn(asked(action));
      if (resource === undefined) return undefined;
      const [made, given] = [on(resource, create), on(resource, written)];
      if (!made || !given) return undefined;
      if (credentials.length === 0) return [made, given];
      const taken = credentials.map((each) => on(resource, each)).find(Boolean);
      return taken && [made, given, taken];
    }),
  );
  const found = best(ways);
  if (found) return found;
  const groups = [[create], write, credentials].filter((actions) => actions.length > 0);
  const isPossible = groups.every((actions) => actions.some((action) => !isRuledOut(asked(action))));
  return isPossible ? tooComplex(by, create, groups.flat().map(asked)) : undefined;
};

/** A resource for which a call is allowed, or perhaps is. */
const exampleIn = (found: AnyAnswer): string | undefined => {
  switch (found.answer) {
    case 'some':
      return found.example.resource;
    case 'unknown':
      return found.doubt.kind === 'hangs' ? found.doubt.example.resource : undefined;
    case 'none':
      return undefined;
  }
};

/** The first call of a way, where it was too complex to find out on which names all its calls are allowed. */
const tooComplex = (by: AccountPrincipal, action: string, found: readonly AnyAnswer[]): Way | undefined => {
  const [doubt] = found.flatMap((each) =>
    each.answer === 'unknown' && each.doubt.kind === 'too-complex' ? each.doubt : [],
  );
  if (!doubt) return undefined;
  const evidence = { ...doubtEvidence(doubt, action, () => 'any name'), expected: EXPECTED };
  return [{ by: by.identity.principal.arn, action, isSure: false, evidence }];
};

/** The call that gives a user every permission, if neither the boundary nor an SCP keeps the user from having them. */
const writingUser = (by: AccountPrincipal, user: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const would = wouldBeAdministrator(user);
  if (would === 'no') return undefined;
  const boundary = { 'iam:PermissionsBoundary': boundaryOf(user.policies) };
  const call = WRITING_USERS.map((action) =>
    callOf(
      by,
      action,
      user.identity.principal.arn,
      reaching,
      { ...boundary, ...(action === 'iam:AttachUserPolicy' && { 'iam:PolicyARN': administratorAccess(by) }) },
      user,
    ),
  ).find(Boolean);
  return call && would === 'unknown' ? { ...call, isSure: false } : call;
};

/**
 * A role from a template has the template’s policies and trust, which IAM does not list among the account’s roles before
 * it is made, so what it may do is not known.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_AcquireRole.html
 */
const acquiring = (by: AccountPrincipal, reaching: Reaching): Call | undefined => {
  if (!mayBeAllowed(by.policies, ACQUIRE)) return undefined;
  const call = callOf(by, ACQUIRE, `arn:${by.scope.partition}:iam::aws:role-template/any`, reaching, {});
  return (
    call && {
      ...call,
      isSure: false,
      evidence: {
        ...call.evidence,
        found: `${call.evidence.found}; what the roles of the templates may do is not known`,
      },
    }
  );
};
