import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { misspelt } from '../text/suggestion.ts';
import { withArticle } from '../text/with-article.ts';
import type { Mistake } from './mistake.ts';
import { type Definition, type Step, stepPointer } from './parse.ts';
import { isExpressionValue } from './property-references.ts';
import { BRANCHES, STEP_TYPES, type StepTypeName, stepTypeNamed } from './step-type-names.ts';
import { stepType } from './step-types.ts';
import { objectsIn } from './walk-values.ts';

/** Steps that SageMaker does not run as they are written: misplaced, incomplete, of a misspelt type, or with a doubled name. */
export function* strayStepMistakes(root: JsonObject, definition: Definition): Generator<Mistake> {
  for (const [key, value] of Object.entries(root))
    if (key !== 'Steps' && key !== 'Metadata') yield* misplacedIn(value, [key], undefined);
  yield* brokenEntries(asList(member(root, 'Steps')), '/Steps');
  for (const step of definition.steps) {
    yield* ofItsType(step);
    yield* misplacedInStep(step);
  }
  yield* doubled(
    definition.steps.map((step) => ({ name: step.name, pointer: stepPointer(step), step: step.name })),
    'step',
  );
  const parameters = asList(member(root, 'Parameters')).flatMap((entry, index) => {
    const name = asText(member(entry, 'Name'));
    return name === undefined ? [] : { name, pointer: `/Parameters/${index}` };
  });
  yield* doubled(parameters, 'parameter');
}

function* brokenEntries(list: readonly Json[], at: string, step?: Step): Generator<Mistake> {
  for (const [index, entry] of list.entries()) {
    const lacking = !isObject(entry)
      ? 'no object'
      : ['Name', 'Type']
          .filter((key) => asText(member(entry, key)) === undefined)
          .map((key) => `no ${key}`)
          .join(' and ');
    if (lacking === '' || isExpressionValue(entry)) continue;
    yield {
      certainty: 'sure',
      pointer: `${at}/${index}`,
      ...(step && { step: step.name }),
      found: `${lacking}`,
      expected: 'a step: an object with a Name, a Type and Arguments',
      remedy:
        'write the step as an object with a Name and a Type, as an entry of Steps or of the branch of a Condition',
    };
  }
}

/** Source: the ForEachStep of the SageMaker Python SDK (sagemaker-mlops). */
const NOT_REPEATED: readonly StepTypeName[] = ['Condition', 'Fail', 'ForEach'];

/** What a type says of a step: whether it is one, and where its steps stand. */
function* ofItsType(step: Step): Generator<Mistake> {
  const { type, typeText, name, raw } = step;
  const meant = type === undefined ? misspelt(typeText, STEP_TYPES) : undefined;
  if (meant !== undefined)
    yield {
      certainty: 'sure',
      pointer: stepPointer(step, ['Type']),
      step: name,
      found: `${JSON.stringify(typeText)}: there is no such type of steps`,
      expected: meant,
      remedy: `write "Type": "${meant}": nothing of the step is judged until then`,
    };
  if (step.branch === 'ForEachBody' && type !== undefined && NOT_REPEATED.includes(type))
    yield {
      certainty: 'sure',
      pointer: stepPointer(step, ['Type']),
      step: name,
      found: `${withArticle(type)} in a ForEach`,
      expected: `a step of a type that can be repeated: none of ${NOT_REPEATED.join(', ')}`,
      remedy: `move step ${name} out of the ForEach`,
    };
  const written = member(raw, 'Arguments');
  if (written !== undefined && written !== null && !isObject(written))
    yield {
      certainty: 'sure',
      pointer: stepPointer(step, ['Arguments']),
      step: name,
      found: Array.isArray(written) ? 'a list' : 'a text',
      expected: 'an object with the arguments of the step',
      remedy: 'write its Arguments as an object: nothing of the step is judged until then',
    };
  for (const branch of stepType(type).branches) {
    const list = member(step.arguments, branch);
    if (list === undefined || list === null) continue;
    yield* brokenEntries(asList(list), stepPointer(step, ['Arguments', branch]), step);
  }
}

function* misplacedInStep(step: Step): Generator<Mistake> {
  for (const [key, value] of Object.entries(step.raw))
    if (key !== 'Arguments') yield* misplacedIn(value, [key], step);
  const own: readonly string[] = stepType(step.type).branches;
  for (const [key, value] of Object.entries(step.arguments)) {
    // What a Lambda is given may look like anything.
    const isForSteps =
      step.type === 'Condition' || step.type === 'ForEach' || isBranch(key) || key === 'Steps';
    if (isForSteps && !own.includes(key)) yield* misplacedIn(value, ['Arguments', key], step);
  }
}

const isBranch = (key: string): boolean => BRANCHES.some((branch) => branch === key);

const isStep = (value: JsonObject): boolean =>
  asText(member(value, 'Name')) !== undefined &&
  stepTypeNamed(asText(member(value, 'Type')) ?? '') !== undefined;

function* misplacedIn(value: Json, at: readonly string[], within: Step | undefined): Generator<Mistake> {
  for (const { object, tokens } of objectsIn(value, (holder) => !isStep(holder))) {
    if (!isStep(object)) continue;
    const place = [...at, ...tokens()];
    const name = asText(member(object, 'Name')) ?? '';
    yield {
      certainty: 'sure',
      pointer: within ? stepPointer(within, place) : stepPointerOfRoot(place),
      step: within?.name ?? name,
      found: `step ${name} stands in ${at.join('.')}${within ? ` of step ${within.name}` : ''}, where SageMaker looks for no steps`,
      expected:
        'steps in Steps, in IfSteps or ElseSteps of the Arguments of a Condition, or in ForEachBody of a ForEach',
      remedy: `move step ${name} there: it is neither run nor judged where it stands`,
    };
  }
}

const stepPointerOfRoot = (place: readonly (string | number)[]): string =>
  place.map((token) => `/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

type Named = { name: string; pointer: string; step?: string };

/** The second and later ones of a name. SageMaker’s names of steps and of parameters are unique in a pipeline. */
function* doubled(entries: readonly Named[], what: 'step' | 'parameter'): Generator<Mistake> {
  const first = new Map<string, string>();
  for (const { name, pointer, step } of entries) {
    const other = first.get(name);
    if (other === undefined) first.set(name, pointer);
    else
      yield {
        certainty: 'sure',
        pointer: `${pointer}/Name`,
        ...(step !== undefined && { step }),
        found: `${name}, which the ${what} at ${other} is called as well`,
        expected: `a name that no other ${what} of the definition has`,
        remedy: `give each ${what} a name of its own`,
      };
  }
}
