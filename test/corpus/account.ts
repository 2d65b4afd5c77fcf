import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../shared/config/schema.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';

/** A statement of a policy. */
export type Statement = {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Principal?: Json;
  Condition?: JsonObject;
};

export type Document = { Version: string; Statement: Statement[] };

/** A user or role of a corpus account, with inline policies by name and attached managed policies. */
export type Principal = {
  arn: string;
  policies: Record<string, Document>;
  managed: string[];
  boundary?: string;
  trust?: Document;
  tags: Record<string, string>;
  /** The instance profile that holds the role, by its name. */
  profile?: string;
};

export type Pipeline = {
  name: string;
  roleArn: string;
  definition: JsonObject;
  versions: number[];
  /** The definitions of earlier versions that differ from the present one. */
  earlier?: Record<number, JsonObject>;
  /** The aliases of versions that have some. */
  aliases?: Record<number, string[]>;
};

export type Bucket = {
  policy: Document | null;
  cors: Json | null;
  tags: Record<string, string>;
};

export type ScpLevel = { target: string; policies: { Name: string; Content: Document }[] };

/** A resource share of RAM, as far as its values differ from the usual ones. */
export type Share = {
  id: string;
  status?: string;
  membersOnly?: true;
  /** The account that owns it, if that is another one. */
  owner?: string;
  /** Names of pipelines, or ARNs. */
  pipelines: (string | { arn: string; status?: string })[];
  principals: { id: string; status?: string; external?: boolean }[];
  /** AWS's own by their names, or the actions of one of the customer; without actions, its content was not read. */
  permissions: (string | { actions?: string[] })[];
};

/** An account that the corpus builds, breaks and mends. It is written as a snapshot or loaded into an emulator. */
export type Account = {
  account: string;
  region: string;
  principals: Principal[];
  managed: Record<string, Document>;
  pipelines: Pipeline[];
  buckets: Record<string, Bucket>;
  keys: Record<string, Document>;
  scps: ScpLevel[];
  shares: Share[];
  config: Config;
};

/** The principal with that name (the last part of its ARN). */
export const principalNamed = (account: Account, name: string): Principal => {
  const principal = account.principals.find(({ arn }) => arn.endsWith(`/${name}`));
  if (!principal) throw new Error(`the account has no ${name}`);
  return principal;
};

export const pipelineNamed = (account: Account, name: string): Pipeline => {
  const pipeline = account.pipelines.find((each) => each.name === name);
  if (!pipeline) throw new Error(`the account has no pipeline ${name}`);
  return pipeline;
};

/** The id of a key that the account names by its id or by an alias. */
const keyId = (key: string): string => key.replace('alias/', 'key-of-');

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** The files of the snapshot, by path. */
const snapshotFiles = (account: Account): Map<string, Json> => {
  const { region, principals, managed, pipelines, buckets, keys, scps, shares } = account;
  const files = new Map<string, Json>();
  files.set('caller-identity.json', {
    UserId: 'AIDA',
    Account: account.account,
    Arn: `arn:aws:iam::${account.account}:user/auditor`,
    Region: region,
  });
  files.set('iam/account-authorization-details.json', authorizationDetails(principals, managed));
  for (const { name, roleArn, definition, versions, earlier = {}, aliases = {} } of pipelines) {
    const arn = `arn:aws:sagemaker:${region}:${account.account}:pipeline/${name}`;
    files.set(`sagemaker/pipelines/${name}/pipeline.json`, {
      PipelineName: name,
      PipelineArn: arn,
      RoleArn: roleArn,
      PipelineDefinition: JSON.stringify(definition),
    });
    for (const version of versions)
      files.set(`sagemaker/pipelines/${name}/versions/${version}.json`, {
        PipelineName: name,
        PipelineArn: arn,
        RoleArn: roleArn,
        PipelineDefinition: JSON.stringify(earlier[version] ?? definition),
      });
    files.set(`sagemaker/pipelines/${name}/versions.json`, {
      PipelineVersionSummaries: versions.map((PipelineVersionId) => ({
        PipelineArn: arn,
        PipelineVersionId,
        ...(aliases[PipelineVersionId] && { PipelineVersionAliases: aliases[PipelineVersionId] }),
      })),
    });
  }
  for (const [name, { policy, cors, tags }] of Object.entries(buckets)) {
    files.set(`s3/${name}/policy.json`, policy ? { Policy: JSON.stringify(policy) } : { absent: true });
    files.set(`s3/${name}/cors.json`, cors ? { CORSRules: cors } : { absent: true });
    const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    files.set(`s3/${name}/tagging.json`, TagSet.length > 0 ? { TagSet } : { absent: true });
  }
  for (const [key, policy] of Object.entries(keys))
    files.set(`kms/${keyId(key)}/policy.json`, { PolicyName: 'default', Policy: JSON.stringify(policy) });
  const aliases = Object.keys(keys).filter((key) => key.startsWith('alias/'));
  files.set('kms/aliases.json', {
    Aliases: aliases.map((AliasName) => ({ AliasName, TargetKeyId: keyId(AliasName) })),
  });
  files.set(
    'organizations/scps.json',
    scps.map(({ target, policies }) => ({
      target,
      policies: policies.map(({ Name, Content }) => ({ Name, Content: JSON.stringify(Content) })),
    })),
  );
  files.set(
    'ram/resource-shares.json',
    shares.map((share) => shareOutputs(share, account)),
  );
  return files;
};

/** The ARN of a pipeline that a share names. */
export const sharedArn = (
  shared: Share['pipelines'][number],
  { account, region }: Pick<Account, 'account' | 'region'>,
): string =>
  typeof shared === 'string' ? `arn:aws:sagemaker:${region}:${account}:pipeline/${shared}` : shared.arn;

const shareOutputs = (
  { id, status = 'ACTIVE', membersOnly, owner, pipelines, principals, permissions }: Share,
  place: Pick<Account, 'account' | 'region'>,
): Json => {
  const owningAccountId = owner ?? place.account;
  const ofRam = `arn:aws:ram:${place.region}:${owningAccountId}`;
  const resourceShareArn = `${ofRam}:resource-share/${id}`;
  const resourceType = 'sagemaker:Pipeline';
  return {
    ResourceShare: {
      resourceShareArn,
      name: id,
      owningAccountId,
      status,
      allowExternalPrincipals: !membersOnly,
    },
    Resources: pipelines.map((shared) => ({
      resourceShareArn,
      associatedEntity: sharedArn(shared, place),
      associationType: 'RESOURCE',
      status: (typeof shared === 'object' && shared.status) || 'ASSOCIATED',
    })),
    Principals: principals.map((principal) => ({
      resourceShareArn,
      associatedEntity: principal.id,
      associationType: 'PRINCIPAL',
      status: principal.status ?? 'ASSOCIATED',
      external: principal.external ?? true,
    })),
    Permissions: permissions.map((permission) =>
      typeof permission === 'string'
        ? { arn: `arn:aws:ram::aws:permission/${permission}`, version: '1', resourceType }
        : {
            arn: `${ofRam}:permission/own`,
            version: '2',
            resourceType,
            ...(permission.actions && {
              permission: JSON.stringify({ Effect: 'Allow', Action: permission.actions }),
            }),
          },
    ),
  };
};

const profileArn = (roleArn: string, profile: string): string =>
  `${roleArn.slice(0, roleArn.indexOf(':role/'))}:instance-profile/${profile}`;

/** The output of `aws iam get-account-authorization-details`. */
export const authorizationDetails = (principals: readonly Principal[], managed: Account['managed']): Json => {
  const detail = (
    kind: 'Role' | 'User',
    { arn, policies, managed: attached, boundary, trust, tags, profile }: Principal,
  ): Json => ({
    [`${kind}Name`]: nameOf(arn),
    Arn: arn,
    [`${kind}PolicyList`]: Object.entries(policies).map(([PolicyName, PolicyDocument]) => ({
      PolicyName,
      PolicyDocument: PolicyDocument as unknown as Json,
    })),
    AttachedManagedPolicies: attached.map((PolicyArn) => ({ PolicyName: nameOf(PolicyArn), PolicyArn })),
    ...(boundary && {
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary },
    }),
    ...(kind === 'Role' && {
      AssumeRolePolicyDocument: trust as unknown as Json,
      InstanceProfileList:
        profile === undefined
          ? []
          : [
              {
                InstanceProfileName: profile,
                Arn: profileArn(arn, profile),
                Roles: [{ RoleName: nameOf(arn) }],
              },
            ],
    }),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  const are = (kind: string) => principals.filter(({ arn }) => arn.includes(`:${kind}/`));
  return {
    UserDetailList: are('user').map((principal) => detail('User', principal)),
    GroupDetailList: [],
    RoleDetailList: are('role').map((principal) => detail('Role', principal)),
    Policies: Object.entries(managed).map(([Arn, Document]) => ({
      PolicyName: nameOf(Arn),
      Arn,
      DefaultVersionId: 'v1',
      PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: Document as unknown as Json }],
    })),
    IsTruncated: false,
  };
};

/** Writes the account as a snapshot folder; `change` can remove or break files. */
export const writeSnapshot = async (
  account: Account,
  folder: string,
  change: (files: Map<string, Json | string>) => void = () => {},
): Promise<void> => {
  const files: Map<string, Json | string> = snapshotFiles(account);
  change(files);
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
};
