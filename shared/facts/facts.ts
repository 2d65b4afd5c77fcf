import { JOB_KINDS, type JobKindId } from '../definition/job-kinds.ts';
import type { Definition, Step, Unchecked } from '../definition/parse.ts';
import type { Unread } from './read.ts';
import type { CorsRule } from './reader.ts';

/** A pipeline as far as it is known: of a definition in a file, nothing but the definition is. */
export type PipelineSubject = { name?: string; arn?: string; roleArn?: string };

/** A job that was created, and who created it. A missing field is not known. */
export type JobFact = {
  kind: JobKindId;
  arn: string;
  /** Missing for a model package in a group, which has no name of its own. */
  name?: string;
  /** False where the name was taken from an ARN, which may be lower-cased. */
  nameKeepsCase: boolean;
  roleArns: string[];
  principalArn?: string;
  startedByPipeline?: boolean;
  /** Another event tells who started the job. */
  hasRecord?: true;
  executionId?: string;
  pipelineName?: string;
};

/** What the definition of a job's execution says of the step that started it. */
export type Declaration = {
  pipelineName: string;
  pipelineRoleArn?: string;
  executionId: string;
  definition: Definition;
  /** The steps that can have started the job: a job's name and session hold only 20 characters of a step's name. */
  steps: Step[];
  /** The values that the execution was started with; undefined where nobody has told. */
  parameters?: Readonly<Record<string, string>>;
};

/** A bucket, and whether images are imported from it. */
export type ImageBucketFact =
  | { name: string; because: string; cors: CorsRule[] }
  | { name: string; because?: undefined };

/** Something that could not be read, or a part of a definition that could not be judged. */
export type Gap = Unread & { subject?: string };

/** Every fact that a control can require. `definition` comes with what it needs to be resolved. */
export type Facts = {
  pipeline: PipelineSubject;
  definition: Definition;
  /** The values that an execution was started with, in place of the defaults; none for the pipeline itself. */
  overrides: Readonly<Record<string, string>>;
  job: JobFact;
  /** Null for a job that no pipeline started. */
  declaration: Declaration | null;
  imageBucket: ImageBucketFact;
  gaps: Gap[];
};

export type FactName = keyof Facts;

/** An IAM action that a fact is read with, on what (in CloudFormation's terms), and why. */
export type FactAction = { action: string; resource: string; reason: string };

const SAGEMAKER = 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}';

const PIPELINE: FactAction = {
  action: 'sagemaker:DescribePipeline',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'the execution role and the definition of a pipeline, as they are now',
};

const JOBS = Object.values(JOB_KINDS)
  .filter(({ noun }) => noun !== 'AutoMLJob') // the second version's operation describes both
  .map(({ noun, arnType }): FactAction => {
    // An export job is authorised by the model card that it exports.
    const type = noun === 'ModelCardExportJob' ? 'model-card' : arnType;
    return {
      action: `sagemaker:Describe${noun}`,
      resource: `${SAGEMAKER}:${type}/*`,
      reason: 'the role and the name of a job, where its event does not tell them',
    };
  });

/** What the auditor's role must be allowed, fact by fact: infra and the pages of the controls are made from it. */
export const FACT_ACTIONS: Record<FactName, readonly FactAction[]> = {
  pipeline: [PIPELINE],
  definition: [PIPELINE],
  overrides: [],
  job: [
    ...JOBS,
    {
      action: 'iam:GetRole',
      resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*',
      reason: 'the path of a role, where a record names only its session',
    },
  ],
  declaration: [
    {
      action: 'sagemaker:DescribePipelineDefinitionForExecution',
      resource: `${SAGEMAKER}:pipeline/*`,
      reason: 'the definition that an execution runs',
    },
  ],
  imageBucket: [
    {
      action: 's3:GetBucketCORS',
      resource: 'arn:${AWS::Partition}:s3:::*',
      reason: 'the CORS configuration of an image bucket',
    },
    {
      action: 's3:GetBucketTagging',
      resource: 'arn:${AWS::Partition}:s3:::*',
      reason: 'the tags that mark a bucket as an image bucket',
    },
  ],
  gaps: [],
};

/** A gap for a part of the definition that was not checked. */
export const gapOf = ({ pointer, name, reason }: Unchecked): Gap => ({
  call: pointer,
  code: 'NotChecked',
  message: reason,
  ...(name === '' ? {} : { subject: name }),
});
