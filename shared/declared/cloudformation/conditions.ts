import { matchesGlob } from '../../iam/policy/glob.ts';
import { asText, isObject, type Json, member } from '../../json/json.ts';
import { cut } from '../../text/cut.ts';
import { visibleName, visibleText } from '../../text/visible-text.ts';
import {
  type Condition,
  type Expression,
  evaluated,
  type OpenHole,
  type Place,
  placeBelow,
  type Scene,
  UNKNOWN,
  type Value,
} from './evaluation.ts';
import { expression, subParts } from './expressions.ts';
import { MAX_NESTING, UNREADABLE } from './yaml-template.ts';

/**
 * Makes a condition ready. One that cannot be evaluated is a hole that is true or false, so that both are tried.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
 */
export const condition = (source: Json, place: Place): Condition => {
  const [name, ...others] = isObject(source) ? Object.keys(source) : [];
  const argument = name === undefined ? undefined : member(source, name);
  if (place.depth > MAX_NESTING)
    return undecided(source, place, `it is nested deeper than ${MAX_NESTING} levels`);
  if (source === UNREADABLE || others.length > 0)
    return undecided(source, place, 'the condition cannot be read');
  const at = placeBelow(place, name ?? '');
  switch (name) {
    case 'Condition':
      return typeof argument === 'string'
        ? (scene) => scene.isTrue(argument, place.origin)
        : undecided(source, place, 'its Condition is not a name');
    case 'Fn::Equals':
      return equals(source, argument, at);
    case 'Fn::Not': {
      const [inner, ...more] = conditions(argument, at);
      return inner && more.length === 0
        ? (scene) => !inner(scene)
        : undecided(source, place, 'its argument is not a list of one condition');
    }
    case 'Fn::And':
    case 'Fn::Or': {
      const inner = conditions(argument, at);
      if (inner.length === 0) return undecided(source, place, 'its argument is not a list of conditions');
      // All of them are asked, so that it is known on which holes they hang.
      return (scene) => {
        const outcomes = inner.map((each) => each(scene));
        return name === 'Fn::And' ? outcomes.every(Boolean) : outcomes.some(Boolean);
      };
    }
    default:
      return undecided(source, place, `${visibleName(name ?? 'this')} is no known function of conditions`);
  }
};

const conditions = (argument: Json | undefined, place: Place): Condition[] =>
  Array.isArray(argument) ? argument.map((each, index) => condition(each, placeBelow(place, index))) : [];

/** True or false, which only the deployment tells. */
const either = (source: Json, scene: Scene): boolean =>
  scene.fill({
    name: visibleText(cut(textOf(source), 200)),
    values: ['true', 'false'],
    by: 'given',
    tell: 'write a condition on a parameter alone',
  }) === 'true';

const textOf = (source: Json): string => {
  try {
    return JSON.stringify(source);
  } catch {
    return 'a condition';
  }
};

const undecided =
  (source: Json, { origin }: Place, message: string): Condition =>
  (scene) => {
    scene.report(origin, `${message}; both outcomes are tried`);
    return either(source, scene);
  };

const equals = (source: Json, argument: Json | undefined, place: Place): Condition => {
  if (!Array.isArray(argument) || argument.length !== 2)
    return undecided(source, place, 'its argument is not a list of two values');
  const [one, other] = argument.map((each, index) => expression(each, placeBelow(place, index))) as [
    Expression,
    Expression,
  ];
  return (scene) => {
    const { value, holes } = scene.open(() => [evaluated(one, scene), evaluated(other, scene)] as const);
    return comparison(value, holes) ?? either(source, scene);
  };
};

/** Whether two values are the same; undefined where that hangs on holes, and no value that is tried for one of them decides it. */
const comparison = (
  [first, second]: readonly [Value, Value],
  holes: readonly OpenHole[],
): boolean | undefined => {
  if (first === UNKNOWN || second === UNKNOWN) return undefined;
  if (sameValue(first, second)) return true;
  const isOpen = (text: string): boolean => holes.some(({ value }) => text.includes(value));
  const [one, other] = [first, second].map((each) => (typeof each === 'symbol' ? undefined : asText(each)));
  // A list that only the deployment gives may have any number of parts.
  if (one === undefined || other === undefined) return holes.length > 0 ? undefined : false;
  if (!isOpen(one) && !isOpen(other)) return false;
  if (isOpen(one) && isOpen(other)) return undefined;
  const [open, known] = isOpen(one) ? [one, other] : [other, one];
  const isTried = holes.some(({ hole, value }) => value === open && hole.compared?.includes(known));
  const pattern = holes.reduce((text, { value }) => text.replaceAll(value, '*'), open);
  return isTried || !matchesGlob(pattern, known) ? false : undefined;
};

const sameValue = (one: Value, other: Value): boolean => {
  if (typeof one === 'symbol' || typeof other === 'symbol') return false;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((each, index) => sameValue(each, other[index] ?? null));
  const text = asText(one);
  return text !== undefined && text === asText(other);
};

/**
 * The texts with which conditions compare parameters, by the parameters’ names: `Fn::Equals: [{Ref: Stage}, prod]` compares `Stage`
 * with `prod`. Each of them decides something.
 */
export const comparedTexts = (source: Json | undefined): Map<string, Set<string>> => {
  const compared = new Map<string, Set<string>>();
  for (const left = [{ source, depth: 0 }]; left.length > 0; ) {
    const { source: value, depth } = left.pop() ?? { source: undefined, depth: 0 };
    if (typeof value !== 'object' || value === null || depth > MAX_NESTING) continue;
    const pair = member(value, 'Fn::Equals');
    if (Array.isArray(pair))
      for (const [side, other] of [pair, pair.toReversed()]) {
        const text = asText(other);
        if (text === undefined) continue;
        for (const name of referencesIn(side)) {
          const texts = compared.get(name) ?? new Set();
          compared.set(name, texts.add(text));
        }
      }
    for (const each of Object.values(value)) left.push({ source: each, depth: depth + 1 });
  }
  return compared;
};

const referencesIn = (source: Json | undefined): string[] => {
  const names: string[] = [];
  for (const left = [{ source, depth: 0 }]; left.length > 0; ) {
    const { source: value, depth } = left.pop() ?? { source: undefined, depth: 0 };
    if (typeof value !== 'object' || value === null || depth > MAX_NESTING) continue;
    const name = member(value, 'Ref');
    if (typeof name === 'string') names.push(name);
    const template = member(value, 'Fn::Sub');
    if (typeof template === 'string')
      names.push(...subParts(template).flatMap((each) => ('name' in each ? [each.name] : [])));
    for (const each of Object.values(value)) left.push({ source: each, depth: depth + 1 });
  }
  return names;
};
