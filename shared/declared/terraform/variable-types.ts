import type { Expression } from '../hcl/syntax.ts';
import {
  entriesOf,
  isList,
  isSet,
  listOf,
  Mistake,
  memberOf,
  numberOf,
  setOf,
  textOf,
  truthOf,
  type Value,
} from '../hcl/values.ts';

/** How the default of an optional attribute is evaluated. */
type Evaluate = (expression: Expression) => Value;

/**
 * A value as the type of its variable has it: sets have each element once, and attributes that are left out have their defaults. What
 * the type does not fit stays as it is, as Terraform has accepted it.
 * https://developer.hashicorp.com/terraform/language/expressions/type-constraints
 */
export const converted = (
  value: Value,
  type: Expression | undefined,
  evaluate: Evaluate,
  depth = 0,
): Value => {
  if (value === null || !type || depth > MAX_DEPTH) return value;
  const inner = (each: Value, of: Expression | undefined): Value => converted(each, of, evaluate, depth + 1);
  if (type.kind === 'name') return scalar(value, type.name);
  if (type.kind !== 'call') return value;
  const [first, second] = type.parameters;
  switch (type.name) {
    case 'list':
      return isList(value) ? [...value].map((each) => inner(each, first)) : value;
    case 'set':
      return isList(value) ? setOf(value.map((each) => inner(each, first))) : value;
    case 'tuple':
      return isList(value) && first?.kind === 'tuple'
        ? listOf(value).map((each, index) => inner(each, first.items[index]))
        : value;
    case 'map':
      return isList(value)
        ? value
        : Object.fromEntries(entriesOf(value).map(([name, each]) => [name, inner(each, first)]));
    case 'object':
      return first?.kind === 'object' && !isList(value)
        ? objectOf(value, first.entries, evaluate, inner)
        : value;
    case 'optional':
      return inner(value, first) ?? (second ? evaluate(second) : null);
    default:
      return value;
  }
};

const MAX_DEPTH = 50;

const scalar = (value: Value, name: string): Value => {
  try {
    if (name === 'string') return typeof value === 'string' ? value : textOf(value);
    if (name === 'number') return numberOf(value);
    if (name === 'bool') return truthOf(value);
    if (name === 'set' && isList(value) && !isSet(value)) return setOf(value);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
  }
  return value;
};

const objectOf = (
  value: Value,
  entries: readonly (readonly [Expression, Expression])[],
  evaluate: Evaluate,
  inner: (each: Value, of: Expression | undefined) => Value,
): Value =>
  Object.fromEntries(
    entries.flatMap(([key, type]): [string, Value][] => {
      if (key.kind !== 'literal') return [];
      const name = String(key.value);
      const isOptional = type.kind === 'call' && type.name === 'optional';
      const found = memberOf(value, name) ?? null;
      if (found !== null || !isOptional)
        return [[name, inner(found, isOptional ? type.parameters[0] : type)]];
      const byDefault = type.parameters[1];
      return [[name, byDefault ? inner(evaluate(byDefault), type.parameters[0]) : null]];
    }),
  );
