import type { Refused } from './gaps.ts';

const MOST_EXAMPLES = 5;

/** Counts what of a history is refused, and tells the first ones. */
export const refusals = (tell: (text: string) => void) => {
  let count = 0;
  const examples: string[] = [];
  return {
    refuse: (text: string): void => {
      count += 1;
      if (examples.length >= MOST_EXAMPLES) return;
      examples.push(text);
      tell(text);
    },
    told: (): Refused => ({ count, examples }),
  };
};
