import type { ContextValue } from '../decide/context.ts';
import type { Decision } from '../decide/decide.ts';
import type { Explanation } from '../explain/explain.ts';
import type { Proof } from './search.ts';

/** A request and its decision. The explanation is made only when it is read, because most examples need none. */
export type Example = {
  resource: string;
  /** The values of the condition keys that the question left open. */
  values: Readonly<Record<string, ContextValue>>;
  decision: Decision;
  readonly explanation: Explanation;
};

/**
 * Why an answer is unknown. `hangs`: the decision on the example depends on something that only a real request tells.
 * `too-complex`: the search ran out of work; `reason` names the policy and statement that were too complex, if known.
 */
export type Doubt = { kind: 'hangs'; example: Example } | { kind: 'too-complex'; at: string; reason: string };

/** Neither answer was proven. The caller must report this, because the question stays open. */
export type Unknown = { answer: 'unknown'; doubt: Doubt };

/**
 * Whether a request is allowed for at least one resource of a set. An example proves “some”; “none” takes a complete
 * search.
 */
export type AnyAnswer = { answer: 'some'; example: Example } | { answer: 'none'; proof: Proof } | Unknown;

/** Whether a request is allowed for every resource of a set. The examples are denied requests. */
export type EveryAnswer =
  | { answer: 'all'; proof: Proof }
  /** At least one resource is denied; perhaps all are. */
  | { answer: 'some'; example: Example }
  | { answer: 'none'; example: Example; proof: Proof }
  | Unknown;

/**
 * Whether a request is allowed for a resource that no statement names, and so for more than the policies' author
 * considered.
 */
export type UnnamedAnswer = { answer: 'yes'; example: Example } | { answer: 'no' } | Unknown;

/** Whether a principal is an administrator. */
export type AdministratorAnswer =
  | { answer: 'yes'; action: string; example: Example }
  | { answer: 'no' }
  | Unknown;

/** Whether it is proven that nothing is allowed; an unknown answer proves nothing. */
export const isRuledOut = ({ answer }: AnyAnswer): boolean => {
  switch (answer) {
    case 'none':
      return true;
    case 'some':
    case 'unknown':
      return false;
  }
};
