import type { Origin } from '../declared.ts';
import { FUNCTIONS, TEXT_FUNCTIONS } from './functions.ts';
import {
  bearsOpen,
  holdsOpen,
  isToldOf,
  LEAVES_OPEN,
  MAKES_TEXT,
  type OpenTexts,
  telling,
  weigh,
} from './open-texts.ts';
import { type Expression, SPLAT, type TemplatePart } from './syntax.ts';
import {
  boundedLength,
  entriesOf,
  isEncoded,
  isEqual,
  isList,
  listOf,
  Mistake,
  memberOf,
  numberOf,
  pairsOf,
  textOf,
  truthOf,
  Untold,
  type Value,
} from './values.ts';

/** What names in expressions mean, and what evaluation may ask for. */
export type Scope = {
  /** The value of a root name (`var`, `local`, `aws_iam_role`); undefined where nothing has that name. */
  name: (name: string) => Value | undefined;
  /** A text in place of one that cannot be evaluated. */
  unknownText: (origin: Origin, why: string) => string;
  /** What only the deployment tells in texts. */
  open: OpenTexts;
  /** Functions of Terraform that read files. */
  files: { text: (path: string) => string; template: (path: string) => Expression };
  /** Told of each object and list that an expression makes. */
  made: (value: object, origin: Origin) => void;
  work: Work;
};

/** How much may still be evaluated. */
export type Work = { left: number; depth: number };

/** How many expressions one way to fill the holes may evaluate. */
export const MOST_WORK = 3_000_000;
const MAX_DEPTH = 600;

/** Evaluates an expression. Throws Untold where that is not possible, and nothing else. */
export const evaluate = (expression: Expression, scope: Scope): Value => {
  const { work } = scope;
  if (--work.left < 0) throw new Untold('there is more to evaluate than is evaluated here');
  if (work.depth > MAX_DEPTH) throw new Untold('it is nested too deeply, or refers to itself');
  work.depth++;
  try {
    return evaluated(expression, scope);
  } finally {
    work.depth--;
  }
};

const evaluated = (expression: Expression, scope: Scope): Value => {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template':
      return templateText(expression.parts, scope);
    case 'object':
      return made(objectOf(expression.entries, scope), expression.origin, scope);
    case 'tuple':
      return made(
        expression.items.map((item) => evaluate(item, scope)),
        expression.origin,
        scope,
      );
    case 'for':
      return forOf(expression, scope);
    case 'call':
      return call(expression, scope);
    case 'conditional':
      return evaluate(
        truth(evaluate(expression.condition, scope), scope) ? expression.whenTrue : expression.whenFalse,
        scope,
      );
    case 'binary':
      return binary(expression, scope);
    case 'unary': {
      const operand = evaluate(expression.operand, scope);
      return expression.operator === '!' ? !truth(operand, scope) : -numeric(operand, scope);
    }
    case 'name': {
      const value = scope.name(expression.name);
      if (value === undefined) throw new Untold(`nothing is known of ${shown(expression.name)}`);
      return value;
    }
    case 'attribute':
      return attributeOf(told(evaluate(expression.of, scope), scope), expression.name);
    case 'index':
      return indexOf(told(evaluate(expression.of, scope), scope), evaluate(expression.key, scope), scope);
    case 'splat':
      return splat(expression, scope);
    case 'broken':
      throw new Untold(expression.why);
  }
};

/** A value that is no text of which only the deployment knows what it is: it may be a list, a number or an object then. */
const told = (value: Value, { open }: Scope): Value => {
  if (typeof value === 'string' && holdsOpen(value, open)) throw new Untold(HANGS);
  return value;
};

const HANGS = 'it hangs on what only the deployment tells';

const truth = (value: Value, scope: Scope): boolean => truthOf(told(value, scope));
const numeric = (value: Value, scope: Scope): number => numberOf(told(value, scope));

const isText = (value: Value): boolean =>
  typeof value === 'string' || (value !== null && typeof value === 'object' && isEncoded(value));

/** Whether two values are equal; Untold where only the deployment tells it. */
const equal = (one: Value, other: Value, { open, work }: Scope): boolean => {
  for (const each of [one, other]) weigh(each, work);
  if (isText(one) && isText(other)) return open.isSame(textOf(one), textOf(other));
  if (isEqual(one, other)) return true;
  if (one === null || other === null) {
    const there = one ?? other;
    if (typeof there === 'string' && open.mayBeNull(there)) throw new Untold(HANGS);
    return false;
  }
  if (holdsOpen(one, open) || holdsOpen(other, open)) throw new Untold(HANGS);
  return false;
};

/** A name in a message. Names that nobody would give could be hostile text. */
const shown = (name: string): string => (/^[\w.:*-]{1,100}$/.test(name) ? name : 'a name');

const made = <T extends object>(value: T, origin: Origin, scope: Scope): T => {
  scope.made(value, origin);
  return value;
};

const objectOf = (
  entries: readonly (readonly [Expression, Expression])[],
  scope: Scope,
): { [key: string]: Value } =>
  Object.fromEntries(
    entries.map(([key, value]) => [textOf(evaluate(key, scope)), evaluate(value, scope)] as const),
  );

/** A scope in which some more names have a value. */
export const within = (scope: Scope, names: Readonly<Record<string, Value>>): Scope => ({
  ...scope,
  name: (name) => (Object.hasOwn(names, name) ? names[name] : scope.name(name)),
});

const forOf = (expression: Extract<Expression, { kind: 'for' }>, scope: Scope): Value => {
  const { key, value, of, name, result, condition, isGrouped, origin } = expression;
  const pairs = pairsOf(told(evaluate(of, scope), scope));
  const list: Value[] = [];
  const members = new Map<string, Value>();
  const groups = new Map<string, Value[]>();
  for (const [itsKey, itsValue] of pairs) {
    const inside = within(scope, { ...(key !== undefined && { [key]: itsKey }), [value]: itsValue });
    if (condition && !truth(evaluate(condition, inside), inside)) continue;
    if (!name) {
      list.push(evaluate(result, inside));
      continue;
    }
    const memberName = textOf(evaluate(name, inside));
    const one = evaluate(result, inside);
    if (isGrouped) groups.set(memberName, [...(groups.get(memberName) ?? []), one]);
    else members.set(memberName, one);
  }
  return made(name ? Object.fromEntries(isGrouped ? groups : members) : list, origin, scope);
};

const binary = ({ operator, left, right }: Extract<Expression, { kind: 'binary' }>, scope: Scope): Value => {
  const first = evaluate(left, scope);
  // Both sides are evaluated by Terraform, but what does not matter need not be known.
  if (operator === '&&' && !truth(first, scope)) return false;
  if (operator === '||' && truth(first, scope)) return true;
  const second = evaluate(right, scope);
  if (operator === '&&' || operator === '||') return truth(second, scope);
  if (operator === '==') return equal(first, second, scope);
  if (operator === '!=') return !equal(first, second, scope);
  return ofNumbers(operator, numeric(first, scope), numeric(second, scope));
};

type Operator = Extract<Expression, { kind: 'binary' }>['operator'];

const ofNumbers = (
  operator: Exclude<Operator, '&&' | '||' | '==' | '!='>,
  one: number,
  other: number,
): number | boolean => {
  switch (operator) {
    case '+':
      return one + other;
    case '-':
      return one - other;
    case '*':
      return one * other;
    case '/':
      return quotient(one, other);
    case '%':
      return one % other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    case '>=':
      return one >= other;
  }
};

const quotient = (one: number, other: number): number => {
  if (other === 0) throw new Untold('it divides by zero');
  return one / other;
};

const attributeOf = (value: Value, name: string): Value => {
  const found = memberOf(value, name);
  if (found !== undefined) return found;
  throw new Mistake(
    isList(value) ? `a list has no attribute ${shown(name)}` : `there is no attribute ${shown(name)}`,
  );
};

const indexOf = (value: Value, key: Value, scope: Scope): Value => {
  if (isList(value)) {
    const found = value[numeric(key, scope)];
    if (found === undefined) throw new Mistake('the list has no element at that index');
    return found;
  }
  const found = memberOf(value, textOf(key));
  if (found === undefined && bearsOpen(key, value, scope.open)) throw new Untold(HANGS);
  // The key may be secret, so that it is not told.
  if (found === undefined) throw new Mistake('there is nothing under that key');
  return found;
};

const splat = ({ of, each }: Extract<Expression, { kind: 'splat' }>, scope: Scope): Value => {
  const value = told(evaluate(of, scope), scope);
  const list = value === null ? [] : isList(value) ? value : [value];
  return list.map((element) => evaluate(each, within(scope, { [SPLAT]: element })));
};

const MAX_TEMPLATE_PARTS = 200_000;

/** A part that cannot be evaluated is a text that nobody knows, so that the rest of the text is known. */
const templateText = (parts: readonly TemplatePart[], scope: Scope): string => {
  const texts: string[] = [];
  let length = 0;
  const add = (text: string): void => {
    length += text.length;
    boundedLength(length);
    texts.push(text);
    if (texts.length > MAX_TEMPLATE_PARTS) throw new Untold('the template makes too many parts');
  };
  const go = (some: readonly TemplatePart[], inside: Scope): void => {
    for (const part of some) {
      if (typeof part === 'string') add(part);
      else if (part.kind === 'if')
        go(truth(evaluate(part.condition, inside), inside) ? part.whenTrue : part.whenFalse, inside);
      else if (part.kind === 'each') {
        for (const [key, value] of pairsOf(told(evaluate(part.of, inside), inside))) {
          const names = { ...(part.key !== undefined && { [part.key]: key }), [part.value]: value };
          go(part.parts, within(inside, names));
        }
      } else add(textAt(part, inside));
    }
  };
  go(parts, scope);
  return texts.join('');
};

const textAt = (part: Expression, scope: Scope): string => {
  try {
    return textOf(evaluate(part, scope));
  } catch (error) {
    if (!(error instanceof Untold) || scope.work.left < 0) throw error;
    return scope.unknownText(part.origin, error.message);
  }
};

const call = (expression: Extract<Expression, { kind: 'call' }>, scope: Scope): Value => {
  const { parameters, isExpanded, origin, own } = expression;
  const name = expression.name.replace(/^core::/, '');
  const special = Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : undefined;
  if (special) return special(parameters, scope, origin);
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) {
    const why = `${shown(name)}() is not evaluated here`;
    if (TEXT_FUNCTIONS.has(name)) return scope.unknownText(own, why);
    throw new Untold(why);
  }
  const given = parameters.flatMap((parameter, index) => {
    const value = evaluate(parameter, scope);
    return isExpanded && index === parameters.length - 1 ? listOf(value) : [value];
  });
  for (const each of given) weigh(each, scope.work);
  if (!LEAVES_OPEN.has(name) && given.some((each) => holdsOpen(each, scope.open))) {
    if (!isToldOf(name, given, scope.open)) {
      const why = `${shown(name)}() is given what only the deployment tells`;
      if (MAKES_TEXT.has(name)) return scope.unknownText(own, why);
      throw new Untold(why);
    }
  }
  const result = telling(given, scope.open, () => known(...given));
  if (typeof result === 'string') boundedLength(result.length);
  return result;
};

type SpecialFunction = (parameters: readonly Expression[], scope: Scope, origin: Origin) => Value;

const first = (parameters: readonly Expression[], name: string): Expression => {
  const [only] = parameters;
  if (!only) throw new Untold(`${name}() is given nothing`);
  return only;
};

/** Functions that do not evaluate all that they are given, or that need more than values. */
const SPECIAL: Readonly<Record<string, SpecialFunction>> = {
  try: (parameters, scope) => {
    for (const [index, parameter] of parameters.entries()) {
      try {
        return evaluate(parameter, scope);
      } catch (error) {
        if (!(error instanceof Mistake) || index === parameters.length - 1) throw error;
      }
    }
    throw new Untold('try() is given nothing');
  },
  can: (parameters, scope) => {
    try {
      evaluate(first(parameters, 'can'), scope);
      return true;
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      return false;
    }
  },
  file: (parameters, scope) => scope.files.text(textOf(evaluate(first(parameters, 'file'), scope))),
  fileexists: () => {
    throw new Untold('fileexists() is not evaluated here');
  },
  templatefile: (parameters, scope) => {
    const [path, values] = parameters;
    if (!path || !values) throw new Untold('templatefile() needs a path and values');
    const names = Object.fromEntries(entriesOf(evaluate(values, scope)));
    const text = scope.files.template(textOf(evaluate(path, scope)));
    return evaluate(text, {
      ...scope,
      name: (name) => (Object.hasOwn(names, name) ? names[name] : undefined),
    });
  },
};
