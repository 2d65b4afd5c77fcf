import type { Config } from '../../../shared/config/schema.ts';
import type { Facts, OrganizationFact, PrincipalFact } from '../../../shared/facts/facts.ts';
import { pipelineUse } from '../../../shared/facts/pipeline-use.ts';
import type { OrganizationPolicies } from '../../../shared/facts/reader.ts';
import { noUses, type Roster, rosterBuilder } from '../../../shared/facts/roster.ts';
import { identitiesOf } from '../../../shared/iam/authorization-details.ts';
import { indexPolicies } from '../../../shared/iam/policy-index.ts';
import { isAdministrator } from '../../../shared/iam/reach.ts';
import { readPolicy } from '../../../shared/iam/read-policy.ts';
import type { Json } from '../../../shared/json.ts';
import { definitionOf } from './control-cases.ts';

export const SCOPE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

/** What a case states of a principal: its policies' statements, tags and trust, and the pipelines of the account. */
export type Stated = {
  arn?: string;
  allow?: readonly object[];
  boundary?: readonly object[];
  trust?: Json;
  tags?: Readonly<Record<string, string>>;
  isGoverned?: boolean;
  /** Pipelines of the account by name: their execution role and steps. */
  pipelines?: Readonly<Record<string, { roleArn?: string; steps: readonly object[]; parameters?: object }>>;
  buckets?: Readonly<Record<string, Json | null>>;
  keys?: Readonly<Record<string, Json>>;
  organization?: OrganizationPolicies;
  administrators?: readonly string[];
  config?: Partial<Config>;
};

export const ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';

/** The facts of a role or user in an account, made of real policy documents and definitions. */
export const principalFacts = (stated: Stated): Partial<Facts> => {
  const { arn = ROLE, allow = [], boundary, trust, tags = {} } = stated;
  const kind = arn.includes(':user/') ? 'User' : 'Role';
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const details = {
    [`${kind}DetailList`]: [
      {
        [`${kind}Name`]: name,
        Arn: arn,
        [`${kind}PolicyList`]: [
          { PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: allow } },
        ],
        ...(kind === 'Role' && { AssumeRolePolicyDocument: trust ?? TRUST }),
        ...(boundary && { PermissionsBoundary: { PermissionsBoundaryArn: BOUNDARY } }),
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      },
    ],
    Policies: boundary
      ? [
          {
            Arn: BOUNDARY,
            PolicyVersionList: [
              { IsDefaultVersion: true, Document: { Version: '2012-10-17', Statement: boundary } },
            ],
          },
        ]
      : [],
  };
  const [identity] = identitiesOf(details as unknown as Json).identities;
  if (!identity) throw new Error(`${arn} is no role or user`);
  const roster = rosterOf(stated);
  const uses = roster.roles.get(arn) ?? noUses(arn);
  const organization = organizationFact(stated.organization ?? { scps: [], rcps: [] });
  const policies = { ...identity.policies, ...(stated.organization && organization.layers) };
  const principal: PrincipalFact = {
    identity,
    policies,
    scope: SCOPE,
    isAdministrator: isAdministrator(policies, identity.principal),
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
  };
  const reads = uses.needs.filter((need) => need.kind === 'json-get');
  return {
    principal,
    uses,
    roster,
    resourcePolicies,
    administrators: new Set(stated.administrators ?? []),
    trust: { roleArn: arn, identity, scope: SCOPE },
    isolation: { of: 'role', principal, uses, resourcePolicies },
    exceptionSubject: { of: 'role', principal, needs: reads, organization },
  };
};

const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';

/** As an execution role should have it. */
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

/** What the pipelines ask of the account. */
export const rosterOf = ({ pipelines = {}, config = {} }: Pick<Stated, 'pipelines' | 'config'>): Roster => {
  const { add, roster } = rosterBuilder();
  for (const [name, { roleArn = ROLE, steps, parameters = {} }] of Object.entries(pipelines)) {
    const arn = `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`;
    const definition = definitionOf(steps, parameters as Readonly<Record<string, unknown>>);
    add(pipelineUse({ name, arn, roleArn }, definition, SCOPE, { version: 1, ...config }));
  }
  return roster;
};

/** The SCPs as the auditor holds them. */
export const organizationFact = (policies: OrganizationPolicies): OrganizationFact => {
  const level = ({ policies: of, target }: OrganizationPolicies['scps'][number]) =>
    indexPolicies(
      of.map(({ name, document }) => readPolicy(document, { name: `${name} (${target})`, kind: 'scp' })),
    );
  return { policies, layers: { scps: policies.scps.map(level), rcps: policies.rcps.map(level) } };
};
