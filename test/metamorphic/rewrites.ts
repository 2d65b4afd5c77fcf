import { SERVICES } from '../../shared/iam/lint/service-reference.ts';
import { asList, isObject, type Json, type JsonObject } from '../../shared/json/json.ts';

/**
 * Other ways to write what a policy says. Each gives a document that allows and denies the same requests, by the rules
 * of IAM's policy language: statements are in no order and may be there twice; lists are in no order; a list of Action,
 * Resource or of values means any of them, so that a statement with it is as much as one statement for each.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export type Rewrite = (statement: JsonObject, choice: number) => JsonObject[] | undefined;

const has = (statement: JsonObject, name: string): boolean => Object.hasOwn(statement, name);

const texts = (value: Json | undefined): string[] => asList(value).map(String);

const pick = <T>(list: readonly T[], choice: number): T | undefined =>
  list[choice % Math.max(list.length, 1)];

/** One half of a list in each of two statements. */
const halves =
  (name: 'Action' | 'Resource'): Rewrite =>
  (statement, choice) => {
    const all = asList(statement[name]);
    if (!has(statement, name) || all.length < 2) return undefined;
    const at = 1 + (choice % (all.length - 1));
    return [all.slice(0, at), all.slice(at)].map((part) => ({ ...statement, [name]: part }));
  };

const eachOf =
  (name: 'Action' | 'Resource'): Rewrite =>
  (statement) => {
    const all = asList(statement[name]);
    if (!has(statement, name) || all.length < 2 || all.length > 20) return undefined;
    return all.map((part) => ({ ...statement, [name]: part }));
  };

const reversed: Rewrite = (statement) => [
  Object.fromEntries(
    Object.entries(statement)
      .toReversed()
      .map(([name, value]) => [
        name,
        ['Action', 'NotAction', 'Resource', 'NotResource'].includes(name)
          ? asList(value).toReversed()
          : value,
      ]),
  ),
];

/** IAM compares actions without case. */
const actionsIn =
  (form: (text: string) => string): Rewrite =>
  (statement) => {
    const name = has(statement, 'Action') ? 'Action' : 'NotAction';
    return [{ ...statement, [name]: texts(statement[name]).map(form) }];
  };

/** A star is any run of characters, so that two are as good as one. */
const starsTwice =
  (name: 'Action' | 'Resource'): Rewrite =>
  (statement) => {
    const of = has(statement, name) ? name : `Not${name}`;
    const all = texts(statement[of]);
    if (!all.some((text) => text.includes('*') && text !== '*')) return undefined;
    const twice = (text: string) =>
      text === '*' || text.includes('${') ? text : text.replace(/\*(?!\*)/, '**');
    return [{ ...statement, [of]: all.map(twice) }];
  };

/** The actions of a service that a pattern means, of those that there are. */
const meant = (pattern: string): number => {
  const [service = '', name = ''] = pattern.toLowerCase().split(':');
  const actions = [...(SERVICES.get(service)?.().actions.keys() ?? [])];
  const expression = new RegExp(`^${name.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return actions.filter((action) => expression.test(action)).length;
};

/** A `?` in place of a letter, or a star in place of the last ones, where no other action of the service fits. */
const actionAsPattern: Rewrite = (statement, choice) => {
  if (!has(statement, 'Action')) return undefined;
  const all = texts(statement.Action);
  const index = choice % all.length;
  const action = all[index] ?? '';
  if (/[*?]/.test(action) || meant(action) !== 1) return undefined;
  const from = action.indexOf(':') + 1;
  const at = from + (choice % (action.length - from));
  const written =
    choice % 3 === 0 ? `${action.slice(0, -1)}*` : `${action.slice(0, at)}?${action.slice(at + 1)}`;
  if (meant(written) !== 1) return undefined;
  return [{ ...statement, Action: all.map((each, place) => (place === index ? written : each)) }];
};

/** What a pattern with a star at its end means is what it means without it, and what has one character more or many. */
const starAtEnd: Rewrite = (statement) => {
  const all = texts(statement.Resource);
  if (!has(statement, 'Resource') || !all.some((text) => text.length > 1 && text.endsWith('*')))
    return undefined;
  return [
    {
      ...statement,
      Resource: all.flatMap((text) =>
        text.length > 1 && text.endsWith('*') ? [text.slice(0, -1), `${text.slice(0, -1)}?*`] : text,
      ),
    },
  ];
};

/** What a pattern means holds what the same with more behind the star means. */
const narrowerBeside: Rewrite = (statement, choice) => {
  const all = texts(statement.Resource);
  const wide = all.filter((text) => text.length > 1 && text.endsWith('*'));
  const text = pick(wide, choice);
  if (!has(statement, 'Resource') || text === undefined) return undefined;
  const more = ['x*', 'a*b*', '?*', '*-', `${choice}*`][choice % 5] ?? '';
  return [{ ...statement, Resource: [...all, `${text}${more}`] }];
};

const POSITIVE = ['StringEquals', 'StringLike', 'ArnLike', 'ArnEquals', 'NumericEquals', 'IpAddress'];

/** Without a qualifier, an operator on such a key is not defined. */
const MANY_VALUED = /^(aws:TagKeys|aws:CalledVia|sagemaker:InstanceTypes)$/i;

/** A positive operator holds where any of its values does. */
const eachValue: Rewrite = (statement) => {
  const condition = isObject(statement.Condition) ? statement.Condition : {};
  for (const [operator, keys] of Object.entries(condition))
    for (const [key, values] of isObject(keys) ? Object.entries(keys) : [])
      if (POSITIVE.includes(operator) && !MANY_VALUED.test(key) && asList(values).length > 1)
        return asList(values).map((value) => ({
          ...statement,
          Condition: { ...condition, [operator]: { ...(keys as JsonObject), [key]: value } },
        }));
  return undefined;
};

/** Keys of one value: a negated operator holds exactly where the positive one does not, also where the key is absent. */
const COMPLEMENTS: readonly [string, string, string, string][] = [
  ['StringEquals', 'StringNotEquals', 'iam:PassedToService', 'sagemaker.amazonaws.com'],
  ['StringLike', 'StringNotLike', 'iam:PassedToService', 's*'],
  ['StringEquals', 'StringNotEquals', 'aws:PrincipalAccount', '123412341234'],
  ['StringEquals', 'StringNotEquals', 'aws:RequestedRegion', 'eu-west-1'],
  ['StringEquals', 'StringNotEquals', 'aws:PrincipalTag/team', 'x'],
  ['StringEquals', 'StringNotEquals', 'aws:SourceVpc', 'vpc-1a2b3c4d'],
  ['ArnLike', 'ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/a*'],
  ['StringLike', 'StringNotLike', 'aws:PrincipalArn', '*a*'],
];

/** What holds where a condition does and where it does not holds always. */
const byCases: Rewrite = (statement, choice) => {
  const condition = isObject(statement.Condition) ? statement.Condition : {};
  const [is, isNot, key, value] = pick(COMPLEMENTS, choice) ?? COMPLEMENTS[0] ?? ['', '', '', ''];
  const nulls = isObject(condition.Null) ? condition.Null : {};
  if (condition[is] !== undefined || condition[isNot] !== undefined) return undefined;
  if (nulls['aws:SourceVpce'] !== undefined) return undefined;
  const withOne = (operator: string): JsonObject => ({
    ...statement,
    Condition: { ...condition, [operator]: { [key]: value } },
  });
  return choice % 4 === 0
    ? ['true', 'false'].map((absent) => ({
        ...statement,
        Condition: { ...condition, Null: { ...nulls, 'aws:SourceVpce': absent } },
      }))
    : [withOne(is), withOne(isNot)];
};

/** StringEquals and StringLike are the same where no value has a wildcard; ArnEquals and ArnLike always are. */
const otherOperator: Rewrite = (statement) => {
  const condition = isObject(statement.Condition) ? statement.Condition : {};
  const pairs: readonly [string, string][] = [
    ['StringEquals', 'StringLike'],
    ['StringNotEquals', 'StringNotLike'],
    ['ArnEquals', 'ArnLike'],
    ['ArnLike', 'ArnEquals'],
  ];
  for (const [from, to] of pairs) {
    const keys = condition[from];
    if (!isObject(keys) || condition[to] !== undefined) continue;
    if (from.startsWith('String') && /[*?$]/.test(JSON.stringify(Object.values(keys)))) continue;
    const { [from]: _, ...others } = condition;
    return [{ ...statement, Condition: { ...others, [to]: keys } }];
  }
  return undefined;
};

/** Context keys compare without case. */
const keysInCase: Rewrite = (statement, choice) => {
  if (!isObject(statement.Condition)) return undefined;
  const form = (key: string): string => (choice % 2 === 0 ? key.toLowerCase() : key.toUpperCase());
  return [
    {
      ...statement,
      Condition: Object.fromEntries(
        Object.entries(statement.Condition).map(([operator, keys]) => [
          operator,
          isObject(keys)
            ? Object.fromEntries(Object.entries(keys).map(([key, value]) => [form(key), value]))
            : keys,
        ]),
      ),
    },
  ];
};

/** Principals of a list are any of them; an account's id is its root's ARN. */
const eachPrincipal: Rewrite = (statement) => {
  if (!isObject(statement.Principal)) return undefined;
  const all = Object.entries(statement.Principal).flatMap(([type, values]) =>
    asList(values).map((value) => ({ [type]: value })),
  );
  return all.length > 1 ? all.map((Principal) => ({ ...statement, Principal })) : undefined;
};

const accountAsRoot: Rewrite = (statement) => {
  if (!isObject(statement.Principal) || statement.Principal.AWS === undefined) return undefined;
  const as = (text: string) =>
    /^\d{12}$/.test(text) ? `arn:aws:iam::${text}:root` : text.replace(/^arn:aws:iam::(\d{12}):root$/, '$1');
  return [
    { ...statement, Principal: { ...statement.Principal, AWS: texts(statement.Principal.AWS).map(as) } },
  ];
};

/** Every rewrite of one statement by its name. */
export const REWRITES: Readonly<Record<string, Rewrite>> = {
  'the statement twice': (statement) => {
    const { Sid: _, ...copy } = statement;
    return [statement, copy];
  },
  'actions in halves': halves('Action'),
  'a statement for each action': eachOf('Action'),
  'resources in halves': halves('Resource'),
  'a statement for each resource': eachOf('Resource'),
  'lists in reverse': reversed,
  'actions in lower case': actionsIn((text) => text.toLowerCase()),
  'actions in upper case': actionsIn((text) => text.toUpperCase()),
  'stars of actions twice': starsTwice('Action'),
  'stars of resources twice': starsTwice('Resource'),
  'an action as a pattern': actionAsPattern,
  'a star as none and some': starAtEnd,
  'a narrower pattern beside': narrowerBeside,
  'a statement for each value': eachValue,
  'by cases of a condition': byCases,
  'the other operator': otherOperator,
  'keys in another case': keysInCase,
  'another Sid': (statement, choice) => [{ ...statement, Sid: `Changed${choice}` }],
  'a statement for each principal': eachPrincipal,
  'accounts written otherwise': accountAsRoot,
};
