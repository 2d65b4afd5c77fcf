import { randomUUID } from 'node:crypto';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  REGION,
  roleArn,
  sagemakerArn,
  session,
} from '../support/builders/events.ts';

/** The state of a role: whether it may pass any role to any service. */
export type Role = { name: string; path: string; isWide: boolean };
/** The state of a pipeline: whether its training step lacks its base job name. */
export type Pipeline = { name: string; group: number; isBroken: boolean };
/** What is there at one time. */
export type State = { roles: Role[]; pipelines: Pipeline[] };

/** What an account goes through: in each phase a change of its state, and the events of that and of the jobs that ran. */
export type Phase = { state: State; events: object[] };

/** Pipelines with a role in common. */
const GROUP = 10;
const EVENTS_PER_PIPELINE = 50;
const PREFIX = 'fraud-train';
export const STEP = 'TrainModel';

/** Where the jobs read and write. */
export const BUCKETS = ['acme-data', 'acme-models'];

export const CONFIG = {
  version: 1,
  prefixes: [{ prefix: PREFIX, stepTypes: ['Training'], pipelines: ['fraud-*'] }],
  roles: {
    execution: [`arn:aws:iam::${ACCOUNT}:role/pipelines/*`],
    steps: [`arn:aws:iam::${ACCOUNT}:role/steps/*`],
  },
  alerts: { minimumSeverity: 'low' },
};

export const executionRole = (group: number): string => `pipelines/fraud-${group}`;
const stepRole = (group: number): string => `steps/train-${group}`;

/** The number of pipelines that this many events are about. */
const pipelineCount = (events: number): number => Math.max(20, Math.round(events / EVENTS_PER_PIPELINE));

const trainingArguments = (group: number) => ({
  AlgorithmSpecification: {
    TrainingImage: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/train:1`,
    TrainingInputMode: 'File',
  },
  RoleArn: roleArn(stepRole(group)),
  InputDataConfig: [
    {
      ChannelName: 'train',
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://acme-data/${group}/train` } },
    },
  ],
  OutputDataConfig: { S3OutputPath: `s3://acme-models/${group}` },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
  StoppingCondition: { MaxRuntimeInSeconds: 3600 },
});

export const definitionOf = ({ group, isBroken }: Pipeline): string =>
  JSON.stringify({
    Version: '2020-12-01',
    Steps: [
      {
        Name: STEP,
        Type: 'Training',
        Arguments: { ...trainingArguments(group), ...(isBroken ? {} : { TrainingJobName: PREFIX }) },
      },
    ],
  });

export const trustDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    },
  ],
};

export const policyOf = ({ path, name, isWide }: Role): object => {
  const group = Number(name.split('-').at(-1));
  return {
    Version: '2012-10-17',
    Statement:
      path === '/pipelines/'
        ? [
            {
              Sid: 'Jobs',
              Effect: 'Allow',
              Action: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags'],
              Resource: sagemakerArn(`training-job/${PREFIX}-*`),
            },
            {
              Sid: 'Pass',
              Effect: 'Allow',
              Action: 'iam:PassRole',
              Resource: isWide ? '*' : roleArn(stepRole(group)),
              ...(isWide
                ? {}
                : { Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } } }),
            },
          ]
        : [
            {
              Sid: 'Read',
              Effect: 'Allow',
              Action: ['s3:GetObject', 's3:ListBucket'],
              Resource: ['arn:aws:s3:::acme-data', `arn:aws:s3:::acme-data/${group}/*`],
            },
            {
              Sid: 'Write',
              Effect: 'Allow',
              Action: 's3:PutObject',
              Resource: `arn:aws:s3:::acme-models/${group}/*`,
            },
          ],
  };
};

/** Which are broken in each of the three phases, of every hundred: some from the start, more, and few in the end. */
const isBrokenIn = (phase: number, index: number): boolean =>
  [index % 20 === 3, index % 10 === 7 || index % 20 === 3, index % 20 === 7 || index % 50 === 11][phase] ??
  false;
const isWideIn = (phase: number, group: number): boolean =>
  [false, group % 5 === 1 || group % 5 === 3, group % 5 === 3][phase] ?? false;
/** Pipelines that are deleted before the last phase; broken until then, so that their findings end. */
const isShortLived = (index: number): boolean => index % 40 === 15;

const stateAt = (phase: number, count: number): State => {
  const groups = Array.from({ length: Math.ceil(count / GROUP) }, (_, group) => group);
  return {
    roles: groups.flatMap((group) => [
      { path: '/pipelines/', name: `fraud-${group}`, isWide: isWideIn(phase, group) },
      { path: '/steps/', name: `train-${group}`, isWide: false },
    ]),
    pipelines: Array.from({ length: count }, (_, index) => index)
      .filter((index) => phase < 2 || !isShortLived(index))
      .map((index) => ({
        name: `fraud-${String(index).padStart(3, '0')}`,
        group: Math.floor(index / GROUP),
        isBroken: isShortLived(index) || isBrokenIn(phase, index),
      })),
  };
};

const PHASES = [0, 1, 2] as const;

/** The state of each phase, for so many events. */
export const statesOf = (events: number): State[] =>
  PHASES.map((phase) => stateAt(phase, pipelineCount(events)));

/** An execution that a pipeline has been started with, for each form of its definition. */
export type Executions = ReadonlyMap<string, { clean: string; broken: string }>;

/**
 * The phases with this many events in all. Two calls give the same phases, except for the ids and times of the
 * events.
 */
export const phasesOf = (events: number, executions: Executions): Phase[] => {
  const states = statesOf(events);
  const perPhase = Math.floor(events / PHASES.length);
  return states.map((state, phase) => {
    const before = states[phase - 1];
    const changes = [...roleEvents(state, before), ...pipelineEvents(state, before)];
    const jobs = Array.from({ length: Math.max(0, perPhase - changes.length) }, (_, index) =>
      jobEvent(state, index, `${phase}${String(index).padStart(6, '0')}`, executions),
    );
    return { state, events: [...changes, ...jobs] };
  });
};

const roleEvents = ({ roles }: State, before: State | undefined): object[] =>
  roles
    .filter(({ name, isWide }) => before?.roles.find((role) => role.name === name)?.isWide !== isWide)
    .map(({ name }) =>
      envelope(
        cloudTrail(
          'PutRolePolicy',
          { roleName: name, policyName: 'own' },
          { eventSource: 'iam.amazonaws.com' },
        ),
      ),
    );

const pipelineEvents = ({ pipelines }: State, before: State | undefined): object[] => [
  ...pipelines.map(({ name, group }) =>
    envelope(
      cloudTrail(
        before ? 'UpdatePipeline' : 'CreatePipeline',
        { pipelineName: name, roleArn: roleArn(executionRole(group)) },
        { responseElements: { pipelineArn: sagemakerArn(`pipeline/${name}`) } },
      ),
    ),
  ),
  ...(before?.pipelines ?? [])
    .filter(({ name }) => !pipelines.some((pipeline) => pipeline.name === name))
    .map(({ name }) =>
      envelope(
        cloudTrail(
          'DeletePipeline',
          { pipelineName: name },
          { responseElements: { pipelineArn: sagemakerArn(`pipeline/${name}`) } },
        ),
      ),
    ),
];

/** Every fortieth job has a default name, which the prefixes do not allow. */
const MISNAMED_EVERY = 40;

const jobEvent = ({ pipelines }: State, index: number, token: string, executions: Executions): object => {
  const lasting = pipelines.filter(({ name }) => executions.has(name));
  const pipeline = lasting[index % lasting.length] as Pipeline;
  const { clean, broken } = executions.get(pipeline.name) ?? { clean: '', broken: '' };
  const isMisnamed = index % MISNAMED_EVERY === 0;
  const executionArn = isMisnamed ? broken : clean;
  const id = executionArn.slice(-12);
  const name = isMisnamed ? `pipelines-${id}-${STEP}-x${token}` : `${PREFIX}-${id}-x${token}`;
  const arn = sagemakerArn(`training-job/${name}`);
  return envelope(
    cloudTrail(
      'CreateTrainingJob',
      {
        trainingJobName: name,
        roleArn: roleArn(stepRole(pipeline.group)),
        tags: [{ key: 'sagemaker:pipeline-execution-arn', value: executionArn }],
      },
      {
        userIdentity: session(executionRole(pipeline.group), `sagemaker-pipeline-${id}-${STEP}`),
        responseElements: { trainingJobArn: arn },
      },
    ),
  );
};

/** The job that an event made by `jobEvent` is about, and its execution; undefined for any other event. */
export const jobIn = (event: object): { executionArn: string; jobArn: string } | undefined => {
  const { detail } = event as ReturnType<typeof envelope> & {
    detail: {
      requestParameters: { tags?: { value: string }[] };
      responseElements: { trainingJobArn?: string } | null;
    };
  };
  const [executionArn, jobArn] = [
    detail.requestParameters.tags?.[0]?.value,
    detail.responseElements?.trainingJobArn,
  ];
  return executionArn && jobArn ? { executionArn, jobArn } : undefined;
};

/** Those that live through all phases, so that they can have executions. */
export const lastingPipelines = (events: number): Pipeline[] => statesOf(events).at(-1)?.pipelines ?? [];

/** Messages that no reader understands, each in another way. */
export const malformedMessage = (index: number): string => {
  const record = cloudTrail('UpdatePipeline', { pipelineName: `fraud-${index}` });
  const forms = [
    () => JSON.stringify(envelope(record)).slice(0, 200 + (index % 100)),
    () => `not JSON ${randomUUID()}`,
    () => JSON.stringify(envelope(cloudTrail('UpdatePipeline', { other: index }))),
    () => JSON.stringify(envelope(cloudTrail('CreateTrainingJob', { roleArn: ['x'] }))),
    () => JSON.stringify(envelope(cloudTrail('PutRolePolicy', null, { eventSource: 'iam.amazonaws.com' }))),
  ];
  return (forms[index % forms.length] ?? (() => ''))();
};
