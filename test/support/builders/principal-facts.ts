import { readFileSync } from 'node:fs';
import type { Config } from '../../../shared/config/schema.ts';
import { sagemakerArn } from '../../../shared/domain/arn.ts';
import { accountScope, type Scope } from '../../../shared/domain/scope.ts';
import { NO_RECORDS, type RecordedUses } from '../../../shared/events/recorded-uses.ts';
import type { OrganizationFact } from '../../../shared/facts/account-evidence.ts';
import type { Facts, PrincipalFact } from '../../../shared/facts/facts.ts';
import { type Directory, identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import { administratorAnswer } from '../../../shared/iam/sets/questions.ts';
import { sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import type { Json } from '../../../shared/json/json.ts';
import { pipelineUse } from '../../../shared/needs/pipeline-use.ts';
import {
  jsonGetReads,
  noUses,
  type Roster,
  rosterBuilder,
  type UnreadUse,
} from '../../../shared/needs/roster.ts';
import type { OrganizationPolicies } from '../../../shared/reader/reader.ts';
import { casesFolder } from './cases.ts';
import { definitionOf } from './control-cases.ts';

export const SCOPE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

/** The same account, as its users and roles have it. */
export const ACCOUNT_SCOPE = accountScope(SCOPE);

/** What a case states about a principal: its policies, tags and trust policy, and the account's pipelines. */
export type Stated = {
  arn?: string;
  allow?: readonly object[];
  boundary?: readonly object[];
  /** Managed policies that are attached, by ARN. */
  attached?: Readonly<Record<string, Json>>;
  /** Inline policies of the groups of a user, by the group's name. */
  groups?: Readonly<Record<string, readonly object[]>>;
  /** Managed policies that are attached to the groups of a user, by the group’s name and the policy’s ARN. */
  attachedToGroups?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** Inline policies of groups without users, by the group's name. */
  emptyGroups?: Readonly<Record<string, readonly object[]>>;
  /** Versions of managed policies that are not in force, by the policy’s ARN. */
  otherVersions?: Readonly<Record<string, Json>>;
  trust?: Json;
  tags?: Readonly<Record<string, string>>;
  /** When the role was last used, and how many instance profiles hold it. */
  lastUsed?: string;
  instanceProfiles?: number;
  /** When the principal makes its requests. */
  actsAt?: string;
  /** The Region in which IAM saw a role last. */
  lastUsedIn?: string;
  isGoverned?: boolean;
  /** Pipelines of the account by name: their execution role and steps. */
  pipelines?: Readonly<Record<string, { roleArn?: string; steps: readonly object[]; parameters?: object }>>;
  /** The roles of the account as steps on EMR name them; not known without it. */
  named?: { roles?: Readonly<Record<string, string>>; profiles?: Readonly<Record<string, string>> };
  buckets?: Readonly<Record<string, Json | null>>;
  keys?: Readonly<Record<string, Json>>;
  /** The ids of the keys behind aliases. */
  aliases?: Readonly<Record<string, string>>;
  organization?: OrganizationPolicies;
  administrators?: readonly string[];
  /** Other principals that the configuration names as creators, by ARN, with their statements. */
  creators?: Readonly<Record<string, readonly object[]>>;
  /** Other users and roles of the account, by ARN. */
  others?: Readonly<Record<string, Omit<Stated, 'arn' | 'others'>>>;
  /** Roles of which it is not known whether they are administrators. */
  perhapsAdministrators?: readonly string[];
  /** Pipelines that cannot be read and may use the role. */
  unread?: readonly UnreadUse[];
  config?: Partial<Config>;
  /** What CloudTrail records show of the principal. */
  recorded?: RecordedUses;
  /** Where the account is; `SCOPE` without it. */
  scope?: Scope;
};

export const ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';

/** The facts about a role or user, made from real policy documents and definitions. */
export const principalFacts = (stated: Stated): Partial<Facts> => {
  const { arn = ROLE, allow = [], boundary, attached = {}, groups = {}, trust, tags = {} } = stated;
  const { attachedToGroups = {} } = stated;
  const scope = stated.scope ?? SCOPE;
  const kind = arn.includes(':user/') ? 'User' : 'Role';
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const details = {
    [`${kind}DetailList`]: [
      {
        [`${kind}Name`]: name,
        Arn: arn,
        [`${kind}PolicyList`]:
          allow.length > 0
            ? [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: allow } }]
            : [],
        ...(kind === 'Role' && { AssumeRolePolicyDocument: trust ?? TRUST }),
        ...((stated.lastUsedIn || stated.lastUsed) && {
          RoleLastUsed: {
            LastUsedDate: stated.lastUsed ?? '2026-11-20T10:00:00+00:00',
            ...(stated.lastUsedIn && { Region: stated.lastUsedIn }),
          },
        }),
        ...(boundary && { PermissionsBoundary: { PermissionsBoundaryArn: BOUNDARY } }),
        ...(stated.instanceProfiles !== undefined && {
          InstanceProfileList: Array.from({ length: stated.instanceProfiles }, () => ({})),
        }),
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        AttachedManagedPolicies: Object.keys(attached).map((PolicyArn) => ({ PolicyArn })),
        GroupList: [...Object.keys(groups), ...Object.keys(attachedToGroups)],
      },
    ],
    GroupDetailList: groupDetails({ ...groups, ...attachedToGroups }, attachedToGroups),
    Policies: [
      ...Object.entries(attached),
      ...Object.values(attachedToGroups).flatMap((each) => Object.entries(each)),
      ...(boundary ? [[BOUNDARY, { Version: '2012-10-17', Statement: boundary }] as const] : []),
    ].map(([Arn, Document]) => ({ Arn, PolicyVersionList: [{ IsDefaultVersion: true, Document }] })),
  };
  const [read] = identitiesOf(details as unknown as Json).identities;
  if (!read) throw new Error(`${arn} is no role or user`);
  const { actsAt } = stated;
  const identity = actsAt === undefined ? read : { ...read, principal: { ...read.principal, actsAt } };
  const roster = rosterOf(stated);
  const uses = { ...(roster.roles.get(arn) ?? noUses(arn)), unread: stated.unread ?? [] };
  const organization = organizationFact(stated.organization ?? { scps: [], rcps: [] });
  const policies = { ...identity.policies, ...(stated.organization && organization.layers) };
  const principal: PrincipalFact = {
    identity,
    policies,
    scope: accountScope(scope),
    administrator: administratorAnswer(policies, identity.principal, sharedWork()),
    isGoverned: stated.isGoverned ?? true,
  };
  const index = (document: Json, of: string) =>
    indexPolicies([readPolicy(document, { name: `policy of ${of}`, kind: 'resource' })]);
  const resourcePolicies = {
    buckets: new Map(
      Object.entries(stated.buckets ?? {}).map(([bucket, document]) => [
        bucket,
        document === null ? undefined : index(document, `bucket ${bucket}`),
      ]),
    ),
    keys: new Map(Object.entries(stated.keys ?? {}).map(([key, document]) => [key, index(document, key)])),
    aliases: new Map(Object.entries(stated.aliases ?? {})),
  };
  return {
    principal,
    uses,
    recorded: stated.recorded ?? NO_RECORDS,
    roster,
    resourcePolicies,
    creators: [
      principal,
      ...Object.entries(stated.creators ?? {}).flatMap(([other, statements]) => {
        const { principal: of } = principalFacts({ arn: other, allow: statements });
        return of ? [of] : [];
      }),
    ],
    principals: [
      principal,
      ...Object.entries(stated.others ?? {}).flatMap(
        ([other, more]) => principalFacts({ ...more, arn: other }).principal ?? [],
      ),
    ],
    directory: directoryOf(stated),
    administrators: new Map([
      ...(stated.administrators ?? []).map((arn) => [arn, 'yes'] as const),
      ...(stated.perhapsAdministrators ?? []).map((arn) => [arn, 'unknown'] as const),
    ]),
    trust: { roleArn: arn, identity, scope: accountScope(scope) },
    isolation: { of: 'role', principal, uses, resourcePolicies },
    exceptionSubject: {
      of: 'role',
      principal,
      needs: jsonGetReads(uses),
      unread: uses.unread,
      organization,
      readers: [arn, ...Object.keys(stated.others ?? {})]
        .filter((each) => jsonGetReads(roster.roles.get(each) ?? noUses(each)).length > 0)
        .toSorted(),
    },
  };
};

const groupDetails = (
  groups: Readonly<Record<string, readonly object[] | object>>,
  attached: NonNullable<Stated['attachedToGroups']>,
): object[] =>
  Object.entries(groups).map(([GroupName, Statement]) => ({
    GroupName,
    Arn: `arn:aws:iam::111122223333:group/${GroupName}`,
    GroupPolicyList: Array.isArray(Statement)
      ? [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }]
      : [],
    AttachedManagedPolicies: Object.keys(attached[GroupName] ?? {}).map((PolicyArn) => ({ PolicyArn })),
  }));

/** What IAM stores besides the principals: their groups and further ones, and versions that are not in force. */
const directoryOf = ({ groups, emptyGroups, otherVersions = {}, others = {} }: Stated): Directory => {
  const users = Object.values(others);
  const attached = Object.assign({}, ...users.map(({ attachedToGroups }) => attachedToGroups));
  const inline = Object.assign({}, groups, emptyGroups, ...users.map((each) => each.groups));
  const policies = Object.values(attached as NonNullable<Stated['attachedToGroups']>);
  return identitiesOf({
    GroupDetailList: groupDetails({ ...attached, ...inline }, attached),
    Policies: [
      ...policies.flatMap((each) => Object.entries(each)).map((each) => [each, true] as const),
      ...Object.entries(otherVersions).map((each) => [each, false] as const),
    ].map(([[Arn, Document], IsDefaultVersion]) => ({
      Arn,
      PolicyVersionList: [{ IsDefaultVersion, Document }],
    })),
  } as unknown as Json).directory;
};

const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';

/** The trust policy that an execution role should have. */
export const TRUST: Json = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    },
  ],
};

/** A trust policy that lets a service, an account or a role assume a role. */
export const trusting = (...principals: readonly string[]): Json => ({
  Version: '2012-10-17',
  Statement: principals.map((each) => ({
    Effect: 'Allow',
    Principal: each.endsWith('.amazonaws.com') ? { Service: each } : { AWS: each },
    Action: 'sts:AssumeRole',
  })),
});

/** The roster of these pipelines. */
export const rosterOf = ({
  pipelines = {},
  config = {},
  scope = SCOPE,
  named,
}: Pick<Stated, 'pipelines' | 'config' | 'scope' | 'named'>): Roster => {
  const { add, roster } = rosterBuilder();
  const roles = named && {
    roles: new Map(Object.entries(named.roles ?? {})),
    profiles: new Map(Object.entries(named.profiles ?? {})),
  };
  for (const [name, { roleArn = ROLE, steps, parameters = {} }] of Object.entries(pipelines)) {
    const arn = sagemakerArn(scope, `pipeline/${name}`);
    const definition = definitionOf(steps, parameters as Readonly<Record<string, unknown>>);
    add(pipelineUse({ name, arn, roleArn }, definition, scope, { version: 1, ...config }, roles));
  }
  return roster;
};

/** The SCPs as documents and as layers. */
export const organizationFact = (policies: OrganizationPolicies): OrganizationFact => {
  const level =
    (kind: 'scp' | 'rcp') =>
    ({ policies: of, target }: OrganizationPolicies['scps'][number]) =>
      indexPolicies(
        of.map(({ name, document }) => readPolicy(document, { name: `${name} (${target})`, kind })),
      );
  const { scps, rcps, managementAccount } = policies;
  const layers = { scps: scps.map(level('scp')), rcps: rcps.map(level('rcp')), memberAccount: SCOPE.account };
  return {
    policies,
    layers: { ...layers, ...(managementAccount !== undefined && { managementAccount }) },
  };
};

/** One level of SCPs that allows everything except what these statements deny. */
export const scpsOf = (...statements: readonly object[]): OrganizationPolicies => ({
  scps: [
    {
      target: 'r-abcd',
      policies: [
        {
          name: 'Limits',
          document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, ...statements],
          } as unknown as Json,
        },
      ],
    },
  ],
  rcps: [],
});

/** A pipeline from a definition file with its parameters' defaults, as if made for the tests' account. */
export const pipelineIn = (path: string): { steps: readonly object[]; parameters: object } => {
  const { Steps, Parameters = [] } = JSON.parse(
    readFileSync(path, 'utf8').replaceAll('123456789012', SCOPE.account),
  );
  const parameters = Object.fromEntries(
    Parameters.map(({ Name, DefaultValue = null }: Record<string, unknown>) => [Name, DefaultValue]),
  );
  return { steps: Steps, parameters };
};

/** AWS managed policies from the shared cases, by ARN; none if the cases are missing. */
export const managedPolicies = (...names: readonly string[]): Record<string, Json> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const path = casesFolder('policies/managed', `${name}.json`);
      if (path === undefined) return [];
      const { Document } = JSON.parse(readFileSync(path, 'utf8')).PolicyVersion;
      return [[`arn:aws:iam::aws:policy/${name}`, Document]];
    }),
  );
