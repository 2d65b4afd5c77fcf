import type { Prefix } from '../config/schema.ts';
import { type JobKindId, jobKindOfArn } from '../definition/job-kinds.ts';
import { parseJobName } from '../definition/job-name.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import { arnName } from '../domain/arn.ts';
import { authorisedPrefix, DEFAULT_NAMES, type PrefixAnswer, type PrefixUse } from './prefixes.ts';

/** The name of a started job, and who gave it. */
export type NamedJob = {
  name: string;
  kind: JobKindId;
  /** False where the name may be lower-cased. */
  keepsCase: boolean;
  startedBy: 'pipeline' | 'caller' | 'unknown';
};

/** Whether one of the prefixes authorises the name of a started job. */
export const jobNameAnswer = (job: NamedJob, use: PrefixUse, prefixes: readonly Prefix[]): PrefixAnswer => {
  const { name, kind, keepsCase, startedBy } = job;
  const fold = (text: string) => (keepsCase ? text : text.toLowerCase());
  const isDefault = parseJobName(name, kind)?.form === 'default' && startedBy !== 'caller';
  const answerOf = (list: readonly Prefix[]): PrefixAnswer =>
    authorisedPrefix(
      list,
      (prefix) => {
        const fits = prefix === DEFAULT_NAMES ? isDefault : fold(name).startsWith(fold(`${prefix}-`));
        return fits ? 'yes' : 'no';
      },
      use,
    );
  const answer = answerOf(prefixes);
  if (!isDefault || startedBy !== 'unknown' || answer.answer !== 'yes') return answer;
  const own = answerOf(prefixes.filter(({ prefix }) => prefix !== DEFAULT_NAMES));
  return own.answer === 'yes' ? answer : DEFAULT_BY_WHOM;
};

/**
 * The answer for a job with a default name whose creator is unknown, because a caller can also choose a name of that
 * form.
 */
const DEFAULT_BY_WHOM: PrefixAnswer = {
  answer: 'unknown',
  because: 'only a pipeline may use a default name, and whether one started this job is not known',
  hangsOn: 'use',
};

/**
 * Whether a prefix authorises all names of the jobs of a pipeline's step, which an ARN pattern tells as the step's needs give
 * it; undefined where the step's jobs get no such name, as packages of a group.
 */
export const jobPatternAnswer = (
  pattern: string,
  use: Omit<PrefixUse, 'stepTypes'>,
  prefixes: readonly Prefix[],
): PrefixAnswer | undefined => {
  const kind = jobKindOfArn(pattern);
  const stepTypes = kind === undefined ? [] : stepTypesOf(kind);
  if (stepTypes.length === 0 || isInGroup(pattern)) return undefined;
  const names = arnName(pattern);
  const [leading = ''] = names.split(/[*?$]/);
  const isDefault = names === `${DEFAULT_NAMES}-*` || names === '*';
  return authorisedPrefix(
    prefixes,
    (prefix) => {
      if (prefix === DEFAULT_NAMES) return isDefault ? 'yes' : 'no';
      if (leading.startsWith(`${prefix}-`)) return 'yes';
      return `${prefix}-`.startsWith(leading) ? 'unknown' : 'no';
    },
    { ...use, stepTypes },
  );
};

/** Whether an ARN is of a model package in a group, which is named after the group. */
export const isInGroup = (arn: string): boolean => /:model-package\/[^/]*\//.test(arn);
