/** Why something is not known, gathered while a decision is explained; a decision alone goes without. */
export type Trace = {
  /** Context keys as the policies write them, whose values are not known. */
  missing: Set<string>;
  /** Other reasons, as sentences. */
  doubts: Set<string>;
};
