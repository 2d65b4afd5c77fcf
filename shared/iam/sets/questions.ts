import { assume } from '../decide/context.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Policies } from '../decide/layers.ts';
import type { Request } from '../decide/request.ts';
import { type Explanation, explain } from '../explain/explain.ts';
import type { Language } from './language.ts';
import { resourceCells, statementsAbout } from './resource-cells.ts';
import { comparandsOf, firstNumber, valueCells } from './value-cells.ts';

/** A request for any of many resources. */
export type AnyResource = Omit<Request, 'resource'>;

/** Which resources of a set a request is allowed for. */
export type ResourceAnswer = {
  /** `some`: at least one is allowed and one is not. `unknown`: what the examples show does not decide it. */
  answer: 'all' | 'some' | 'none' | 'unknown';
  /** One resource for each way in which the request can come out. */
  examples: readonly Example[];
};

/** A resource, and what a request for it comes to; most are asked for no explanation, so that it is made on demand. */
export type Example = { resource: string; decision: Decision; readonly explanation: Explanation };

/** The example of a resource. */
export const exampleOf = (
  policies: Policies,
  request: Request,
  decision: Decision = decide(policies, request),
): Example => ({
  resource: request.resource,
  decision,
  get explanation() {
    return explain(policies, request);
  },
});

/**
 * Which resources of a set a request is allowed for: which jobs a role may create, which roles it may pass. Decided for
 * the whole set; an answer other than `unknown` holds whatever the context keys that are not known may be.
 */
export const resourcesAllowed = (
  policies: Policies,
  request: AnyResource,
  universe: Language,
): ResourceAnswer => {
  const statements = statementsAbout(policies, request.action.toLowerCase());
  const { cells, isComplete } = resourceCells(universe, statements, { ...request, resource: '*' });
  const decided = cells.map(({ witness }) => {
    const decision = decide(policies, { ...request, resource: witness });
    return { resource: witness, decision };
  });
  const examples = firstOfEach(decided).map(({ resource, decision }) =>
    exampleOf(policies, { ...request, resource }, decision),
  );
  return {
    answer: answerOf(
      decided.map(({ decision }) => decision),
      isComplete,
    ),
    examples,
  };
};

const isDenied = (decision: Decision): boolean => decision === 'ExplicitDeny' || decision === 'ImplicitDeny';

const answerOf = (decisions: readonly Decision[], isComplete: boolean): ResourceAnswer['answer'] => {
  const isAllowed = decisions.includes('Allow');
  if (isAllowed && decisions.some(isDenied)) return 'some';
  if (!isComplete || decisions.includes('Unknown')) return 'unknown';
  return isAllowed ? 'all' : 'none';
};

const firstOfEach = <T extends { decision: Decision }>(decided: readonly T[]): T[] =>
  [...new Map(decided.toReversed().map((each) => [each.decision, each])).values()].toReversed();

/** What a request comes to under each value of one context key. */
export type ValueAnswer = {
  /** Where the request does not carry the key. */
  absent: Decision;
  /** One value for each way in which the conditions on the key can come out. */
  values: readonly { value: string; decision: Decision }[];
  /** Of a key that is compared with whole numbers only: all of them, in order; the last range has no end. */
  ranges?: readonly { from: number; to?: number; decision: Decision }[];
  /** False where there may be values that come out in another way. */
  isComplete: boolean;
};

/**
 * Under which values of a context key a request is allowed: from which version of a pipeline on, say. Other keys are
 * taken as the request has them.
 */
export const valuesAllowed = (policies: Policies, request: Request, key: string): ValueAnswer => {
  const keyName = key.toLowerCase();
  const statements = statementsAbout(policies, request.action.toLowerCase());
  const comparands = comparandsOf(statements, keyName, request);
  const decideWith = (value: string | null): Decision =>
    decide(policies, { ...request, context: assume(request.context, { [keyName]: value }) });
  const { values, isComplete } = valueCells(comparands ?? [], keyName);
  const isVariable = statements.some(({ statement }) =>
    usesAsVariable(statement.resources?.texts ?? [], keyName),
  );
  const bounds = comparands && boundsOf(comparands, keyName);
  return {
    absent: decideWith(null),
    values: values.map((value) => ({ value, decision: decideWith(value) })),
    ...(bounds && !isVariable && { ranges: rangesOf(bounds, (value) => decideWith(String(value))) }),
    isComplete: isComplete && comparands !== undefined && !isVariable,
  };
};

/** Whether a pattern has the key as a variable, so that it decides beyond the conditions. */
export const usesAsVariable = (texts: readonly string[], keyName: string): boolean =>
  texts.some((text) => text.toLowerCase().includes(`\${${keyName}`));

/** The whole numbers at which something can change; undefined where not only whole numbers are compared. */
const boundsOf = (
  comparands: readonly { test: string; text: string }[],
  keyName: string,
): number[] | undefined => {
  const bounds = new Set([firstNumber(keyName)]);
  if (!comparands.some(({ test }) => test.startsWith('numeric'))) return undefined;
  for (const { test, text } of comparands) {
    const limit = Number(text);
    const isExact = test === 'string' || test.startsWith('numeric');
    if (!isExact || !Number.isSafeInteger(limit + 1) || String(limit) !== text) return undefined;
    bounds.add(limit).add(limit + 1);
  }
  return [...bounds].filter((bound) => bound >= firstNumber(keyName)).toSorted((a, b) => a - b);
};

const rangesOf = (
  bounds: readonly number[],
  decideAt: (value: number) => Decision,
): { from: number; to?: number; decision: Decision }[] => {
  const ranges: { from: number; to?: number; decision: Decision }[] = [];
  for (const from of bounds) {
    const decision = decideAt(from);
    const last = ranges.at(-1);
    if (last?.decision === decision) continue;
    if (last) last.to = from - 1;
    ranges.push({ from, decision });
  }
  return ranges;
};
