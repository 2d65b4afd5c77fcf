import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { keptIndex } from '../../../shared/account-index/kept-index.ts';
import { pipelineEntries } from '../../../shared/account-index/pipeline-entries.ts';
import { principalEntries } from '../../../shared/account-index/principal-entries.ts';
import { FORM, type IndexStore } from '../../../shared/account-index/store.ts';
import { type AuditContext, auditResource } from '../../../shared/audit/audit-resource.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { accountConfig } from '../../../shared/facts/account-config.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { indexedEvidence } from '../../../shared/facts/indexed-evidence.ts';
import type { Json } from '../../../shared/json/json.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import {
  bucketRequest,
  pipelineRequest,
  principalRequest,
} from '../../../shared/requests/resource-requests.ts';
import { listedIndex } from '../../support/builders/listed-index.ts';
import { sampleAccounts, THE_EXAMPLE } from '../../support/builders/sample-accounts.ts';

const NOW = () => new Date('2026-11-24T10:00:00.000Z');

const detailsIn = (folder: string): Json =>
  JSON.parse(readFileSync(join(folder, 'iam/account-authorization-details.json'), 'utf8'));

const indexOf = async (reader: Reader, config: Config, details: Json): Promise<IndexStore> => {
  const asOf = NOW().valueOf();
  const store = await listedIndex(principalEntries(details, asOf), asOf);
  const pipelines = await reader.listPipelines();
  for (const { name } of pipelines.ok ? pipelines.value : []) {
    const [request] = [pipelineRequest(name, reader.scope)];
    const { use } = await auditResource(request, contextOf(reader, config));
    if (!use) continue;
    const arn = request.resource.arn;
    for (const [kind, entries] of Object.entries(pipelineEntries(arn, JSON.parse(JSON.stringify(use)), asOf)))
      await store.merge(kind as 'pipelines', entries, true);
  }
  await store.writeHead({
    form: FORM,
    configuration: '',
    principals: asOf,
    pipelines: { [reader.scope.region]: asOf },
  });
  return store;
};

const contextOf = (
  reader: Reader,
  config: Config,
  evidence = accountEvidence(reader, config),
): AuditContext => ({
  reader,
  config,
  controls: CONTROLS,
  now: NOW,
  recallExecution: async () => undefined,
  evidence,
});

const withIndex = async (reader: Reader, config: Config, details: Json): Promise<AuditContext> => {
  const index = keptIndex({
    store: await indexOf(reader, config, details),
    now: NOW,
    configuration: '',
    regions: [reader.scope.region],
    maxAgeSeconds: 60,
  });
  const evidence = indexedEvidence(accountEvidence(reader, config), {
    index,
    config,
    readDetails: async () => notRead('GetRole', 'Unexpected', 'the index knows it'),
    readAsked: async () => undefined,
    now: NOW,
    onBearing: () => {},
    onMissing: async () => {
      throw new Error('there is no index');
    },
  });
  return contextOf(reader, config, evidence);
};

const sameVerdicts = async (folder: string, file: string): Promise<void> => {
  const snapshot = await openSnapshot(folder);
  if (!snapshot.ok) throw new Error(snapshot.unread.message);
  const reader = snapshot.value;
  const read = await accountConfig(
    parseConfig(
      readFileSync(file, 'utf8'),
      file,
      CONTROLS.map(({ id }) => id),
    ),
    reader,
  );
  if (!read.ok) throw new Error(read.unread.message);
  const config = read.value;
  const details = detailsIn(folder);
  const plain = contextOf(reader, config);
  const indexed = await withIndex(reader, config, details);
  const trigger = { eventId: 'e', eventName: 'PutRolePolicy', eventTime: '2026-11-24T09:00:00Z' };
  const identities = await plain.evidence.identities();
  if (!identities.ok) throw new Error('no identities');
  const buckets = await reader.listBuckets();
  const requests: AuditRequest[] = [
    ...identities.value.identities.flatMap(({ principal }) =>
      principalRequest(principal.arn, { trigger, changed: ['uses'] }),
    ),
    ...(buckets.ok ? buckets.value : []).map((name) =>
      bucketRequest(name, reader, { trigger, changed: ['policy'] }),
    ),
  ];
  for (const request of requests) {
    const one = await auditResource(request, plain);
    const other = await auditResource(request, indexed);
    const comparable = ({ observations, follow }: typeof one) => ({
      observations: observations.map(({ readAt: _readAt, ...each }) => each),
      follow,
    });
    expect(comparable(other)).toEqual(comparable(one));
  }
  expect(found(requests.length).ok).toBe(true);
};

test.each(sampleAccounts())('%s', (_, folder, file) => sameVerdicts(folder, file));

const roleWith = (RoleName: string, Principal: Json, ...Statement: Json[]): Json => ({
  RoleName,
  Arn: `arn:aws:iam::111122223333:role/${RoleName}`,
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' },
  },
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }],
});
const LAMBDA_ADMIN = roleWith(
  'deploys-functions',
  { Service: 'lambda.amazonaws.com' },
  { Effect: 'Allow', Action: '*', Resource: '*' },
);
const releaseOf = (Principal: Json): Json =>
  roleWith(
    'from-outside',
    Principal,
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::111122223333:role/deploys-functions' },
    { Effect: 'Allow', Action: ['lambda:CreateFunction', 'lambda:InvokeFunction'], Resource: '*' },
  );
const provider = (of: string): Json => ({ Federated: `arn:aws:iam::111122223333:${of}` });

type Details = Record<'RoleDetailList' | 'UserDetailList' | 'GroupDetailList' | 'Policies', Json[]>;

const UNREADABLE: Json = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'logs:PutLogEvents',
    Resource: '*',
    Condition: { Bogus: { a: 'b' } },
  },
};
const UNREAD_ARN = 'arn:aws:iam::111122223333:policy/unread';
const UNREAD_POLICY: Json = {
  PolicyName: 'unread',
  Arn: UNREAD_ARN,
  PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: UNREADABLE }],
};
const ATTACHED: Json = [{ PolicyName: 'unread', PolicyArn: UNREAD_ARN }];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A snapshot of the example with other principals gives the same verdicts. */
const sameVerdictsWith = async (change: (details: Details) => Partial<Details>): Promise<void> => {
  const copy = mkdtempSync(join(tmpdir(), 'same-verdicts-'));
  folders.push(copy);
  cpSync(THE_EXAMPLE.snapshot, copy, { recursive: true });
  const details = detailsIn(copy) as Details;
  writeFileSync(
    join(copy, 'iam/account-authorization-details.json'),
    JSON.stringify({ ...details, ...change(details) }),
  );
  await sameVerdicts(copy, THE_EXAMPLE.configuration);
};

/** Roles that real accounts have and the examples do not. */
test.each<[string, (roles: Json[]) => Json[]]>([
  [
    'a role for a SAML provider',
    (roles) => [...roles, LAMBDA_ADMIN, releaseOf(provider('saml-provider/sso'))],
  ],
  [
    'a role for OpenID Connect',
    (roles) => [...roles, LAMBDA_ADMIN, releaseOf(provider('oidc-provider/token.example.com'))],
  ],
  ['a role for the account', (roles) => [...roles, LAMBDA_ADMIN, releaseOf({ AWS: '111122223333' })]],
  ['a role for anybody', (roles) => [...roles, LAMBDA_ADMIN, releaseOf('*')]],
  [
    'a role with an inline policy that nobody can read, beside one that can be read',
    ([first, ...roles]) => [
      {
        ...(first as object),
        RolePolicyList: [
          ...((first as { RolePolicyList?: Json[] }).RolePolicyList ?? []),
          { PolicyName: 'unread', PolicyDocument: UNREADABLE },
        ],
      },
      ...roles,
    ],
  ],
])('an account with %s', (_, change) =>
  sameVerdictsWith(({ RoleDetailList }) => ({ RoleDetailList: change(RoleDetailList) })),
);

/** All roles, each with this besides. */
const rolesWith = ({ RoleDetailList }: Details, more: { [name: string]: Json }): Json[] =>
  RoleDetailList.map((role) => ({ ...(role as object), ...more }));

const USER: Json = {
  UserName: 'releases',
  Arn: 'arn:aws:iam::111122223333:user/releases',
  UserPolicyList: [
    {
      PolicyName: 'own',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' },
          { Effect: 'Allow', Action: ['lambda:CreateFunction', 'lambda:InvokeFunction'], Resource: '*' },
        ],
      },
    },
  ],
  GroupList: ['all'],
};
const groupWith = (of: { [name: string]: Json }): Json => ({
  GroupName: 'all',
  Arn: 'arn:aws:iam::111122223333:group/all',
  ...of,
});

/** Who has a policy that nobody can read may be allowed everything, so that looks at others ask everything of him. */
test.each<[string, (details: Details) => Partial<Details>]>([
  [
    'a managed policy that nobody can read',
    (details) => ({
      RoleDetailList: rolesWith(details, { AttachedManagedPolicies: ATTACHED }),
      Policies: [...details.Policies, UNREAD_POLICY],
    }),
  ],
  [
    'a managed policy of which the listing tells nothing',
    (details) => ({ RoleDetailList: rolesWith(details, { AttachedManagedPolicies: ATTACHED }) }),
  ],
  [
    'a boundary that nobody can read',
    (details) => ({
      RoleDetailList: rolesWith(details, { PermissionsBoundary: { PermissionsBoundaryArn: UNREAD_ARN } }),
      Policies: [...details.Policies, UNREAD_POLICY],
    }),
  ],
  [
    'a group with an inline policy that nobody can read',
    (details) => ({
      UserDetailList: [...details.UserDetailList, USER],
      GroupDetailList: [
        groupWith({ GroupPolicyList: [{ PolicyName: 'unread', PolicyDocument: UNREADABLE }] }),
      ],
    }),
  ],
  [
    'a group with a managed policy that nobody can read',
    (details) => ({
      UserDetailList: [...details.UserDetailList, USER],
      GroupDetailList: [groupWith({ AttachedManagedPolicies: ATTACHED })],
      Policies: [...details.Policies, UNREAD_POLICY],
    }),
  ],
  [
    'a group of which the listing tells nothing',
    (details) => ({ UserDetailList: [...details.UserDetailList, USER], GroupDetailList: [] }),
  ],
])('an account whose principals have %s', (_, change) => sameVerdictsWith(change));
