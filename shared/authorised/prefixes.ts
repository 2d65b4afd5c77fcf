import type { Prefix } from '../config/schema.ts';
import type { StepTypeName } from '../definition/step-type-names.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { listed } from '../text/listed.ts';
import { namesPipeline } from './pipeline-names.ts';

/** The prefix that SageMaker puts before a job’s name where prefixing is off. */
export const DEFAULT_NAMES = 'pipelines';

/** Where a job name is used, as far as that is known. */
export type PrefixUse = {
  /** The step types that make such a job; none for a kind of job that no step makes. */
  stepTypes: readonly StepTypeName[];
  principalArn?: string | undefined;
  /** Null for a job that no pipeline started; undefined where the pipeline is not known. */
  pipelineName?: string | null | undefined;
};

export type Answer = 'yes' | 'no' | 'unknown';

/**
 * Whether a prefix is authorised, with the reason. For `unknown`, `hangsOn` says whether the name or the use is not
 * known.
 */
export type PrefixAnswer = { answer: Answer; because: string; hangsOn?: 'name' | 'use' };

/**
 * Whether one of the configured prefixes matches the name and may be used there. `nameFits` answers for one prefix,
 * because only a part of the name may be known.
 */
export const authorisedPrefix = (
  prefixes: readonly Prefix[],
  nameFits: (prefix: string) => Answer,
  use: PrefixUse,
): PrefixAnswer => {
  const answers: PrefixAnswer[] = [];
  for (const entry of prefixes) {
    const name = nameFits(entry.prefix);
    if (name !== 'no') answers.push(answerOf(entry, name, use));
  }
  const best =
    answers.find(({ answer }) => answer === 'yes') ??
    answers.find(({ hangsOn }) => hangsOn === 'use') ??
    answers.find(({ answer }) => answer === 'unknown') ??
    answers.find(({ because }) => because !== '');
  return best ?? { answer: 'no', because: '' };
};

/** The answer of one prefix that matches the name, or may match it. */
const answerOf = (entry: Prefix, name: 'yes' | 'unknown', use: PrefixUse): PrefixAnswer => {
  const { prefix, stepTypes, roles, pipelines } = entry;
  const limits: [boolean | undefined, string][] = [
    [
      !stepTypes || use.stepTypes.some((type) => stepTypes.some((allowed) => allowed === type)),
      `step types ${stepTypes}`,
    ],
    [
      !roles || (use.principalArn === undefined ? undefined : matchesAny(roles, use.principalArn)),
      `roles ${roles}`,
    ],
    [isForPipeline(entry, use), `pipelines ${pipelines}`],
  ];
  const broken = limits.find(([fits]) => fits === false) ?? limits.find(([fits]) => fits === undefined);
  const because = broken ? `prefix ${prefix} is for ${broken[1].replaceAll(',', ', ')}` : '';
  if (broken?.[0] === false) return { answer: 'no', because };
  // Where both name and use are unknown, the answer hangs on the name: who later settles the use must not take the name
  // as a match.
  if (name === 'unknown') {
    const open = `whether it begins with ${prefix}- is only known in a run`;
    return { answer: 'unknown', because: open, hangsOn: 'name' };
  }
  if (!broken) return { answer: 'yes', because };
  return {
    answer: 'unknown',
    because: `${because}, and whether that is the case here is not known`,
    hangsOn: 'use',
  };
};

/**
 * A prefix for certain pipelines and roles may also be used by those roles’ own jobs. A prefix for pipelines alone may
 * not.
 */
const isForPipeline = ({ pipelines, roles }: Prefix, { pipelineName }: PrefixUse): boolean | undefined => {
  if (!pipelines) return true;
  if (pipelineName === null) return roles !== undefined;
  return pipelineName === undefined ? undefined : namesPipeline(pipelines, pipelineName);
};

/** The prefixes that may be used there, as a text for “expected”: `fraud-train (Training, Tuning)`. */
export const describePrefixes = (prefixes: readonly Prefix[], use: PrefixUse): string => {
  const fitting = prefixes.filter((entry) => answerOf(entry, 'yes', use).answer !== 'no');
  const entries = (fitting.length > 0 ? fitting : prefixes).map(({ prefix, stepTypes, pipelines }) => {
    const limits = [stepTypes?.join(', '), pipelines && `pipelines ${pipelines.join(', ')}`].filter(Boolean);
    return limits.length > 0 ? `${prefix} (${limits.join('; ')})` : prefix;
  });
  return listed(entries, 8);
};

/** The first prefix that may be used there, for a remedy; undefined where none may. */
export const usablePrefix = (prefixes: readonly Prefix[], use: PrefixUse): string | undefined => {
  const usable = prefixes
    .filter(({ prefix }) => prefix !== DEFAULT_NAMES)
    .map((entry) => ({ prefix: entry.prefix, ...answerOf(entry, 'yes', use) }));
  return (usable.find(({ answer }) => answer === 'yes') ?? usable.find(({ answer }) => answer === 'unknown'))
    ?.prefix;
};
