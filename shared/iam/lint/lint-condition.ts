import { ALWAYS_PRESENT } from '../decide/context-values.ts';
import { serviceOf } from '../decide/request.ts';
import { isPattern } from '../policy/glob.ts';
import { TESTS, type Test, valueProblem } from '../policy/operators.ts';
import {
  type Condition,
  type Policy,
  type PolicyProblem,
  type Statement,
  textPointer,
} from '../policy/policy.ts';
import { quoted, warning } from '../policy/policy-report.ts';
import {
  type Action,
  type ConditionKey,
  globalKeys,
  type KeyType,
  keyNamed,
  REFERENCE_DATE,
  SERVICES,
} from './service-reference.ts';

/**
 * Warns about one condition: its key does not exist or no action carries it, a value can match nothing, or a request
 * without the key gets past the condition.
 */
export const lintCondition = (
  condition: Condition,
  statement: Statement,
  { policy, suggest, ...reach }: Reach & { policy: Policy; suggest: Suggest },
): PolicyProblem[] => {
  const { key, keyName, pointer } = condition;
  const prefix = serviceOf(keyName);
  const service = SERVICES.get(prefix)?.();
  const candidates = [...globalKeys(), ...(service?.keys ?? [])];
  const known = keyNamed(candidates, keyName);
  if (!known && !service && prefix !== 'aws') return lintValues(condition, policy, undefined);
  if (!known) {
    const names = () => candidates.map(({ name }) => name);
    const message = `AWS has no condition key ${quoted(key)} (as of ${REFERENCE_DATE})${suggest(key, names)}; ${effectOfAbsence(condition)}`;
    return [warning('unknown-key', pointer, message)];
  }
  const isGlobal = globalKeys().includes(known);
  if (!isGlobal && !reach.isOpen && !reach.actions.some(({ keys }) => keys.includes(known))) {
    const names = reach.actions.map(({ name }) => name);
    const message = `no request for ${shortList(names)} carries ${key}; ${effectOfAbsence(condition)}`;
    return [warning('key-never-applies', pointer, message)];
  }
  const isCarriedByAll =
    isGlobal || (!reach.isOpen && reach.actions.every(({ keys }) => keys.includes(known)));
  return [
    ...lintValues(condition, policy, known),
    ...lintSet(condition, statement, known),
    ...(isCarriedByAll ? lintAbsence(condition, statement, policy) : []),
  ];
};

const shortList = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

const isNegated = ({ base }: Condition): boolean => base !== 'null' && TESTS[base].isNegated;

/** How the condition comes out for a request without its key, as a sentence. */
const effectOfAbsence = (condition: Condition): string => {
  const { base, texts, isIfExists, set } = condition;
  const holds =
    base === 'null' ? texts.includes('true') : isIfExists || set === 'all' || (isNegated(condition) && !set);
  return `the condition ${holds ? 'always' : 'never'} holds`;
};

/**
 * The types of keys that each group of operators can compare. String operators, which are not listed, compare every
 * type.
 */
const TYPES_OF_TESTS: readonly (readonly [tests: string, types: readonly KeyType[]])[] = [
  ['numeric', ['Numeric', 'Date']],
  ['date', ['Date', 'Numeric']],
  ['bool', ['Bool']],
  ['ip', ['IPAddress']],
  ['arn', ['ARN', 'String']],
];

/** The service reference types this key as String, while AWS's own example compares it as a number; both work. */
const NUMBER_OR_TEXT = 'sagemaker:PipelineVersionId';

const lintValues = (
  condition: Condition,
  { version }: Policy,
  key: ConditionKey | undefined,
): PolicyProblem[] => {
  if (condition.base === 'null') return [];
  const { test } = TESTS[condition.base];
  const types = TYPES_OF_TESTS.find(([tests]) => test.startsWith(tests))?.[1];
  if (key && types && !types.includes(key.type) && key.name !== NUMBER_OR_TEXT)
    return [
      warning(
        'type-mismatch',
        condition.pointer,
        `${condition.key} is of the type ${key.type}, which ${condition.operator} does not compare`,
      ),
    ];
  return condition.texts.flatMap((text, index) => {
    const isVariable = version === '2012-10-17' && text.includes('${');
    const problem = isVariable ? undefined : (valueProblem(test, text) ?? textProblem(test, text, key?.type));
    return problem
      ? warning(
          'value-never-fits',
          textPointer(condition, index),
          `${quoted(text)} ${problem}: no request can match it`,
        )
      : [];
  });
};

/** Texts that a key of another type can never have. */
const textProblem = (test: Test, text: string, type: KeyType | undefined): string | undefined => {
  if (!test.startsWith('string') || isPattern(text)) return undefined;
  if (type === 'Bool' && text !== 'true' && text !== 'false') return 'is neither true nor false';
  if (type === 'IPAddress' && text.includes('/')) return 'is a range, which only IpAddress compares';
  return undefined;
};

/**
 * Warns about set qualifiers that are missing or let a request without the key pass.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
const lintSet = (
  condition: Condition,
  { effect, conditions }: Statement,
  key: ConditionKey,
): PolicyProblem[] => {
  const { set, base, operator, pointer } = condition;
  if (key.isMultiValued && !set && base !== 'null')
    return [
      warning(
        'multi-valued-key',
        pointer,
        `${condition.key} holds several values: write ForAnyValue:${operator} or ForAllValues:${operator}`,
      ),
    ];
  if (set === 'all' && effect === 'Allow' && key.name !== 'aws:TagKeys' && !isGuarded(condition, conditions))
    return [
      warning(
        'for-all-values-absent',
        pointer,
        `ForAllValues holds where the request has no ${condition.key} at all, which this Allow then allows; add "Null": {"${condition.key}": "false"}`,
      ),
    ];
  return [];
};

/** Every request for iam:PassRole carries iam:PassedToService. */
const isAlwaysPresent = (keyName: string): boolean =>
  ALWAYS_PRESENT.has(keyName) || keyName === 'iam:passedtoservice';

/** Warns about conditions that are meant as a limit, but that a request without the key gets past. */
const lintAbsence = (condition: Condition, statement: Statement, policy: Policy): PolicyProblem[] => {
  const { base, set, isIfExists, key, keyName, pointer, texts } = condition;
  if (base === 'null' || set || isAlwaysPresent(keyName)) return [];
  const { effect, conditions } = statement;
  if (effect === 'Allow' && isIfExists && !isNegated(condition) && !isGuarded(condition, conditions))
    return [
      warning(
        'if-exists-absent',
        pointer,
        `a request without ${key} is allowed as well; without IfExists, only one that has it is`,
      ),
    ];
  const isLimit =
    /less|greater/.test(base) || (base === 'bool' && texts.some((text) => /^false$/i.test(text)));
  if (effect === 'Deny' && isLimit && !isIfExists && !isAbsenceMeant(condition, statement, policy))
    return [
      warning(
        'deny-missing-key',
        pointer,
        `a request without ${key} is not denied; write ${condition.operator}IfExists, or deny it by "Null": {"${key}": "true"} in a statement of its own`,
      ),
    ];
  return [];
};

/** Whether the statement itself requires the key to be present. */
const isGuarded = ({ keyName }: Condition, conditions: readonly Condition[]): boolean =>
  conditions.some((other) => isNull(other, keyName, 'false'));

const isNull = (other: Condition, keyName: string, value: string): boolean =>
  other.base === 'null' &&
  other.keyName === keyName &&
  other.texts.some((text) => text.toLowerCase() === value);

/**
 * Whether the author has considered requests without the key: the statement requires the key, or another Deny covers
 * its absence.
 */
const isAbsenceMeant = (condition: Condition, statement: Statement, { statements }: Policy): boolean =>
  isGuarded(condition, statement.conditions) ||
  statements.some(
    ({ effect, conditions }) =>
      effect === 'Deny' && conditions.some((other) => isNull(other, condition.keyName, 'true')),
  );

/** A hint at the name that a misspelt word may have been meant to be; empty if no name is near. */
export type Suggest = (word: string, names: () => readonly string[]) => string;

/**
 * The actions that an Action element covers. `isOpen` says that it also covers actions that the reference does not
 * describe.
 */
export type Reach = { actions: readonly Action[]; isOpen: boolean };
