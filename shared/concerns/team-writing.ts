import { teamsOf } from '../authorised/teams.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence } from '../domain/finding.ts';
import type { Scope } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { assume, type Context, type ContextValue } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { mayAllow, type PolicyIndex } from '../iam/decide/policy-index.ts';
import { TESTS } from '../iam/policy/operators.ts';
import type { Condition, Effect } from '../iam/policy/policy.ts';
import type { AnyAnswer } from '../iam/sets/answers.ts';
import { nearPatterns } from '../iam/sets/near-patterns.ts';
import { NETWORK_KEYS } from '../iam/sets/network-limits.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { isAdministrator } from '../judging/administrators.ts';
import { type Concern, isShown } from '../judging/concern.ts';
import { once, oncePer, remembered, rememberedBeside, rememberedPart } from '../memo.ts';
import type { InputFile } from '../needs/inputs.ts';
import type { PipelineRef, Roster } from '../needs/roster.ts';
import { isNamedForTeam, membershipOf } from '../needs/team-members.ts';
import { listed } from '../text/listed.ts';
import { inSome, regionsThatMatter } from './asked-regions.ts';
import { BY_ITSELF } from './iam-calls.ts';
import { isMadeForProjects, isOfProjects } from './made-by-aws.ts';
import {
  type Asked,
  allowedPlaces,
  among,
  byAcl,
  filesNear,
  firstShown,
  type InputBucket,
  isNearFiles,
  isOutOfWork,
  ON_OBJECTS,
  requestsFrom,
  SIGNED,
} from './writing-inputs.ts';

/** A user or role of a team, and which pipelines are its team’s. */
type Member = { by: AccountPrincipal; isAtHome: (pipeline: PipelineRef) => boolean };

/** Someone of another team who may write inputs, and how. */
type Writer = { arn: string; concern: Concern };

/**
 * The concerns that users and roles of other teams may write inputs of a team’s pipelines in a bucket: one for each
 * statement that allows it, with all whom it lets in. What pipelines of several teams read is theirs in common, and what
 * another team’s own pipelines write there, they deliver.
 */
export const writtenByOtherTeams = (
  bucket: InputBucket,
  principals: readonly AccountPrincipal[],
  config: Config,
  shared: SharedWork,
): { concerns: Concern[]; writers: string[] } => {
  const files = bucket.files.filter(({ pipelines }) =>
    pipelines.some(({ name }) => teamsOf(name, config).length > 0),
  );
  if (files.length === 0) return { concerns: [], writers: [] };
  const writers: Writer[] = [];
  for (const member of membersIn(principals)(bucket.roster)(config)) {
    const { by } = member;
    // Most members write nowhere near the bucket, which is seen sooner than whose files these are.
    if (!mayReach(by, bucket)) continue;
    const others = files.filter(({ pipelines }) => !pipelines.some(member.isAtHome));
    if (others.length === 0) continue;
    const concern = writtenBy(member, others, bucket, shared);
    if (!concern) continue;
    if (!isOutOfWork(concern) && isAdministrator(by)) continue;
    writers.push({ arn: by.identity.principal.arn, concern });
    // Without work left, every further question is open as well.
    if (isOutOfWork(concern)) break;
  }
  return {
    concerns: together(writers),
    writers: writers.filter(({ concern }) => isShown(concern)).map(({ arn }) => arn),
  };
};

/** Who acts for a team: whom the configuration names for it, and the roles that its pipelines run under. */
const membersIn = remembered((principals: readonly AccountPrincipal[]) =>
  rememberedBeside((roster: Roster) =>
    rememberedPart((config: Config): readonly Member[] => {
      const placeOf = placesOf(principals);
      const used = [...roster.roles.keys()].flatMap((arn) => placeOf.get(arn) ?? []);
      const places = [...new Set([...namedAmong(principals)(config), ...used])];
      return places
        .sort((one, other) => one - other)
        .flatMap((place): Member[] => {
          const by = principals[place];
          const isAtHome = by && membershipOf(by.identity.principal.arn, roster, config);
          return isAtHome && !isOfAWS(by) ? [{ by, isAtHome }] : [];
        });
    }),
  ),
);

const placesOf = remembered(
  (principals: readonly AccountPrincipal[]): ReadonlyMap<string, number> =>
    new Map(principals.map(({ identity }, place) => [identity.principal.arn, place])),
);

/** The places of those whom the configuration names. Pipelines are read anew far more often than principals, of whom an account has thousands. */
const namedAmong = remembered((principals: readonly AccountPrincipal[]) =>
  rememberedPart((config: Config): readonly number[] =>
    principals.flatMap(({ identity }, place) =>
      isNamedForTeam(config)(identity.principal.arn) ? place : [],
    ),
  ),
);

const isOfAWS = (by: AccountPrincipal): boolean =>
  isServiceLinkedRole(by.identity.principal.arn) || isOfProjects(by) || isMadeForProjects(by);

/** By bucket, the folders that steps write. A bucket as a whole, or a place that only a run tells, is no team’s own. */
const outputsByBucket = remembered(({ roles }: Roster) =>
  groupBy(
    [...roles.values()].flatMap(({ needs }) =>
      needs.flatMap(({ need: { action, resource }, askers }) => {
        const bucket = action === 's3:PutObject' ? IN_A_FOLDER.exec(resource)?.[1] : undefined;
        return bucket === undefined ? [] : { bucket, resource, askers };
      }),
    ),
    ({ bucket }) => bucket,
  ),
);
const IN_A_FOLDER = /^arn:[^:]*:s3:::([^/*?]+)\/[^/*?]+/;

/** The places in the bucket that the pipelines of the member’s team write. */
const ownOutputs = ({ name, roster }: InputBucket, { isAtHome }: Member): string[] =>
  (outputsByBucket(roster).get(name) ?? []).flatMap(({ resource, askers }) =>
    askers.some(({ pipeline }) => isAtHome(pipeline)) ? resource : [],
  );

/** Whether a member’s own statements, or those of the bucket, may allow a call that changes files of the bucket. */
const mayReach = ({ policies: { identity } }: AccountPrincipal, { policy, files }: InputBucket): boolean =>
  [identity, policy].some((index) => {
    if (!index) return false;
    const { isOnBuckets, places } = reachOf(index);
    return isOnBuckets || places.some((place) => isNearFiles(place, files));
  });

/** Found once for each index, because every member is compared with every bucket. */
const reachOf = remembered((index: PolicyIndex) => ({
  isOnBuckets: ON_BUCKET.some((action) => mayAllow(index, action)),
  places: [...new Set(ON_OBJECTS.flatMap((action) => allowedPlaces(index)(action)))],
}));

const writtenBy = (
  member: Member,
  files: readonly InputFile[],
  bucket: InputBucket,
  shared: SharedWork,
): Concern | undefined => {
  const { policies: own, identity, scope } = member.by;
  const { policy } = bucket;
  const granted = [own.identity, policy].flatMap((index) => index ?? []);
  const isGranted = (action: string) => granted.some((index) => mayAllow(index, action));
  const near = (action: string) => among(files, filesNear(granted, action, bucket.files));
  const nearOwn = once(() => nearPatterns(ownOutputs(bucket, member)));
  const contextIn = oncePer((region) => assume(SIGNED, { ...BY_ITSELF.keys, 'aws:RequestedRegion': region }));
  const requestOf = requestsFrom({ principal: identity.principal, resourceAccount: scope.account });
  const asking =
    (policies: Policies, expected: string): Asked =>
    (action, resource) => {
      const universe = meantBy(resource, action);
      const within = nearOwn()(resource);
      const ask = (asked: Context) =>
        allowedBeyond({ policies, request: requestOf(action, asked), universe, within }, shared);
      const inRegion = ({ region }: Scope) => fromTheirNetwork(contextIn(region), policies, action, ask);
      return { answer: inSome(regionsThatMatter(scope, policies, action), inRegion), on: resource, expected };
    };
  const names = [...new Set(files.flatMap(({ pipelines }) => pipelines.map(({ name }) => name)))];
  const expected = `the team of ${listed(names)} alone`;
  const policies = policy ? { ...own, resource: policy } : own;
  const ask = asking(policies, expected);
  const itself = [{ resource: `arn:${scope.partition}:s3:::${bucket.name}` }];
  const found = firstShown(ON_OBJECTS.filter(isGranted), near, ask);
  if (found && (isShown(found) || isOutOfWork(found))) return found;
  const isKeptOutByPolicy = () => {
    const without = firstShown(['s3:PutObject'], near, asking(own, expected));
    return without !== undefined && isShown(without);
  };
  const ways = [
    firstShown(['s3:PutBucketPolicy'].filter(isGranted), () => itself, ask),
    ...(policy && isGranted('s3:DeleteBucketPolicy') && isKeptOutByPolicy()
      ? [firstShown(['s3:DeleteBucketPolicy'], () => itself, ask)]
      : []),
    ...(isGranted('s3:PutBucketAcl') ? [byAcl(bucket, ask)] : []),
  ];
  return ways.find((each) => each && isShown(each)) ?? found ?? ways.find((each) => each !== undefined);
};

const ON_BUCKET = ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy', 's3:PutBucketAcl'];

/**
 * The answer to a question about a request of a member of a team, who works in the networks that policies want. Where the
 * answer hangs on the network, the question is asked again with the values that the policies name: an allowed request is
 * then found, and otherwise the answer stays open.
 */
const fromTheirNetwork = (
  context: Context,
  policies: Policies,
  action: string,
  ask: (context: Context) => AnyAnswer,
): AnyAnswer => {
  const first = ask(context);
  if (first.answer !== 'unknown' || first.doubt.kind !== 'hangs') return first;
  const chosen = valuesFor(policies, action);
  if (Object.keys(chosen).length === 0) return first;
  const again = ask(assume(context, chosen));
  return again.answer === 'some' ? again : first;
};

/** For each key of a network a value with which the statements about it would let the request through. */
const valuesFor = (
  { identity, boundary, resource, scps = [], rcps = [] }: Policies,
  action: string,
): Record<string, ContextValue> => {
  const statements = [identity, boundary, resource, ...scps, ...rcps].flatMap((index) => {
    const { allows, denies } = index?.candidates(action.toLowerCase()) ?? { allows: [], denies: [] };
    return [...allows, ...denies];
  });
  const wanted = statements.flatMap(({ statement: { effect, conditions } }) =>
    conditions
      .filter(({ keyName }) => NETWORK_KEYS.includes(keyName))
      .map((condition) => wantedBy(effect, condition)),
  );
  const chosen: Record<string, ContextValue> = {};
  for (const by of ['text', 'presence', 'absence'] as const)
    for (const { keyName, is, value } of wanted)
      if (is === by && !Object.hasOwn(chosen, keyName)) chosen[keyName] = value;
  return chosen;
};

type Wanted = { keyName: string; is: 'text' | 'presence' | 'absence'; value: ContextValue };

const wantedBy = (effect: Effect, { keyName, base, texts: [text = ''] }: Condition): Wanted => {
  const isDeny = effect === 'Deny';
  const isMet = base === 'null' ? /^true$/i.test(text) : !TESTS[base].isNegated;
  // A Deny that asks for a value is not met without the key, and one that asks for its absence not with it.
  if (base === 'null')
    return isMet === isDeny
      ? { keyName, is: 'presence', value: text }
      : { keyName, is: 'absence', value: null };
  return isMet === isDeny ? { keyName, is: 'absence', value: null } : { keyName, is: 'text', value: text };
};

/** A person looks at a few of them. */
const MOST = 20;

/** The writers by what is told of them: one cause with all whom it lets in. */
const together = (writers: readonly Writer[]): Concern[] =>
  [
    ...groupBy(writers, ({ arn, concern: { is, evidence } }) =>
      JSON.stringify([is, evidence.at.replaceAll(arn, '{}'), evidence.found, evidence.expected]),
    ).values(),
  ]
    .flatMap((group): Concern[] => {
      const [first] = group;
      if (!first) return [];
      const { concern } = first;
      const evidence: Evidence = {
        ...concern.evidence,
        found: `${concern.evidence.found}, to ${listed(group.map(({ arn }) => arn))}`,
      };
      return [{ ...concern, evidence }];
    })
    .slice(0, MOST);
