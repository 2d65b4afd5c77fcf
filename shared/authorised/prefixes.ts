import type { Prefix } from '../config/schema.ts';
import type { StepTypeName } from '../definition/step-type-names.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { namesPipeline } from './pipeline-names.ts';

/** The prefix that SageMaker itself puts before a job's name where prefixing is off. */
export const DEFAULT_NAMES = 'pipelines';

/** Where a name is to be used, as far as that is known. */
export type PrefixUse = {
  /** The step types that make such a job; none for a kind of job that no step makes. */
  stepTypes: readonly StepTypeName[];
  principalArn?: string | undefined;
  /** Null for a job that no pipeline started. */
  pipelineName?: string | null | undefined;
};

export type Answer = 'yes' | 'no' | 'unknown';

/** Whether a prefix is authorised, and why (not); `hangsOn` tells what an unknown answer waits for. */
export type PrefixAnswer = { answer: Answer; because: string; hangsOn?: 'name' | 'use' };

/**
 * Whether one of the configured prefixes fits the name and may be used there. `nameFits` answers for one prefix, as a
 * name may be known only in part.
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

/** Of a prefix that the name fits, or may fit. */
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
  // Where both are open, it is the name: whoever settles the use must not take it for a name that fits.
  if (name === 'unknown') {
    const open = `whether it begins with ${prefix}- is only known in a run`;
    return { answer: 'unknown', because: open, hangsOn: 'name' };
  }
  if (!broken) return { answer: 'yes', because };
  return { answer: 'unknown', because: `${because}, and which it is here is not known`, hangsOn: 'use' };
};

/** A prefix bound to pipelines and to roles is also for those roles' own jobs; one bound to pipelines alone is not. */
const isForPipeline = ({ pipelines, roles }: Prefix, { pipelineName }: PrefixUse): boolean | undefined => {
  if (!pipelines) return true;
  if (pipelineName === null) return roles !== undefined;
  return pipelineName === undefined ? undefined : namesPipeline(pipelines, pipelineName);
};

/** The prefixes that could be used there, for "expected": `fraud-train (Training, Tuning)`. */
export const describePrefixes = (prefixes: readonly Prefix[], use: PrefixUse): string => {
  const fitting = prefixes.filter((entry) => answerOf(entry, 'yes', use).answer !== 'no');
  const listed = (fitting.length > 0 ? fitting : prefixes).map(({ prefix, stepTypes, pipelines }) => {
    const limits = [stepTypes?.join(', '), pipelines && `pipelines ${pipelines.join(', ')}`].filter(Boolean);
    return limits.length > 0 ? `${prefix} (${limits.join('; ')})` : prefix;
  });
  return listed.length > 8
    ? `${listed.slice(0, 8).join(', ')} and ${listed.length - 8} more`
    : listed.join(', ');
};

/** The first prefix that may be used there, as far as is known, for a remedy; undefined where none may. */
export const usablePrefix = (prefixes: readonly Prefix[], use: PrefixUse): string | undefined => {
  const usable = prefixes
    .filter(({ prefix }) => prefix !== DEFAULT_NAMES)
    .map((entry) => ({ prefix: entry.prefix, ...answerOf(entry, 'yes', use) }));
  return (usable.find(({ answer }) => answer === 'yes') ?? usable.find(({ answer }) => answer === 'unknown'))
    ?.prefix;
};
