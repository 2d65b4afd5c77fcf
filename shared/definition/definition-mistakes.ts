import { isObject, type JsonObject } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { listed } from '../text/listed.ts';
import { declaredValues } from './declared-values.ts';
import { MAX_MISTAKES, type Mistake } from './mistake.ts';
import { type Definition, stepPointer } from './parse.ts';
import { referenceMistakes } from './references.ts';
import { stepCircles } from './step-circles.ts';
import { stepNames } from './step-reference.ts';
import { strayStepMistakes } from './stray-steps.ts';
import { unknownFields } from './unknown-fields.ts';

/**
 * The mistakes that a definition itself has, the first of them: SageMaker refuses such a definition when a pipeline is made of it,
 * ignores a part of it, or fails in a run. A definition with more steps than are read has none, as most of its names are not
 * known.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-overview.html
 */
export const definitionMistakes = (text: string, definition: Definition): Mistake[] => {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value) || definition.isCut) return [];
  const found: Mistake[] = [];
  for (const mistake of all(parsed.value, definition)) {
    if (found.length >= MAX_MISTAKES) break;
    found.push(mistake);
  }
  return found;
};

function* all(root: JsonObject, definition: Definition): Generator<Mistake> {
  yield* strayStepMistakes(root, definition);
  yield* referenceMistakes(root, definition);
  yield* circleMistakes(definition);
  yield* unknownFields(root, definition);
  yield* declaredValues(root, definition);
}

/** Names of a circle that are told; the others are counted. */
const MOST_NAMES = 8;

function* circleMistakes(definition: Definition): Generator<Mistake> {
  const steps = stepNames(definition);
  for (const way of stepCircles(definition)) {
    const [first = ''] = way;
    const step = steps.get(first);
    if (!step) continue;
    yield {
      certainty: 'sure',
      pointer: stepPointer(step),
      step: first,
      found: `${way.length} steps wait for each other: ${listed(way, MOST_NAMES)}, and ${first} again`,
      expected: 'steps of which none waits for itself',
      remedy: `take out one DependsOn or reference between ${listed(way, MOST_NAMES)}`,
    };
  }
}
