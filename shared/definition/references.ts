import { asList, asText, type JsonObject, member, pointerToken } from '../json/json.ts';
import { nearest } from '../text/suggestion.ts';
import type { Mistake } from './mistake.ts';
import { type Definition, type Step, stepPointer } from './parse.ts';
import { hasPlaceholder, mayBecome } from './placeholders.ts';
import { meaning, type Wrong, wrongOutputName, wrongPath } from './property-references.ts';
import { stepOfReference } from './step-graph.ts';
import { stepNames } from './step-reference.ts';
import { placedObjectsIn } from './step-values.ts';
import { type ObjectWithin, objectsIn } from './walk-values.ts';

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

/** What a pipeline’s experiment is called: `PipelineExperimentConfigProperties` of the SDK. */
const EXPERIMENT = ['PipelineExperimentConfig.ExperimentName', 'PipelineExperimentConfig.TrialName'];

/** The members of a definition, beside its steps, in which references may stand. */
const OUTSIDE_OF_STEPS = ['PipelineExperimentConfig', 'MlflowConfig'];

/** What is known of the names that a reference can have. `isOpen`: whether a name may come from a placeholder in one of these names. */
type Known = {
  definition: Definition;
  steps: ReadonlyMap<string, Step>;
  isOpen: (name: string, names: Iterable<string>) => boolean;
};

/**
 * The names that lead to nothing: DependsOn, the outputs of property files, the sources of a Cleanup, and Get of steps, parameters and
 * execution variables.
 */
export function* referenceMistakes(root: JsonObject, definition: Definition): Generator<Mistake> {
  const known: Known = {
    definition,
    steps: stepNames(definition),
    isOpen: (name, names) =>
      definition.isTemplate === true &&
      (hasPlaceholder(name) || [...names].some((each) => mayBecome(each, name))),
  };
  for (const key of OUTSIDE_OF_STEPS)
    yield* wrongReferencesIn(objectsIn(member(root, key) ?? null), known, (tokens) =>
      pointerOf([key, ...tokens]),
    );
  for (const step of definition.steps) {
    const at = (tokens: Tokens) => stepPointer(step, tokens);
    for (const { tokens, wrong } of wrongNames(step, known)) yield told(step, at(tokens), wrong);
    yield* wrongReferencesIn(placedObjectsIn(step), known, at, step);
  }
}

type Tokens = readonly (string | number)[];

const pointerOf = (tokens: Tokens): string => tokens.map((token) => `/${pointerToken(token)}`).join('');

function* wrongReferencesIn(
  objects: Iterable<ObjectWithin>,
  known: Known,
  pointerAt: (tokens: Tokens) => string,
  step?: Step,
): Generator<Mistake> {
  for (const { object, tokens } of objects) {
    const reference = Object.keys(object).length === 1 ? asText(member(object, 'Get')) : undefined;
    const wrong = reference === undefined ? undefined : wrongReference(reference, step, known);
    if (wrong) yield told(step, pointerAt([...tokens(), 'Get']), wrong);
  }
}

/** The names in a step that are no references: each must be one that the definition has. */
function* wrongNames(step: Step, known: Known): Generator<{ tokens: Tokens; wrong: Wrong }> {
  for (const { index, wrong } of wrongDependencies(step, known))
    yield { tokens: ['DependsOn', ...(index === undefined ? [] : [index])], wrong };
  for (const [index, file] of asList(member(step.raw, 'PropertyFiles')).entries()) {
    const wrong = wrongOutputName(asText(member(file, 'OutputName')), step, known.definition);
    if (wrong) yield { tokens: ['PropertyFiles', index, 'OutputName'], wrong };
  }
  const sources = step.type === 'Cleanup' ? member(member(step.arguments, 'Resources'), 'S3') : undefined;
  for (const [index, source] of asList(sources).entries()) {
    const name = asText(member(source, 'StepName'));
    if (name !== undefined && !known.steps.has(name))
      yield { tokens: ['Arguments', 'Resources', 'S3', index, 'StepName'], wrong: noStep(name, known) };
  }
}

const told = (step: Step | undefined, pointer: string, { meant, ...wrong }: Wrong): Mistake => ({
  ...wrong,
  pointer,
  ...(step && { step: step.name }),
  remedy:
    wrong.certainty === 'open'
      ? 'lint the definition once the placeholders are filled in'
      : meant === undefined
        ? 'name what the definition has, or add what is missing'
        : `write ${meant}, if that is meant`,
});

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

const noStep = (name: string, { steps, isOpen }: Known): Wrong => {
  const meant = nearest(name, [...steps.keys()]);
  return {
    certainty: isOpen(name, steps.keys()) ? 'open' : 'sure',
    found: `${name}: the definition has no step of this name`,
    expected: `the name of a step of this definition${meaning(meant)}`,
    meant,
  };
};

const wrongReference = (reference: string, step: Step | undefined, known: Known): Wrong | undefined => {
  const { definition } = known;
  if (definition.isTemplate && hasPlaceholder(reference)) return undefined; // what it leads to is told where it is judged
  if (reference.startsWith('Parameters.')) return wrongParameter(reference, known);
  if (reference.startsWith('Steps.')) return wrongProperty(reference, step, known);
  if (EXECUTION_VARIABLES.includes(reference) || EXPERIMENT.includes(reference)) return undefined;
  if (/^ForEach\.CurrentItem(?:$|[.[])/.test(reference))
    return isInForEach(step)
      ? undefined
      : {
          certainty: 'likely',
          found: `${reference}: the step is in no ForEach`,
          expected: 'a step in a ForEach',
        };
  if (step?.type === 'ForEach' && reference.startsWith(ITERATION)) return wrongOfBody(reference, step, known);
  const meant = nearest(reference, [...EXECUTION_VARIABLES, ...EXPERIMENT]);
  return {
    certainty: 'likely',
    found: `${reference}: nothing of this name is known`,
    expected: `Parameters.…, Steps.… or a variable of the execution${meaning(meant)}`,
    meant,
  };
};

const ITERATION = 'IterationOutput.';

/**
 * Of what a step in a ForEach makes, by which the ForEach selects one of its items.
 * Source: ForEachSelector of the SageMaker Python SDK (sagemaker-mlops).
 */
const wrongOfBody = (
  reference: string,
  step: Step,
  { steps, isOpen, definition }: Known,
): Wrong | undefined => {
  const rest = reference.slice(ITERATION.length);
  const name = /^[^.[\]]*/.exec(rest)?.[0] ?? '';
  const target = steps.get(name);
  if (target?.parent === step) return wrongPath(reference, rest.slice(name.length), target, definition);
  const names = [...steps.values()].filter(({ parent }) => parent === step).map((each) => each.name);
  const meant = nearest(name, names);
  return {
    certainty: isOpen(name, names) ? 'open' : 'sure',
    found: `${reference}: step ${step.name} repeats no step of this name`,
    expected: `a step in the ForEachBody of ${step.name}${meaning(meant)}`,
  };
};

const isInForEach = (step: Step | undefined): boolean => {
  for (let at = step; at; at = at.parent) if (at.type === 'ForEach') return true;
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
    certainty: isOpen(name, parameters.keys()) ? 'open' : 'sure',
    found: `${reference}: the definition declares no such parameter`,
    expected: `a parameter that the definition declares${meaning(meant)}`,
    meant,
  };
};

const wrongProperty = (reference: string, step: Step | undefined, known: Known): Wrong | undefined => {
  const name = stepOfReference(reference, known.steps);
  const target = known.steps.get(name);
  if (!target) return noStep(name, known);
  if (target === step)
    return {
      certainty: 'sure',
      found: `${reference}: the step itself`,
      expected: 'a property of another step',
    };
  return wrongPath(reference, reference.slice('Steps.'.length + name.length), target, known.definition);
};
