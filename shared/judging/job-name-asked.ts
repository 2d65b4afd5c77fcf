import type { NamedJob } from '../authorised/job-name.ts';
import type { PrefixUse } from '../authorised/prefixes.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import type { JobFact, JobOrigin } from '../facts/facts.ts';

/** The name of a started job that prefixes authorise, and where it is used; undefined for a job without a name of its own. */
export const jobNameAsked = (job: JobFact): { named: NamedJob; use: PrefixUse } | undefined => {
  const { origin, tuningJobName, principalArn } = job;
  const name = tuningJobName ?? job.name;
  if (name === undefined) return undefined;
  const kind = tuningJobName === undefined ? job.kind : 'hyper-parameter-tuning-job';
  return {
    named: { name, kind, keepsCase: job.nameKeepsCase, startedBy: origin.startedBy },
    use: { stepTypes: stepTypesOf(kind), principalArn, pipelineName: pipelineNameOf(origin) },
  };
};

/** Null for a job that no pipeline started; undefined if this is unknown. */
const pipelineNameOf = (origin: JobOrigin): string | null | undefined => {
  switch (origin.startedBy) {
    case 'pipeline':
      return origin.pipelineName;
    case 'caller':
      return null;
    case 'unknown':
      return undefined;
  }
};
