import { assume } from '../decide/context.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Policies } from '../decide/layers.ts';
import type { Request } from '../decide/request.ts';
import { type Doubt, type Example, exampleOf, type Unknown } from './answers.ts';
import type { Proof } from './cells.ts';
import type { Language } from './language.ts';
import { resourceCells, statementsAbout } from './resource-cells.ts';
import { comparandsOf, firstNumber, valueCells } from './value-cells.ts';

/** A request for any of many resources. */
export type AnyResource = Omit<Request, 'resource'>;

/** Which resources of a set a request is allowed for, with an example of each decision that was seen. */
export type ResourceAnswer = { examples: readonly Example[] } & (
  | { answer: 'all'; proof: Proof }
  | { answer: 'none'; proof: Proof }
  /** At least one is allowed, and one is not. */
  | { answer: 'some'; allowed: Example; denied: Example }
  | Unknown
);

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
  const { cells, proof } = resourceCells(universe, statements, { ...request, resource: '*' });
  const decided = cells.map(({ witness }) => {
    const decision = decide(policies, { ...request, resource: witness });
    return { resource: witness, decision };
  });
  const examples = firstOfEach(decided).map(({ resource, decision }) =>
    exampleOf(policies, { ...request, resource }, decision),
  );
  const allowed = examples.find(({ decision }) => decision === 'Allow');
  const denied = examples.find(({ decision }) => isDenied(decision));
  if (allowed && denied) return { answer: 'some', allowed, denied, examples };
  const example = examples.find(({ decision }) => decision === 'Unknown');
  if (example) return { answer: 'unknown', doubt: { kind: 'hangs', example }, examples };
  if (!proof) return { answer: 'unknown', doubt: tooComplex(request.action), examples };
  return { answer: allowed ? 'all' : 'none', proof, examples };
};

const isDenied = (decision: Decision): boolean => decision === 'ExplicitDeny' || decision === 'ImplicitDeny';

export const tooComplex = (action: string): Doubt => ({
  kind: 'too-complex',
  reason: `the resource patterns for ${action} are too many to compare`,
});

const firstOfEach = <T extends { decision: Decision }>(decided: readonly T[]): T[] =>
  [...new Map(decided.toReversed().map((each) => [each.decision, each])).values()].toReversed();

/** What a request comes to under each value of one context key. */
export type ValueAnswer = {
  /** Where the request does not carry the key. */
  absent: Decision;
  /** One value for each way in which the conditions on the key can come out; not all of them where it is unknown. */
  values: readonly { value: string; decision: Decision }[];
} & (
  | {
      answer: 'known';
      /** Of a key that is compared with whole numbers only: all of them, in order; the last range has no end. */
      ranges?: readonly { from: number; to?: number; decision: Decision }[];
    }
  | Unknown
);

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
  const tried = {
    absent: decideWith(null),
    values: values.map((value) => ({ value, decision: decideWith(value) })),
  };
  if (!isComplete || !comparands || isVariable)
    return {
      ...tried,
      answer: 'unknown',
      doubt: {
        kind: 'too-complex',
        reason: `what the policies compare ${key} with cannot be compared as a whole`,
      },
    };
  const bounds = boundsOf(comparands, keyName);
  const ranges = bounds && rangesOf(bounds, (value) => decideWith(String(value)));
  return { ...tried, answer: 'known', ...(ranges && { ranges }) };
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
