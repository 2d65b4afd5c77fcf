import { isPolicyOfAws } from '../domain/arn.ts';
import type { AccountPrincipal, Facts, ResourcePolicies } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { DecidingStatement } from '../iam/explain/explain.ts';
import { OF_BUCKET_POLICIES } from '../iam/policy/bucket-policy-calls.ts';
import type { AdministratorAnswer, Doubt, Example } from '../iam/sets/answers.ts';
import { NETWORK_KEYS } from '../iam/sets/network-limits.ts';
import { allowedUnnamed, exampleAsChosen, OUT_OF_WORK } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf } from '../iam/sets/universe.ts';
import { partOfBudget } from '../iam/sets/work-budget.ts';
import { isLimitedBySCPsAlone } from '../judging/administrators.ts';
import { doubtEvidence } from '../judging/concern.ts';
import { remembered } from '../memo.ts';
import type { RoleUses } from '../needs/roster.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { stackFor } from './becoming-administrator.ts';
import {
  BY_ITSELF,
  type Call,
  callFrom,
  callOf,
  EXPECTED,
  mayBeAllowed,
  mayBeAllowedAny,
  reachingsOf,
} from './iam-calls.ts';
import { isDeployer } from './made-by-aws.ts';
import { STEPS, standingWith } from './standing.ts';

/** The calls that change what a role may do, or who may use it. */
const OF_ROLE = [
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'iam:DetachRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:UpdateAssumeRolePolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:DeleteRolePermissionsBoundary',
] as const satisfies readonly GivingCall[];

/** The calls that change a policy of the account’s own, which several roles may have. */
const OF_POLICY = [
  'iam:CreatePolicyVersion',
  'iam:SetDefaultPolicyVersion',
] as const satisfies readonly GivingCall[];
const OF_TAGS = ['iam:TagRole', 'iam:UntagRole'] as const satisfies readonly GivingCall[];

/** The calls by which a principal may change a role, or perhaps may, and what they are about. */
export type RoleChanger = { principal: AccountPrincipal; calls: readonly [Call, ...Call[]] };

/** What decides about a role besides its own policies. */
type Around = { uses: RoleUses; resourcePolicies: ResourcePolicies; tagKeys: readonly string[] };

type AroundRole = { buckets: readonly Bucket[]; tagKeys: readonly string[] };

/**
 * The principals that may change a role: its policies, its trust, its boundary, the tags that policies ask about, or the
 * policies of buckets that its pipelines use. Administrators are left out, because every account has some and they can
 * change anything; and so are roles by which CloudFormation or Service Catalog alone deploy.
 */
export const changersOf = (
  role: AccountPrincipal,
  principals: Facts['principals'],
  { uses, resourcePolicies, tagKeys }: Around,
  shared: SharedWork,
): RoleChanger[] => {
  const buckets = bucketsOf(uses, resourcePolicies, role);
  const around = { tagKeys, buckets };
  const writers = new Set(writersAmong(principals));
  // Most policies of buckets give nobody such a call, and there are many principals.
  const giving = OF_BUCKET_POLICIES.flatMap((action) =>
    buckets.flatMap((bucket) =>
      bucket.policy && bucket.policy.candidates(action.toLowerCase()).allows.length > 0
        ? { action, bucket }
        : [],
    ),
  );
  const isGiven = (by: AccountPrincipal): boolean =>
    giving.some(({ action, bucket }) => givesCall(bucket, action, by));
  return principals.flatMap((each) => {
    if (!writers.has(each) && !isGiven(each)) return [];
    // The role itself may be told as it would be after a change.
    const principal = each.identity.principal.arn === role.identity.principal.arn ? role : each;
    const standing = standingOf(principal);
    if (standing === 'yes' || isDeployer(principal)) return [];
    const calls = callsOf(principal, role, around, shared);
    // Where it may not be sure to change the role, it is perhaps an administrator under the same conditions.
    const sure = standing === 'no' ? calls : calls.filter(({ isSure }) => isSure);
    const [first, ...others] = sure.length > 0 ? sure : callsBesideUnread(principal, role, around, shared);
    return first ? [{ principal, calls: [first, ...others] as const }] : [];
  });
};

/**
 * The calls that policies which were read allow to a principal with others that were not read, and may deny them. None of them is
 * sure.
 */
const callsBesideUnread = (
  by: AccountPrincipal,
  role: AccountPrincipal,
  around: AroundRole,
  shared: SharedWork,
): Call[] => {
  const { identity } = by.policies;
  if (!identity || identity.unreadable.length === 0) return [];
  const read = indexPolicies(identity.policies.filter(({ isReadable }) => isReadable));
  const policies = { ...by.policies, identity: read };
  if (standingWith(policies, by.identity.principal).answer === 'yes') return [];
  return callsOf({ ...by, policies }, role, around, shared).map((call) => ({ ...call, isSure: false }));
};

/** Whether a principal is an administrator; one that may only change roles with some tags is none. */
const standingOf = remembered((principal: AccountPrincipal): AdministratorAnswer['answer'] => {
  const { administrator, policies, identity } = principal;
  if (administrator.answer !== 'unknown') return administrator.answer;
  if (isLimitedBySCPsAlone({ ...principal, isGoverned: false })) return 'yes';
  return standingWith(policies, identity.principal).answer;
});

const mayMakeSome = mayBeAllowedAny([...OF_ROLE, ...OF_POLICY, ...OF_TAGS, ...OF_BUCKET_POLICIES]);

const writersAmong = remembered((principals: Facts['principals']) =>
  principals.filter(({ policies }) => mayMakeSome(policies)),
);

const callsOf = (
  by: AccountPrincipal,
  role: AccountPrincipal,
  { buckets, tagKeys }: AroundRole,
  shared: SharedWork,
): Call[] => {
  const { arn } = role.identity.principal;
  const boundaryArn = role.policies.boundary?.policies[0]?.name ?? null;
  const attached = (role.policies.identity?.policies ?? []).flatMap(({ name }) =>
    name.startsWith('arn:') && !name.includes(' ') ? name : [],
  );
  const own = [...attached, ...(boundaryArn === null ? [] : [boundaryArn])].filter(
    (policy) => !isPolicyOfAws(policy),
  );
  const calls = reachingsOf(by.policies).flatMap((reaching) => {
    if (!stackFor(by, reaching)) return [];
    const changes = OF_ROLE.flatMap((action) => {
      const policies = action === 'iam:DetachRolePolicy' ? attached : [anyPermission(by)];
      return policies.flatMap(
        (policy) =>
          callOf(
            by,
            action,
            arn,
            reaching,
            { 'iam:PermissionsBoundary': boundaryArn, 'iam:PolicyARN': policy },
            role,
          ) ?? [],
      );
    });
    const versions = own.flatMap((policy) =>
      OF_POLICY.flatMap((action) => callOf(by, action, policy, reaching, {}) ?? []),
    );
    const tags = tagKeys.flatMap((key) =>
      OF_TAGS.flatMap((action) => callOf(by, action, arn, reaching, { 'aws:TagKeys': [key] }, role) ?? []),
    );
    return [...changes, ...versions, ...tags];
  });
  return eachActionOnce([...calls, ...onBuckets(by, buckets, shared)]);
};

const anyPermission = ({ scope }: AccountPrincipal): string =>
  `arn:${scope.partition}:iam::aws:policy/AdministratorAccess`;

/** The first call of each action is enough for a person; the sure ones come first. */
const eachActionOnce = (calls: readonly Call[]): Call[] => {
  const byAction = new Map<string, Call>();
  for (const call of calls.toSorted((one, other) => Number(other.isSure) - Number(one.isSure)))
    if (!byAction.has(call.action)) byAction.set(call.action, call);
  return [...byAction.values()];
};

/**
 * Calls that change the policies of the buckets that the role’s pipelines use, until each is surely there. Where the work is
 * used up, the further buckets are one doubt.
 */
const onBuckets = (by: AccountPrincipal, buckets: readonly Bucket[], shared: SharedWork): Call[] => {
  const found: Call[] = [];
  if (!isOfPeopleOrJobs(by)) return found;
  const wanted = new Set(OF_BUCKET_POLICIES);
  const own = new Set(OF_BUCKET_POLICIES.filter((action) => mayBeAllowed(by.policies, action)));
  for (const bucket of buckets) {
    const open = [...wanted].filter((action) => own.has(action) || givesCall(bucket, action, by));
    if (open.length === 0) continue;
    const asked = onBucket(by, bucket, open, shared);
    if (asked === 'out of work') return [...found, ...open.map((action) => notLookedAt(by, action))];
    for (const { action, call } of asked) {
      found.push(call);
      if (call.isSure) wanted.delete(action);
    }
  }
  return found;
};

type Bucket = { arn: string; policy: PolicyIndex | undefined };
type OfBucket = (typeof OF_BUCKET_POLICIES)[number];

/**
 * Whether the bucket’s own policy may allow somebody the call without a policy of his own: a statement names him, or
 * everybody, and does not let him write all objects as well.
 */
const givesCall = ({ arn, policy }: Bucket, action: OfBucket, by: AccountPrincipal): boolean => {
  const allows = policy?.candidates(action.toLowerCase()).allows ?? [];
  if (!policy || allows.length === 0) return false;
  const { name, principal } = by.identity;
  const isMeant = (value: string): boolean =>
    value === '*' || value === principal.arn || value.includes(`:assumed-role/${name}/`);
  const writing = policy.candidates('s3:putobject').allows.map(({ statement }) => statement);
  return allows.some(({ statement }) => {
    const { principals, resources } = statement;
    const isForAll = resources?.texts.some((text) => text === '*' || text === `${arn}/*`) ?? true;
    if (!resources?.isNot && isForAll && writing.includes(statement)) return false;
    return principals?.isNot === true || principals?.principals.some(({ value }) => isMeant(value)) === true;
  });
};

/** The buckets in which the needs of a role lie, each with its policy. */
const bucketsOf = (
  { needs }: RoleUses,
  { buckets }: ResourcePolicies,
  { scope }: AccountPrincipal,
): Bucket[] => [
  ...new Map(
    needs.flatMap(({ need }) => {
      const name = /^arn:[^:]*:s3:::([^/*]+)/.exec(need.resource)?.[1];
      return name === undefined
        ? []
        : [[name, { arn: `arn:${scope.partition}:s3:::${name}`, policy: buckets.get(name) }] as const];
    }),
  ).values(),
];

/** What a decision costs beside the steps of set questions. */
const DECISION_STEPS = 200;

/**
 * The calls on the policy of one bucket. Who may write its objects anyway (those that no statement names), as people with
 * full access to S3 do, gains nothing by such a call.
 */
const onBucket = (
  by: AccountPrincipal,
  { arn, policy }: Bucket,
  actions: readonly OfBucket[],
  shared: SharedWork,
): { action: OfBucket; call: Call }[] | 'out of work' => {
  if (!shared.work.spend(DECISION_STEPS * actions.length)) return 'out of work';
  const { principal } = by.identity;
  const policies = { ...by.policies, resource: policy } as Policies;
  const changes = actions.flatMap((action) => {
    const example = exampleAsChosen(policies, { principal, action, resource: arn, context: DIRECT });
    return example.decision.endsWith('Deny') ? [] : { action, example };
  });
  if (changes.length === 0) return [];
  const request = { principal, action: 's3:PutObject', context: DIRECT };
  const part = { ...shared, work: partOfBudget(shared.work, STEPS) };
  const writing = allowedUnnamed({ policies, request, universe: arnsOf(`${arn}/?*`) }, part);
  if (writing.answer === 'yes') return [];
  return changes.flatMap(({ action, example }) => {
    const call = callFrom(by, action, example);
    if (writing.answer === 'no') return { action, call };
    return isAsPossible(writing.doubt, example) ? [] : { action, call: perhapsGaining(call) };
  });
};

const DIRECT = contextOf(BY_ITSELF.keys);

const notLookedAt = (by: AccountPrincipal, action: string): Call => ({
  by: by.identity.principal.arn,
  action,
  isSure: false,
  evidence: {
    ...doubtEvidence(OUT_OF_WORK.doubt, action, () => 'some of the buckets'),
    expected: EXPECTED,
  },
});

/**
 * Whether one may surely write the objects somewhere if one may change the policy: in some network, because a Deny on
 * networks does not hold in every one, or under the conditions of the same statements.
 */
const isAsPossible = (doubt: Doubt, change: Example): boolean => {
  if (doubt.kind !== 'hangs') return false;
  const { decidedBy, missingContext, doubts } = doubt.example.explanation;
  if (doubts.length > 0) return false;
  const missing = missingContext.map((key) => key.toLowerCase());
  const isOfNetwork = (key: string) => NETWORK_KEYS.includes(key);
  // A Deny on networks may except tags as well, which a session brings.
  const isNetworkAlone =
    missing.some(isOfNetwork) &&
    missing.every((key) => isOfNetwork(key) || key.startsWith('aws:principaltag/')) &&
    decidedBy.every(({ effect }) => effect === 'Deny');
  return isNetworkAlone || placesOf(decidedBy) === placesOf(change.explanation.decidedBy);
};

const placesOf = (statements: readonly DecidingStatement[]): string =>
  statements
    .map(({ layer, level, policy, pointer }) => JSON.stringify([layer, level, policy, pointer]))
    .sort()
    .join();

const perhapsGaining = (call: Call): Call => ({
  ...call,
  isSure: false,
  evidence: {
    ...call.evidence,
    found: `${call.evidence.found}; whether it may write the objects anyway is not known`,
  },
});

/** People and jobs act as they like; a function of another service does what its code says. */
const isOfPeopleOrJobs = ({ identity: { trust } }: AccountPrincipal): boolean =>
  !trust ||
  trust.statements.some(({ effect, principals }) =>
    effect === 'Allow'
      ? principals?.principals.some(({ type, value }) => type !== 'Service' || value === SAGEMAKER)
      : false,
  );
