/** Collects why an answer is unknown while `explain` repeats a decision; `decide` itself collects nothing. */
export type Trace = {
  /** Context keys whose values are unknown, spelled as in the policies. */
  missing: Set<string>;
  /** All other reasons, as sentences. */
  doubts: Set<string>;
};
