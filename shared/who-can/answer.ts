import { assume, type ContextValue } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { Request } from '../iam/decide/request.ts';
import { type DecidingStatement, explain } from '../iam/explain/explain.ts';
import { why } from '../iam/explain/why.ts';
import type { Doubt } from '../iam/sets/answers.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { statementsAbout } from '../iam/sets/statements.ts';
import { comparandsOf, valueCells } from '../iam/sets/value-cells.ts';

/** A condition key with values for which a request is allowed; null: where the request is without the key. */
export type Condition = { key: string; values: readonly string[] | null };

/** A request that is allowed, the statements that allow it, and what its condition keys must be for that. */
export type Step = {
  principal: string;
  action: string;
  resource: string;
  /** All keys that the request states, by name. The decision is the same whatever other keys there are. */
  context: Readonly<Record<string, readonly string[] | null>>;
  conditions: readonly Condition[];
  statements: readonly DecidingStatement[];
};

/**
 * Whether a principal can make a request, with an example that the engine allows, or why that is not known. Only what is
 * denied for all resources and contexts of the question is a no.
 */
export type Answered = { answer: 'yes'; step: Step } | { answer: 'no' } | { answer: 'unknown'; why: string };

/** The answer to a set question. What hangs on condition keys is a yes under conditions, if values are found that let it in. */
export const answerOf = (question: Question, shared: SharedWork): Answered => {
  const { policies, request, universe } = question;
  if (universe.only !== undefined && (question.keys ?? []).length === 0)
    return ofRequest(policies, { ...request, resource: universe.only });
  const found = allowedBeyond(question, shared);
  switch (found.answer) {
    case 'none':
      return { answer: 'no' };
    case 'some':
      return ofExample(question, found.example);
    case 'unknown':
      return found.doubt.kind === 'hangs'
        ? ofExample(question, found.doubt.example)
        : { answer: 'unknown', why: doubtText(found.doubt) };
  }
};

const doubtText = (doubt: Exclude<Doubt, { kind: 'hangs' }>): string => `${doubt.at}: ${doubt.reason}`;

/** An example proves a yes. Where it is denied, others of the question may be allowed, so that it proves no no. */
const ofExample = (
  { policies, request }: Question,
  { resource, values }: { resource: string; values: Readonly<Record<string, ContextValue>> },
): Answered => {
  const example = { ...request, resource, context: assume(request.context, values) };
  const answered = ofRequest(policies, example);
  return answered.answer === 'no'
    ? {
        answer: 'unknown',
        why: `whether ${request.action} is allowed on others than ${resource} is not known`,
      }
    : answered;
};

/** The answer about one request whose condition keys are open but for those that it states. */
export const ofRequest = (policies: Policies, request: Request): Answered => {
  const decision = decide(policies, request);
  if (decision === 'ImplicitDeny' || decision === 'ExplicitDeny') return { answer: 'no' };
  const chosen = decision === 'Allow' ? NOTHING : letIn(policies, request);
  if (chosen) return { answer: 'yes', step: stepOf(policies, request, chosen) };
  const { at, found } = why(explain(policies, request), request.action, request.resource);
  return { answer: 'unknown', why: `${at}: ${found}` };
};

const NOTHING: ReadonlyMap<string, ContextValue> = new Map();

const stepOf = (policies: Policies, request: Request, chosen: ReadonlyMap<string, ContextValue>): Step => {
  const allowed = withValues(request, chosen);
  const { decidedBy } = explain(policies, allowed);
  return {
    principal: request.principal.arn,
    action: request.action,
    resource: request.resource,
    context: Object.fromEntries(allowed.context.keys),
    conditions: [...chosen].map(([key, value]) => ({ key, values: value === null ? null : [value].flat() })),
    statements: decidedBy,
  };
};

const withValues = (request: Request, chosen: ReadonlyMap<string, ContextValue>): Request => ({
  ...request,
  context: assume(request.context, Object.fromEntries(chosen)),
});

/** A search looks at so many requests at most. Most conditions are met by one of the first values. */
const MOST_TRIES = 120;

/**
 * Values of the keys on which a decision hangs, for which the request is allowed: of each key one for each outcome of the
 * conditions about it. Undefined where none are found, which does not say that there are none.
 */
const letIn = (policies: Policies, request: Request): ReadonlyMap<string, ContextValue> | undefined => {
  let left = MOST_TRIES;
  const search = (
    chosen: ReadonlyMap<string, ContextValue>,
  ): ReadonlyMap<string, ContextValue> | undefined => {
    const asked = withValues(request, chosen);
    const [key] = explain(policies, asked).missingContext.filter((each) => !chosen.has(each));
    if (key === undefined) return undefined;
    for (const value of valuesFor(policies, asked, key)) {
      if (left-- <= 0) return undefined;
      const next = new Map([...chosen, [key, value]]);
      const decision = decide(policies, withValues(request, next));
      const found = decision === 'Allow' ? next : decision === 'Unknown' ? search(next) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  const found = search(NOTHING);
  return found && needed(policies, request, found);
};

/** The chosen values without those that make no difference in the end. */
const needed = (
  policies: Policies,
  request: Request,
  chosen: ReadonlyMap<string, ContextValue>,
): ReadonlyMap<string, ContextValue> => {
  let kept = chosen;
  for (const key of chosen.keys()) {
    const fewer = new Map([...kept].filter(([each]) => each !== key));
    if (decide(policies, withValues(request, fewer)) === 'Allow') kept = fewer;
  }
  return kept;
};

const valuesFor = (policies: Policies, request: Request, key: string): ContextValue[] => {
  const keyName = key.toLowerCase();
  const statements = statementsAbout(policies, request.action.toLowerCase());
  const comparands = comparandsOf(statements, keyName, request) ?? [];
  const values = valueCells(comparands, keyName).values;
  const all = [...new Set(comparands.flatMap(({ text }) => (/[*?]/.test(text) ? [] : text)))];
  return [...new Set(values), null, ...(all.length > 1 ? [all] : [])];
};
