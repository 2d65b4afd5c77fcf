import { asList, asText, isObject, type Json, member } from '../json/json.ts';
import { nearest } from '../text/suggestion.ts';
import { type Members, resultMembers, structure } from './api-members.ts';
import type { Certainty, Mistake } from './mistake.ts';
import { type Definition, type Step, stepPointer } from './parse.ts';
import { hasPlaceholder } from './placeholders.ts';
import { stepOfReference } from './step-graph.ts';
import { stepNames } from './step-reference.ts';
import { stepType } from './step-types.ts';
import { MAX_REFERENCE } from './text-parts.ts';
import { objectsIn } from './walk-values.ts';

/**
 * What an execution tells of itself.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html and the execution variables of the SDK
 */
const EXECUTION_VARIABLES = [
  'Execution.StartDateTime',
  'Execution.CurrentDateTime',
  'Execution.PipelineName',
  'Execution.PipelineArn',
  'Execution.PipelineExecutionId',
  'Execution.PipelineExecutionArn',
  'Execution.TrainingJobName',
  'Execution.ProcessingJobName',
];

/** What is known of the names that a reference can have. */
type Known = {
  definition: Definition;
  steps: ReadonlyMap<string, Step>;
  isOpen: { steps: boolean; parameters: boolean };
};

/** What is wrong with a reference, before its place is known. */
type Wrong = Pick<Mistake, 'certainty' | 'found' | 'expected'> & { meant?: string | undefined };

/** The references of all steps that lead to nothing: DependsOn, and Get of steps, parameters and execution variables. */
export function* referenceMistakes(definition: Definition): Generator<Mistake> {
  const isTemplate = definition.isTemplate === true;
  const known: Known = {
    definition,
    steps: stepNames(definition),
    isOpen: {
      steps: isTemplate && definition.steps.some(({ name }) => hasPlaceholder(name)),
      parameters: isTemplate && [...definition.parameters.keys()].some(hasPlaceholder),
    },
  };
  for (const step of definition.steps) {
    for (const { index, wrong } of wrongDependencies(step, known))
      yield told(step, ['DependsOn', ...(index === undefined ? [] : [index])], wrong);
    const branches: readonly string[] = stepType(step.type).branches;
    const isBranch = (key: string) => branches.includes(key);
    const walked = objectsIn(
      step.raw,
      (object, key) => object !== member(step.raw, 'Arguments') || !isBranch(key),
    );
    for (const { object, tokens } of walked) {
      const reference = Object.keys(object).length === 1 ? asText(member(object, 'Get')) : undefined;
      const wrong = reference === undefined ? undefined : wrongReference(reference, step, known);
      if (wrong) yield told(step, [...tokens(), 'Get'], wrong);
    }
  }
}

const told = (step: Step, tokens: readonly (string | number)[], { meant, ...wrong }: Wrong): Mistake => ({
  ...wrong,
  pointer: stepPointer(step, tokens),
  step: step.name,
  remedy:
    wrong.certainty === 'open'
      ? 'lint the definition once the placeholders are filled in'
      : meant === undefined
        ? 'name what the definition has, or add what is missing'
        : `write ${meant}, if that is meant`,
});

const meaning = (meant: string | undefined): string => (meant === undefined ? '' : `, such as ${meant}`);

function* wrongDependencies(step: Step, known: Known): Generator<{ index?: number; wrong: Wrong }> {
  const written = member(step.raw, 'DependsOn');
  if (written === undefined || written === null) return;
  if (!Array.isArray(written))
    yield { wrong: { certainty: 'sure', found: 'no list', expected: 'a list with the names of steps' } };
  for (const [index, entry] of asList(written).entries()) {
    const name = asText(entry) ?? asText(member(entry, 'Step'));
    const at = Array.isArray(written) ? { index } : {};
    if (name === undefined)
      yield { ...at, wrong: { certainty: 'sure', found: 'no name', expected: 'the name of a step' } };
    else if (name === step.name)
      yield {
        ...at,
        wrong: { certainty: 'sure', found: `${name}: the step itself`, expected: 'another step' },
      };
    else if (!known.steps.has(name)) yield { ...at, wrong: noStep(name, known) };
  }
}

const noStep = (name: string, { definition, steps, isOpen }: Known): Wrong => {
  const isUnknown = isOpen.steps || (definition.isTemplate === true && hasPlaceholder(name));
  const meant = nearest(name, [...steps.keys()]);
  return {
    certainty: isUnknown ? 'open' : 'sure',
    found: `${name}: the definition has no step of this name`,
    expected: `the name of a step of this definition${meaning(meant)}`,
    meant,
  };
};

const wrongReference = (reference: string, step: Step, known: Known): Wrong | undefined => {
  const { definition } = known;
  if (definition.isTemplate && hasPlaceholder(reference)) return undefined; // what it leads to is told where it is judged
  if (reference.startsWith('Parameters.')) return wrongParameter(reference, known);
  if (reference.startsWith('Steps.')) return wrongProperty(reference, step, known);
  if (EXECUTION_VARIABLES.includes(reference)) return undefined;
  if (/^ForEach\.CurrentItem(?:$|[.[])/.test(reference))
    return isInForEach(step)
      ? undefined
      : {
          certainty: 'likely',
          found: `${reference}: the step is in no ForEach`,
          expected: 'a step in a ForEach',
        };
  const meant = nearest(reference, EXECUTION_VARIABLES);
  return {
    certainty: 'likely',
    found: `${reference}: nothing of this name is known`,
    expected: `Parameters.…, Steps.… or a variable of the execution${meaning(meant)}`,
    meant,
  };
};

const isInForEach = (step: Step): boolean => {
  for (let at: Step | undefined = step; at; at = at.parent) if (at.type === 'ForEach') return true;
  return false;
};

const wrongParameter = (
  reference: string,
  { definition: { parameters }, isOpen }: Known,
): Wrong | undefined => {
  const name = reference.slice('Parameters.'.length);
  if (parameters.has(name)) return undefined;
  const near = nearest(name, [...parameters.keys()]);
  const meant = near === undefined ? undefined : `Parameters.${near}`;
  return {
    certainty: isOpen.parameters ? 'open' : 'sure',
    found: `${reference}: the definition declares no such parameter`,
    expected: `a parameter that the definition declares${meaning(meant)}`,
    meant,
  };
};

const wrongProperty = (reference: string, step: Step, known: Known): Wrong | undefined => {
  const name = stepOfReference(reference, known.steps);
  const target = known.steps.get(name);
  if (!target) return noStep(name, known);
  if (target === step)
    return {
      certainty: 'sure',
      found: `${reference}: the step itself`,
      expected: 'a property of another step',
    };
  const path = reference.slice('Steps.'.length + name.length);
  return wrongEntry(reference, path, target) ?? wrongMember(reference, path, target);
};

const ENTRY = /^\.(PropertyFiles|OutputParameters)(?:\.|\[['"])([^'"\].]+)/;

/** The lists of a step that declare what later steps can refer to, and the member that has the name. */
const DECLARED = { PropertyFiles: 'PropertyFileName', OutputParameters: 'OutputName' } as const;

/** Of a property file or output of a Lambda or Callback, which the step itself declares. */
const wrongEntry = (reference: string, path: string, target: Step): Wrong | undefined => {
  const [, list, name] = ENTRY.exec(path) ?? [];
  if ((list !== 'PropertyFiles' && list !== 'OutputParameters') || name === undefined) return undefined;
  const entries = asList(member(target.raw, list));
  const names = entries.map((entry) => asText(member(entry, DECLARED[list])));
  if (names.includes(name) || names.includes(undefined)) return undefined;
  const meant = nearest(
    name,
    names.flatMap((each) => each ?? []),
  );
  const certainty: Certainty = list === 'PropertyFiles' ? 'sure' : 'likely';
  return {
    certainty,
    found: `${reference}: step ${target.name} declares no ${name} in its ${list}`,
    expected: `what step ${target.name} declares${meaning(meant)}`,
  };
};

/** Properties that are no members of an answer of the API: the SDK has them. */
const ADDED: readonly string[] = ['PropertyFiles', 'OutputParameters', 'BestCandidateProperties', 'Outcome'];

/** An entry of a list or map in a path, which may be a name with dots. */
const INDEX = /\[[^\]]{0,256}\]/g;

/** The first member of the path that the answer of the API does not have. */
const wrongMember = (reference: string, path: string, target: Step): Wrong | undefined => {
  let members: Members | undefined = resultMembers(target);
  if (reference.length > MAX_REFERENCE) return undefined;
  for (const field of path.replace(INDEX, '').split('.').slice(1)) {
    if (!members || ADDED.includes(field)) return undefined;
    if (!members.has(field)) {
      const meant = nearest(field, [...members.keys()]);
      return {
        certainty: 'likely',
        found: `${reference}: the API tells no ${field} of what a ${target.type} step makes`,
        expected: `a property of step ${target.name}${meaning(meant)}`,
      };
    }
    members = structure(members.get(field));
  }
  return undefined;
};

/** Whether a value is an expression, so that only a run tells what stands there. */
export const isExpressionValue = (value: Json): boolean =>
  isObject(value) && Object.keys(value).some((key) => key === 'Get' || key.startsWith('Std:'));
