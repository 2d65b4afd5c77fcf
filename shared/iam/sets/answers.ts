import { type Decision, decide } from '../decide/decide.ts';
import type { Policies } from '../decide/layers.ts';
import type { Request } from '../decide/request.ts';
import { type Explanation, explain } from '../explain/explain.ts';

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
 * Why an answer is not known: the decision on an example hangs on what only a request tells, or a search came to no end,
 * and `reason` says what was too complex, with policy and statement where it is known.
 */
export type Doubt = { kind: 'hangs'; example: Example } | { kind: 'too-complex'; reason: string };

/** Neither was shown. Whoever asks must say so, as the question stays open. */
export type Unknown = { answer: 'unknown'; doubt: Doubt };

/** Whether a request is allowed for anything in a set. One example shows that it is; that it is not takes a whole search. */
export type AnyAnswer = { answer: 'some'; example: Example } | { answer: 'none' } | Unknown;

/** Whether a request is allowed for everything in a set; the example is one that is denied. */
export type EveryAnswer =
  | { answer: 'all' }
  | { answer: 'some'; example: Example }
  | { answer: 'none'; example: Example }
  | Unknown;

/** A role whose policies a principal may write, and by which action. */
export type AdministratorExample = Example & { action: string };

/** Whether a principal is an administrator. */
export type AdministratorAnswer =
  | { answer: 'yes'; example: AdministratorExample }
  | { answer: 'no' }
  | Unknown;
