import { knownText, type ResolveScope } from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { stepKeys } from '../definition/step-keys.ts';
import { followText } from '../definition/step-reference.ts';
import type { StepTypeName } from '../definition/step-type-names.ts';
import { stepType } from '../definition/step-types.ts';
import { valuesAt } from '../definition/step-values.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import type { ContextValue } from '../iam/decide/context.ts';
import { asList, isObject, type Json, member } from '../json/json.ts';
import { keeping, oncePer } from '../memo.ts';
import { keyNeed } from './data-needs.ts';
import type { Need } from './need.ts';

/** What is known of a request: the values that each condition key may have, null for a key that is absent. */
export type KnownRequest = NonNullable<Need['request']>;

const KEYS = {
  subnets: 'sagemaker:VpcSubnets',
  groups: 'sagemaker:VpcSecurityGroupIds',
  instances: 'sagemaker:InstanceTypes',
  isolation: 'sagemaker:NetworkIsolation',
  encryption: 'sagemaker:InterContainerTrafficEncryption',
} as const;

/** AWS writes the keys of KMS keys in two ways. */
const KMS_KEYS = {
  volume: ['sagemaker:VolumeKmsKey', 'sagemaker:VolumeKmsKeyArn'],
  output: ['sagemaker:OutputKmsKey', 'sagemaker:OutputKmsKeyArn'],
} as const;

type Values = readonly ContextValue[] | undefined;

/** The values of a condition key, where something is known of them. */
type Told = readonly [key: string, values: Values];

/**
 * Where the value of a condition key stands, by step type; of any other type the request carries no such key. `unset`:
 * what the request may carry where nothing stands there. A key for one value is open where several stand there.
 */
type TellingFields = { at: Partial<Record<StepTypeName, readonly string[]>>; isList?: true; unset?: Values };

const inTrainings = (field: string): TellingFields['at'] => ({
  Training: [`Arguments.${field}`],
  Tuning: [`Arguments.TrainingJobDefinition.${field}`, `Arguments.TrainingJobDefinitions[].${field}`],
});

const FILE_SYSTEM = 'InputDataConfig[].DataSource.FileSystemDataSource';
const RUNTIME = ['Arguments.StoppingCondition.MaxRuntimeInSeconds'];

/** A job runs for a day at most where nothing else is said. */
const A_DAY = '86400';

/**
 * The further condition keys of the actions by which steps make things.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const TELLING_FIELDS: Readonly<Record<string, TellingFields>> = {
  'sagemaker:KeepAlivePeriod': { at: { Training: ['Arguments.ResourceConfig.KeepAlivePeriodInSeconds'] } },
  'sagemaker:MaxRuntimeInSeconds': {
    at: {
      ...inTrainings('StoppingCondition.MaxRuntimeInSeconds'),
      Processing: RUNTIME,
      QualityCheck: RUNTIME,
      ClarifyCheck: RUNTIME,
    },
    unset: [null, A_DAY],
  },
  'sagemaker:EnableRemoteDebug': {
    at: { Training: ['Arguments.RemoteDebugConfig.EnableRemoteDebug'] },
    unset: [null, 'false'],
  },
  'sagemaker:FileSystemId': { at: inTrainings(`${FILE_SYSTEM}.FileSystemId`) },
  'sagemaker:FileSystemType': { at: inTrainings(`${FILE_SYSTEM}.FileSystemType`) },
  'sagemaker:FileSystemAccessMode': { at: inTrainings(`${FILE_SYSTEM}.FileSystemAccessMode`) },
  'sagemaker:FileSystemDirectoryPath': { at: inTrainings(`${FILE_SYSTEM}.DirectoryPath`) },
  'sagemaker:ModelApprovalStatus': {
    at: { RegisterModel: ['Arguments.ModelApprovalStatus'] },
    unset: [null, 'PendingManualApproval'],
  },
  'sagemaker:ModelLifeCycle:Stage': { at: { RegisterModel: ['Arguments.ModelLifeCycle.Stage'] } },
  'sagemaker:ModelLifeCycle:StageStatus': { at: { RegisterModel: ['Arguments.ModelLifeCycle.StageStatus'] } },
  'sagemaker:AcceleratorTypes': {
    at: {
      EndpointConfig: [
        'Arguments.ProductionVariants[].AcceleratorType',
        'Arguments.ShadowProductionVariants[].AcceleratorType',
      ],
    },
    isList: true,
  },
  'sagemaker:ServerlessMaxConcurrency': {
    at: { EndpointConfig: ['Arguments.ProductionVariants[].ServerlessConfig.MaxConcurrency'] },
  },
  'sagemaker:ServerlessMemorySize': {
    at: { EndpointConfig: ['Arguments.ProductionVariants[].ServerlessConfig.MemorySizeInMB'] },
  },
};

/** The fields that tell something of steps of a type; of all others, the request is bare. */
const fieldsTellingOf = oncePer((type) =>
  Object.entries(TELLING_FIELDS).filter(([, { at }]) => Object.hasOwn(at, type)),
);

const MODEL_ARN = 'sagemaker:ModelArn';

/** Where the names of models stand, whose ARNs are in the request. */
const MODEL_NAMES: TellingFields = {
  at: {
    Transform: ['Arguments.ModelName'],
    EndpointConfig: [
      'Arguments.ProductionVariants[].ModelName',
      'Arguments.ShadowProductionVariants[].ModelName',
    ],
    InferenceComponent: ['Arguments.Specification.ModelName'],
  },
};

/**
 * A request of SageMaker's that makes nothing, such as one that describes a job: it carries none of the condition keys
 * that tell what is made.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
export const BARE_REQUEST: KnownRequest = Object.fromEntries(
  [...Object.values(KEYS), ...Object.values(KMS_KEYS).flat(), ...Object.keys(TELLING_FIELDS), MODEL_ARN].map(
    (key) => [key, [null]],
  ),
);

/** No API of SageMaker takes more in one list; longer lists are left open. */
const MAX_VALUES = 100;

/** The tag that SageMaker puts on whatever a pipeline makes. */
const EXECUTION_TAG = 'sagemaker:pipeline-execution-arn';

/** What the definition tells of the request that makes what a step makes. */
export const creatingRequest = (step: Step, scope: ResolveScope, place: Scope): KnownRequest => {
  const { requestFields } = stepType(step.type);
  if (requestFields === 'not told') return taggedRequest(step, scope);
  const vpcs = requestFields.vpcConfigs.flatMap((path) => valuesAt(step, path)).map(({ value }) => value);
  const instances = requestFields.instanceTypes
    .flatMap((path) => valuesAt(step, path))
    .map(({ value }) => value);
  const { volume, output } = kmsValues(step, scope, place);
  const models = fieldValues(step, MODEL_NAMES, scope)?.flatMap((name): readonly ContextValue[] =>
    typeof name === 'string' ? arnsOfModel(name, place) : [name],
  );
  const own: Told[] = Object.entries(taggedRequest(step, scope));
  const tell = (key: string, values: Values): void => {
    if (!isBare(key, values)) own.push([key, values]);
  };
  tell(KEYS.subnets, vpcValues(step, vpcs, 'Subnets', scope));
  tell(KEYS.groups, vpcValues(step, vpcs, 'SecurityGroupIds', scope));
  tell(KEYS.instances, oneOf(texts(instances, scope)));
  tell(KEYS.isolation, flagValues(step, requestFields.networkIsolation, scope));
  tell(KEYS.encryption, flagValues(step, requestFields.trafficEncryption, scope));
  for (const key of KMS_KEYS.volume) tell(key, volume);
  for (const key of KMS_KEYS.output) tell(key, output);
  for (const [key, of] of fieldsTellingOf(step.type ?? '')) tell(key, fieldValues(step, of, scope));
  tell(MODEL_ARN, models);
  own.push(...Object.entries(metadataValues(step, scope)));
  return sharedRequest(own);
};

/** The request to tag what the step makes, by the action that makes it. */
export const taggingRequest = (step: Step, scope: ResolveScope, makers: readonly string[]): KnownRequest => {
  const tagged = taggedRequest(step, scope);
  return tagged === UNTAGGED
    ? untagged(makers.join(' '), () => taggingWith(UNTAGGED, makers))
    : taggingWith(tagged, makers);
};

/** Steps without tags share their requests, by the actions that make something. */
const untagged = keeping<KnownRequest>(100);

const taggingWith = (tagged: KnownRequest, makers: readonly string[]): KnownRequest =>
  sharedRequest([
    ...Object.entries(tagged),
    ...(makers.length > 0 ? [['sagemaker:TaggingAction', makers] as const] : []),
  ]);

/**
 * A bare request with what more is known of it: the same object for all steps of which the same is known, because what is
 * derived from requests is found again by the object.
 */
const sharedRequest = (more: readonly Told[]): KnownRequest => {
  const own = more.filter(([key, values]) => !isBare(key, values));
  return alike(JSON.stringify(own), () => told({ ...BARE_REQUEST, ...Object.fromEntries(own) }));
};

/** Whether a bare request says the same. */
const isBare = (key: string, values: Values): boolean =>
  values?.length === 1 && values[0] === null && key in BARE_REQUEST;

const alike = keeping<KnownRequest>(1000);

/** The request to make the group of a model package: it carries nothing of what the package's own request carries. */
export const groupRequest = (step: Step, scope: ResolveScope): KnownRequest => ({
  ...Object.fromEntries(Object.keys(metadataValues(step, scope)).map((key) => [key, [null]])),
  ...taggingRequest(step, scope, []),
});

/** Whether the job of a step is known to run in no VPC of the account. */
export const isOutsideVpcs = (step: Step): boolean => {
  const { requestFields } = stepType(step.type);
  return (
    requestFields !== 'not told' &&
    requestFields.vpcConfigs.length > 0 &&
    requestFields.vpcConfigs.every((path) => valuesAt(step, path).length === 0)
  );
};

/** Without the keys of which nothing is known. */
const told = (request: Readonly<Record<string, Values>>): KnownRequest =>
  isTold(request)
    ? request
    : Object.fromEntries(Object.entries(request).flatMap(([key, values]) => (values ? [[key, values]] : [])));

const isTold = (request: Readonly<Record<string, Values>>): request is KnownRequest => {
  for (const key in request) if (request[key] === undefined) return false;
  return true;
};

const oneOf = (values: readonly string[] | undefined): Values =>
  values && [values.length > 0 ? values : null];

/** The texts of values, each once; undefined where one of them is not known. */
const texts = (values: readonly Json[], scope: ResolveScope): string[] | undefined => {
  if (values.length > MAX_VALUES) return undefined;
  const known = values.map((value) => knownText(followText(value, scope)));
  return known.includes(undefined) ? undefined : [...new Set(known.flatMap((text) => text ?? []))];
};

/** Several definitions of a tuning job are one request: where only some have a VPC, nobody tells what it carries. */
const vpcValues = (step: Step, vpcs: readonly Json[], field: string, scope: ResolveScope): Values => {
  if (vpcs.length === 0) return [null];
  const lists = vpcs.map((vpc) => (isObject(vpc) ? member(vpc, field) : null));
  if (vpcs.length < holdersOf(step) || lists.some((list) => list !== undefined && !Array.isArray(list)))
    return undefined;
  return oneOf(
    texts(
      lists.flatMap((list) => asList(list)),
      scope,
    ),
  );
};

/** How many parts of the step describe a job of their own. */
const holdersOf = (step: Step): number => {
  const { dataRole } = stepType(step.type);
  return typeof dataRole === 'string' ? 1 : dataRole.holders.flatMap((path) => valuesAt(step, path)).length;
};

/** A switch that is not set is off, or not in the request. */
const flagValues = (step: Step, paths: readonly string[], scope: ResolveScope): Values => {
  if (paths.length === 0) return [null];
  const found = texts(
    paths.flatMap((path) => valuesAt(step, path)).map(({ value }) => value),
    scope,
  );
  if (!found || found.length > 1) return undefined;
  const [flag] = found;
  if (flag === undefined) return [null, 'false'];
  return [flag.toLowerCase()];
};

const fieldValues = (
  step: Step,
  { at, isList, unset = [null] }: TellingFields,
  scope: ResolveScope,
): Values => {
  const paths = (step.type && at[step.type]) ?? [];
  const located = paths.flatMap((path) => valuesAt(step, path));
  if (located.length === 0) return paths.length === 0 ? [null] : unset;
  if (located.length < holdersOf(step)) return undefined;
  const found = texts(
    located.map(({ value }) => value),
    scope,
  );
  if (isList || !found) return oneOf(found);
  return found.length > 1 ? undefined : found;
};

/** AWS does not say whether the letter case of a model's name is kept in its ARN. */
const arnsOfModel = (name: string, place: Scope): string[] => [
  ...new Set([name, name.toLowerCase()].map((each) => sagemakerArn(place, `model/${each}`))),
];

/** The metadata of a model package, each under a key of its own. */
const metadataValues = (step: Step, scope: ResolveScope): Readonly<Record<string, Values>> => {
  const metadata = step.type === 'RegisterModel' && member(step.arguments, 'CustomerMetadataProperties');
  const entries = isObject(metadata) ? Object.entries(metadata) : [];
  if (entries.length > MAX_VALUES) return {};
  return Object.fromEntries(
    entries.map(([key, value]) => [`sagemaker:CustomerMetadataProperties/${key}`, texts([value], scope)]),
  );
};

/** A KMS key is in the request as it is named, or by its ARN; what an alias means is not known. */
const kmsValues = (step: Step, scope: ResolveScope, place: Scope): { volume: Values; output: Values } => {
  const { keys, open } = stepKeys(step, scope);
  const valuesOf = (use: 'volume' | 'output'): Values => {
    const named = [
      ...new Set(keys.filter((key) => key.use === use && !BESIDE.test(key.pointer)).map(({ key }) => key)),
    ];
    const [key] = named;
    if (open.length > 0 || named.length > 1) return undefined;
    if (key === undefined) return [null];
    if (key.startsWith('alias/') || parseArn(key)?.resource.startsWith('alias/')) return undefined;
    return [...new Set([key, keyNeed({ key, use, pointer: '' }, place).resource])];
  };
  return { volume: valuesOf('volume'), output: valuesOf('output') };
};

/** Keys of data that a job has others write. */
const BESIDE = /\/(?:DatasetDefinition|DataCaptureConfig|AsyncInferenceConfig)\//;

/** The tags of the step, beside which SageMaker sets tags of its own. */
const taggedRequest = (step: Step, scope: ResolveScope): KnownRequest => {
  const tags = asList(member(step.arguments, 'Tags'));
  if (tags.length === 0) return UNTAGGED;
  if (tags.length > MAX_VALUES) return {};
  const known = tags.map((tag) => ({
    key: knownText(followText(member(tag, 'Key') ?? null, scope)),
    value: knownText(followText(member(tag, 'Value') ?? null, scope)),
  }));
  if (known.some(({ key }) => key === undefined)) return {};
  const names = known.flatMap(({ key }) => key ?? []);
  return {
    'aws:TagKeys': [names, [...names, EXECUTION_TAG]],
    ...Object.fromEntries(
      known.flatMap(({ key, value }) =>
        value === undefined ? [] : [[`${REQUEST_TAG}${key}`, [value]] as const],
      ),
    ),
    ...Object.fromEntries(
      known.flatMap(({ key, value }) => (value === undefined ? [[`${REQUEST_TAG}${key}`, []] as const] : [])),
    ),
  };
};

const UNTAGGED: KnownRequest = { 'aws:TagKeys': [null, [EXECUTION_TAG]] };

const REQUEST_TAG = 'aws:RequestTag/';
