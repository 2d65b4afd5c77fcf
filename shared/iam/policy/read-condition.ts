import { isObject, type Json, type JsonObject, pointerToken } from '../../json/json.ts';
import type { BaseOperator, Condition } from './policy.ts';
import { quoted, type ReportProblem, readTexts, typeName } from './policy-report.ts';

/** All operators by their names in lower case. */
const OPERATORS: ReadonlyMap<string, BaseOperator> = new Map(
  (
    [
      'stringequals',
      'stringnotequals',
      'stringequalsignorecase',
      'stringnotequalsignorecase',
      'stringlike',
      'stringnotlike',
      'numericequals',
      'numericnotequals',
      'numericlessthan',
      'numericlessthanequals',
      'numericgreaterthan',
      'numericgreaterthanequals',
      'dateequals',
      'datenotequals',
      'datelessthan',
      'datelessthanequals',
      'dategreaterthan',
      'dategreaterthanequals',
      'bool',
      'binaryequals',
      'ipaddress',
      'notipaddress',
      'arnequals',
      'arnlike',
      'arnnotequals',
      'arnnotlike',
      'null',
    ] as const
  ).map((name) => [name, name]),
);

const OPERATOR = /^(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?$/;

type Operator = Pick<Condition, 'operator' | 'base' | 'set' | 'isIfExists'>;

/**
 * Splits an operator such as `ForAllValues:StringLikeIfExists` into its parts; undefined if AWS has no such operator.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const parseOperator = (operator: string): Operator | undefined => {
  const [, set, name = '', ifExists] = OPERATOR.exec(operator.toLowerCase()) ?? [];
  const base = OPERATORS.get(name);
  if (!base || (base === 'null' && (ifExists || set))) return undefined;
  const isAll = set === 'forallvalues';
  return { operator, base, isIfExists: ifExists !== undefined, ...(set && { set: isAll ? 'all' : 'any' }) };
};

/** The conditions of a Condition element; all of them must hold. */
export const readConditions = (
  value: Json | undefined,
  pointer: string,
  report: ReportProblem,
): Condition[] => {
  if (value === undefined) return [];
  if (!isObject(value)) {
    report(
      'malformed-condition',
      pointer,
      `Condition must be an object of operators, and is ${typeName(value)}`,
    );
    return [];
  }
  reportSameNames(value, pointer, report);
  return Object.entries(value).flatMap(([name, block]) => {
    const place = `${pointer}/${pointerToken(name)}`;
    const operator = parseOperator(name);
    if (!operator) {
      report('unknown-operator', place, `there is no condition operator ${quoted(name)}`);
      return [];
    }
    if (!isObject(block)) {
      report(
        'malformed-condition',
        place,
        `${name} must be an object of condition keys, and is ${typeName(block)}`,
      );
      return [];
    }
    reportSameNames(block, place, report);
    return Object.entries(block).flatMap(([key, values]) =>
      readCondition(operator, key, values, place, report),
    );
  });
};

/**
 * Condition keys are compared without letter case, so two spellings of one key are the same key twice. AWS forbids
 * this and does not say which value counts. Operators are compared without letter case too, so the same holds for
 * them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
const reportSameNames = (value: JsonObject, pointer: string, report: ReportProblem): void => {
  const known = new Map<string, string>();
  for (const name of Object.keys(value)) {
    const before = known.get(name.toLowerCase());
    if (before === undefined) known.set(name.toLowerCase(), name);
    else
      report(
        'doubled-name',
        `${pointer}/${pointerToken(name)}`,
        `${quoted(name)} is the same as ${quoted(before)}, as letter case does not count here; write both values under one of them`,
      );
  }
};

const readCondition = (
  operator: Operator,
  key: string,
  values: Json,
  pointer: string,
  report: ReportProblem,
): Condition[] => {
  const place = `${pointer}/${pointerToken(key)}`;
  const element = readTexts(values, place, report);
  if (!element) return [];
  if (operator.base === 'null' && !element.texts.every((text) => /^(true|false)$/i.test(text))) {
    report(
      'malformed-condition',
      place,
      `Null takes true or false, and this is ${quoted(element.texts.join(', '))}`,
    );
  }
  return [{ ...operator, ...element, key, keyName: key.toLowerCase() }];
};
