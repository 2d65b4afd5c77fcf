/**
 * The work that set questions may do, counted in steps of automata and compared patterns, so that the count is the
 * same on every machine. Work is spent before it is done; `false` means that none is left.
 */
export type WorkBudget = { spend: (steps: number) => boolean; spent: () => number; left: () => number };

/** A budget of this many steps. */
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

/** A part of a budget for one of several users, so that nobody takes everything. */
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
