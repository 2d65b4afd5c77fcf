/**
 * How sure a mistake is. `sure`: SageMaker refuses the definition, or does not run what is meant. `likely`: the name may be newer
 * than what this version knows. `open`: only the tool that fills in a template tells.
 */
export type Certainty = 'sure' | 'likely' | 'open';

/** A mistake of a definition, at a JSON pointer, with the step that it is in. */
export type Mistake = {
  certainty: Certainty;
  pointer: string;
  step?: string;
  found: string;
  expected: string;
  /** What to do, as a clause that may follow “Step Train:”. */
  remedy: string;
};

/** A person mends the first ones, and hostile definitions have thousands. */
export const MAX_MISTAKES = 100;
