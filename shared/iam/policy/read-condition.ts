import { isObject, type Json, pointerToken } from '../../json/json.ts';
import type { BaseOperator, Condition } from './policy.ts';
import { quoted, type Report, readTexts, typeName } from './policy-report.ts';

/** Every operator by its name in lower case. */
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
 * The parts of an operator such as `ForAllValues:StringLikeIfExists`; undefined where there is no such operator.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const parseOperator = (operator: string): Operator | undefined => {
  const [, set, name = '', ifExists] = OPERATOR.exec(operator.toLowerCase()) ?? [];
  const base = OPERATORS.get(name);
  if (!base || (base === 'null' && (ifExists || set))) return undefined;
  const isAll = set === 'forallvalues';
  return { operator, base, isIfExists: ifExists !== undefined, ...(set && { set: isAll ? 'all' : 'any' }) };
};

/** The conditions of a Condition element, all of which must hold. */
export const readConditions = (value: Json | undefined, pointer: string, report: Report): Condition[] => {
  if (value === undefined) return [];
  if (!isObject(value)) {
    report(
      'malformed-condition',
      pointer,
      `Condition must be an object of operators, and is ${typeName(value)}`,
    );
    return [];
  }
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
    return Object.entries(block).flatMap(([key, values]) =>
      readCondition(operator, key, values, place, report),
    );
  });
};

const readCondition = (
  operator: Operator,
  key: string,
  values: Json,
  pointer: string,
  report: Report,
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
