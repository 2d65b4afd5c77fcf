import { globText } from '../policy/glob.ts';
import { compileTest, TESTS } from '../policy/operators.ts';
import type { Condition } from '../policy/policy.ts';
import { both, either, MAYBE, type Match, matchOf, NO, negated, YES } from './match.ts';
import { contextValues, type Request } from './request.ts';
import type { Trace } from './trace.ts';
import { fixedGlob, parseTemplate, resolveTemplate, type Template, unknownKeys } from './variables.ts';

/** Whether a request meets a condition. */
export type ConditionMatcher = (request: Request, trace?: Trace) => Match;

/**
 * A condition, compiled on first use.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export const conditionMatcher = (condition: Condition, version: string): ConditionMatcher => {
  const { base, texts } = condition;
  const test = base === 'null' ? nullTest(texts) : presentTest(condition, TESTS[base], version);
  const absent = whenAbsent(condition);
  return (request, trace) => {
    const values = contextValues(request, condition.keyName);
    if (values === undefined) {
      trace?.missing.add(condition.key);
      return MAYBE;
    }
    return values === null || values.length === 0 ? absent : test(values, request, trace);
  };
};

/** What a condition says of the values that a request carries; there is at least one. */
type PresentTest = (values: readonly string[], request: Request, trace?: Trace) => Match;

const isNull = (texts: readonly string[], wanted: string): Match =>
  matchOf(texts.some((text) => text.toLowerCase() === wanted));

const nullTest = (texts: readonly string[]): PresentTest => {
  const isPresentWanted = isNull(texts, 'false');
  return () => isPresentWanted;
};

/** An absent key fits no value, so that a negated operator holds; sets over nothing have answers of their own. */
const whenAbsent = ({ base, texts, set, isIfExists }: Condition): Match => {
  if (base === 'null') return isNull(texts, 'true');
  if (isIfExists || set === 'all') return YES;
  return set === 'any' ? NO : matchOf(TESTS[base].isNegated);
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
    if (values.length === 1) return match(first, trace);
    return quantified(
      condition,
      values.map((value) => match(value, trace)),
      trace,
    );
  };
};

/** The test of one value against the texts as they read in this request. */
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
      trace?.doubts.add(`${key} has a value that is no ${test} value: ${value}`);
    if (answer === undefined) return isNegated ? MAYBE : NO;
    const match = answer ? YES : otherwise;
    if (match === MAYBE)
      for (const template of templates)
        for (const name of unknownKeys(template, request)) trace?.missing.add(name);
    return isNegated ? negated(match) : match;
  };
};

/** Without a set qualifier, AWS does not say what becomes of several values that differ: then it is not known. */
const quantified = ({ set, key }: Condition, matches: readonly Match[], trace?: Trace): Match => {
  const least = matches.reduce(both, YES);
  const most = matches.reduce(either, NO);
  if (set) return set === 'all' ? least : most;
  if (least === most) return least;
  trace?.doubts.add(
    `${key} has several values, and the operator takes one: write ForAnyValue or ForAllValues`,
  );
  return MAYBE;
};
