import type { Prefix } from '../config/schema.ts';
import type { JobKindId } from '../definition/job-kinds.ts';
import { parseJobName } from '../definition/job-name.ts';
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

/** Anybody can give a job such a name. */
const DEFAULT_BY_WHOM: PrefixAnswer = {
  answer: 'unknown',
  because: 'only a pipeline may use a default name, and whether one started this job is not known',
  hangsOn: 'use',
};
