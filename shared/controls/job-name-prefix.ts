import { jobNameAnswer } from '../authorised/job-name.ts';
import { describePrefixes } from '../authorised/prefixes.ts';
import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { namesExecution } from '../definition/job-name.ts';
import { baseNameAdviceFor } from '../definition/sdk-advice.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import type { JobFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { jobNameAsked } from '../judging/job-name-asked.ts';
import { jobPrefix } from '../judging/satisfying-steps.ts';
import { doesNotApply } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'job-name-prefix',
  system: 'Job prefixes',
  title: 'Started jobs have a name with an authorised prefix',
  severity: 'HIGH',
  on: ['job'],
  requires: ['job'],
  needs: ['prefixes'],
  satisfiedBy: jobPrefix,
  evaluate: ({ job }, { prefixes = [] }) => {
    const asked = jobNameAsked(job);
    if (!asked) return doesNotApply('a model package in a group has no name of its own');
    const { origin } = job;
    const { named, use } = asked;
    const { name, kind } = named;
    const { answer, because, hangsOn } = jobNameAnswer(named, use, prefixes);
    const otherExecution = origin.startedBy === 'pipeline' && !namesExecution(name, kind, origin.executionId);
    if (answer === 'yes' && !otherExecution) return [{ status: 'PASSED' }];
    if (answer === 'unknown' && hangsOn === 'use' && job.hasRecord && !otherExecution) {
      return doesNotApply('the CloudTrail record of the job tells who started it');
    }
    const isWrong = answer === 'no' || otherExecution;
    const why = otherExecution
      ? `started in execution ${origin.executionId}, whose id the name does not carry`
      : because;
    return [
      {
        status: isWrong ? 'FAILED' : 'NOT_AVAILABLE',
        evidence: [
          {
            at: jobKind(job.kind).nameField,
            found: `${job.name}${why ? ` (${why})` : ''}`,
            expected: `a name that begins with an authorised prefix and a dash: ${describePrefixes(prefixes, use)}`,
          },
        ],
        remediation: { text: isWrong ? remedy(job) : LOOK_UP },
      },
    ];
  },
});

const remedy = ({ kind, origin, principalArn }: JobFact): string =>
  origin.startedBy === 'pipeline'
    ? `The job keeps its name. Set the base job name of its step in pipeline ${origin.pipelineName} to an authorised prefix, and narrow the execution role’s policy to it.${inCode(kind)}`
    : `The job keeps its name: stop it if it should not run. Have ${principalArn ?? 'its creator'} use an authorised prefix, and narrow the policy that allows other names.`;

/** How code of the SDK gives the name: the first of the step types that make such jobs stands for all. */
const inCode = (kind: JobKindId): string => {
  const [type] = stepTypesOf(kind);
  const advice = type === undefined ? '' : baseNameAdviceFor(type);
  return advice === '' ? '' : ` ${advice}`;
};

/** Nobody needs to stop a job of which only its starter is not known. */
const LOOK_UP =
  'Nothing needs to change if a pipeline or principal started the job that may use this name. Look up who started it: its CreateJob record in CloudTrail tells the caller, and aws sagemaker list-pipeline-execution-steps tells the jobs of an execution. Audit the job again with that record (--events), or with that execution in the snapshot.';
