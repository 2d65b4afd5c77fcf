import type { Prefix } from '../config/schema.ts';
import {
  concerns,
  knownText,
  leadingText,
  type ResolvedText,
  type ResolveScope,
  resolveText,
} from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { stepType } from '../definition/step-types.ts';
import { stepBaseName } from '../definition/step-values.ts';
import { member } from '../json/json.ts';
import {
  type Answer,
  authorisedPrefix,
  DEFAULT_NAMES,
  type PrefixAnswer,
  type PrefixUse,
} from './prefixes.ts';

/** The pipeline of a step, as far as it is known. A definition in a file tells neither its name nor its role. */
type PipelineOfStep = { name?: string; roleArn?: string };

/** Whether the jobs of a step get names. A RegisterModel step with a model package group makes no named job. */
export const hasJobName = (step: Step): boolean => {
  const { name } = stepType(step.type);
  if (name === null) return false;
  const isUnnamed = name.unnamedWith !== undefined && member(step.arguments, name.unnamedWith) !== undefined;
  return stepBaseName(step) !== undefined || !isUnnamed;
};

/** Where the names of a step’s jobs are used. */
export const useOfStep = (step: Step, pipeline: PipelineOfStep): PrefixUse => ({
  stepTypes: step.type === undefined ? [] : [step.type],
  principalArn: pipeline.roleArn,
  pipelineName: pipeline.name,
});

/**
 * Whether the names of a step’s jobs are authorised. `name` is the step’s base job name, where it has one. Undefined
 * where the answer does not depend on the execution’s own parameters.
 */
export const stepNameAnswer = (
  step: Step,
  scope: ResolveScope,
  pipeline: PipelineOfStep,
  prefixes: readonly Prefix[],
): (PrefixAnswer & { name?: ResolvedText }) | undefined => {
  const base = stepBaseName(step);
  const name = base && resolveText(base.value, scope);
  if (!concerns(name ?? { parts: [], parameters: [] }, scope.parameters)) return undefined;
  const fits = name ? nameFits(name) : (prefix: string) => (prefix === DEFAULT_NAMES ? 'yes' : 'no');
  const answer = authorisedPrefix(prefixes, fits, useOfStep(step, pipeline));
  return { ...answer, ...(name && { name }) };
};

const nameFits = (name: ResolvedText): ((prefix: string) => Answer) => {
  const known = knownText(name);
  const leading = leadingText(name);
  return (prefix) => {
    if (prefix === DEFAULT_NAMES) return 'no'; // a base job name is never the service's own
    if (known !== undefined) return isUnder(prefix, known) ? 'yes' : 'no';
    if (leading.startsWith(`${prefix}-`)) return 'yes';
    return `${prefix}-`.startsWith(leading) ? 'unknown' : 'no';
  };
};

const isUnder = (prefix: string, name: string): boolean =>
  name.startsWith(prefix) && (name.length === prefix.length || name[prefix.length] === '-');
