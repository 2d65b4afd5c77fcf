import { contextValues } from '../decide/context-values.ts';
import { NO } from '../decide/match.ts';
import type { Request } from '../decide/request.ts';
import { type Condition, type PrincipalElement, textPointer } from '../policy/policy.ts';
import type { StatementMatch } from './statement-match.ts';

/** The first element that keeps a statement from applying: what the request has, and what the statement expects. */
export type Nearest = {
  element: 'Action' | 'Resource' | 'Principal' | 'Condition';
  /** JSON pointer to the element, or to the one pattern in it that comes closest. */
  elementPointer: string;
  found: string;
  expected: string;
};

/**
 * The statement that comes closest to a request. A matching action counts most, then resource, principal and the
 * number of conditions met. Between equals, the statement wins whose pattern shares the longest beginning with the
 * request.
 */
export const nearestOf = (
  statements: readonly StatementMatch[],
  request: Request,
): { judged: StatementMatch; nearest: Nearest } | undefined => {
  let best: { judged: StatementMatch; score: readonly number[] } | undefined;
  for (const judged of statements) {
    const score = scoreOf(judged, request);
    if (!best || isGreater(score, best.score)) best = { judged, score };
  }
  const nearest = best && mismatch(best.judged, request);
  return best && nearest && { judged: best.judged, nearest };
};

const scoreOf = (
  { action, resource, principal, conditions, compiled }: StatementMatch,
  request: Request,
): number[] => {
  const { actions, resources } = compiled.statement;
  const met = conditions.filter((match) => match !== NO).length;
  return [
    Number(action !== NO),
    Number(resource !== NO),
    Number(principal !== NO),
    met - conditions.length,
    resources && resource === NO ? closest(resources.texts, request.resource).shared : 0,
    action === NO ? closest(actions.texts, request.action).shared : 0,
  ];
};

const isGreater = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
};

/** The first element that does not match. */
const mismatch = (
  { action, resource, principal, conditions, compiled }: StatementMatch,
  request: Request,
): Nearest | undefined => {
  const { statement } = compiled;
  if (action === NO) return patternMismatch('Action', statement.actions, request.action);
  if (resource === NO && statement.resources)
    return patternMismatch('Resource', statement.resources, request.resource);
  if (principal === NO && statement.principals) return principalMismatch(statement.principals, request);
  const failed = statement.conditions.find((_, index) => conditions[index] === NO);
  return failed && conditionMismatch(failed, request);
};

type Patterns = { texts: readonly string[]; pointer: string; isList: boolean; isNot: boolean };

const patternMismatch = (element: 'Action' | 'Resource', patterns: Patterns, found: string): Nearest => {
  if (patterns.isNot)
    return {
      element,
      elementPointer: patterns.pointer,
      found,
      expected: `none of ${patterns.texts.join(', ')}`,
    };
  const { index } = closest(patterns.texts, found);
  return {
    element,
    elementPointer: textPointer(patterns, index),
    found,
    expected: patterns.texts[index] ?? '',
  };
};

/** The pattern that shares the longest beginning with the text, in any letter case. */
const closest = (patterns: readonly string[], text: string): { index: number; shared: number } => {
  let best = { index: 0, shared: -1 };
  for (const [index, pattern] of patterns.entries()) {
    const shared = sharedLength(pattern.toLowerCase(), text.toLowerCase());
    if (shared > best.shared) best = { index, shared };
  }
  return best;
};

const sharedLength = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
};

const principalMismatch = ({ principals, isNot }: PrincipalElement, { principal }: Request): Nearest => {
  const listed = principals.map(({ value }) => value).join(', ');
  return {
    element: 'Principal',
    elementPointer: principals[0]?.pointer ?? '',
    found: principal.sessionArn ?? principal.arn,
    expected: isNot ? `none of ${listed}` : listed,
  };
};

const conditionMismatch = (condition: Condition, request: Request): Nearest => {
  const values = contextValues(request, condition.keyName);
  return {
    element: 'Condition',
    elementPointer: condition.pointer,
    found: values ? `${condition.key} is ${values.join(', ')}` : `${condition.key} is not in the request`,
    expected: `${condition.operator} ${condition.texts.join(', ')}`,
  };
};
