import { authorisedPrefix, DEFAULT_NAMES, describePrefixes, type PrefixUse } from '../authorised/prefixes.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { parseJobName, tuningJobOf } from '../definition/job-name.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import type { JobFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: 'job-name-prefix',
  system: 'Job prefixes',
  title: 'Started jobs have a name with an authorised prefix',
  severity: 'HIGH',
  on: ['job'],
  requires: ['job'],
  needs: ['prefixes'],
  evaluate: ({ job }, { prefixes = [] }) => {
    const name = job.name === undefined ? undefined : governedName(job, job.name);
    if (name === undefined)
      return [{ status: 'NOT_APPLICABLE', because: 'a model package in a group has no name of its own' }];
    const isChild = name !== job.name;
    const parsed = parseJobName(name, isChild ? 'hyper-parameter-tuning-job' : job.kind);
    const use: PrefixUse = {
      stepTypes: stepTypesOf(isChild ? 'hyper-parameter-tuning-job' : job.kind),
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
