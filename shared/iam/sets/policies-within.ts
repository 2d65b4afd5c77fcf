import { assume, type ContextValue } from '../decide/context.ts';
import { contextValues } from '../decide/context-values.ts';
import { decide } from '../decide/decide.ts';
import type { Policies } from '../decide/layers.ts';
import { type CompiledStatement, indexPolicies, type PolicyIndex } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { type Explanation, explain } from '../explain/explain.ts';
import { isPattern, parseGlob } from '../policy/glob.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { type Cells, cellsOf } from './cells.ts';
import { usesAsVariable } from './extents.ts';
import {
  arnLanguage,
  complementOf,
  DEAD,
  everyOf,
  globLanguage,
  type Language,
  someOf,
  wordsLanguage,
} from './language.ts';
import { indexesOf, ownershipOf, patternsOf, statementsAbout } from './statements.ts';
import { comparandsOf, valueCells } from './value-cells.ts';

/** All existing actions, and the resource patterns of each; undefined for an action that the catalog does not know. */
export type Catalog = {
  actions: readonly string[];
  resourcesOf: (action: string) => readonly string[] | undefined;
};

/** A request that the inner policies allow and the outer ones do not. */
export type Counterexample = {
  action: string;
  resource: string;
  /** The context keys that matter, with their values in this request; null: absent from it. */
  context: Readonly<Record<string, ContextValue>>;
  inner: Explanation;
  outer: Explanation;
};

/**
 * Whether the outer policies allow everything that the inner ones allow; `unknown` with the reason if neither was
 * proven.
 */
export type WithinAnswer =
  | { answer: 'yes' }
  | { answer: 'no'; counterexample: Counterexample }
  | { answer: 'unknown'; reason: string };

/** If more requests than this would have to be tried, the answer is unknown. */
const MAX_REQUESTS = 200_000;

/**
 * Whether the outer policies allow every request of a principal that the inner ones allow, for any action, resource
 * and context. All three are divided into cells in which nothing changes, and one request of each combination is
 * decided. So a yes holds for all requests, and a no comes with an example.
 */
export const isWithin = (
  innerPolicies: Policies,
  outerPolicies: Policies,
  asked: Pick<Request, 'principal' | 'context'>,
  catalog: Catalog,
): WithinAnswer => {
  const isAboutResources = innerPolicies.resource !== undefined || outerPolicies.resource !== undefined;
  const trust = isAboutResources ? {} : { resource: trustOf(asked.principal) };
  const inner = { ...innerPolicies, ...trust };
  const outer = { ...outerPolicies, ...trust };
  const actions = actionCells([inner, outer], catalog);
  const cut = resourceCutter();
  const place = placer();
  const seen = new Set<string>();
  let reason = actions.isComplete ? undefined : 'the patterns of the actions are too many to compare';
  let left = MAX_REQUESTS;
  for (const action of actions.values) {
    const statements = [inner, outer].flatMap((policies) => statementsAbout(policies, action.toLowerCase()));
    const universe = catalog.resourcesOf(action) ?? ANY_ARN;
    const kind = [serviceOf(action), ...universe, ...statements.map((each) => place(each))].join(' ');
    if (seen.has(kind)) continue;
    seen.add(kind);
    const request = { ...asked, action, resource: '*' };
    const contexts = contextCells(statements, request);
    reason ??= contexts.reason;
    for (const context of contexts.values) {
      const stated = { ...request, context: assume(request.context, context) };
      const resources = cut(universe, statements, stated);
      if (!resources.all) reason ??= `the resource patterns for ${action} are too many to compare`;
      for (const resource of ['*', ...resources.cells.map(({ witness }) => witness)]) {
        left--;
        if (left < 0) return { answer: 'unknown', reason: `more than ${MAX_REQUESTS} requests differ` };
        const one = { ...stated, resource };
        const within = decide(inner, one);
        if (within !== 'Allow' && within !== 'Unknown') continue;
        const without = decide(outer, one);
        if (without === 'Allow') continue;
        if (within === 'Unknown' || without === 'Unknown') {
          reason ??= `it is not known what becomes of ${action} on ${resource}`;
          continue;
        }
        const explanations = { inner: explain(inner, one), outer: explain(outer, one) };
        return { answer: 'no', counterexample: { action, resource, context, ...explanations } };
      }
    }
  }
  return reason === undefined ? { answer: 'yes' } : { answer: 'unknown', reason };
};

const serviceOf = (name: string): string => name.slice(0, Math.max(name.indexOf(':'), 0)).toLowerCase();

/** Numbers statements, so that the same statements give the same text. */
const placer = () => {
  const places = new Map<CompiledStatement, number>();
  return (statement: CompiledStatement): number => {
    const known = places.get(statement) ?? places.size;
    places.set(statement, known);
    return known;
  };
};

/** Divides resources into cells, once for each set of patterns. Letter case counts, as in a policy. */
const resourceCutter = () => {
  const known = new Map<string, Cells>();
  return (universe: readonly string[], statements: readonly CompiledStatement[], request: Request): Cells => {
    const patterns = patternsOf(statements, request);
    const key = [universe, serviceOf(request.action), ...patterns.map((glob) => glob.join())].join(' ');
    const cells =
      known.get(key) ??
      cellsOf(universeOf(universe, request.action), [
        ...patterns.map((glob) => globLanguage(glob)),
        ...ownershipOf(request),
      ]);
    known.set(key, cells);
    return cells;
  };
};

/** The ARNs of these patterns. ARNs of SageMaker and IAM have no colon after the account. */
const universeOf = (patterns: readonly string[], action: string): Language => {
  const arns = someOf(patterns.map((pattern) => arnLanguage(parseGlob(pattern))));
  const isPlain = ['sagemaker', 'iam'].includes(serviceOf(action));
  return isPlain ? everyOf([arns, complementOf(globLanguage(parseGlob('*:*:*:*:*:*:*')))]) : arns;
};

/**
 * Without a resource policy, the question is about the principal's own policies, so all resources trust its account.
 */
const trustOf = ({ account = '*' }: Request['principal']): PolicyIndex => {
  const Statement = { Effect: 'Allow', Principal: { AWS: account }, Action: '*', Resource: '*' };
  return indexPolicies([
    readPolicy({ Version: '2012-10-17', Statement }, { name: 'trust', kind: 'resource' }),
  ]);
};

type Values<T> = { values: readonly T[]; isComplete: boolean };

/** One action for each combination of statements that can apply; a real action if one exists. */
const actionCells = (sets: readonly Policies[], { actions }: Catalog): Values<string> => {
  const statements = sets.flatMap(indexesOf).flatMap((index) => index.statements);
  const texts = new Set(
    statements.flatMap(({ statement }) => statement.actions.texts.map((text) => text.toLowerCase())),
  );
  const words = [...texts].filter((text) => !isPattern(text));
  const keys = statements.flatMap(({ statement }) => statement.conditions.map(({ keyName }) => keyName));
  const services = new Set(['kms', 'sagemaker', 'sts', ...keys.map(serviceOf)]);
  const patterns = [...texts].filter(isPattern).concat([...services].map((service) => `${service}:*`));
  const languages = [wordsLanguage(words), ...patterns.map((text) => globLanguage(parseGlob(text)))];
  const { cells, all } = cellsOf(globLanguage(parseGlob('?*:?*')), languages);
  const real = new Map(actions.map((action) => [signature(languages, action.toLowerCase()), action]));
  const outside = cells.map(({ inside, witness }) => real.get(inside.map(Number).join('')) ?? witness);
  const named = new Map(actions.map((action) => [action.toLowerCase(), action]));
  return {
    values: [...words.map((word) => named.get(word) ?? word), ...outside],
    isComplete: all !== undefined,
  };
};

/** Tells for each set whether a text lies in it. */
const signature = (languages: readonly Language[], text: string): string =>
  languages.map((language) => Number(contains(language, text))).join('');

const contains = ({ start, step, accepts }: Language, text: string): boolean => {
  let state = start;
  for (let at = 0; at < text.length && state !== DEAD; at++) state = step(state, text.charCodeAt(at));
  return state !== DEAD && accepts(state);
};

/** Any ARN, for an action whose resources are unknown. */
const ANY_ARN = ['arn:*:?*:*:*:?*'];

type Assignment = Record<string, ContextValue>;

/** At most this many combinations of key values are tried for one action. */
const MAX_CONTEXTS = 512;

/** Up to this many values, a multi-valued key is tried with every subset of them. */
const MAX_SET_VALUES = 8;

/** One assignment of the unknown keys for each combination of outcomes of the conditions. */
const contextCells = (
  statements: readonly CompiledStatement[],
  request: Request,
): { values: readonly Assignment[]; reason?: string } => {
  let assignments: Assignment[] = [{}];
  let reason: string | undefined;
  const conditions = statements.flatMap(({ statement }) => statement.conditions);
  const texts = statements.flatMap(({ statement }) => [
    ...(statement.resources?.texts ?? []),
    ...statement.conditions.flatMap((condition) => condition.texts),
  ]);
  for (const [keyName, key] of new Map(conditions.map((condition) => [condition.keyName, condition.key]))) {
    if (contextValues(request, keyName) !== undefined) continue;
    if (usesAsVariable(texts, keyName)) reason ??= `${key} is a variable in a pattern`;
    const comparands = comparandsOf(statements, keyName, request);
    const { values, isComplete } = valueCells(comparands ?? [], keyName);
    if (!isComplete || !comparands) reason ??= `the values of ${key} are too many to compare`;
    const isSet = conditions.some((condition) => condition.keyName === keyName && condition.set);
    const sets = isSet && values.length <= MAX_SET_VALUES ? subsets(values) : [];
    if (isSet && values.length > MAX_SET_VALUES) reason ??= `the values of ${key} are too many to compare`;
    const options: ContextValue[] = [null, ...values, ...sets];
    if (assignments.length * options.length > MAX_CONTEXTS) {
      reason ??= `the conditions on ${request.action} are too many to compare`;
      continue;
    }
    assignments = assignments.flatMap((assignment) =>
      options.map((option) => ({ ...assignment, [key]: option })),
    );
  }
  return { values: assignments, ...(reason !== undefined && { reason }) };
};

/** All subsets of two or more values. */
const subsets = (values: readonly string[]): string[][] =>
  values
    .reduce<string[][]>((chosen, value) => chosen.concat(chosen.map((each) => each.concat(value))), [[]])
    .filter((each) => each.length > 1);
