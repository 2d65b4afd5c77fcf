import { homeOf, teamsIn, teamsOf } from '../authorised/teams.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence } from '../domain/finding.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { assume, type Context } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { nearPatterns } from '../iam/sets/near-patterns.ts';
import { NETWORK_KEYS } from '../iam/sets/network-limits.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { isLimitedBySCPsAlone } from '../judging/administrators.ts';
import { type Concern, isShown } from '../judging/concern.ts';
import { remembered } from '../memo.ts';
import type { InputFile } from '../needs/inputs.ts';
import type { PipelineRef, Roster } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';
import { isHeader, withChosenKeys } from './chosen-keys.ts';
import { BY_ITSELF } from './iam-calls.ts';
import { isMadeForProjects, isOfProjects } from './made-by-aws.ts';
import {
  type Asked,
  byAcl,
  firstShown,
  type InputBucket,
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
  remembered((roster: Roster) =>
    remembered((config: Config): readonly Member[] => {
      const teams = teamsIn(config);
      const { administrators = [], trusted = [] } = config.roles ?? {};
      return principals.flatMap((by): Member[] => {
        const { arn } = by.identity.principal;
        const uses = roster.roles.get(arn);
        const own = uses ? [...uses.executes, ...uses.runsSteps] : [];
        const isOfTeam =
          teams.some(({ roles }) => matchesAny(roles, arn)) ||
          own.some(({ name }) => teamsOf(name, config).length > 0);
        if (!isOfTeam || matchesAny([...administrators, ...trusted], arn) || isOfAWS(by)) return [];
        const ownArns = new Set(own.map((pipeline) => pipeline.arn));
        const isHome = homeOf(arn, config);
        const isAtHome = (pipeline: PipelineRef) => ownArns.has(pipeline.arn) || isHome(pipeline.name);
        return [{ by, isAtHome }];
      });
    }),
  ),
);

const isOfAWS = (by: AccountPrincipal): boolean =>
  by.identity.principal.arn.includes(':role/aws-service-role/') || isOfProjects(by) || isMadeForProjects(by);

const isAdministrator = (by: AccountPrincipal): boolean =>
  by.administrator.answer === 'yes' || isLimitedBySCPsAlone({ ...by, isGoverned: false });

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

const writtenBy = (
  member: Member,
  files: readonly InputFile[],
  bucket: InputBucket,
  shared: SharedWork,
): Concern | undefined => {
  const { policies: own, identity, scope } = member.by;
  const { policy } = bucket;
  const granted = [own.identity, policy].flatMap((index) => index ?? []);
  const isGranted = (action: string) =>
    granted.some(
      ({ unreadable, candidates }) =>
        unreadable.length > 0 || candidates(action.toLowerCase()).allows.length > 0,
    );
  if (!CALLS.some(isGranted)) return undefined;
  const near = nearPatterns(ownOutputs(bucket, member));
  const context = assume(SIGNED, { ...BY_ITSELF.keys, 'aws:RequestedRegion': scope.region });
  const requestOf = requestsFrom({ principal: identity.principal, resourceAccount: scope.account });
  const asking =
    (policies: Policies, expected: string): Asked =>
    (action, resource) => {
      const universe = meantBy(resource, action);
      const within = near(resource);
      const ask = (asked: Context) =>
        allowedBeyond({ policies, request: requestOf(action, asked), universe, within }, shared);
      return { answer: withChosenKeys(context, policies, action, ask, isChosen), on: resource, expected };
    };
  const names = [...new Set(files.flatMap(({ pipelines }) => pipelines.map(({ name }) => name)))];
  const expected = `the team of ${listed(names)} alone`;
  const policies = policy ? { ...own, resource: policy } : own;
  const ask = asking(policies, expected);
  const itself = [{ resource: `arn:${scope.partition}:s3:::${bucket.name}` }];
  const found = firstShown(ON_OBJECTS.filter(isGranted), files, ask);
  if (found && (isShown(found) || isOutOfWork(found))) return found;
  const isKeptOutByPolicy = () => {
    const without = firstShown(['s3:PutObject'], files, asking(own, expected));
    return without !== undefined && isShown(without);
  };
  const ways = [
    firstShown(['s3:PutBucketPolicy'].filter(isGranted), itself, ask),
    ...(policy && isGranted('s3:DeleteBucketPolicy') && isKeptOutByPolicy()
      ? [firstShown(['s3:DeleteBucketPolicy'], itself, ask)]
      : []),
    ...(isGranted('s3:PutBucketAcl') ? [byAcl(bucket, ask)] : []),
  ];
  return ways.find((each) => each && isShown(each)) ?? found ?? ways.find((each) => each !== undefined);
};

const CALLS = [...ON_OBJECTS, 's3:PutBucketPolicy', 's3:DeleteBucketPolicy', 's3:PutBucketAcl'];

/** Members of a team make requests from the networks that policies want, with the headers that they want. */
const isChosen = (key: string): boolean => isHeader(key) || NETWORK_KEYS.includes(key);

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
