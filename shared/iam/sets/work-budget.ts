/**
 * What questions about sets may do, counted in steps of automata and in patterns that are compared: a count is the same on
 * every machine. Whoever does the work spends it first; `false`: there is no more.
 */
export type WorkBudget = { spend: (steps: number) => boolean; spent: () => number; left: () => number };

/** So much work. */
export const workBudget = (steps: number): WorkBudget => {
  let spent = 0;
  return {
    spend: (more) => {
      spent += more;
      return spent <= steps;
    },
    spent: () => spent,
    left: () => Math.max(steps - spent, 0),
  };
};

/** A part of some work for one who shares it with others, so that nobody takes all. */
export const partOfBudget = (whole: WorkBudget, steps: number): WorkBudget => {
  const part = workBudget(steps);
  return {
    spend: (more) => {
      whole.spend(more);
      return part.spend(more);
    },
    spent: part.spent,
    left: part.left,
  };
};
