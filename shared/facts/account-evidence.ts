import pLimit from 'p-limit';
import { unlistedArn } from '../account-index/pipeline-entries.ts';
import type { Config } from '../config/schema.ts';
import type { NamedRoles } from '../definition/named-roles.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import { type Unread, unreadText } from '../domain/gap.ts';
import { type AccountScope, accountScope, type Scope } from '../domain/scope.ts';
import type { AccountPrincipals, Identity } from '../iam/decide/authorization-details.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Policy, PolicyKind } from '../iam/policy/policy.ts';
import type { Principal } from '../iam/policy/principal.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import type { Json } from '../json/json.ts';
import { once, oncePer, remembered } from '../memo.ts';
import { type InputFile, inputsByBucket } from '../needs/inputs.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import {
  noUses,
  type PipelineRef,
  type RoleUses,
  type Roster,
  rosterOf,
  type UnreadPipeline,
  withoutPath,
} from '../needs/roster.ts';
import { ABSENT, found, NOT_DECLARED, NOT_IN_SNAPSHOT, type Read, unreadOf } from '../reader/read-result.ts';
import type {
  OrganizationLevel,
  OrganizationPolicies,
  OwnOrganization,
  PipelineShare,
  PipelineSummary,
  Reader,
} from '../reader/reader.ts';

import { definitionOf, namesRoles, readUse, unlistedPipelines, unreadPipeline } from './read-pipeline-use.ts';

/** The SCPs and RCPs of an account, as layers for the policy engine. Empty if the account is in no organization. */
export type Organization = Required<Pick<Policies, 'scps' | 'rcps' | 'memberAccount'>> &
  Pick<Policies, 'managementAccount'>;

/** The users and roles of an account, also by ARN and by name (a role's name is unique among the roles of its account). */
export type Identities = AccountPrincipals & {
  byArn: ReadonlyMap<string, Identity>;
  named: (type: 'role' | 'user', name: string) => Identity | undefined;
};

/**
 * How much of all principals or pipelines is told: all of it, or the outline, which is what a look at one of them can hang on of
 * the others. An outline costs little in a large account.
 */
export type Detail = 'whole' | 'outline';

/** A user, role, group or managed policy that may have changed. */
export type Changed = { type: 'role' | 'user' | 'group' | 'policy'; name: string; arn: string };

/** A user or role that is looked at. */
export type Subject = Changed & {
  type: 'role' | 'user';
  /** Whether a principal of the same name and another path is another one. */
  isExact: boolean;
  /** Whether an event told that it changed, nothing tells whether it did, or something else changed. */
  change: 'told' | 'perhaps' | 'none';
  /** When it changed, as far as the event tells (milliseconds since 1970). */
  changedAt?: number;
};

/** A user or role with all its policies, if it exists, among all users and roles. */
export type PrincipalEvidence = {
  identities: Identities;
  identity: Identity | undefined;
  /** Whether a change of it may change verdicts on others; missing where nothing tells. */
  bears?: { onPrincipals: boolean; onBuckets: boolean };
};

/** A role with its name, and the names and ARNs of the instance profiles that hold it. */
export type CalledRole = { arn: string; names: readonly string[] };

/** What pipelines ask of a role, among what they ask of the account. `inputs`: by bucket, which pipelines have inputs there together. */
export type UsesEvidence = {
  roster: Roster;
  uses: RoleUses;
  inputs: () => ReadonlyMap<string, readonly Pick<InputFile, 'pipelines'>[]>;
};

/** The evidence that all resources of an account share. Each piece is read once, when it is first needed. */
export type AccountEvidence = {
  /** The account, with the Regions whose pipelines are in the roster. */
  readonly scope: AccountScope;
  /** `changed`: what IAM is asked for anew, if the rest was read before. */
  identities: (detail?: Detail, changed?: Changed) => Promise<Read<Identities>>;
  /** All users and roles, and what they write in S3: those who act for a team, or all. */
  writers: (of: 'teams' | 'all') => Promise<Read<Identities>>;
  /** A user or role, whole, and the outline of the others. */
  principal: (subject: Subject) => Promise<Read<PrincipalEvidence>>;
  /** The roles as steps on EMR name them. */
  named: () => Promise<Read<NamedRoles>>;
  organization: () => Promise<Read<OrganizationFact>>;
  ownOrganization: () => Promise<Read<OwnOrganization | null>>;
  roster: (detail?: Detail) => Promise<Read<Roster>>;
  /** The outline of what pipelines ask, and all of it that is about a bucket. */
  rosterAt: (bucket: string) => Promise<Read<Roster>>;
  /** What pipelines ask of a role, whole, and the outline of what they ask of others. `isExact`: its path must be the same. */
  usesOf: (roleArn: string, isExact: boolean) => Promise<Read<UsesEvidence>>;
  /** The pipelines that call a role by another name than its ARN. What they ask now is what `usesOf` tells from then on. */
  callers: (role: CalledRole) => Promise<Read<readonly PipelineRef[]>>;
  /** The shares of a Region, which hold pipelines of that Region alone. */
  shares: (region: string) => Promise<Read<readonly PipelineShare[]>>;
  /** The policy of a bucket; undefined for a bucket without a policy. */
  bucketPolicy: (bucket: string) => Promise<Read<PolicyIndex | undefined>>;
  keyPolicy: (key: string) => Promise<Read<PolicyIndex>>;
  /** The id of a key that is named by an alias, an ARN or its id; undefined if nobody knows it. */
  keyId: (key: string) => Promise<Read<string | undefined>>;
};

const readNamedRoles = async (reader: Reader): Promise<Read<NamedRoles>> => {
  const read = await reader.readIdentities();
  return read.ok ? found(namedIn(read.value), read.asOf) : read;
};

export const namedIn = remembered(
  ({ identities, profiles }: AccountPrincipals): NamedRoles => ({
    roles: new Map(
      identities.flatMap(({ principal, name }) => (principal.kind === 'role' ? [[name, principal.arn]] : [])),
    ),
    profiles,
  }),
);

/**
 * The evidence as the reader returns it and, for pipelines, shares and keys, also the readers of the account’s `others`
 * Regions. A caller that has already read the pipelines passes their `roster`.
 */
export const accountEvidence = (
  reader: Reader,
  config: Config,
  roster?: () => Promise<Read<Roster>>,
  others: readonly Reader[] = [],
): AccountEvidence => {
  const ownOrganization = once(() => reader.readOwnOrganization());
  const identities = once(async () => {
    const read = await reader.readIdentities();
    return read.ok ? found(withIndexes(read.value), read.asOf) : read;
  });
  const all = once(roster ?? (() => readRoster(reader, config, new Map(), others)));
  const readerIn = (region: string | undefined): Reader =>
    others.find(({ scope }) => scope.region === region) ?? reader;
  const keyRead = oncePer((key: string) => readerIn(parseArn(key)?.region).getKeyPolicy(key));
  return {
    scope: accountScope(
      reader.scope,
      others.map(({ scope }) => scope.region),
    ),
    identities,
    writers: identities,
    principal: async (subject) => {
      const read = await identities();
      if (!read.ok) return read;
      const identity = identityOf(subject, read.value, reader.scope);
      const { unlisted } = read.value;
      if (!identity && unlisted) return { ok: false, unread: unlisted };
      return found({ identities: read.value, identity }, read.asOf);
    },
    named: once(() => readNamedRoles(reader)),
    organization: once(async () => {
      const read = await reader.readOrganizationPolicies();
      if (!read.ok) return read;
      const layers = organizationOf(read.value, reader.scope.account);
      const { scps, own } = read.value;
      const ofPrincipals = organizationOfPrincipals(
        own === undefined ? await ownOrganization() : found(own),
        scps,
      );
      return found(
        { policies: read.value, layers, ...(ofPrincipals !== undefined && { ofPrincipals }) },
        read.asOf,
      );
    }),
    ownOrganization,
    roster: all,
    rosterAt: all,
    usesOf: async (roleArn, isExact) => {
      const read = await all();
      return read.ok
        ? found(
            {
              roster: read.value,
              uses: usesIn(read.value, roleArn, isExact),
              inputs: () => inputsByBucket(read.value),
            },
            read.asOf,
          )
        : read;
    },
    callers: async (role) => {
      const read = await all();
      return read.ok ? found(callersIn(read.value, role), read.asOf) : read;
    },
    shares: oncePer((region: string) => readerIn(region).readShares()),
    bucketPolicy: oncePer(async (bucket) => {
      const read = await reader.getBucketPolicy(bucket);
      if (!read.ok) return read;
      const policy = read.value === null ? undefined : indexOf(read.value, `policy of bucket ${bucket}`);
      return found(policy, read.asOf);
    }),
    keyPolicy: oncePer(async (key) => {
      const read = await keyRead(key);
      return read.ok ? found(indexOf(read.value.policy, `policy of key ${key}`), read.asOf) : read;
    }),
    keyId: async (key) => {
      const read = await keyRead(key);
      return read.ok ? found(read.value.id, read.asOf) : read;
    },
  };
};

/** The user or role that is meant. A record may name it without its path. */
export const identityOf = (
  { type, name, arn, isExact }: Subject,
  { byArn, named }: Pick<Identities, 'byArn' | 'named'>,
  { account }: Pick<Scope, 'account'>,
): Identity | undefined =>
  byArn.get(arn) ?? (!isExact && parseArn(arn)?.account === account ? named(type, name) : undefined);

/** The uses of a role. A record may name a role without its path, so the name alone is tried as well. */
export const usesIn = (roster: Roster, arn: string, isExact = false): RoleUses =>
  knownUsesIn(roster, arn, isExact) ?? noUses(arn);

/** The same; undefined for a role of which no pipeline asks anything. */
export const knownUsesIn = (
  { roles, rolesWithoutPath }: Roster,
  arn: string,
  isExact = false,
): RoleUses | undefined => roles.get(arn) ?? (isExact ? undefined : rolesWithoutPath.get(withoutPath(arn)));

/** The pipelines that call a role by one of its names, and those that did so when they were read. */
export const callersIn = (roster: Roster, { arn, names }: CalledRole): PipelineRef[] => {
  const { executes, runsSteps } = usesIn(roster, arn);
  const using = new Set([...executes, ...runsSteps].map((pipeline) => pipeline.arn));
  const calling = [...roster.callers].flatMap(([called, pipelines]) =>
    pipelines.filter((pipeline) => names.includes(called) || using.has(pipeline.arn)),
  );
  return [...new Map(calling.map((pipeline) => [pipeline.arn, pipeline])).values()].slice(0, MOST_CALLERS);
};

/** If more pipelines call a role by its name, the sweep looks at the others. */
const MOST_CALLERS = 50;

const indexOf = (document: Json, name: string): PolicyIndex =>
  indexPolicies([readPolicy(document, { name, kind: 'resource' })]);

/** A layer that could not be read: every decision that it affects is Unknown, with this reason. */
export const unreadLayer = (name: string, kind: PolicyKind, unread: Unread): PolicyIndex => {
  const policy: Policy = {
    name,
    kind,
    version: '2012-10-17',
    statements: [],
    problems: [{ code: 'unread', severity: 'error', message: unreadText(unread), pointer: '' }],
    isReadable: false,
  };
  return indexPolicies([policy]);
};

export const withIndexes = (account: AccountPrincipals): Identities => {
  const byArn = new Map<string, Identity>();
  for (const identity of account.identities) byArn.set(identity.principal.arn, identity);
  const byName = oncePer((type: 'role' | 'user') => {
    const found = new Map<string, Identity>();
    for (const identity of account.identities)
      if (identity.principal.kind === type) found.set(identity.name, identity);
    return found;
  });
  return { ...account, byArn, named: (type, name) => byName(type).get(name) };
};

/**
 * An organization's policies as layers. Listings may leave out AWS's own policy that allows everything. It is added
 * to each RCP level, and to each SCP level that allows nothing, because the account could do nothing without it.
 */
export const organizationOf = (
  { scps, rcps, managementAccount, toldAt }: OrganizationPolicies,
  memberAccount: string,
): Organization => ({
  memberAccount,
  scps: scps.map((level) => levelIndex(level, 'scp', toldAt)),
  rcps: rcps.map((level) => levelIndex(level, 'rcp', toldAt)),
  ...(managementAccount !== undefined && { managementAccount }),
});

/** Evidence names the level of a policy and, if it is from a file, how old the file is. */
const levelIndex = (
  { target, policies }: OrganizationLevel,
  kind: 'scp' | 'rcp',
  toldAt: string | undefined,
): PolicyIndex => {
  const age = toldAt === undefined ? '' : `, as of ${toldAt.slice(0, 10)}`;
  const read = policies.map(({ name, document }) =>
    readPolicy(document, { name: `${name} (${target}${age})`, kind }),
  );
  const isDenyOnly = read.every(({ statements }) => statements.every(({ effect }) => effect === 'Deny'));
  return indexPolicies(kind === 'rcp' || isDenyOnly ? [FULL_AWS_ACCESS, ...read] : read);
};

const CONCURRENCY = 8;

/**
 * What was read of each pipeline, by Region and name. It stays valid as long as the pipeline's modification time and the configuration of
 * the account are the same and, where steps name roles of the account by names, as long as these roles are.
 */
export type KnownUses = Map<
  string,
  { modifiedAt: string; config: Config; use: PipelineUse; named?: NamedRoles | undefined }
>;

/** What the pipelines of an account ask, in some of its Regions; of a Region whose pipelines cannot be listed, that this is so. */
type AskedOfAccount = readonly { arn: string; asked: PipelineUse | UnreadPipeline }[];

/**
 * Reads what the pipelines of an account ask, one by one, in the reader’s Region and in those of the `others`. A pipeline that
 * `known` holds unmodified is not read again.
 */
export const readAsked = async (
  reader: Reader,
  config: Config,
  known: KnownUses = new Map(),
  others: readonly Reader[] = [],
): Promise<{ asked: AskedOfAccount; asOf: number | undefined }> => {
  const lists = await Promise.all(
    [reader, ...others].map(async (by) => ({ reader: by, listed: await by.listPipelines() })),
  );
  const named = once(async () => {
    const read = await readNamedRoles(reader);
    return read.ok ? read.value : undefined;
  });
  const there = lists.flatMap((list) =>
    (list.listed.ok ? list.listed.value : []).map((summary) => ({ ...list, summary })),
  );
  const keys = new Set(there.map(({ reader: by, summary }) => knownKey(by, summary)));
  const listedIn = lists.flatMap(({ reader: by, listed }) => (listed.ok ? by.scope.region : []));
  for (const key of known.keys())
    if (!keys.has(key) && listedIn.some((region) => key.startsWith(`${region} `))) known.delete(key);
  const asked = await pLimit(CONCURRENCY).map(there, async ({ reader: by, summary }) => ({
    arn: sagemakerArn(by.scope, `pipeline/${summary.name}`),
    asked: await askedBy(summary, { reader: by, config, known, named }),
  }));
  const unlisted = lists.flatMap(({ reader: { scope }, listed }) => {
    const unread = unreadOf(listed);
    return unread ? { arn: unlistedArn(scope), asked: unlistedPipelines(unread, scope) } : [];
  });
  const [first] = lists;
  return { asked: [...asked, ...unlisted], asOf: first?.listed.ok ? first.listed.asOf : undefined };
};

/** The roster of what `readAsked` reads. */
export const readRoster = async (...from: Parameters<typeof readAsked>): Promise<Read<Roster>> => {
  const { asked, asOf } = await readAsked(...from);
  return found(rosterOf(asked.map((each) => each.asked)), asOf);
};

/** What one pipeline asks now, where `named` are the roles of the account; undefined if it is in no Region of the readers. */
export const readAskedOf = async (
  readers: readonly Reader[],
  config: Config,
  { name, arn }: PipelineRef,
  named: NamedRoles,
): Promise<PipelineUse | UnreadPipeline | undefined> => {
  const reader = readers.find(({ scope }) => scope.region === parseArn(arn)?.region);
  return reader && askedBy({ name }, { reader, config, known: new Map(), named: async () => named });
};

const knownKey = ({ scope }: Reader, { name }: PipelineSummary): string => `${scope.region} ${name}`;

type RosterReading = {
  reader: Reader;
  config: Config;
  known: KnownUses;
  named: () => Promise<NamedRoles | undefined>;
};

const askedBy = async (
  summary: PipelineSummary,
  { reader, config, known, named }: RosterReading,
): Promise<PipelineUse | UnreadPipeline> => {
  const { name, modifiedAt } = summary;
  const kept = known.get(knownKey(reader, summary));
  if (
    kept &&
    kept.modifiedAt === modifiedAt &&
    kept.config === config &&
    (!('named' in kept) || kept.named === (await named()))
  )
    return kept.use;
  const pipeline = await reader.describePipeline(name);
  const definition = definitionOf(pipeline);
  const roles = namesRoles(definition) ? { named: await named() } : {};
  const use = readUse(pipeline, definition, reader.scope, config, roles.named);
  if (!use.ok) return unreadPipeline(name, pipeline, use.unread);
  if (modifiedAt !== undefined)
    known.set(knownKey(reader, summary), { modifiedAt, config, use: use.value, ...roles });
  return use.value;
};

/**
 * The layers of the organization. Few accounts may read their organization, and a snapshot may leave it out: then there
 * are none, and a finding of its own says so. Policies that are there and cannot be read make unknown what they may deny.
 */
export const organizationLayers = (
  read: Read<OrganizationFact>,
  memberAccount: string,
): Pick<Policies, 'scps' | 'rcps' | 'memberAccount' | 'managementAccount'> => {
  if (read.ok) return read.value.layers;
  if (isUsuallyUnread(read.unread)) return {};
  return {
    memberAccount,
    scps: [unreadLayer('policies of the organization', 'scp', read.unread)],
    rcps: [unreadLayer('policies of the organization', 'rcp', read.unread)],
  };
};

/**
 * The organization of the account’s principals, as their requests carry it; undefined where it is not known. Where AWS
 * does not tell the path, it leads through the levels that have the account’s policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
 */
const organizationOfPrincipals = (
  own: Read<OwnOrganization | null>,
  levels: readonly OrganizationLevel[] = [],
): Principal['organization'] => {
  if (!own.ok) return undefined;
  if (!own.value) return null;
  const { id, path } = own.value;
  if (path !== undefined) return { id, path };
  const above = levels.map(({ target }) => target).filter((target) => /^(?:r|ou)-/.test(target));
  return above[0]?.startsWith('r-') ? { id, path: `${[id, ...above].join('/')}/` } : { id };
};

/** The organization that requests of an account’s principals carry; undefined where it is not known. */
export const organizationInRequests = async (
  evidence: Pick<AccountEvidence, 'organization' | 'ownOrganization'>,
): Promise<Principal['organization']> => {
  const read = await evidence.organization();
  return read.ok ? read.value.ofPrincipals : organizationOfPrincipals(await evidence.ownOrganization());
};

/** Whether an organization was not read because the account may not read it, or because a snapshot has none of it. */
export const isUsuallyUnread = ({ code }: Unread): boolean => USUAL.includes(code);

const USUAL: readonly string[] = [
  ABSENT,
  NOT_IN_SNAPSHOT,
  NOT_DECLARED,
  'AccessDenied',
  'AccessDeniedException',
];

/** An account's SCPs and RCPs: as documents, and as layers for the policy engine. */
export type OrganizationFact = {
  policies: OrganizationPolicies;
  layers: Organization;
  /** The organization that requests of the account’s principals carry, where it is known. */
  ofPrincipals?: Principal['organization'];
};
