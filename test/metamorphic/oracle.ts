import { asList, isObject, type Json, type JsonObject } from '../../shared/json/json.ts';

/**
 * A second, small engine that decides one request whose context is wholly known, so that what the product says of sets of
 * requests can be held against each request of a small set. It is written from IAM's pages and shares no code with
 * `shared/iam`. It knows what the policies of these tests hold, and throws on anything else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export type Policies = {
  identity: readonly JsonObject[];
  boundary?: JsonObject;
  /** For each level, its policies; a level must allow. */
  scps?: readonly (readonly JsonObject[])[];
};

/** The keys of a request, in lower case; a key that is not here is not in the request. */
export type Known = ReadonlyMap<string, readonly string[]>;

const patterns = new Map<string, RegExp>();

/** Whether a text fits a pattern with `*` and `?`. */
export const fits = (pattern: string, text: string): boolean => {
  const made =
    patterns.get(pattern) ??
    new RegExp(
      `^${pattern
        .replaceAll(/[.+^${}()|[\]\\/-]/g, String.raw`\$&`)
        .replaceAll(/\*+/g, '.*')
        .replaceAll('?', '.')}$`,
      's',
    );
  patterns.set(pattern, made);
  return made.test(text);
};

/** The text with its variables put in; undefined where the request lacks one, and then it fits nothing. */
const resolved = (text: string, context: Known): string | undefined => {
  let isWhole = true;
  const put = text.replaceAll(/\$\{([^}]*)\}/g, (_, key: string) => {
    const [value] = context.get(key.toLowerCase()) ?? [];
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? put : undefined;
};

const addressNumber = (text: string): number | undefined => {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || !parts.every((part) => part >= 0 && part < 256)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
};

const isIn = (range: string, text: string): boolean => {
  const [base = '', size = '32'] = range.split('/');
  const [from, at] = [addressNumber(base), addressNumber(text)];
  const count = 2 ** (32 - Number(size));
  return from !== undefined && at !== undefined && Math.floor(at / count) === Math.floor(from / count);
};

const isArnLike = (pattern: string, text: string): boolean => {
  const partsOf = (arn: string): string[] => [
    ...arn.split(':').slice(0, 5),
    arn.split(':').slice(5).join(':'),
  ];
  const [wanted, found] = [partsOf(pattern), partsOf(text)];
  return text.split(':').length >= 6 && wanted.every((part, at) => fits(part, found[at] ?? ''));
};

/** A positive operator on one value of the request and one of the policy. */
const TESTS: Readonly<Record<string, (wanted: string, found: string) => boolean>> = {
  StringEquals: (wanted, found) => wanted === found,
  StringEqualsIgnoreCase: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
  StringLike: fits,
  ArnLike: isArnLike,
  ArnEquals: isArnLike,
  NumericEquals: (wanted, found) => Number(found) === Number(wanted),
  NumericLessThan: (wanted, found) => Number(found) < Number(wanted),
  NumericLessThanEquals: (wanted, found) => Number(found) <= Number(wanted),
  NumericGreaterThan: (wanted, found) => Number(found) > Number(wanted),
  NumericGreaterThanEquals: (wanted, found) => Number(found) >= Number(wanted),
  Bool: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
  IpAddress: isIn,
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotLike: 'StringLike',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  NotIpAddress: 'IpAddress',
};

const holds = (operator: string, key: string, wanted: readonly string[], context: Known): boolean => {
  const [, set = '', name = '', ifExists = ''] =
    /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const found = context.get(key.toLowerCase());
  if (name === 'Null') return wanted.some((text) => (text === 'true') === (found === undefined));
  const positive = NEGATED[name] ?? name;
  const test = TESTS[positive];
  if (!test) throw new Error(`the oracle does not know ${operator}`);
  const isNegated = positive !== name;
  if (found === undefined || found.length === 0) {
    if (ifExists !== '' || set === 'ForAllValues:') return true;
    return set === 'ForAnyValue:' ? false : isNegated;
  }
  const one = (value: string): boolean =>
    wanted.some((text) => {
      const put = resolved(text, context);
      return put !== undefined && test(put, value);
    }) !== isNegated;
  if (set === '' && found.length > 1) throw new Error(`${key} has several values`);
  return set === 'ForAnyValue:' ? found.some(one) : found.every(one);
};

const conditionsHold = (condition: Json | undefined, context: Known): boolean =>
  Object.entries(isObject(condition) ? condition : {}).every(([operator, keys]) =>
    Object.entries(isObject(keys) ? keys : {}).every(([key, values]) =>
      holds(operator, key, asList(values).map(String), context),
    ),
  );

const isAbout = (statement: JsonObject, action: string, resource: string, context: Known): boolean => {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const hasAction = asList(Action ?? NotAction).some((text) =>
    fits(String(text).toLowerCase(), action.toLowerCase()),
  );
  const hasResource = asList(Resource ?? NotResource).some((text) => {
    const put = resolved(String(text), context);
    return put !== undefined && fits(put, resource);
  });
  return (
    hasAction === (Action !== undefined) &&
    (Resource === undefined && NotResource === undefined ? true : hasResource === (Resource !== undefined)) &&
    conditionsHold(Condition, context)
  );
};

const statementsOf = (documents: readonly JsonObject[]): JsonObject[] =>
  documents.flatMap(({ Statement }) => asList(Statement).filter((each) => isObject(each)));

/** Whether the request is allowed. */
export const isAllowed = (
  { identity, boundary, scps = [] }: Policies,
  action: string,
  resource: string,
  context: Known,
): boolean => {
  const layers = [identity, ...(boundary ? [[boundary]] : []), ...scps].map(statementsOf);
  const applies = layers.map((statements) =>
    statements.filter((statement) => isAbout(statement, action, resource, context)),
  );
  return applies.every(
    (statements) =>
      statements.some(({ Effect }) => Effect === 'Allow') &&
      statements.every(({ Effect }) => Effect !== 'Deny'),
  );
};

/** Of a trust policy: whether one of its statements allows the service, and none denies it. */
export const isTrusted = (trust: JsonObject, service: string, context: Known): boolean => {
  const about = statementsOf([trust]).filter(({ Principal, Action, Condition }) => {
    const principals = isObject(Principal) ? asList(Principal.Service).map(String) : [service];
    return (
      principals.includes(service) &&
      asList(Action).some((text) => fits(String(text).toLowerCase(), 'sts:assumerole')) &&
      conditionsHold(Condition, context)
    );
  });
  return about.some(({ Effect }) => Effect === 'Allow') && about.every(({ Effect }) => Effect !== 'Deny');
};
