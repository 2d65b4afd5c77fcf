import { randomUUID } from 'node:crypto';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  type Place,
  REGION,
  roleArn,
  sagemakerArn,
  session,
} from '../support/builders/events.ts';

/**
 * The state of a role, and whether it is amiss: an execution role that may pass any role to any service, or a step role that may
 * not write its step’s output.
 */
export type Role = { account: string; name: string; path: string; isAmiss: boolean };
/** The state of a pipeline: whether its training step lacks its base job name. */
export type Pipeline = Place & { name: string; group: number; isBroken: boolean };
/** What is there at one time. */
export type State = { roles: Role[]; pipelines: Pipeline[] };

/** What the accounts go through: in each phase a change of their state, and the events of that and of the jobs that ran. */
export type Phase = { state: State; events: object[] };

export const MEMBERS = ['444455556666', '777788889999'] as const;
/** The account of the hub first. */
export const ACCOUNTS = [ACCOUNT, ...MEMBERS] as const;
/** The home Region first. */
export const REGIONS = [REGION, 'us-east-1'] as const;
/** The Region to which IAM sends its events. */
const IAM_REGION = 'us-east-1';

/** Pipelines with a role in common. They are in one account, and in turn in each Region. */
const GROUP = 8;
const EVENTS_PER_PIPELINE = 50;
const PREFIX = 'fraud-train';
export const STEP = 'TrainModel';

/** Where the jobs of an account read and write. */
export const bucketsOf = (account: string) => [`acme-data-${account}`, `acme-models-${account}`] as const;

export const CONFIG = {
  version: 1,
  organization: { accounts: MEMBERS, regions: REGIONS },
  prefixes: [{ prefix: PREFIX, stepTypes: ['Training'], pipelines: ['fraud-*'] }],
  roles: {
    execution: ['arn:aws:iam::${account}:role/pipelines/*'],
    steps: ['arn:aws:iam::${account}:role/steps/*'],
  },
  alerts: { minimumSeverity: 'low' },
};

/** The groups of each account are counted by themselves, so that accounts have roles and pipelines of the same names. */
const numberOf = (group: number): number => Math.floor(group / ACCOUNTS.length);
const accountOf = (group: number): string => ACCOUNTS[group % ACCOUNTS.length] ?? ACCOUNT;

const executionRole = (group: number): string => `pipelines/fraud-${numberOf(group)}`;
const stepRole = (group: number): string => `steps/train-${numberOf(group)}`;

export const executionRoleArn = ({ group, account }: Pipeline): string =>
  roleArn(executionRole(group), account);

/** The number of pipelines that this many events are about. */
const pipelineCount = (events: number): number =>
  Math.max(GROUP * ACCOUNTS.length, Math.round(events / EVENTS_PER_PIPELINE));

const trainingArguments = ({ group, account, region }: Pipeline) => {
  const [data, models] = bucketsOf(account);
  return {
    AlgorithmSpecification: {
      TrainingImage: `${account}.dkr.ecr.${region}.amazonaws.com/train:1`,
      TrainingInputMode: 'File',
    },
    RoleArn: roleArn(stepRole(group), account),
    InputDataConfig: [
      {
        ChannelName: 'train',
        DataSource: {
          S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${data}/${numberOf(group)}/train` },
        },
      },
    ],
    OutputDataConfig: { S3OutputPath: `s3://${models}/${numberOf(group)}` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  };
};

export const definitionOf = (pipeline: Pipeline): string =>
  JSON.stringify({
    Version: '2020-12-01',
    Steps: [
      {
        Name: STEP,
        Type: 'Training',
        Arguments: {
          ...trainingArguments(pipeline),
          ...(pipeline.isBroken ? {} : { TrainingJobName: PREFIX }),
        },
      },
    ],
  });

export const trustDocumentIn = (account: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ],
});

export const policyOf = (role: Role): object => ({
  Version: '2012-10-17',
  Statement: role.path === '/pipelines/' ? executionStatements(role) : stepStatements(role),
});

const executionStatements = ({ account, name, isAmiss }: Role): object[] => [
  {
    Sid: 'Jobs',
    Effect: 'Allow',
    Action: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags'],
    Resource: REGIONS.map((region) => sagemakerArn(`training-job/${PREFIX}-*`, { account, region })),
  },
  {
    Sid: 'Pass',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: isAmiss ? '*' : roleArn(`steps/train-${name.split('-').at(-1)}`, account),
    ...(isAmiss ? {} : { Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } } }),
  },
];

const stepStatements = ({ account, name, isAmiss }: Role): object[] => {
  const [data, models] = bucketsOf(account);
  const number = name.split('-').at(-1);
  return [
    {
      Sid: 'Read',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: [`arn:aws:s3:::${data}`, `arn:aws:s3:::${data}/${number}/*`],
    },
    {
      Sid: 'Write',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${models}/${isAmiss ? 'elsewhere' : number}/*`,
    },
  ];
};

/** Of every four groups, in which of the three phases they have broken pipelines. */
const BROKEN_GROUPS = [
  [true, true, true],
  [false, true, false],
  [true, false, false],
  [false, false, true],
] as const;

/**
 * Where a group has broken pipelines in two phases, one of them is broken in both: what its roles lack ends or begins in each phase
 * whatever the order of the events.
 */
const isBrokenIn = (phase: number, group: number, inGroup: number): boolean =>
  BROKEN_GROUPS[group % BROKEN_GROUPS.length]?.[phase] === true &&
  (inGroup === 3 || (phase === 1 && inGroup === 7));
const isWideIn = (phase: number, group: number): boolean =>
  [false, group % 5 === 1 || group % 5 === 3, group % 5 === 3][phase] ?? false;
const isShortIn = (phase: number, group: number): boolean =>
  [group % 5 === 2, group % 5 === 0 || group % 5 === 2, group % 5 === 0][phase] ?? false;
/** Pipelines that are deleted before the last phase; broken until then, so that their findings end. */
const isShortLived = (group: number, inGroup: number): boolean =>
  group % BROKEN_GROUPS.length === 1 && inGroup === 5;

const stateAt = (phase: number, count: number): State => {
  const groups = Array.from({ length: Math.ceil(count / GROUP) }, (_, group) => group);
  return {
    roles: groups.flatMap((group) => {
      const [account, number] = [accountOf(group), numberOf(group)];
      return [
        { account, path: '/pipelines/', name: `fraud-${number}`, isAmiss: isWideIn(phase, group) },
        { account, path: '/steps/', name: `train-${number}`, isAmiss: isShortIn(phase, group) },
      ];
    }),
    pipelines: Array.from({ length: count }, (_, index): Pipeline[] => {
      const [group, inGroup] = [Math.floor(index / GROUP), index % GROUP];
      const isShort = isShortLived(group, inGroup);
      if (isShort && phase === 2) return [];
      return [
        {
          account: accountOf(group),
          region: REGIONS[inGroup % REGIONS.length] ?? REGION,
          name: `fraud-${numberOf(group)}-${Math.floor(inGroup / REGIONS.length)}`,
          group,
          isBroken: isShort || isBrokenIn(phase, group, inGroup),
        },
      ];
    }).flat(),
  };
};

const PHASES = [0, 1, 2] as const;

/** The state of each phase, for so many events. */
export const statesOf = (events: number): State[] =>
  PHASES.map((phase) => stateAt(phase, pipelineCount(events)));

export const pipelineArn = (pipeline: Pick<Pipeline, 'account' | 'region' | 'name'>): string =>
  sagemakerArn(`pipeline/${pipeline.name}`, pipeline);

/** The executions that each pipeline, by its ARN, has been started with, one for each form of its definition. */
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

/** A call in an account and Region, as EventBridge tells it there. */
const toldIn = (
  { account, region }: Place,
  ...[eventName, parameters, fields = {}]: Parameters<typeof cloudTrail>
): object =>
  envelope(
    cloudTrail(eventName, parameters, {
      userIdentity: session('data-scientist', 'maya', account),
      recipientAccountId: account,
      awsRegion: region,
      ...fields,
    }),
  );

const isSameRole = (one: Role, other: Role): boolean =>
  one.account === other.account && one.name === other.name;

const roleEvents = ({ roles }: State, before: State | undefined): object[] =>
  roles
    .filter((role) => before?.roles.find((each) => isSameRole(each, role))?.isAmiss !== role.isAmiss)
    .map(({ account, name }) =>
      toldIn(
        { account, region: IAM_REGION },
        'PutRolePolicy',
        { roleName: name, policyName: 'own' },
        { eventSource: 'iam.amazonaws.com' },
      ),
    );

const pipelineEvent = (eventName: string, pipeline: Pipeline, more: object): object =>
  toldIn(
    pipeline,
    eventName,
    { pipelineName: pipeline.name, ...more },
    { responseElements: { pipelineArn: pipelineArn(pipeline) } },
  );

const pipelineEvents = ({ pipelines }: State, before: State | undefined): object[] => {
  const there = new Set(pipelines.map(pipelineArn));
  return [
    ...pipelines.map((pipeline) =>
      pipelineEvent(before ? 'UpdatePipeline' : 'CreatePipeline', pipeline, {
        roleArn: executionRoleArn(pipeline),
      }),
    ),
    ...(before?.pipelines ?? [])
      .filter((pipeline) => !there.has(pipelineArn(pipeline)))
      .map((pipeline) => pipelineEvent('DeletePipeline', pipeline, {})),
  ];
};

/** Every fortieth job has a default name, which the prefixes do not allow. */
const MISNAMED_EVERY = 40;

const jobEvent = ({ pipelines }: State, index: number, token: string, executions: Executions): object => {
  const lasting = pipelines.filter((each) => executions.has(pipelineArn(each)));
  const pipeline = lasting[index % lasting.length] as Pipeline;
  const { account, group } = pipeline;
  const { clean, broken } = executions.get(pipelineArn(pipeline)) ?? { clean: '', broken: '' };
  const isMisnamed = index % MISNAMED_EVERY === 0;
  const executionArn = isMisnamed ? broken : clean;
  const id = executionArn.slice(-12);
  const name = isMisnamed ? `pipelines-${id}-${STEP}-x${token}` : `${PREFIX}-${id}-x${token}`;
  return toldIn(
    pipeline,
    'CreateTrainingJob',
    {
      trainingJobName: name,
      roleArn: roleArn(stepRole(group), account),
      tags: [{ key: 'sagemaker:pipeline-execution-arn', value: executionArn }],
    },
    {
      userIdentity: session(executionRole(group), `sagemaker-pipeline-${id}-${STEP}`, account),
      responseElements: { trainingJobArn: sagemakerArn(`training-job/${name}`, pipeline) },
    },
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
