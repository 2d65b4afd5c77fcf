import type { JsonObject } from '../../shared/json/json.ts';
import type { Account } from './account.ts';
import { record } from './events.ts';

/**
 * Something that happens without a change of the account (an execution, version update or job), and the controls that
 * report it.
 */
export type Happening = {
  name: string;
  expects: readonly string[];
  event: JsonObject;
  /** Earlier events, which lead to no findings. */
  before?: JsonObject;
  /** A change of the clean account. */
  change?: (account: Account) => void;
};

const A = '111122223333';
const role = (name: string) => `arn:aws:iam::${A}:role/${name}`;
const EXECUTION = `arn:aws:sagemaker:eu-west-1:${A}:pipeline/fraud/execution/a1b2c3d4e5f6`;

const by = (event: JsonObject, arn: string, session = 'session'): JsonObject => {
  const detail = event.detail as JsonObject;
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  detail.userIdentity = {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${A}:assumed-role/${name}/${session}`,
    accountId: A,
    sessionContext: { sessionIssuer: { type: 'Role', arn } },
  };
  return event;
};

const sagemaker = (eventName: string, requestParameters: JsonObject, responseElements: JsonObject = {}) =>
  record({
    service: 'sagemaker',
    eventName,
    account: A,
    region: 'eu-west-1',
    requestParameters,
    responseElements,
  });

const started = (parameters: JsonObject, who = role('data-scientist')) =>
  by(
    sagemaker(
      'StartPipelineExecution',
      { pipelineName: 'fraud', ...parameters },
      { pipelineExecutionArn: EXECUTION },
    ),
    who,
  );

/** The caller of a pipeline of AWS itself chooses its role. */
const managedStart = (roleArn: string) =>
  by(
    sagemaker(
      'StartPipelineExecution',
      { pipelineName: 'arn:aws:sagemaker:eu-west-1:aws:pipeline/tune', roleArn },
      { pipelineExecutionArn: `arn:aws:sagemaker:eu-west-1:${A}:pipeline/tune/execution/b1b2c3d4e5f6` },
    ),
    role('data-scientist'),
  );

const training = (name: string, roleArn: string, who: string, session?: string) =>
  by(
    sagemaker(
      'CreateTrainingJob',
      {
        trainingJobName: name,
        roleArn,
        ...(session && { tags: [{ key: 'sagemaker:pipeline-execution-arn', value: EXECUTION }] }),
      },
      { trainingJobArn: `arn:aws:sagemaker:eu-west-1:${A}:training-job/${name}` },
    ),
    who,
    session,
  );

/** The definition with this role in each step that names a role as text. */
const withRole = (definition: JsonObject, roleArn: string): JsonObject =>
  JSON.parse(JSON.stringify(definition), (key, value) =>
    key === 'RoleArn' && typeof value === 'string' ? roleArn : value,
  ) as JsonObject;

const SESSION = 'sagemaker-pipeline-a1b2c3d4e5f6-Train';

/** Makes new events each time, because each event id is handled only once. */
export const happenings = (): Happening[] => [
  { name: 'version 4 is started', expects: [], event: started({ pipelineVersionId: 4 }) },
  { name: 'version 2 is started', expects: ['version-floor-kept'], event: started({ pipelineVersionId: 2 }) },
  {
    name: 'version 2, as a text, is started',
    expects: ['version-floor-kept'],
    event: started({ pipelineVersionId: '2' }),
  },
  {
    name: 'version 2 is started by whom the floor excepts',
    expects: [],
    event: started({ pipelineVersionId: 2 }, role('release')),
  },
  { name: 'the newest version is started without naming it', expects: [], event: started({}) },
  {
    name: 'an alias is started that nobody can read',
    expects: [
      'evidence-readable',
      'job-prefix-length',
      'pipeline-job-prefix',
      'step-role-authorised',
      'version-floor-kept',
    ],
    event: started({ pipelineVersionAlias: 'prod' }),
  },
  {
    name: 'version 1 is changed',
    expects: ['version-floor-kept'],
    event: by(
      sagemaker('UpdatePipelineVersion', {
        pipelineArn: `arn:aws:sagemaker:eu-west-1:${A}:pipeline/fraud`,
        pipelineVersionId: 1,
      }),
      role('data-scientist'),
    ),
  },
  {
    name: 'version 3 is changed',
    expects: [],
    event: by(
      sagemaker('UpdatePipelineVersion', {
        pipelineArn: `arn:aws:sagemaker:eu-west-1:${A}:pipeline/fraud`,
        pipelineVersionId: 3,
      }),
      role('data-scientist'),
    ),
  },
  {
    name: 'a parameter chooses another role',
    expects: ['step-role-authorised'],
    event: started({ pipelineVersionId: 4, pipelineParameters: [{ name: 'TrainRole', value: role('etl') }] }),
  },
  {
    name: 'a parameter chooses the role that is its default',
    expects: [],
    event: started({
      pipelineVersionId: 4,
      pipelineParameters: [{ name: 'TrainRole', value: role('steps/fraud-train') }],
    }),
  },
  {
    name: 'a version is started whose step has a role that nobody authorised',
    expects: ['step-role-authorised'],
    event: started({ pipelineVersionId: 3 }),
    change: ({ pipelines }) => {
      for (const pipeline of pipelines.filter(({ name }) => name === 'fraud'))
        pipeline.earlier = { 3: withRole(pipeline.definition, role('etl')) };
    },
  },
  {
    name: 'a version is made whose step has a role that nobody authorised, and followed at once',
    expects: ['step-role-authorised'],
    event: by(
      sagemaker('UpdatePipeline', { pipelineName: 'fraud' }, { pipelineVersionId: 3 }),
      role('data-scientist'),
    ),
    change: ({ pipelines }) => {
      for (const pipeline of pipelines.filter(({ name }) => name === 'fraud'))
        pipeline.earlier = { 3: withRole(pipeline.definition, role('etl')) };
    },
  },
  {
    name: 'a pipeline of AWS itself is started with a role that nobody authorised',
    expects: ['managed-pipeline-role'],
    event: managedStart(role('etl')),
  },
  {
    name: 'a pipeline of AWS itself is started with the role of a step',
    expects: [],
    event: managedStart(role('steps/fraud-train')),
  },
  {
    name: 'a step’s job as it should be',
    expects: [],
    before: started({}),
    event: training(
      'fraud-train-a1b2c3d4e5f6-AbCdEfGhIj',
      role('steps/fraud-train'),
      role('pipelines/fraud'),
      SESSION,
    ),
  },
  {
    name: 'a step’s job under another role',
    expects: ['job-role-as-declared'],
    before: started({}),
    event: training(
      'fraud-train-a1b2c3d4e5f6-AbCdEfGhIj',
      role('steps/fraud-eval'),
      role('pipelines/fraud'),
      SESSION,
    ),
  },
  {
    name: 'a step’s job under another name',
    expects: ['job-name-prefix'],
    before: started({}),
    event: training(
      'vision-a1b2c3d4e5f6-AbCdEfGhIj',
      role('steps/fraud-train'),
      role('pipelines/fraud'),
      SESSION,
    ),
  },
  {
    name: 'a person’s job that poses as a pipeline’s step',
    expects: ['job-name-prefix', 'job-role-as-declared'],
    before: started({}),
    event: training(
      'fraud-train-a1b2c3d4e5f6-AbCdEfGhIj',
      role('steps/fraud-train'),
      role('data-scientist'),
      SESSION,
    ),
  },
  {
    name: 'a step’s job, of an execution that nobody knows',
    expects: ['evidence-readable', 'job-name-prefix', 'job-role-as-declared'],
    event: training(
      'fraud-train-a1b2c3d4e5f6-AbCdEfGhIj',
      role('steps/fraud-train'),
      role('pipelines/fraud'),
      SESSION,
    ),
  },
  {
    name: 'a person’s job without a prefix, under a role that nobody authorised',
    expects: ['job-name-prefix', 'job-role-as-declared'],
    event: training('scratch-1', role('etl'), role('data-scientist')),
  },
];
