import { canonicalGlob, globText, literalGlob } from '../policy/glob.ts';
import { areApart, covers } from '../policy/glob-relations.ts';
import { compileTest, TESTS } from '../policy/operators.ts';
import type { Condition } from '../policy/policy.ts';
import { contextValues, isCarried, valuePattern } from './context-values.ts';
import { both, either, MAYBE, type Match, matchOf, NO, negated, YES } from './match.ts';
import type { Request } from './request.ts';
import type { Trace } from './trace.ts';
import { fixedGlob, parseTemplate, resolveTemplate, type Template, unknownKeys } from './variables.ts';

/** Tells whether a request meets a condition. */
export type ConditionMatcher = (request: Request, trace?: Trace) => Match;

/**
 * The matcher of one condition. Its values are compiled when the first request is tested.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export const conditionMatcher = (condition: Condition, version: string): ConditionMatcher => {
  const { base, texts, key, keyName } = condition;
  if (base === 'null') return nullTest(texts, key, keyName);
  const test = presentTest(condition, TESTS[base], version);
  const absent = whenAbsent(condition, TESTS[base].isNegated);
  return (request, trace) => {
    const values = contextValues(request, keyName);
    if (values === undefined) {
      const match = unknownTest(condition, version, request);
      if (match === MAYBE) trace?.missing.add(key);
      return match;
    }
    return values === null || values.length === 0 ? absent : test(values, request, trace);
  };
};

/** Tests a condition against the values that a request carries; there is at least one value. */
type PresentTest = (values: readonly string[], request: Request, trace?: Trace) => Match;

/** Tests a condition where at most a pattern of the key's value is known. */
const unknownTest = (condition: Condition, version: string, request: Request): Match => {
  const match = patternTest(condition, version, request);
  return match === MAYBE && matchesNothing(condition, version, request) ? ofAnyValue(condition) : match;
};

/**
 * Whether each text has a variable for which the request carries no value, so that no value matches it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
const matchesNothing = ({ texts }: Condition, version: string, request: Request): boolean =>
  texts.every((text) => resolveTemplate(parseTemplate(text, version), request) === null);

/** The answer of a condition that no value matches, if it is the same without the key. */
const ofAnyValue = (condition: Condition): Match => {
  const isNegated = condition.base !== 'null' && TESTS[condition.base].isNegated;
  const present = matchOf(isNegated);
  return whenAbsent(condition, isNegated) === present ? present : MAYBE;
};

const patternTest = ({ base, texts, keyName }: Condition, version: string, request: Request): Match => {
  const pattern = valuePattern(request, keyName);
  const isLike = base === 'stringlike' || base === 'stringnotlike';
  if (!pattern || !(isLike || base === 'stringequals' || base === 'stringnotequals')) return MAYBE;
  const globs = texts.map((text) => {
    const glob = resolveTemplate(parseTemplate(text, version), request);
    return glob && !isLike ? literalGlob(globText(glob)) : glob;
  });
  const isIn = globs.some((glob) => glob && covers(canonicalGlob(glob), pattern));
  const isApart = globs.every((glob) => glob === null || (glob && areApart(canonicalGlob(glob), pattern)));
  const match = isIn ? YES : isApart ? NO : MAYBE;
  return base === 'stringnotlike' || base === 'stringnotequals' ? negated(match) : match;
};

/** The `Null` operator: whether the request carries the key with a value. AWS treats an empty text as null. */
const nullTest = (texts: readonly string[], key: string, keyName: string): ConditionMatcher => {
  const holdsAs = (wanted: string): Match => matchOf(texts.some((text) => text.toLowerCase() === wanted));
  const [whenNull, whenCarried] = [holdsAs('true'), holdsAs('false')];
  return (request, trace) => {
    const is = isCarried(request, keyName);
    if (is !== undefined) return is ? whenCarried : whenNull;
    if (whenNull === whenCarried) return whenNull;
    trace?.missing.add(key);
    return MAYBE;
  };
};

/**
 * The answer for a request without the key. A negated operator is met, because no value matches. For an empty set of
 * values ForAllValues is met and ForAnyValue is not.
 */
const whenAbsent = ({ set, isIfExists }: Condition, isNegated: boolean): Match => {
  if (isIfExists) return YES;
  return set ? quantified(set, []) : matchOf(isNegated);
};

type ValueMatch = (value: string, trace?: Trace) => Match;

type Operator = (typeof TESTS)[keyof typeof TESTS];

const presentTest = (condition: Condition, operator: Operator, version: string): PresentTest => {
  const templates = condition.texts.map((text) => parseTemplate(text, version));
  let compiled: ValueMatch | undefined;
  const isFixed = templates.every((template) => fixedGlob(template) !== undefined);
  return (values, request, trace) => {
    compiled ??= isFixed ? compileValues(condition.key, operator, templates, request) : undefined;
    const match = compiled ?? compileValues(condition.key, operator, templates, request);
    const [first = ''] = values;
    const { set } = condition;
    if (values.length === 1 && (!set || first !== '')) return match(first, trace);
    const matches = values.map((value) => match(value, trace));
    if (!set) return uniform(condition, matches, trace);
    // Set operators skip empty texts. AWS does not document how an empty text counts among other values.
    const filled = matches.filter((_, at) => values[at] !== '');
    const told = quantified(set, filled);
    if (filled.length === 0 || told === quantified(set, matches)) return told;
    trace?.doubts.add(
      `${condition.key} has an empty text among its values, and AWS does not say how it counts`,
    );
    return MAYBE;
  };
};

/** The test of one value against the condition's texts, after their policy variables are replaced for this request. */
const compileValues = (
  key: string,
  { test, isNegated }: Operator,
  templates: readonly Template[],
  request: Request,
): ValueMatch => {
  const globs = templates.map((template) => resolveTemplate(template, request));
  const known = globs.flatMap((glob) => (glob ? { text: globText(glob), glob } : []));
  const fits = compileTest(test, known);
  const otherwise = globs.includes(undefined) ? MAYBE : NO;
  return (value, trace) => {
    const answer = fits(value);
    if (answer === undefined && isNegated)
      trace?.doubts.add(`${key} has a value that is not a ${test} value: ${value}`);
    if (answer === undefined) return isNegated ? MAYBE : NO;
    const match = answer ? YES : otherwise;
    if (match === MAYBE)
      for (const template of templates)
        for (const name of unknownKeys(template, request)) trace?.missing.add(name);
    return isNegated ? negated(match) : match;
  };
};

const quantified = (set: 'all' | 'any', matches: readonly Match[]): Match =>
  set === 'all' ? matches.reduce(both, YES) : matches.reduce(either, NO);

/**
 * AWS does not document how an operator without a set qualifier treats several values; where the values differ, the
 * answer is unknown.
 */
const uniform = ({ key }: Condition, matches: readonly Match[], trace?: Trace): Match => {
  const [least, most] = [quantified('all', matches), quantified('any', matches)];
  if (least === most) return least;
  trace?.doubts.add(
    `${key} has several values, and the operator takes one: write ForAnyValue or ForAllValues`,
  );
  return MAYBE;
};
