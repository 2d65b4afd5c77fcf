import { arnName, parseArn } from '../domain/arn.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Facts, PrincipalFact, ResourcePolicies } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { assume, type Context, type ContextValue, contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import type { Doubt, EveryAnswer, Example, Unknown } from '../iam/sets/answers.ts';
import { type AnyResource, allowedForAll, OUT_OF_WORK } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { decidingKeys } from '../iam/sets/statements.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { keeping, once, oncePer, remembered, rememberedPart } from '../memo.ts';
import { aliasKey, isPartial, type Need, type NeedKind } from '../needs/need.ts';
import type { RoleNeed, RoleUses } from '../needs/roster.ts';
import { groupedPolicy } from '../policies/least-policy.ts';
import { listed } from '../text/listed.ts';
import { doubtEvidence, doubtRemedy } from './concern.ts';
import { changeOfSteps, type RefusedNeed } from './refused-steps.ts';
import { putPolicy, remedyBy } from './role-change.ts';

/** What is known of every request that SageMaker makes in a Region under a role of its own accord. */
export const serviceContext = (region: string): Context =>
  keptContexts(region, () =>
    contextOf({
      'aws:SecureTransport': 'true',
      'aws:RequestedRegion': region,
      'aws:MultiFactorAuthPresent': null,
      'aws:CalledVia': null,
    }),
  );

const keptContexts = keeping<Context>(64);

/** How a need comes out; the example is a part of it that is denied. */
export type NeedOutcome = { answer: 'met' } | { answer: 'unmet'; example: Example } | Unknown;

/** What an answer makes of a need. Of a partial one it is not known which part a run asks for. */
export const outcomeOf = (found: EveryAnswer, need: Pick<Need, 'resource' | 'isOneOf'>): NeedOutcome => {
  switch (found.answer) {
    case 'all':
      return { answer: 'met' };
    case 'some':
      return isPartial(need)
        ? { answer: 'unknown', doubt: { kind: 'hangs', example: found.example } }
        : { answer: 'unmet', example: found.example };
    case 'none':
      return { answer: 'unmet', example: found.example };
    case 'unknown':
      return found;
  }
};

/** How a need of a role comes out, and what was asked: the need, or what does as well. */
type NeedAnswer = NeedOutcome & { asked: RoleNeed };

type Unmet = Extract<NeedAnswer, { answer: 'unmet' }>;
type NotMet = Exclude<NeedAnswer, { answer: 'met' }>;

/** What a control asks about: who, under which policies, and in which context in each Region. */
export type Asking = {
  principal: PrincipalFact;
  policiesFor: (need: Need) => Policies;
  resourcePolicies: ResourcePolicies;
  contextIn: (region: string) => Context;
  shared: SharedWork;
};

/** The policies that bear on a need: those of the principal, and that of its bucket or key. */
export const policiesWithResources = (policies: Policies, { buckets, keys }: ResourcePolicies) => {
  const withPolicy = rememberedPart((resource: PolicyIndex): Policies => ({ ...policies, resource }));
  return ({ resource, alias }: Pick<Need, 'resource' | 'alias'>): Policies => {
    const bucket = bucketIn(resource);
    if (bucket?.includes('*')) return withPolicy(POLICY_OF_UNTOLD_BUCKET);
    const index = bucket === undefined ? keys.get(alias ?? resource) : buckets.get(bucket);
    return index ? withPolicy(index) : policies;
  };
};

/** The need on the key to which its alias leads, where that is known: policies of roles name keys, not aliases. */
const onKnownKey = (need: Need, { aliases }: ResourcePolicies): Need => {
  const id = need.alias === undefined ? undefined : aliases?.get(need.alias);
  return id === undefined ? need : { ...need, resource: need.resource.replace(ANY_KEY, `:key/${id}`) };
};
const ANY_KEY = /:key\/\*$/;

/** Whether a role may do all that a need means, or what does as well. */
const answerNeed = (asked: RoleNeed, asking: Asking): NeedAnswer => {
  if (asking.shared.work.left() === 0) return { ...OUT_OF_WORK, asked };
  const first = answerOne(asked, asking);
  if (first.answer === 'met') return first;
  const others = (asked.need.or ?? []).map((other) =>
    answerOne({ ...asked, need: { ...asked.need, ...other } }, asking),
  );
  const best = (wanted: NeedAnswer['answer']): NeedAnswer | undefined =>
    [first, ...others].find(({ answer }) => answer === wanted);
  return best('met') ?? best('unknown') ?? first;
};

const answerOne = (given: RoleNeed, asking: Asking): NeedAnswer => {
  const asked = { ...given, need: onKnownKey(given.need, asking.resourcePolicies) };
  const { need } = asked;
  const policies = withForeignOwner(asking.policiesFor(need), need, asking.principal);
  const requests = requestsFor(asked, policies, asking);
  if (isAllowedAround(need, policies, requests, asking.shared)) return { answer: 'met', asked };
  const universe = meantBy(need.resource, need.action, need.nameStars);
  const answerWith = (request: AnyResource): NeedAnswer => ({
    ...outcomeOf(allowedForAll({ policies, request, universe }, asking.shared), need),
    asked,
  });
  const { known, each } = requests;
  const first = answerWith(known);
  if (first.answer !== 'unknown' || each().length < 2) return first;
  // What hangs on a value of which nobody tells which it is may come out the same with each of them.
  const answers = each().map(answerWith);
  const [one] = answers;
  return one && answers.every(({ answer }) => answer === one.answer) ? one : first;
};

/**
 * The request of a need with what is known of it, and with each combination of the values that it may carry beside. `around`: the
 * areas in which such needs lie, and whether the request is allowed for all of an area, if that was asked.
 */
type NeedRequests = {
  known: AnyResource;
  each: () => readonly AnyResource[];
  around: Map<string, boolean | 'not asked'>;
};

/**
 * Whether the request of a need is allowed for all that lies around its resource, and so for the resource. It is asked for the second
 * need of an area: thousands of pipelines keep their data in few folders, and all or none of them may be read.
 */
const isAllowedAround = (
  { resource, action }: Need,
  policies: Policies,
  { known: request, around }: NeedRequests,
  shared: SharedWork,
): boolean => {
  const area = areaOf(resource);
  if (area === undefined) return false;
  const before = around.get(area);
  if (before === undefined) around.set(area, 'not asked');
  if (before !== 'not asked') return before === true;
  const isAll =
    allowedForAll({ policies, request, universe: meantBy(area, action) }, shared).answer === 'all';
  around.set(area, isAll);
  return isAll;
};

/** The first folder of an object in a bucket, as a pattern of all that lies in it; another resource itself, if it is one. */
const areaOf = (resource: string): string | undefined => {
  const folder = FIRST_FOLDER.exec(resource)?.[0];
  if (folder !== undefined) return `${folder}*`;
  return /[*?$]/.test(resource) ? undefined : resource;
};

const FIRST_FOLDER = /^arn:[^:*?$]*:s3:::[^/*?$]+\/[^/*?$]+\//;

/**
 * Needs whose requests the policies do not tell apart have the same requests, so that set questions share what they
 * have in common.
 */
const requestsFor = ({ need, region }: RoleNeed, policies: Policies, asking: Asking): NeedRequests => {
  const { action, context = NOTHING, request = NOTHING, alias = '' } = need;
  const { alike, same } = requestsBy(asking)(policies);
  const byAction = same(request)(context);
  const owner = ownerOf(need, asking);
  const place = `${action} ${owner ? 'own' : ''} ${region} ${alias}`;
  const known = byAction.get(place);
  if (known) return known;
  const keys = decidingKeys(policies, action.toLowerCase());
  const told = Object.fromEntries(
    Object.entries({ ...aliasOf(need), ...request }).filter(([key]) => keys.has(key.toLowerCase())),
  );
  const absent = absentTags(need, policies);
  const key = JSON.stringify([action, context, told, absent, owner, region]);
  const made =
    alike.get(key) ?? requestsOf({ ...need, request: told }, region, { ...absent, ...owner }, asking);
  alike.set(key, made);
  byAction.set(place, made);
  return made;
};

const NOTHING: Readonly<Record<string, never>> = {};

const aliasOf = (need: Need): NonNullable<Need['request']> =>
  Object.fromEntries(Object.entries(aliasKey(need)).map(([key, alias]) => [key, [alias]]));

/** `same` finds the requests of needs that share their objects, as most do, without a look into these objects. */
const requestsBy = remembered((_asking: Asking) =>
  rememberedPart((_policies: Policies) => ({
    alike: new Map<string, NeedRequests>(),
    same: rememberedPart((_request: object) =>
      rememberedPart((_context: object) => new Map<string, NeedRequests>()),
    ),
  })),
);

/**
 * A bucket whose policy could be read is one of the account: S3 gives policies of buckets to principals of their owners
 * alone. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html
 */
const ownerOf = (
  { resource }: Need,
  { principal: { scope }, resourcePolicies: { buckets } }: Asking,
): Record<string, string> | undefined => {
  const bucket = bucketIn(resource);
  const isOwn =
    bucket !== undefined &&
    buckets.has(bucket) &&
    (buckets.get(bucket)?.policies ?? []).every(({ isReadable }) => isReadable);
  return isOwn ? { 'aws:ResourceAccount': scope.account } : undefined;
};

const bucketIn = (resource: string): string | undefined => /^arn:[^:]*:s3:::([^/]+)/.exec(resource)?.[1];

const requestsOf = (
  need: Need,
  region: string,
  given: Readonly<Record<string, ContextValue>>,
  { principal, contextIn }: Asking,
): NeedRequests => {
  const { known, each } = valuesOf(need);
  const requestWith = (values: Readonly<Record<string, ContextValue>>): AnyResource => ({
    principal: principal.identity.principal,
    action: need.action,
    context: assume(contextIn(region), { ...given, ...known, ...values, ...need.context }),
  });
  return { known: requestWith({}), each: once(() => each.map(requestWith)), around: new Map() };
};

const REQUEST_TAG = 'aws:requesttag/';

/** Where the tags of a request are known, it carries no others, but for those that SageMaker sets itself. */
const absentTags = ({ request }: Need, policies: Policies): Record<string, null> => {
  if (!request || !('aws:TagKeys' in request)) return {};
  const known = new Set(Object.keys(request).map((key) => key.toLowerCase()));
  const { identity, boundary, session, resource, scps = [], rcps = [] } = policies;
  const names = [identity, boundary, session, resource, ...scps, ...rcps].flatMap((index) =>
    index ? [...tagsAskedFor(index)] : [],
  );
  return Object.fromEntries(
    names
      .filter((name) => !known.has(name) && !name.startsWith(`${REQUEST_TAG}sagemaker:`))
      .map((name) => [name, null]),
  );
};

/** The tags of requests by which the conditions of a layer decide. */
const tagsAskedFor = remembered(
  ({ policies }: PolicyIndex): ReadonlySet<string> =>
    new Set(
      policies.flatMap(({ statements }) =>
        statements.flatMap(({ conditions }) =>
          conditions.flatMap(({ keyName }) => (keyName.startsWith(REQUEST_TAG) ? keyName : [])),
        ),
      ),
    ),
);

/** What is known of a need's request, and the combinations of the values that it may carry beside. */
const valuesOf = ({
  request = {},
}: Need): {
  known: Record<string, ContextValue>;
  each: readonly Record<string, ContextValue>[];
} => {
  const entries = Object.entries(request);
  const [told, open] = [
    entries.flatMap(([key, [value, ...others]]) =>
      value !== undefined && others.length === 0 ? [[key, value] as const] : [],
    ),
    entries.filter(([, values]) => values.length > 1),
  ];
  return {
    known: Object.fromEntries(told),
    each: open.reduce<Record<string, ContextValue>[]>(
      (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
      [{}],
    ),
  };
};

/** What belongs to another account needs its word as well, which is read for buckets and keys alone. */
const withForeignOwner = (
  policies: Policies,
  { action, resource }: Need,
  { scope }: PrincipalFact,
): Policies => {
  const owner = parseArn(resource)?.account;
  if (owner === '*' && action.startsWith('ec2:')) return withSharing(policies)(scope.account);
  const isForeign = /^\d{12}$/.test(owner ?? '') && owner !== scope.account;
  return isForeign && !policies.resource && action !== 'iam:PassRole'
    ? withForeignPolicy(policies)
    : policies;
};

/**
 * Of a subnet or security group that another account shares with this one, the policies of the role alone decide.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
 */
const withSharing = remembered((policies: Policies) =>
  oncePer((account): Policies => {
    const statement = { Effect: 'Allow', Principal: { AWS: account }, Action: 'ec2:*', Resource: '*' };
    const document = { Version: '2012-10-17', Statement: [statement] };
    return {
      ...policies,
      resource: indexPolicies([readPolicy(document, { name: 'share of the subnet', kind: 'resource' })]),
    };
  }),
);

const withForeignPolicy = remembered(
  (policies: Policies): Policies => ({ ...policies, resource: FOREIGN_POLICY }),
);

const unreadPolicy = (message: string): PolicyIndex =>
  indexPolicies([
    {
      name: 'policy of the resource',
      kind: 'resource',
      version: '2012-10-17',
      statements: [],
      problems: [{ code: 'unread', severity: 'error', message, pointer: '' }],
      isReadable: false,
    },
  ]);

const FOREIGN_POLICY = unreadPolicy('policies of other accounts are not read');

const POLICY_OF_UNTOLD_BUCKET = unreadPolicy('only a run tells the bucket');

/** More evidence than this helps nobody; the rest is counted. */
const MAX_EVIDENCE = 20;

/** What needs are for, and what no command may give to anyone. */
type NeedPurpose = {
  /** What the role is to do, as a verb phrase; it may be another one for the needs that are not met. */
  purpose: string | ((needs: readonly Need[]) => string);
  expected: string;
  /** The roles that may do whatever they like. */
  administrators?: Facts['administrators'];
  /** Whether a need is one of jobs whose names are themselves a finding. */
  isMisnamed?: (asked: RoleNeed) => boolean;
};

/** The answers to needs; where a change is tried that should meet them all, up to the first that it does not meet. */
const answersTo = (needs: readonly RoleNeed[], asking: Asking, untilNotMet: boolean): NeedAnswer[] => {
  const answers: NeedAnswer[] = [];
  for (const need of needs) {
    const answer = answerNeed(need, asking);
    answers.push(answer);
    if (untilNotMet && answer.answer !== 'met') break;
  }
  return answers;
};

/** The verdict on all needs of some kind that pipelines have of a role: one, as one role is wrong, whatever it lacks. */
export const needsVerdict = (
  control: string,
  kind: NeedKind,
  uses: RoleUses,
  asking: Asking,
  told: NeedPurpose,
): Verdict[] => {
  const needs = uses.needs.filter((each) => each.kind === kind && !each.need.isOptional);
  const reasons = uses.open.filter((open) => open.kind === kind).map(({ reason }) => reason);
  const leftOut = reasons.length > 0 ? `not judged, as only a run tells: ${reasons.join('; ')}` : undefined;
  // Where a step's data lies is often for a run to tell; of a file that decides what runs, it is a gap.
  const untold = kind === 'json-get' ? untoldEvidence(reasons) : [];
  const files = OF_UNTOLD.includes(kind) ? uses.untold.filter((each) => each.kind === kind) : [];
  if (needs.length === 0 && untold.length === 0 && files.length === 0)
    return [
      { status: 'NOT_APPLICABLE', because: leftOut ?? `no pipeline needs it to ${purposeOf(told, [])}` },
    ];
  const { tried } = asking.shared;
  const answers = answersTo(needs, asking, tried === control);
  const ofFiles = files.map((file) => answerNeed(file, asking));
  const unmet = [...answers, ...ofFiles].filter((each) => each.answer === 'unmet');
  const unknown = answers.filter((each) => each.answer === 'unknown');
  const profiles = kind === 'pass-role' ? ofFiles.filter(({ answer }) => answer === 'unknown') : [];
  const [first, ...others] =
    unmet.length > 0
      ? evidenceOf(unmet, told.expected)
      : [
          ...evidenceOf(tried !== undefined ? unknown.slice(0, 1) : onePerReason(unknown), told.expected),
          ...untold,
          ...profiles.map(profileEvidence),
        ];
  if (!first) return [{ status: 'PASSED', ...(leftOut && { because: leftOut }) }];
  const who = asking.principal.identity.principal.arn;
  if (unmet.length === 0) {
    const purpose = purposeOf(told, unknown);
    return [
      {
        status: 'NOT_AVAILABLE',
        evidence: [first, ...others],
        remediation: {
          text: unknown[0]
            ? `Whether ${who} may ${purpose} is not known. ${unknownRemedy(unknown[0])}`
            : profiles.length > 0
              ? `Whether ${who} may ${purpose} is not known. See which roles the instance profiles hold (aws iam get-instance-profile); the output of get-account-authorization-details lists each profile with its role.`
              : `Give the parameters that the place hangs on a default, or see by hand that ${who} may ${purpose}.`,
        },
      },
    ];
  }
  return [
    {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: tried !== undefined ? { text: '' } : remedyFor(control, unmet, asking, told),
    },
  ];
};

const purposeOf = ({ purpose }: NeedPurpose, of: readonly NeedAnswer[]): string =>
  typeof purpose === 'string' ? purpose : purpose(of.map(({ asked }) => asked.need));

/** Advice for a need of which it is not known whether it is met. */
const unknownRemedy = ({ doubt, asked: { need } }: NotMet & Unknown): string =>
  doubt.kind === 'hangs' && doubt.example.explanation.decision !== 'Unknown'
    ? `It may do ${need.action} on some of ${need.resource}, and the definition does not tell which is asked for: allow it on all of them, or give the parameters that it hangs on a default.`
    : doubtRemedy(doubt, 'see what the request carries for the keys of that condition');

const remedyFor = (control: string, unmet: readonly Unmet[], asking: Asking, told: NeedPurpose) => {
  const { administrators, isMisnamed } = told;
  const { principal } = asking;
  const who = principal.identity.principal.arn;
  const strong = unmet.find(({ asked }) => administrators?.has(asked.need.resource))?.asked;
  if (strong)
    return {
      text: `Name another role in ${askersText(strong.askers, strong.count)}: ${strong.need.resource} may do whatever it likes, and ${who} could as well if it might pass it.`,
    };
  const refused = unmet.flatMap((answer) => refusedRequest(answer, asking));
  if (refused.length > 0) {
    const others = unmet.length - refused.length;
    return {
      isOfSteps: true as const,
      text: `${changeOfSteps(refused)}${others > 0 ? ` The rest of the evidence (${others} of ${unmet.length}) has other causes: audit again after that.` : ''}`,
    };
  }
  const denied = unmet.find(({ example }) => example.decision === 'ExplicitDeny');
  const [deny] = denied?.example.explanation.decidedBy ?? [];
  if (deny)
    return {
      text: `Take the role, or what it needs, out of statement ${deny.statement} of ${deny.policy}, which denies it; no Allow helps against it.`,
    };
  const layer = unmet
    .slice(0, MAX_EVIDENCE)
    .map(({ example }) => example.explanation.failedLayer?.layer)
    .find((failed) => failed !== 'identity');
  const limit = layer && (layer === 'boundary' ? 'permissions boundary' : `${layer} policy`);
  // A policy for a file or role that is not told would be one for every bucket or role.
  const placed = unmet.filter(
    ({ asked: { kind, need } }) =>
      !(kind === 'pass-role' && need.isOneOf) && !bucketIn(need.resource)?.includes('*'),
  );
  const purpose = purposeOf(told, placed.length > 0 ? placed : unmet);
  if (placed.length === 0)
    return {
      text: `Allow ${who} to ${purpose}${limit ? `, also in its ${limit}` : ''}. No policy is given, because ${unmet.some(({ asked }) => asked.kind === 'pass-role') ? 'nothing tells which role an instance profile holds' : 'only a run tells the file'}.`,
    };
  if (placed.every(({ example }) => example.explanation.failedLayer?.layer === 'resource'))
    return { text: inResourcePolicies(placed, who, purpose) };
  const misnamed = isMisnamed ? placed.filter(({ asked }) => isMisnamed(asked)) : [];
  if (misnamed.length > 0) return { text: namingFirst(misnamed, who, purpose) };
  const document = groupedPolicy(placed.map(({ asked }) => asked.need));
  const also = limit ? `, and allow it in its ${limit} too` : '';
  return remedyBy(
    principal,
    putPolicy(control, document),
    `Allow ${who} to ${purpose}: put this policy beside those that it has${also}.`,
    `Allow ${who} to ${purpose}${also}.`,
  );
};

/** The advice where steps give their jobs names that no prefix authorises: with a command, the role could make such jobs. */
const namingFirst = (misnamed: readonly Unmet[], who: string, purpose: string): string => {
  const steps = [
    ...groupBy(
      misnamed.flatMap(({ asked }) => asked.askers),
      ({ pipeline, pointer }) => `${pipeline.arn} ${pointer}`,
    ).values(),
  ].flatMap(([first]) => first ?? []);
  const names = [...new Set(misnamed.map(({ asked }) => arnName(asked.need.resource)))];
  return `Name the step first, as pipeline-job-prefix says: ${askersText(steps, steps.length)}. Then allow ${who} to ${purpose} under the new name. No command is given, because it would let the role create jobs called ${listed(names, 3)}, and no prefix is known to authorise these names for these steps.`;
};

/**
 * The advice where only the policies of keys and buckets do not let the role in. Commands that put such a policy replace it as
 * a whole, so that the statement alone is given.
 */
const inResourcePolicies = (unmet: readonly Unmet[], who: string, purpose: string): string => {
  const statements = [
    ...groupBy(unmet, ({ asked: { need } }) => bucketIn(need.resource) ?? need.resource),
  ].map(([of, needs]) => {
    const isBucket = bucketIn(needs[0]?.asked.need.resource ?? '') !== undefined;
    const Action = [...new Set(needs.map(({ asked: { need } }) => need.action))];
    const Resource = isBucket ? [...new Set(needs.map(({ asked: { need } }) => need.resource))] : '*';
    const statement = { Effect: 'Allow', Principal: { AWS: who }, Action, Resource };
    return `the policy of ${isBucket ? 'bucket ' : ''}${of} (${JSON.stringify(statement)})`;
  });
  return `Allow ${who} to ${purpose}: what the role’s own policies say does not count there without a statement in ${listed(statements, 3)}. No command is given, because it would replace the whole policy.`;
};

/**
 * A need that a role may do, and not as the step asks for it: the step is to change, and no condition is to go that
 * somebody has set.
 */
const refusedRequest = ({ asked, example }: Unmet, asking: Asking): RefusedNeed[] => {
  const { request, ...need } = asked.need;
  if (!request) return [];
  const policies = asking.policiesFor(asked.need);
  const anyhow = answerOne({ ...asked, need }, { ...asking, policiesFor: () => policies });
  if (anyhow.answer !== 'unknown' || anyhow.doubt.kind !== 'hangs') return [];
  const { missingContext: keys } = anyhow.doubt.example.explanation;
  // What a step lists may be allowed beside what somebody has limited to other places.
  if (keys.length === 0 || keys.some((key) => /^s3:/i.test(key))) return [];
  return [{ asked, explanation: example.explanation, keys, policies }];
};

/** Needs that differ in their requests alone are one piece of evidence: a bucket is listed for each input in it. */
const evidenceOf = (answers: readonly NotMet[], expected: string): Evidence[] => {
  const alike = [
    ...groupBy(answers, ({ asked: { need } }) => JSON.stringify([need.action, need.resource, need.alias])),
  ].flatMap(([, [first, ...others]]) => (first ? [{ first, others }] : []));
  const shown = alike.slice(0, MAX_EVIDENCE).map(({ first, others }): Evidence => {
    const { need } = first.asked;
    const all = [first, ...others].map(({ asked }) => asked);
    const askers = all.flatMap((asked) => asked.askers);
    const count = all.reduce((sum, asked) => sum + asked.count, 0);
    return {
      ...reasonOf(first),
      expected: `${expected}: ${need.action} on ${need.resource}, for ${askersText(askers, count)}`,
    };
  });
  const rest = alike.length - shown.length;
  return rest > 0 ? [...shown, { at: 'further needs', found: `${rest} more like these`, expected }] : shown;
};

/** The kinds of needs whose resource may be one that nobody tells, and is judged all the same. */
const OF_UNTOLD: readonly NeedKind[] = ['json-get', 'pass-role'];

const profileEvidence = ({ asked: { need, askers, count } }: NeedAnswer): Evidence => ({
  at: 'GetAccountAuthorizationDetails',
  found: 'no role of the account is listed with the instance profile, so its role is not known',
  expected: `${need.action} to ${need.context?.['iam:PassedToService']} on the role of the profile, for ${askersText(askers, count)}`,
});

const untoldEvidence = (reasons: readonly string[]): Evidence[] =>
  [...new Set(reasons)].slice(0, MAX_EVIDENCE).map((found) => ({
    at: 'definition',
    found,
    expected: 'a file whose place the definition tells',
  }));

const reasonOf = (open: NotMet): Pick<Evidence, 'at' | 'found'> => {
  const { action, resource } = open.asked.need;
  switch (open.answer) {
    case 'unmet':
      return why(open.example.explanation, action, resource);
    case 'unknown':
      return doubtEvidence(open.doubt, action, () => resource);
  }
};

/** What is not known for one reason, such as a bucket’s policy, is told once, by the first need that hangs on it. */
const onePerReason = <T extends { asked: RoleNeed; doubt: Doubt }>(answers: readonly T[]): T[] =>
  [...groupBy(answers, reasonKey).values()].flatMap(([first]) => first ?? []);

const reasonKey = ({ asked: { need }, doubt }: { asked: RoleNeed; doubt: Doubt }): string => {
  switch (doubt.kind) {
    case 'hangs': {
      const { doubts, missingContext } = doubt.example.explanation;
      const isTold = doubts.length + missingContext.length > 0;
      return JSON.stringify(isTold ? [doubts, missingContext] : [need.action, need.resource]);
    }
    case 'too-complex':
      return doubt.reason;
  }
};

/** Who asks: `step Train (/Steps/0) of pipeline fraud-daily`, the first few and how many more. */
export const askersText = (askers: RoleNeed['askers'], count: number): string => {
  const shown = askers
    .slice(0, 5)
    .map(({ pipeline, step, pointer }) => `step ${step} (${pointer}) of pipeline ${pipeline.name}`);
  return [...shown, ...(count > shown.length ? [`${count - shown.length} more`] : [])].join(', ');
};
