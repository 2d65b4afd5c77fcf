import { hasJobName } from '../../shared/authorised/step-name.ts';
import { type Config, JOB_NAME_BEGINNING } from '../../shared/config/schema.ts';
import { knownText, resolveScope, resolveText } from '../../shared/definition/expression.ts';
import { parseDefinition, type Step } from '../../shared/definition/parse.ts';
import { isJobStepType, type JobStepType, stepType } from '../../shared/definition/step-types.ts';
import { stepBaseName, stepRoles } from '../../shared/definition/step-values.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../../shared/json/json.ts';
import { inputBuckets } from '../../shared/needs/inputs.ts';
import { pipelineUse, type StepNeed } from '../../shared/needs/pipeline-use.ts';
import { groupedPolicy } from '../../shared/policies/least-policy.ts';
import { REQUIRED_CORS_DOCUMENT } from '../../shared/policies/required-cors.ts';
import type { Account, Document, Principal, Statement } from './account.ts';

/** A definition around which an account is built. */
export type Source = { name: string; definitionText: string };

const TAG = { key: 'pipelines-json-get', value: 'true' };
const FLOOR = 3;

const EC2 = 'ec2.amazonaws.com';

/** The trust policy of a role that SageMaker, and perhaps another service, assumes. EC2 does not say for whom. */
const trustOf = (services: readonly string[], account: string): Document => {
  const telling = services.filter((service) => service !== EC2);
  const trusting = (names: readonly string[]): Statement => ({
    Effect: 'Allow',
    Principal: { Service: [...names] },
    Action: 'sts:AssumeRole',
  });
  return documentOf([
    ...(telling.length > 0
      ? [{ ...trusting(telling), Condition: { StringEquals: { 'aws:SourceAccount': account } } }]
      : []),
    ...(services.includes(EC2) ? [trusting([EC2])] : []),
  ]);
};

/**
 * Builds a clean account around definitions: roles with exactly the permissions that the pipelines need, prefixes,
 * image buckets, version floors, an SCP that restricts S3 to a VPC and exempts execution roles that read for JsonGet,
 * and other people.
 */
export const cleanAccount = (sources: readonly Source[]): Account => {
  const { account, region } = placeOf(sources);
  const place = { account, region, partition: 'aws' };
  const pipelines = sources.map(({ name, definitionText }) => {
    const definition = completed(JSON.parse(definitionText) as JsonObject, account);
    return {
      name,
      roleArn: `arn:aws:iam::${account}:role/pipelines/${name}`,
      definition,
      versions: [1, 2, 3, 4],
    };
  });
  const parsed = pipelines.map((pipeline) => ({ pipeline, definition: parsedOf(pipeline.definition) }));
  const named = parsed.flatMap(({ pipeline, definition }) =>
    prefixesOf(definition.steps, pipeline.name, pipeline.roleArn, resolveScope(definition, pipeline.name)),
  );
  const prefixes = named.length > 0 ? named : [{ prefix: 'pipelines' }];
  const stepRoleArns = [
    ...new Set(
      parsed.flatMap(({ pipeline, definition }) => {
        const scope = resolveScope(definition, pipeline.name);
        return definition.steps.flatMap((step) =>
          stepRoles(step).flatMap(({ value }) => {
            const role = knownText(resolveText(value, scope));
            if (role === undefined) return [];
            return role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`; // EMR accepts names
          }),
        );
      }),
    ),
  ];
  const config: Config = {
    version: 1,
    prefixes,
    roles: {
      creators: [`arn:aws:iam::${account}:role/data-scientist`],
      execution: pipelines.map(({ roleArn }) => roleArn),
      steps: stepRoleArns,
      trusted: [`arn:aws:iam::${account}:role/${INSTANCES}`],
    },
    versionFloors: pipelines.map(({ name }) => ({
      pipeline: name,
      minimum: FLOOR,
      except: [`arn:aws:iam::${account}:role/release`],
    })),
    scpException: {
      tagKey: TAG.key,
      tagValue: TAG.value,
      taggers: [`arn:aws:iam::${account}:role/platform-admin`],
    },
  };
  // Each role of instances is in a profile with the role’s name, as consoles make them.
  const byName = new Map(stepRoleArns.map((arn) => [arn.slice(arn.lastIndexOf('/') + 1), arn]));
  const uses = parsed.map(({ pipeline, definition }) => {
    const arn = `arn:aws:sagemaker:${region}:${account}:pipeline/${pipeline.name}`;
    return pipelineUse({ ...pipeline, arn }, definition, place, config, { roles: byName, profiles: byName });
  });
  const imageBuckets = [
    ...new Set(uses.flatMap(({ imageInputs }) => imageInputs.map(({ bucket }) => bucket))),
  ];
  const roles = new Map<string, { needs: StepNeed[]; services: Set<string>; isExecution: boolean }>();
  for (const use of uses)
    for (const { roleArn, needs, services, isExecutionRole } of use.roles) {
      const known = roles.get(roleArn) ?? { needs: [], services: new Set<string>(), isExecution: false };
      roles.set(roleArn, known);
      known.needs.push(...needs);
      for (const service of services) known.services.add(service);
      known.isExecution ||= isExecutionRole;
    }
  const ofJobsAlone = [
    `arn:aws:iam::${account}:role/steps-without-jsonget/*`,
    ...[...roles].flatMap(([arn, { needs }]) => (needs.some(({ kind }) => kind === 'json-get') ? [] : arn)),
  ];
  const buckets = new Set([
    ...imageBuckets,
    ...[...roles.values()].flatMap(({ needs }) =>
      needs.flatMap(({ need }) => /^arn:aws:s3:::([^/]+)/.exec(need.resource)?.[1] ?? []),
    ),
    ...uses.flatMap(({ roles: of }) =>
      of.flatMap(({ foreign }) => foreign.flatMap(({ places }) => places.map(({ bucket }) => bucket))),
    ),
    ...uses.flatMap(inputBuckets),
  ]);
  const keys = new Set(
    [...roles.values()].flatMap(({ needs }) =>
      needs.flatMap(
        ({ need }) =>
          need.alias?.replace(/^.*:(?=alias\/)/, '') ?? /:key\/([^*]+)$/.exec(need.resource)?.[1] ?? [],
      ),
    ),
  );
  return {
    account,
    region,
    principals: [
      ...[...roles].map(([arn, role]) => roleOf(arn, role, account)),
      ...people(pipelines, account, region),
    ],
    managed: {
      'arn:aws:iam::aws:policy/AdministratorAccess': documentOf([
        { Effect: 'Allow', Action: '*', Resource: '*' },
      ]),
    },
    pipelines,
    buckets: Object.fromEntries(
      [...buckets].map((name) => [
        name,
        {
          policy: documentOf([
            {
              Sid: 'SecureTransport',
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ]),
          cors: imageBuckets.includes(name)
            ? (REQUIRED_CORS_DOCUMENT as { CORSRules: Json }).CORSRules
            : null,
          tags: {},
        },
      ]),
    ),
    keys: Object.fromEntries(
      [...keys].map((key) => [
        key,
        documentOf([
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${account}:root` },
            Action: 'kms:*',
            Resource: '*',
          },
        ]),
      ]),
    ),
    scps: [
      { target: 'r-root', policies: [{ Name: 'FullAWSAccess', Content: FULL }] },
      {
        target: account,
        policies: [
          { Name: 'FullAWSAccess', Content: FULL },
          {
            Name: 'networks',
            Content: documentOf([
              {
                Sid: 'S3FromOwnNetworks',
                Effect: 'Deny',
                Action: 's3:GetObject',
                Resource: '*',
                Condition: {
                  StringNotEquals: {
                    'aws:SourceVpc': 'vpc-1a2b3c4d',
                    [`aws:PrincipalTag/${TAG.key}`]: TAG.value,
                  },
                  // Jobs in no VPC read from outside every network, and none of them has a need for the tag.
                  ArnNotLike: { 'aws:PrincipalArn': ofJobsAlone },
                },
              },
            ]),
          },
        ],
      },
    ],
    shares: [],
    config: { ...config, imageBuckets: { names: imageBuckets } },
  };
};

const FULL: Document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

const documentOf = (statements: Statement[]): Document => ({ Version: '2012-10-17', Statement: statements });

/** The account and Region in a definition's ARNs, or any if the definition has none. */
const placeOf = (sources: readonly Source[]): { account: string; region: string } => {
  const text = sources.map(({ definitionText }) => definitionText).join();
  return {
    account: /arn:aws:iam::(\d{12}):role\//.exec(text)?.[1] ?? '111122223333',
    region: /arn:aws:(?:kms|lambda|sagemaker):([a-z]+-[a-z]+-\d):/.exec(text)?.[1] ?? 'eu-west-1',
  };
};

const parsedOf = (definition: JsonObject) => {
  const read = parseDefinition(JSON.stringify(definition));
  if (!read.ok) throw new Error(read.error.message);
  return read.definition;
};

/**
 * Completes a definition that would keep any account from being clean: parameters without default get a value, names
 * are cut to their limit, step types are known. A role of another account becomes a role of this one.
 */
const completed = (definition: JsonObject, account: string): JsonObject => {
  const text = JSON.stringify(definition)
    .replaceAll(/arn:aws:iam::\d{12}:role\//g, `arn:aws:iam::${account}:role/`)
    .replaceAll(/"<[A-Z_]*ROLE[A-Z_]*>"/g, `"arn:aws:iam::${account}:role/steps/placeholder"`);
  const copy = JSON.parse(text) as JsonObject;
  for (const parameter of asList(member(copy, 'Parameters')))
    if (isObject(parameter) && member(parameter, 'DefaultValue') === undefined)
      parameter.DefaultValue = defaultFor(
        asText(parameter.Name) ?? '',
        asText(parameter.Type) ?? 'String',
        account,
      );
  const parsed = parsedOf(copy);
  for (const step of parsed.steps) shorten(step, copy);
  return copy;
};

const defaultFor = (name: string, type: string, account: string): Json => {
  if (type !== 'String') return 1;
  if (/role/i.test(name)) return `arn:aws:iam::${account}:role/steps/from-parameter`;
  if (/kms|key/i.test(name)) return '1234abcd-12ab-34cd-56ef-1234567890ab';
  return /bucket/i.test(name) ? 'acme-parameter' : `s3://acme-parameter/${name.toLowerCase()}`;
};

/** Cuts a base job name that is too long for its step type, as its author would. */
const shorten = (step: Step, root: JsonObject): void => {
  const base = stepBaseName(step);
  const room = stepType(step.type).name?.maxPrefixLength;
  const text = asText(base?.value);
  if (!base || room === undefined || text === undefined || text.length <= room - 2) return;
  const tokens = base.pointer.slice(1).split('/');
  const last = tokens.pop() ?? '';
  const holder = tokens.reduce<Json | undefined>(
    (at, token) => (Array.isArray(at) ? at[Number(token)] : member(at, token)),
    root,
  );
  if (isObject(holder)) holder[last] = text.slice(0, room - 2).replace(/-+$/, '');
};

/** One prefix for each name and pipeline, with its step types; default names if a step has no base job name. */
const prefixesOf = (
  steps: readonly Step[],
  pipeline: string,
  roleArn: string,
  scope: ReturnType<typeof resolveScope>,
): NonNullable<Config['prefixes']> => {
  const byName = new Map<string, Set<JobStepType>>();
  for (const step of steps.filter(hasJobName)) {
    if (!isJobStepType(step.type)) continue;
    const base = stepBaseName(step);
    const text = base && resolveText(base.value, scope);
    const known = text ? knownText(text) : 'pipelines';
    const leading = text?.parts[0];
    const name = known ?? (leading && 'text' in leading ? leading.text.replace(/-+$/, '') : '');
    if (!JOB_NAME_BEGINNING.test(name)) continue;
    byName.set(name, (byName.get(name) ?? new Set()).add(step.type));
  }
  return [...byName].map(([prefix, types]) => ({
    prefix,
    ...(prefix === 'pipelines' ? {} : { stepTypes: [...types], roles: [roleArn] }),
    pipelines: [pipeline],
  }));
};

/** Takes over the runtime roles of steps on EMR clusters. */
const INSTANCES = 'EMR_EC2_DefaultRole';

/** The trust policies of runtime roles let the instances’ role bring any tag into a session. */
const NO_TAG_IN_SESSIONS: Statement = {
  Effect: 'Deny',
  Action: 'sts:TagSession',
  Resource: '*',
  Condition: { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': TAG.key } },
};

const trustOfInstances = (account: string): Document =>
  documentOf([
    {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:role/${INSTANCES}` },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
  ]);

const roleOf = (
  arn: string,
  { needs, services, isExecution }: { needs: StepNeed[]; services: Set<string>; isExecution: boolean },
  account: string,
): Principal => {
  const kinds = ['pass-role', 'job', 'json-get', 'data', 'runtime'] as const;
  const policies = kinds.flatMap((kind) => {
    const of = needs.filter((need) => need.kind === kind).map(({ need }) => need);
    const folders = of.flatMap(({ or = [] }) => or.filter(({ action }) => action.startsWith('s3:')));
    return of.length > 0 ? [[kind, groupedPolicy([...of, ...folders]) as Document] as const] : [];
  });
  return {
    arn,
    policies: {
      ...Object.fromEntries(policies),
      ...(arn.endsWith(`/${INSTANCES}`) && { sessions: documentOf([NO_TAG_IN_SESSIONS]) }),
    },
    managed: [],
    ...(services.has(EC2) && { profile: arn.slice(arn.lastIndexOf('/') + 1) }),
    trust: services.size > 0 ? trustOf([...services], account) : trustOfInstances(account),
    tags: isExecution && needs.some(({ kind }) => kind === 'json-get') ? { [TAG.key]: TAG.value } : {},
  };
};

/** The people of any account: those who create pipelines, release them or tag roles, others, and an administrator. */
const people = (
  pipelines: readonly { name: string; roleArn: string }[],
  account: string,
  region: string,
): Principal[] => {
  const of = (name: string) => `arn:aws:sagemaker:${region}:${account}:pipeline/${name}`;
  const role = (name: string, statements: Statement[], more: Partial<Principal> = {}): Principal => ({
    arn: `arn:aws:iam::${account}:role/${name}`,
    policies: statements.length > 0 ? { own: documentOf(statements) } : {},
    managed: [],
    trust: documentOf([
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' },
    ]),
    tags: {},
    ...more,
  });
  const starting = ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'];
  const all = pipelines.map(({ name }) => of(name));
  return [
    role('data-scientist', [
      {
        Sid: 'Pipelines',
        Effect: 'Allow',
        Action: ['sagemaker:CreatePipeline', 'sagemaker:UpdatePipeline'],
        Resource: all,
      },
      {
        Sid: 'PassRole',
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: pipelines.map(({ roleArn }) => roleArn),
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
      {
        Sid: 'Start',
        Effect: 'Allow',
        Action: starting,
        Resource: all,
        Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': FLOOR } },
      },
    ]),
    role('release', [{ Effect: 'Allow', Action: starting, Resource: all }]),
    role('platform-admin', [
      {
        Effect: 'Allow',
        Action: ['iam:TagRole', 'iam:UntagRole'],
        Resource: `arn:aws:iam::${account}:role/pipelines/*`,
      },
    ]),
    role('etl', [
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::acme-lake/*' },
    ]),
    role('Admin', [], { managed: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
    {
      arn: `arn:aws:iam::${account}:user/ana`,
      policies: { own: documentOf([{ Effect: 'Allow', Action: 'sagemaker:List*', Resource: '*' }]) },
      managed: [],
      tags: {},
    },
  ];
};

/** A valid pipeline name: letters, digits and inner dashes. */
export const pipelineName = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 60)
    .replace(/-$/, '');
