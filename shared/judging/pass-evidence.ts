import type { Config } from '../config/schema.ts';
import { stepPointer } from '../definition/parse.ts';
import type { Evidence } from '../domain/finding.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import type { SomeFacts } from '../facts/gathered.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import type { RoleUses } from '../needs/roster.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { ConfigList, Control } from './control.ts';
import { satisfiedBy } from './satisfied-by.ts';
import { type Looked, MOST_PLACES as MOST } from './satisfying-statements.ts';

/**
 * What a pass rests on: first what satisfied the control, then what was found in each fact and list that it needs, and where
 * a person can look it up.
 */
export const passEvidence = (
  control: Pick<Control, 'satisfiedBy' | 'requires' | 'needs' | 'title'>,
  facts: SomeFacts,
  config: Config,
  subject: string | undefined,
): Evidence[] => {
  const satisfied = satisfiedBy(control, facts, config, subject);
  const told = new Set(satisfied.map(({ at }) => at));
  const looked = [
    ...control.requires.flatMap((name) => lookedAt(name, facts, subject)),
    ...control.needs.map((list) => ({ at: list, found: listFound(list, config) })),
  ];
  // Without facts and lists of its own, a control judges the configuration.
  const read = looked.length > 0 ? looked : [{ at: 'prefixes', found: listFound('prefixes', config) }];
  return [...satisfied, ...read.filter(({ at }) => !told.has(at))].map((place) => ({
    ...place,
    expected: control.title,
  }));
};

const lookedAt = <F extends FactName>(name: F, facts: SomeFacts, subject: string | undefined): Looked[] => {
  const fact = facts[name];
  return fact?.ok ? LOOKED_AT[name](fact.value as Facts[F], subject) : [];
};

const LOOKED_AT: { readonly [F in FactName]: (fact: Facts[F], subject: string | undefined) => Looked[] } = {
  pipeline: ({ name, roleArn }) =>
    name === undefined && roleArn === undefined
      ? []
      : [
          {
            at: 'DescribePipeline',
            found: `pipeline ${name ?? 'without a name'} under ${roleArn ?? 'a role that is not told'}`,
          },
        ],
  definition: ({ steps }, subject) => {
    const own = subject === undefined ? [] : steps.filter(({ name }) => name === subject);
    return own.length === 0
      ? [
          {
            at: '/Steps',
            found: `${steps.length} steps: ${listed(
              steps.map(({ name }) => name),
              MOST,
            )}`,
          },
        ]
      : own
          .slice(0, MOST)
          .map((step) => ({ at: stepPointer(step), found: `${step.typeText} step ${step.name}` }));
  },
  // The definition beside them tells where they were looked for.
  mistakes: () => [],
  overrides: (values) => {
    const names = Object.keys(values);
    return names.length === 0
      ? []
      : [{ at: 'ListPipelineParametersForExecution', found: `values of ${listed(names, MOST)}` }];
  },
  job: ({ kind, arn, roleArns }) => [
    { at: `${kind} ${arn}`, found: `roles: ${listed(roleArns, MOST) || 'none'}` },
  ],
  declaration: (declared) =>
    declared === null
      ? []
      : [
          {
            at: 'DescribePipelineDefinitionForExecution',
            found: `execution ${declared.executionId} of ${declared.pipelineName}: ${listed(
              declared.steps.map(({ name }) => name),
              MOST,
            )}`,
          },
        ],
  imageBucket: ({ name, ...about }) => [
    {
      at: `GetBucketCors of ${name}`,
      found: about.because === undefined ? 'no image bucket' : `${about.cors.length} rules`,
    },
  ],
  imageSource: ({ name, inputs }) => [
    {
      at: `bucket ${name}`,
      found: `images for ${
        listed(
          inputs.map(({ pipelineName, step }) => `${pipelineName} › ${step}`),
          MOST,
        ) || 'no step'
      }`,
    },
  ],
  inputs: (inputs) =>
    inputs.of === 'role'
      ? [{ at: 'pipelines of the account', found: usesFound(inputs.uses) }]
      : [
          {
            at: `policy of bucket ${inputs.name}`,
            found: `${inputs.policy ? policiesFound(inputs.policy) : 'none'}; files: ${listed(
              inputs.files.map(({ resource }) => resource),
              MOST,
            )}`,
          },
        ],
  principal: ({ identity, policies }) => [
    { at: `policies of ${identity.principal.arn}`, found: policiesFound(identity.policies.identity) },
    ...(policies.boundary ? [{ at: 'permissions boundary', found: policiesFound(policies.boundary) }] : []),
    ...(policies.scps?.length ? [{ at: 'SCPs', found: listed(policies.scps.map(policiesFound), MOST) }] : []),
  ],
  trust: ({ roleArn, identity }) => [
    {
      at: identity?.trust?.name ?? `trust policy of ${roleArn}`,
      found: `${identity?.trust?.statements.length ?? 0} statements`,
    },
  ],
  uses: (uses) => [{ at: 'pipelines of the account', found: usesFound(uses) }],
  recorded: ({ records, uses }) =>
    records === 0 ? [] : [{ at: 'CloudTrail', found: `${records} records, ${uses.length} uses` }],
  roster: ({ pipelines }) => [
    {
      at: 'ListPipelines',
      found: `${pipelines.length} pipelines: ${listed(
        pipelines.map(({ name }) => name),
        MOST,
      )}`,
    },
  ],
  administrators: (administrators) => [
    { at: 'GetAccountAuthorizationDetails', found: `${administrators.size} administrators` },
  ],
  principals: (principals) => [
    { at: 'GetAccountAuthorizationDetails', found: `${principals.length} users and roles` },
  ],
  directory: ({ groups }) => [{ at: 'GetAccountAuthorizationDetails', found: `${groups.length} groups` }],
  creators: (creators) => [
    {
      at: 'roles.creators',
      found: `${creators.length} in the account: ${listed(
        creators.map(({ identity }) => identity.principal.arn),
        MOST,
      )}`,
    },
  ],
  resourcePolicies: ({ buckets, keys }) => {
    const names = [...buckets.keys(), ...keys.keys()];
    return names.length === 0 ? [] : [{ at: 'policies of buckets and keys', found: listed(names, MOST) }];
  },
  exceptionSubject: (subject) => [
    {
      at:
        subject.organization.policies.toldAt === undefined
          ? 'ListPoliciesForTarget'
          : `policies of the organization as of ${subject.organization.policies.toldAt}`,
      found: listed(
        subject.organization.policies.scps.map(
          ({ target, policies }) =>
            `${target}: ${listed(
              policies.map(({ name }) => name),
              MOST,
            )}`,
        ),
        MOST,
      ),
    },
    ...(subject.of === 'role'
      ? [{ at: subject.principal.identity.principal.arn, found: 'the role that reads for JsonGet' }]
      : []),
  ],
  isolation: (isolation) =>
    isolation.of === 'role'
      ? [
          {
            at: `policies of ${isolation.principal.identity.principal.arn}`,
            found: policiesFound(isolation.principal.identity.policies.identity),
          },
          { at: 'pipelines of the account', found: usesFound(isolation.uses) },
        ]
      : isolation.steps
          .slice(0, MOST)
          .map(({ step, pointer, roleArn }) => ({ at: pointer, found: `${step} under ${roleArn}` })),
  version: ({ pipelineName, versionId, toldBy }) => [
    { at: toldBy, found: `version ${versionId} of ${pipelineName}` },
  ],
  versions: (versions) => [
    {
      at: 'ListPipelineVersions',
      found: listed(
        versions.map(({ id, aliases }) => [id, ...aliases].join(' ')),
        MOST,
      ),
    },
  ],
  shares: (shares) => [
    {
      at: 'GetResourceShareAssociations',
      found:
        shares.length === 0
          ? 'no share holds the pipeline'
          : `shares: ${listed(
              shares.map(({ arn }) => arn),
              MOST,
            )}`,
    },
  ],
  startRole: ({ pipelineArn, roleArn, toldBy }) => [{ at: toldBy, found: `${roleArn} for ${pipelineArn}` }],
  trails: ({ trails, unlisted = [] }) => [
    {
      at: 'DescribeTrails',
      found: listed(
        trails.map(({ arn }) => arn),
        MOST,
      ),
    },
    ...unlisted.map(({ region, unread: { code } }) => ({
      at: `DescribeTrails in ${region}`,
      found: `not told: ${code}`,
    })),
  ],
  coverage: ({ scopes }) =>
    scopes.map(({ account, region }) => ({
      at: `account ${account}, Region ${region}`,
      found: 'it is read',
    })),
  configurationFile: ({ file: { suppressions = [], overrides = [] } }) => [
    {
      at: 'suppressions',
      found: `${[suppressions, ...overrides.map((each) => each.suppressions ?? [])].flat().length} suppressions`,
    },
  ],
  gaps: (gaps) => [{ at: 'what was read', found: `${gaps.length} gaps` }],
};

const policiesFound = (index: PolicyIndex | undefined): string =>
  listed(
    index?.policies.map(({ name, statements }) => `${name} (${counted(statements.length, 'statement')})`) ??
      [],
    MOST,
  ) || 'none';

const usesFound = ({ executes, runsSteps, needs }: RoleUses): string => {
  const names = (refs: RoleUses['executes']) =>
    listed(
      refs.map(({ name }) => name),
      MOST,
    ) || 'none';
  return `run under it: ${names(executes)}; name it for a step: ${names(runsSteps)}; needs: ${needs.length}`;
};

const listFound = (list: ConfigList, { prefixes, roles, versionFloors, scpException }: Config): string => {
  switch (list) {
    case 'prefixes':
      return listed(prefixes?.map(({ prefix }) => prefix) ?? [], MOST);
    case 'roles.creators':
      return `${roles?.creators?.length ?? 0} entries`;
    case 'roles.steps':
      return `${(roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0)} entries of roles.steps and roles.execution`;
    case 'versionFloors':
      return listed(versionFloors?.map(({ pipeline, minimum }) => `${pipeline} from ${minimum}`) ?? [], MOST);
    case 'scpException':
      return `${scpException?.tagKey}=${scpException?.tagValue}`;
  }
};
