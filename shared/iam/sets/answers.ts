import type { ContextValue } from '../decide/context.ts';
import type { Decision } from '../decide/decide.ts';
import type { Explanation } from '../explain/explain.ts';
import type { Proof } from './search.ts';

/** A request, and what it comes to; most are asked for no explanation, so that it is made on demand. */
export type Example = {
  resource: string;
  /** The values of the keys that the question left open. */
  values: Readonly<Record<string, ContextValue>>;
  decision: Decision;
  readonly explanation: Explanation;
};

/**
 * Why an answer is not known: the decision on an example hangs on what only a request tells, or the work of a search came
 * to its end, and `reason` says what was too complex, with policy and statement where that is known.
 */
export type Doubt = { kind: 'hangs'; example: Example } | { kind: 'too-complex'; at: string; reason: string };

/** Neither was shown. Whoever asks must say so, as the question stays open. */
export type Unknown = { answer: 'unknown'; doubt: Doubt };

/** Whether a request is allowed for anything in a set. One example shows that it is; that it is not takes a whole search. */
export type AnyAnswer = { answer: 'some'; example: Example } | { answer: 'none'; proof: Proof } | Unknown;

/** Whether a request is allowed for everything in a set. An example is one that is denied. */
export type EveryAnswer =
  | { answer: 'all'; proof: Proof }
  /** At least one is denied; whether all are is not said. */
  | { answer: 'some'; example: Example }
  | { answer: 'none'; example: Example; proof: Proof }
  | Unknown;

/** Whether a request is allowed for what no statement names, and so for more than anybody has thought of. */
export type UnnamedAnswer = { answer: 'yes'; example: Example } | { answer: 'no' } | Unknown;

/** Whether a principal is an administrator. */
export type AdministratorAnswer =
  | { answer: 'yes'; action: string; example: Example }
  | { answer: 'no' }
  | Unknown;

/** Whether it is shown that nothing is allowed; what is not known may be. */
export const isRuledOut = ({ answer }: AnyAnswer): boolean => {
  switch (answer) {
    case 'none':
      return true;
    case 'some':
    case 'unknown':
      return false;
  }
};
