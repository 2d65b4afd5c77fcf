import { asText, isObject, type Json, type JsonObject, pointerToken } from '../json/json.ts';
import { misspelt, nearest } from '../text/suggestion.ts';
import { withArticle } from '../text/with-article.ts';
import { type Members, requestMembers } from './api-members.ts';
import { argumentMembers, membersNamed, ownMembers, valuesOf } from './definition-members.ts';
import type { Mistake } from './mistake.ts';
import { type Definition, type Step, stepPointer } from './parse.ts';
import { hasPlaceholder } from './placeholders.ts';
import { isExpressionValue } from './property-references.ts';
import { BRANCHES } from './step-type-names.ts';
import { placedObjectsIn } from './step-values.ts';

/** Names and values that stand where neither SageMaker’s API nor the form of definitions has them. */
export function* unknownFields(root: JsonObject, definition: Definition): Generator<Mistake> {
  function* told(places: readonly Place[], step?: Step): Generator<Mistake> {
    for (const place of places)
      for (const unknown of unknownBelow(place))
        if (!(definition.isTemplate && hasPlaceholder(unknown.text))) yield mistakeOf(unknown, step);
  }
  yield* told(ofObject(root, '', 'a definition'));
  for (const step of definition.steps) {
    const members = argumentMembers(step);
    const of = `the ${requestMembers(step) ? 'request' : 'Arguments'} of ${withArticle(step.type ?? 'untyped')} step`;
    yield* told(
      [
        ...ofObject(withoutBranches(step.raw), stepPointer(step), 'a step'),
        ...(members
          ? [{ value: step.arguments, pointer: stepPointer(step, ['Arguments']), of, members }]
          : []),
      ],
      step,
    );
    yield* told(functionsIn(step), step);
  }
}

/** The functions in a step, wherever they stand, also in what a Lambda is given. */
const functionsIn = (step: Step): Place[] => {
  const found: Place[] = [];
  for (const { object, tokens } of placedObjectsIn(step))
    if (Object.keys(object).some((key) => key.startsWith('Std:')))
      found.push(...ofObject(object, stepPointer(step, tokens()), FUNCTION));
  return found;
};

const FUNCTION = 'a function';

/** A value, its place, what it is in words, and the members that it may have. */
type Place = { value: Json; pointer: string; of: string; members: Members };

const ofObject = (value: Json, pointer: string, of: string): Place[] => {
  const members = ownMembers(of);
  return members ? [{ value, pointer, of, members }] : [];
};

/** Branches at a wrong place are told as steps that nobody runs. */
const withoutBranches = (step: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(step).filter(([key]) => !BRANCHES.some((branch) => branch === key)));

/** A member that its holder does not have or, with `value`, a value that the member cannot have; and the names that there are. */
type Unknown = {
  text: string;
  pointer: string;
  of: string;
  names: readonly string[];
  holder: JsonObject;
  member?: string;
};

/** What is unknown in a value and in all objects in it. Keeps its own stack, because conditions can be nested deeply. */
function* unknownBelow(root: Place): Generator<Unknown> {
  const stack = [root];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { value, pointer, of, members } = next;
    if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--)
        stack.push({ ...next, value: value[index] as Json, pointer: `${pointer}/${index}` });
      continue;
    }
    if (!isObject(value) || (of !== FUNCTION && isExpressionValue(value))) continue;
    yield* unknownIn(value, next);
    for (const [key, inner] of Object.entries(value).reverse()) {
      const name = members.get(key) ?? '';
      const below = name === '' ? undefined : membersNamed(name);
      if (below)
        stack.push({
          value: inner,
          pointer: `${pointer}/${pointerToken(key)}`,
          of: ownMembers(name) ? name : of,
          members: below,
        });
    }
  }
}

function* unknownIn(holder: JsonObject, { pointer, of, members }: Place): Generator<Unknown> {
  for (const [key, value] of Object.entries(holder)) {
    const at = { pointer: `${pointer}/${pointerToken(key)}`, of, holder };
    const values = valuesOf(of, key);
    const text = asText(value);
    if (!members.has(key)) yield { ...at, text: key, names: [...members.keys()] };
    else if (values && text !== undefined && !values.includes(text))
      yield { ...at, text, names: values, member: key };
  }
}

const mistakeOf = (unknown: Unknown, step: Step | undefined): Mistake => {
  const { text, pointer, of, names, holder, member } = unknown;
  const isPlaced = step !== undefined && of === 'a step' && requestMembers(step)?.has(text) === true;
  const meant = misspelt(text, names);
  // What differs in letter case may be accepted: AWS does not document it.
  const isSure =
    isPlaced ||
    (meant !== undefined &&
      meant.toLowerCase() !== text.toLowerCase() &&
      (member !== undefined || !Object.hasOwn(holder, meant)));
  const near = meant ?? nearest(text, names);
  const expected = isPlaced
    ? `${text} in the Arguments of the step`
    : member === undefined
      ? `a field that the API has${near ? `, such as ${near}` : ''}`
      : `one of ${names.join(', ')}`;
  return {
    certainty: isSure ? 'sure' : 'likely',
    pointer,
    ...(step && { step: step.name }),
    found: `${text}: ${of} has no such ${member ?? 'field'}`,
    expected,
    remedy: isPlaced
      ? `move ${text} into its Arguments`
      : isSure
        ? `write ${meant} in place of ${text}`
        : `${member === undefined ? `take ${text} out` : `write another ${member} than ${text}`}, unless SageMaker has had it since this version was made${near ? `, or write ${near}, if that is meant` : ''}`,
  };
};
