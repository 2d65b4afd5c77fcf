import {
  authorisedPrefix,
  DEFAULT_NAMES,
  describePrefixes,
  type PrefixAnswer,
  type PrefixUse,
} from '../authorised/prefixes.ts';
import type { Prefix } from '../config/schema.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { parseJobName } from '../definition/job-name.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import type { JobFact, JobOrigin } from '../facts/facts.ts';
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
    const name = job.tuningJobName ?? job.name;
    if (name === undefined)
      return [{ status: 'NOT_APPLICABLE', because: 'a model package in a group has no name of its own' }];
    const { origin } = job;
    const isChild = job.tuningJobName !== undefined;
    const parsed = parseJobName(name, isChild ? 'hyper-parameter-tuning-job' : job.kind);
    const use: PrefixUse = {
      stepTypes: stepTypesOf(isChild ? 'hyper-parameter-tuning-job' : job.kind),
      principalArn: job.principalArn,
      pipelineName: pipelineNameOf(origin),
    };
    const fold = (text: string) => (job.nameKeepsCase ? text : text.toLowerCase());
    const isNamed = (prefix: string): boolean => fold(name).startsWith(fold(`${prefix}-`));
    const isDefault = parsed?.form === 'default' && origin.startedBy !== 'caller';
    const answerOf = (list: readonly Prefix[]): PrefixAnswer =>
      authorisedPrefix(
        list,
        (prefix) => ((prefix === DEFAULT_NAMES ? isDefault : isNamed(prefix)) ? 'yes' : 'no'),
        use,
      );
    const own = prefixes.filter(({ prefix }) => prefix !== DEFAULT_NAMES);
    const hangsOnOrigin =
      isDefault &&
      origin.startedBy === 'unknown' &&
      answerOf(own).answer !== 'yes' &&
      answerOf(prefixes).answer === 'yes';
    const { answer, because, hangsOn }: PrefixAnswer = hangsOnOrigin ? DEFAULT_BY_WHOM : answerOf(prefixes);
    const otherExecution =
      origin.startedBy === 'pipeline' &&
      (parsed ? parsed.executionId !== origin.executionId : !name.includes(origin.executionId));
    if (answer === 'yes' && !otherExecution) return [{ status: 'PASSED' }];
    if (answer === 'unknown' && hangsOn === 'use' && job.hasRecord && !otherExecution) {
      return [{ status: 'NOT_APPLICABLE', because: 'the CloudTrail record of the job tells who started it' }];
    }
    const why = otherExecution
      ? `started in execution ${origin.executionId}, whose id the name does not carry`
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

/** Anybody can give a job such a name. */
const DEFAULT_BY_WHOM: PrefixAnswer = {
  answer: 'unknown',
  because: 'only a pipeline may use a default name, and whether one started this job is not known',
  hangsOn: 'use',
};

/** Null for a job that no pipeline started; undefined where that is not known. */
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

const remedy = ({ origin, principalArn }: JobFact): string =>
  origin.startedBy === 'pipeline'
    ? `The job keeps its name. Set the base job name of its step in pipeline ${origin.pipelineName} to an authorised prefix, and narrow the execution role’s policy to it.`
    : `The job keeps its name: stop it if it should not run. Have ${principalArn ?? 'its creator'} use an authorised prefix, and narrow the policy that allows other names.`;
