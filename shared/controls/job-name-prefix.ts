import { authorisedPrefix, DEFAULT_NAMES, describePrefixes, type PrefixUse } from '../authorised/prefixes.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { parseJobName, tuningJobOf } from '../definition/job-name.ts';
import type { JobFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';

export const control = defineControl({
  id: 'job-name-prefix',
  on: ['job'],
  requires: ['job'],
  needs: ['prefixes'],
  meta: {
    system: 'Job prefixes',
    title: 'Started jobs have a name with an authorised prefix',
    severity: 'HIGH',
    description:
      'The beginning of a job’s name decides which IAM policies reach it. Each job that is created is held against the ' +
      'prefixes that are authorised for its step type, its pipeline and whoever started it.',
    risk:
      'A job outside the authorised prefixes has escaped the boundary between teams: either a policy allows more than ' +
      'it should, or someone uses a name that belongs to others.',
    remediation:
      'A job keeps its name: stop it if it should not run. For a pipeline’s job set the base job name of the step; for ' +
      'others use an authorised prefix; and narrow the policy that allowed the name.',
    decision: [
      'The name is taken from the request, as ARNs may be lower-cased; a name that is only known from an ARN is compared without case.',
      'It must begin with an authorised prefix and a dash, and that prefix must be authorised for the step type, the pipeline and the principal who started the job.',
      'A default name (pipelines-…, or for tuning and AutoML one that begins with the execution’s id) is fine only for a job that a pipeline started, where the prefix “pipelines” is authorised.',
      'A job started by a step’s session must carry the id of that session’s execution in its name.',
      'A training job that a tuning job made is judged by the tuning job’s name; one that somebody created under such a name is judged by its own.',
    ],
    example: {
      fails: 'training-job/scratch-2026-01-31, started by arn:aws:iam::111122223333:role/data-scientist',
      passes:
        'training-job/fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj, started by the execution role of pipeline fraud-train',
    },
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-step-permissions-prefix',
    ],
    fix: rolePolicyFix({
      role: 'data-scientist',
      name: 'create-jobs',
      statement: {
        Effect: 'Allow',
        Action: 'sagemaker:CreateTrainingJob',
        Resource: 'arn:aws:sagemaker:*:111122223333:training-job/fraud-train-*',
      },
    }),
    requirements: [
      'ISO 27001:2022 A.5.15',
      'ISO 27001:2022 A.8.3',
      'NIST 800-53 AC-3',
      'NIST 800-53 AC-6',
      'SOC 2 CC6.1',
      'SOC 2 CC6.3',
    ],
  },
  evaluate: ({ job }, { prefixes = [] }) => {
    const name = job.name === undefined ? undefined : governedName(job, job.name);
    if (name === undefined)
      return [{ status: 'NOT_APPLICABLE', because: 'a model package in a group has no name of its own' }];
    const isChild = name !== job.name;
    const parsed = parseJobName(name, isChild ? 'hyper-parameter-tuning-job' : job.kind);
    const use: PrefixUse = {
      stepTypes: isChild ? ['Tuning'] : jobKind(job.kind).stepTypes,
      principalArn: job.principalArn,
      pipelineName: job.startedByPipeline === false ? null : job.pipelineName,
    };
    const fold = (text: string) => (job.nameKeepsCase ? text : text.toLowerCase());
    const isDefault = parsed?.form === 'default' && job.startedByPipeline !== false;
    const { answer, because, hangsOn } = authorisedPrefix(
      prefixes,
      (prefix) => {
        const fits = prefix === DEFAULT_NAMES ? isDefault : fold(name).startsWith(fold(`${prefix}-`));
        return fits ? 'yes' : 'no';
      },
      use,
    );
    const otherExecution =
      job.startedByPipeline &&
      job.executionId !== undefined &&
      (parsed ? parsed.executionId !== job.executionId : !name.includes(job.executionId));
    if (answer === 'yes' && !otherExecution) return [{ status: 'PASSED' }];
    if (answer === 'unknown' && hangsOn === 'use' && job.hasRecord && !otherExecution) {
      return [{ status: 'NOT_APPLICABLE', because: 'the CloudTrail record of the job tells who started it' }];
    }
    const why = otherExecution
      ? `started in execution ${job.executionId}, whose id the name does not carry`
      : because;
    return [
      {
        status: answer === 'no' || otherExecution ? 'FAILED' : 'NOT_AVAILABLE',
        evidence: [
          {
            at: jobKind(job.kind).nameField,
            found: `${job.name}${why ? ` (${why})` : ''}`,
            expected: `a name that begins with an authorised prefix and a dash: ${describePrefixes(prefixes, use)}`,
          },
        ],
        remediation: { text: remedy(job) },
      },
    ];
  },
});

/** The record of a call tells who started the job, and a tuning job's own jobs come from no call. */
const governedName = (job: JobFact, name: string): string =>
  (job.kind === 'training-job' && job.startedByPipeline === undefined ? tuningJobOf(name) : undefined) ??
  name;

const remedy = (job: JobFact): string =>
  job.startedByPipeline
    ? `The job keeps its name. Set the base job name of its step${job.pipelineName ? ` in pipeline ${job.pipelineName}` : ''} to an authorised prefix, and narrow the execution role’s policy to it.`
    : `The job keeps its name: stop it if it should not run. Have ${job.principalArn ?? 'its creator'} use an authorised prefix, and narrow the policy that allows other names.`;
