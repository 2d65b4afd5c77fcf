import { type Members, requestMembers, resultMembers, structure } from './api-members.ts';
import type { Step } from './parse.ts';
import type { StepTypeName } from './step-type-names.ts';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Members with plain values: texts, numbers, or whatever the service behind takes. */
const plain = <Name extends string>(...names: readonly Name[]): Record<Name, ''> =>
  Object.fromEntries(names.map((name) => [name, ''])) as Record<Name, ''>;

/**
 * The members of a definition’s own objects, which no request of the API has: each with the object that it (or each of its entries)
 * is. Where the published schema and the SDK differ, both forms are here.
 * https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/ and the SageMaker Python SDK
 */
const OWN: Table = {
  'a definition': {
    ...plain('Version', 'Metadata', 'MlflowConfig', 'Steps'),
    Parameters: 'a parameter',
    PipelineExperimentConfig: 'an experiment configuration',
  },
  'a parameter': plain('Name', 'Type', 'DefaultValue', 'EnumValues', 'Description'),
  'an experiment configuration': plain('ExperimentName', 'TrialName'),
  'a step': {
    ...plain('Name', 'Type', 'Arguments', 'DisplayName', 'Description'),
    ...plain('FunctionArn', 'SqsQueueUrl', 'CheckType', 'ModelName', 'ModelPackageGroupName'),
    ...plain('SkipCheck', 'FailOnViolation', 'RegisterNewBaseline'),
    ...plain('SuppliedBaselineStatistics', 'SuppliedBaselineConstraints'),
    DependsOn: 'a dependency',
    RetryPolicies: 'a retry policy',
    CacheConfig: 'a cache configuration',
    PropertyFiles: 'a property file',
    OutputParameters: 'an output',
  },
  'a dependency': plain('Step', 'Trigger'),
  'a retry policy': plain('ExceptionType', 'IntervalSeconds', 'BackoffRate', 'MaxAttempts', 'ExpireAfterMin'),
  'a cache configuration': plain('Enabled', 'ExpireAfter'),
  'a property file': plain('PropertyFileName', 'OutputName', 'FilePath'),
  'an output': plain('OutputName', 'OutputType'),
  'a comparison': {
    ...plain('Type', 'LeftValue', 'RightValue', 'QueryValue', 'Values', 'Value', 'In'),
    Condition: 'a comparison',
    Conditions: 'a comparison',
  },
  'a selector': plain('Pick', 'Field'),
  'a function': { 'Std:Join': 'a join', 'Std:JsonGet': 'a reading of JSON' },
  'a join': plain('On', 'Values'),
  'a reading of JSON': plain('PropertyFile', 'S3Uri', 'Path'),
  'an EMR step': {
    ...plain('Name', 'ActionOnFailure', 'StepMonitoringConfiguration'),
    HadoopJarStep: 'a Hadoop step',
  },
  'a Hadoop step': plain('Jar', 'Args', 'MainClass', 'Properties'),
  'resources to delete': { S3: 'a source to delete' },
  'a source to delete': plain('StepName', 'S3Uris'),
};

/** The arguments of the step types that make no request of SageMaker’s API. A Lambda and a Callback are given anything. */
const ARGUMENTS: Partial<Record<StepTypeName, Table[string]>> = {
  Condition: { Conditions: 'a comparison', ...plain('IfSteps', 'ElseSteps') },
  ForEach: { ...plain('IterableItems', 'MaxConcurrency', 'ForEachBody'), Selector: 'a selector' },
  Fail: plain('ErrorMessage'),
  EMR: { ...plain('ClusterId', 'ClusterConfig', 'ExecutionRoleArn'), StepConfig: 'an EMR step' },
  EMRServerless: plain('ApplicationId', 'ApplicationConfig', 'ExecutionRoleArn', 'JobConfig'),
  Cleanup: { Resources: 'resources to delete' },
  Lineage: plain('Actions', 'Artifacts', 'Contexts', 'Associations'),
};

/**
 * What later steps can refer to of the step types of which no answer of SageMaker’s API tells it. Of other types nothing is known.
 * https://sagemaker.readthedocs.io/en/stable/amazon_sagemaker_model_building_pipeline.html#data-dependency-property-reference
 */
const RESULTS: Partial<Record<StepTypeName, Table[string]>> = {
  QualityCheck: plain(
    'CalculatedBaselineStatistics',
    'CalculatedBaselineConstraints',
    'BaselineUsedForDriftCheckStatistics',
    'BaselineUsedForDriftCheckConstraints',
  ),
  ClarifyCheck: plain('CalculatedBaselineConstraints', 'BaselineUsedForDriftCheckConstraints'),
  Condition: plain('Outcome'),
  Lambda: plain('OutputParameters'),
  Callback: plain('OutputParameters'),
  ForEach: plain(
    ...['Status', 'InputItemCount', 'TotalStepCount', 'SucceededStepCount', 'FailedStepCount'],
    ...['StoppedStepCount', 'IterationOutputs', 'Selected'],
  ),
};

const asMembers = (table: Table): ReadonlyMap<string, Members> =>
  new Map(Object.entries(table).map(([name, members]) => [name, new Map(Object.entries(members))]));

const [OBJECTS, OF_TYPES] = [asMembers(OWN), asMembers(ARGUMENTS as Table)];
const MADE = asMembers(RESULTS as Table);

/** The members of a step’s arguments; undefined where they may be anything, or nothing is known of them. */
export const argumentMembers = (step: Step): Members | undefined =>
  requestMembers(step) ?? (step.type && OF_TYPES.get(step.type));

/** The members of what a step makes, to which later steps can refer; undefined where nothing is known of them. */
export const madeMembers = (step: Step): Members | undefined =>
  resultMembers(step) ?? (step.type && MADE.get(step.type));

/** The members of one of the definition’s own objects, named as in a sentence (`a retry policy`). */
export const ownMembers = (name: string): Members | undefined => OBJECTS.get(name);

/** The members of an own object or of a structure of the API; undefined for a value that is neither. */
export const membersNamed = (name: string): Members | undefined => ownMembers(name) ?? structure(name);

const PRIMITIVES = ['String', 'Integer', 'Float', 'Boolean'];

/** The values that a member of the definition’s own objects must have. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'a definition Version': ['2020-12-01'],
  'a parameter Type': PRIMITIVES,
  'an output OutputType': PRIMITIVES,
  'a comparison Type': [
    ...['Equals', 'NotEquals', 'GreaterThan', 'GreaterThanOrEqualTo', 'LessThan', 'LessThanOrEqualTo'],
    ...['In', 'NotIn', 'Not', 'Or'],
  ],
  'a selector Pick': ['MaxBy', 'MinBy'],
  'a dependency Trigger': ['Completed', 'Failed', 'Stopped', 'Any'],
};

/** The values that a member of an object can have; undefined where it may have others. */
export const valuesOf = (object: string, name: string): readonly string[] | undefined =>
  ownMembers(object)?.has(name) ? VALUES[`${object} ${name}`] : undefined;
